"""Compare models with a database by Alembic's autogenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep.comparison import validation, words

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import sqlalchemy as sa

    from alembic_lockstep.project.targets import Target


def compare(
    connection: sa.Connection,
    target: Target,
    metadata: sa.MetaData,
    settings: dict[str, Any],
    only: AbstractSet[str] | None = None,
) -> list[str]:
    """Return by what the models are ahead of the connected database, a line each, sorted.

    Args:
        connection: the database.
        target: whose models they are.
        metadata: the models.
        settings: from `alembic_lockstep.comparison.options.options`.
        only: the tables to compare, where the others are known to be as the models want them; None for all.

    Raises:
        CannotRunError: the models have what cannot be compared.
    """
    validation.check(target, metadata, settings)
    if only is not None:
        settings = _restricted(settings, only)
    context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": None})
    upgrade = produce_migrations(context, metadata).upgrade_ops
    connection.rollback()
    # Alembic takes constraints from sets, each time in another order.
    return sorted(words.describe(upgrade)) if upgrade is not None else []


def _restricted(settings: dict[str, Any], tables: AbstractSet[str]) -> dict[str, Any]:
    """Return settings that compare these tables alone."""
    include_name, include_object = settings["include_name"], settings["include_object"]
    return {
        **settings,
        "include_name": lambda name, kind, parents: (
            include_name(name, kind, parents) and (kind != "table" or name in tables)
        ),
        "include_object": lambda item, name, kind, reflected, other: (
            (kind != "table" or name in tables) and include_object(item, name, kind, reflected, other)
        ),
    }
