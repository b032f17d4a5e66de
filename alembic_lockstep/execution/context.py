"""What Alembic's context is told of a target when its revisions run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.project.targets import Target


def options(target: Target, metadata: sa.MetaData | None = None) -> dict[str, Any]:
    """Return what EnvironmentContext.configure and MigrationContext.configure take to run revisions.

    Args:
        target: the target.
        metadata: its models, whose naming convention names what a revision leaves unnamed.
    """
    dialect = dialects.get(target.dialect)

    return {
        "target_metadata": metadata,
        "version_table": target.version_table,
        "render_as_batch": dialect.traits.batch_alter,
        "transactional_ddl": dialect.traits.transactional_ddl,
        "transaction_per_migration": True,
    }


def current(connection: sa.Connection, options: dict[str, Any]) -> tuple[str, ...]:
    """Return the revisions that a database is at: none for an empty one, several between branches and their merge."""
    return tuple(sorted(MigrationContext.configure(connection, opts=options).get_current_heads()))
