"""Renames that the developer has declared: applied to the replayed state, and written into the script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.dependencies import Direction
from alembic_lockstep.comparison.operations import rename_steps
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project import models

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alembic_lockstep.autogenerate.change import Rename
    from alembic_lockstep.schema.table import Table


@dataclass(frozen=True, slots=True)
class Renamed:
    """A rename that fits a target.

    Attributes:
        rename: as the developer has declared it.
        upgrade: the operations that rename, with what has to be out of their way.
        downgrade: those that lead back.
    """

    rename: Rename
    upgrade: list[Any]
    downgrade: list[Any]


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
        The applied renames.

    Raises:
        CannotRunError: the server refuses one.
    """
    operations = Operations(MigrationContext.configure(connection, opts=options))
    applied: list[Renamed] = []
    for rename in renames:
        renamed = _renamed(rename, connection, metadata)
        if renamed is not None:
            try:
                _invoke(operations, renamed.upgrade)
            except sa.exc.DBAPIError as error:
                raise CannotRunError(f"--rename {rename} is refused: {error.orig}") from error
            applied.append(renamed)
    return applied


def undo(renamed: list[Renamed], connection: sa.Connection, options: dict[str, Any]) -> None:
    """Reverse in the replayed state what `apply` has renamed."""
    operations = Operations(MigrationContext.configure(connection, opts=options))
    for each in reversed(renamed):
        _invoke(operations, each.downgrade)


def _invoke(operations: Operations, some: list[Any]) -> None:
    for op in some:
        for step in rename_steps(op) if isinstance(op, ops.RenameTableOp) else [op]:
            operations.invoke(step)


def _renamed(rename: Rename, connection: sa.Connection, metadata: sa.MetaData) -> Renamed | None:
    """Return the operations of a rename; None unless the old name is in the chain alone, the new in the models."""
    before = sa.inspect(connection)
    tables = set(before.get_table_names())
    wanted = {name for name, table in metadata.tables.items() if not models.is_view(table)}
    if rename.old is None:
        fits = rename.table in tables - wanted and rename.new in wanted - tables
        pair = ops.RenameTableOp(rename.table, rename.new), ops.RenameTableOp(rename.new, rename.table)
        return Renamed(rename, [pair[0]], [pair[1]]) if fits else None
    if rename.table not in tables & wanted:
        return None
    columns = {column["name"]: column for column in before.get_columns(rename.table)}
    names = set(metadata.tables[rename.table].columns.keys())
    if rename.old not in columns.keys() - names or rename.new not in names - columns.keys():
        return None
    column = columns[rename.old]
    up = _rename_column(rename.table, column, rename.old, rename.new)
    down = _rename_column(rename.table, column, rename.new, rename.old)
    dialect = dialects.get(before.dialect.name)
    if dialect.traits.batch_alter:  # such a server renames in expressions, too
        return Renamed(rename, [up], [down])
    there = dialect.comparison.existing(connection, [rename.table])
    then = {name: table.with_renamed_column(rename.old, rename.new) for name, table in there.items()}
    return Renamed(rename, _with_expressions(up, there, then), _with_expressions(down, then, there))


def _with_expressions(rename: Any, before: Mapping[str, Table], after: Mapping[str, Table]) -> list[Any]:
    """Return the rename of a column with what takes the expressions off that name it, and puts them back."""
    direction = Direction([rename])
    direction.take_off(before, after)
    return direction.arranged(before)


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
            upgrade.ops = [*(operation for each in renames for operation in each.upgrade), *upgrade.ops]
            back = [operation for each in reversed(renames) for operation in each.downgrade]
            downgrade.ops = [*downgrade.ops, *back]

    return arrange_with_renames
