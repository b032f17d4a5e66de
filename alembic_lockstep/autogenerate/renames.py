"""Renames that the developer has declared: applied to the replayed state, and written as renames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep.autogenerate.change import Rename
from alembic_lockstep.errors import CannotRunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.autogenerate.api import AutogenContext

Renamed = tuple[Rename, ops.MigrateOperation, ops.MigrateOperation]


def apply(
    renames: list[Rename], connection: sa.Connection, metadata: sa.MetaData, options: dict[str, Any]
) -> list[Renamed]:
    """Rename in the replayed state what applies to this target, so that the comparison sees the rest.

    Returns:
        Each with its operation and the operation that takes it back.
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
    """Take back in the replayed state what `apply` has renamed."""
    operations = Operations(MigrationContext.configure(connection, opts=options))
    for _rename, _forth, back in reversed(renamed):
        operations.invoke(back)


def _operations(
    rename: Rename, there: sa.Inspector, metadata: sa.MetaData
) -> tuple[ops.MigrateOperation, ops.MigrateOperation] | None:
    """Return the operation and its reverse; None unless the old name is in the chain alone, the new in the models."""
    tables, wanted = set(there.get_table_names()), metadata.tables.keys()
    if rename.old is None:
        fits = rename.table in tables - wanted and rename.new in wanted - tables
        pair = ops.RenameTableOp(rename.table, rename.new), ops.RenameTableOp(rename.new, rename.table)
        return pair if fits else None
    if rename.table not in tables & wanted:
        return None
    columns = {column["name"]: column for column in there.get_columns(rename.table)}
    names = set(metadata.tables[rename.table].columns.keys())
    if rename.old not in columns.keys() - names or rename.new not in names - columns.keys():
        return None
    column = columns[rename.old]
    return (
        _rename_column(rename.table, column, rename.old, rename.new),
        _rename_column(rename.table, column, rename.new, rename.old),
    )


def _rename_column(table: str, column: Any, old: str, new: str) -> ops.AlterColumnOp:
    """Restate the whole column: MySQL's CHANGE loses what it is not told."""
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
    """Return a default as it is written in a script: a literal as a string, in which a colon is no parameter."""
    if reported is None:
        return False
    literal = re.fullmatch(r"'(.*)'", reported, re.DOTALL)
    return sa.DefaultClause(literal.group(1).replace("''", "'") if literal else sa.text(reported))


def hook(renames: list[Renamed], tidy: Callable[..., None]) -> Callable[..., None]:
    """Return a hook that tidies, puts renames before what the comparison found, and their reverses after its own.

    Args:
        renames: from `apply`.
        tidy: the hook of every environment.
    """

    def arrange(context: Any, revision: Any, scripts: list[ops.MigrationScript]) -> None:
        tidy(context, revision, scripts)
        upgrade, downgrade = scripts[0].upgrade_ops, scripts[0].downgrade_ops
        if upgrade is not None and downgrade is not None:
            upgrade.ops = [*(forth for _, forth, _ in renames), *upgrade.ops]
            downgrade.ops = [*downgrade.ops, *(back for _, _, back in reversed(renames))]

    return arrange


@renderers.dispatch_for(ops.RenameTableOp)
def _render_rename_table(context: AutogenContext, op: ops.RenameTableOp) -> str:
    """Render what Alembic's own comparison never finds."""
    return f"{context.opts['alembic_module_prefix']}rename_table({op.table_name!r}, {op.new_table_name!r})"
