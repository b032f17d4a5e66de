"""Compare models with a database by Alembic's autogenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.comparison import indexes, words

if TYPE_CHECKING:
    import sqlalchemy as sa


def compare(
    connection: sa.Connection, metadata: sa.MetaData, settings: dict[str, Any], only: set[str] | None = None
) -> list[str]:
    """Return what the models have ahead of the connected database, a line each.

    Args:
        connection: the database.
        metadata: the models.
        settings: from `alembic_lockstep.autogenerate.options.options`.
        only: the tables to compare, where the others are known to be as the models want them; None for all.
    """
    if only is not None:
        ignored = settings["include_name"]
        settings = {
            **settings,
            "include_name": lambda name, kind, parents: (
                ignored(name, kind, parents) and (kind != "table" or name in only)
            ),
            "include_object": lambda _item, name, kind, _reflected, _other: kind != "table" or name in only,
        }
    context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": None})
    upgrade = produce_migrations(context, metadata).upgrade_ops
    if upgrade is not None:
        indexes.settle(upgrade, connection, dialects.get(connection.dialect.name))
    connection.rollback()
    return words.describe(upgrade) if upgrade is not None else []
