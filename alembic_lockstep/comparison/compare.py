"""Compare models with a database by Alembic's autogenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep.comparison import words
from alembic_lockstep.errors import CannotRunError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


def compare(
    connection: sa.Connection, metadata: sa.MetaData, settings: dict[str, Any], only: AbstractSet[str] | None = None
) -> list[str]:
    """Return by what the models are ahead of the connected database, a line each, sorted.

    Args:
        connection: the database.
        metadata: the models.
        settings: from `alembic_lockstep.comparison.options.options`.
        only: the tables to compare, where the others are known to be as the models want them; None for all.

    Raises:
        CannotRunError: the models refer to what they do not have.
    """
    check_references(metadata)
    if only is not None:
        settings = _restricted(settings, only)
    context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": None})
    upgrade = produce_migrations(context, metadata).upgrade_ops
    connection.rollback()
    # Alembic takes constraints from sets, each time in another order.
    return sorted(words.describe(upgrade)) if upgrade is not None else []


def check_references(metadata: sa.MetaData) -> None:
    """Check that the foreign keys of models lead to tables and columns of theirs.

    Raises:
        CannotRunError: one of them does not.
    """
    keys = [key for name in sorted(metadata.tables) for key in metadata.tables[name].foreign_keys]
    wrong = []
    for key in sorted(keys, key=lambda each: (str(each.parent.table), each.parent.name)):
        try:
            _column = key.column
        except (sa.exc.NoReferencedTableError, sa.exc.NoReferencedColumnError) as error:
            missing = "table" if isinstance(error, sa.exc.NoReferencedTableError) else "column"
            wrong.append(f"{key.parent} refers to {key.target_fullname}, a {missing} that these models do not have")
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise CannotRunError(
            f"a foreign key leads nowhere: {wrong[0]}{more}. Add the model, or correct the key",
            *wrong[1:],
            kind="broken-models",
        )


def _restricted(settings: dict[str, Any], tables: AbstractSet[str]) -> dict[str, Any]:
    """Return settings that compare these tables alone."""
    include_name = settings["include_name"]
    return {
        **settings,
        "include_name": lambda name, kind, parents: (
            include_name(name, kind, parents) and (kind != "table" or name in tables)
        ),
        "include_object": lambda _item, name, kind, _reflected, _other: kind != "table" or name in tables,
    }
