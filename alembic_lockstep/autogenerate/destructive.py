"""What a new revision drops: what would be lost, how the script says so, and what comes back in its place."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep.autogenerate.change import Drop
from alembic_lockstep.comparison import words
from alembic_lockstep.comparison.operations import flat

if TYPE_CHECKING:
    from collections.abc import Iterator


def losses(upgrade: ops.UpgradeOps) -> list[Drop]:
    """Return every table and column that goes, each with the rename that would keep it, if one is likely."""
    everything = list(flat(upgrade.ops))
    gone = [op for op in everything if isinstance(op, (ops.DropColumnOp, ops.DropTableOp))]
    renames = dict(_likely(gone, everything))
    found = []
    for number, op in enumerate(gone):
        column = op.column_name if isinstance(op, ops.DropColumnOp) else None
        found.append(Drop(op.table_name, column, words.line(op), [renames[number]] if number in renames else []))
    return found


def _likely(gone: list[Any], everything: list[Any]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield what could be renamed, by its number: the most alike names first, nothing twice."""
    pairs = [
        (-SequenceMatcher(None, _name(old), _name(new)).ratio(), number, other)
        for number, old in enumerate(gone)
        for other, new in enumerate(everything)
        if _fits(old, new)
    ]
    taken: set[tuple[str, int]] = set()
    for _likeness, number, other in sorted(pairs):
        if taken.isdisjoint({("old", number), ("new", other)}):
            taken |= {("old", number), ("new", other)}
            old, new = gone[number], everything[other]
            table = f"{old.table_name}." if isinstance(old, ops.DropColumnOp) else ""
            yield number, (words.line(new), f"{table}{_name(old)}:{_name(new)}")


def _name(op: Any) -> str:
    match op:
        case ops.AddColumnOp():
            return str(op.column.name)
        case ops.DropColumnOp():
            return str(op.column_name)
        case _:
            return str(op.table_name)


def _fits(old: Any, new: Any) -> bool:
    """Return whether what is dropped could be what is new."""
    if isinstance(old, ops.DropColumnOp) and isinstance(new, ops.AddColumnOp):
        return old.table_name == new.table_name and _alike(old.to_column(), new.column)
    if isinstance(old, ops.DropTableOp) and isinstance(new, ops.CreateTableOp):
        names = {column.name for column in old.to_table().columns}
        return names == {item.name for item in new.columns if isinstance(item, sa.Column)}
    return False


def lossy(upgrade: ops.UpgradeOps) -> str:
    """Return why a revision cannot give data back, for its declaration; empty if it drops nothing that held data."""
    gone = []
    for op in flat(upgrade.ops):
        if isinstance(op, ops.DropTableOp):
            gone.append(f"table {op.table_name}")
        elif isinstance(op, ops.DropColumnOp) and op.to_column().computed is None:
            gone.append(f"{op.table_name}.{op.column_name}")
    return f"drops {', '.join(gone)}" if gone else ""


def _alike(old: sa.Column[Any], new: sa.Column[Any]) -> bool:
    affinities = old.type._type_affinity, new.type._type_affinity
    return affinities[0] is affinities[1]


def with_values(scripts: list[ops.MigrationScript], *, batch: bool) -> None:
    """Let a downgrade give a column that comes back NOT NULL a value, by a default that goes again.

    Args:
        scripts: what Alembic hands to process_revision_directives; changed in place.
        batch: literals alone are defaults, as SQLite has it; MySQL takes expressions alone for long text.
    """
    for script in scripts:
        if script.downgrade_ops is not None:
            script.downgrade_ops.ops = _with_values(script.downgrade_ops.ops, batch=batch)


def _with_values(operations: list[Any], *, batch: bool) -> list[Any]:
    made: list[Any] = []
    for op in operations:
        made.append(op)
        alters: list[Any] = []
        for part in getattr(op, "ops", ()):
            value = _made_up(part.column, batch=batch) if isinstance(part, ops.AddColumnOp) else None
            if value is None:
                continue
            column = part.column = part.column._copy()
            column.server_default = sa.DefaultClause(value)
            alters.append(ops.AlterColumnOp(
                op.table_name, column.name, schema=op.schema, existing_type=column.type, existing_nullable=False,
                existing_comment=column.comment, existing_server_default=column.server_default,
                modify_server_default=None,
            ))  # fmt: skip
        if alters:
            made.append(ops.ModifyTableOps(op.table_name, alters, schema=op.schema))
    return made


def _made_up(column: sa.Column[Any], *, batch: bool) -> str | sa.TextClause | None:
    if (
        column.nullable
        or column.server_default is not None
        or column.computed is not None
        or column.identity is not None
    ):
        return None
    type_ = column.type
    if isinstance(type_, sa.Enum) and type_.enums:
        return type_.enums[0]
    value = next((value for kind, value in _VALUES.items() if isinstance(type_, kind)), None)
    # A string without a length is one of MySQL's long texts: they take an expression only.
    long = isinstance(type_, (sa.JSON, sa.LargeBinary)) or (isinstance(type_, sa.String) and type_.length is None)
    return sa.text(f"('{value}')") if value is not None and long and not batch else value


_VALUES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.JSON: "null", sa.Uuid: "0" * 32, sa.String: "", sa.LargeBinary: "", sa.Integer: "0", sa.Numeric: "0",
    sa.Float: "0", sa.Boolean: "0", sa.DateTime: "2000-01-01 00:00:00", sa.Date: "2000-01-01", sa.Time: "00:00:00",
}  # fmt: skip
"""What stands in a column that has come back, by type; its own values are gone."""
