"""Renames that the developer has declared: applied to the replayed state, and written into the script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep.autogenerate.change import Rename
from alembic_lockstep.errors import CannotRunError

if TYPE_CHECKING:
    from collections.abc import Callable

Renamed = tuple[Rename, ops.MigrateOperation, ops.MigrateOperation]


def apply(
    renames: list[Rename], connection: sa.Connection, metadata: sa.MetaData, options: dict[str, Any]
) -> list[Renamed]:
    """Apply to the replayed state the renames that fit this target, so that the comparison finds the rest.

    Args:
        renames: from --rename.
        connection: to the replayed state.
        metadata: the models.
        options: the options with which revisions run.

    Returns:
        The applied renames, each with its operation and the reverse of that.

    Raises:
        CannotRunError: the server refuses one.
    """
    operations = Operations(MigrationContext.configure(connection, opts=options))
    applied: list[Renamed] = []
    for rename in renames:
        pair = _operations(rename, sa.inspect(connection), metadata)
        if pair is not None:
            try:
                operations.invoke(pair[0])
            except sa.exc.DBAPIError as error:
                raise CannotRunError(f"--rename {rename} is refused: {error.orig}") from error
            applied.append((rename, *pair))
    return applied


def undo(renamed: list[Renamed], connection: sa.Connection, options: dict[str, Any]) -> None:
    """Reverse in the replayed state what `apply` has renamed."""
    operations = Operations(MigrationContext.configure(connection, opts=options))
    for _rename, _operation, reverse in reversed(renamed):
        operations.invoke(reverse)


def _operations(
    rename: Rename, before: sa.Inspector, metadata: sa.MetaData
) -> tuple[ops.MigrateOperation, ops.MigrateOperation] | None:
    """Return the operation and its reverse; None unless the old name is in the chain alone, the new in the models."""
    tables, wanted = set(before.get_table_names()), metadata.tables.keys()
    if rename.old is None:
        fits = rename.table in tables - wanted and rename.new in wanted - tables
        pair = ops.RenameTableOp(rename.table, rename.new), ops.RenameTableOp(rename.new, rename.table)
        return pair if fits else None
    if rename.table not in tables & wanted:
        return None
    columns = {column["name"]: column for column in before.get_columns(rename.table)}
    names = set(metadata.tables[rename.table].columns.keys())
    if rename.old not in columns.keys() - names or rename.new not in names - columns.keys():
        return None
    column = columns[rename.old]
    return (
        _rename_column(rename.table, column, rename.old, rename.new),
        _rename_column(rename.table, column, rename.new, rename.old),
    )


def _rename_column(table: str, column: Any, old: str, new: str) -> ops.AlterColumnOp:
    """Return the rename with the whole column restated: MySQL's CHANGE drops every attribute that is left out."""
    more: dict[str, Any] = {"autoincrement": True} if column.get("autoincrement") is True else {}
    return ops.AlterColumnOp(
        table,
        old,
        modify_name=new,
        existing_type=column["type"],
        existing_nullable=column["nullable"],
        existing_server_default=_default(column["default"]),
        existing_comment=column.get("comment"),
        **more,
    )


def _default(reported: str | None) -> Any:
    """Return a default as a script has it: a literal as a string, in which a colon is not taken for a parameter."""
    if reported is None:
        return False
    literal = re.fullmatch(r"'(.*)'", reported, re.DOTALL)
    return sa.DefaultClause(literal.group(1).replace("''", "'") if literal else sa.text(reported))


def hook(renames: list[Renamed], arrange: Callable[..., None]) -> Callable[..., None]:
    """Return a hook that adds renames to the arranged operations: first in the upgrade, last in the downgrade.

    Args:
        renames: from `apply`.
        arrange: the hook that arranges the operations, from `autogenerate.options`.
    """

    def arrange_with_renames(context: Any, revision: Any, scripts: list[ops.MigrationScript]) -> None:
        arrange(context, revision, scripts)
        upgrade, downgrade = scripts[0].upgrade_ops, scripts[0].downgrade_ops
        if upgrade is not None and downgrade is not None:
            upgrade.ops = [*(operation for _, operation, _ in renames), *upgrade.ops]
            downgrade.ops = [*downgrade.ops, *(reverse for _, _, reverse in reversed(renames))]

    return arrange_with_renames
