"""What a new revision drops: what would be lost, how the script declares it, and what a downgrade restores instead."""

from __future__ import annotations

from collections import defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep import compat
from alembic_lockstep.autogenerate.change import Drop
from alembic_lockstep.comparison import words
from alembic_lockstep.comparison.operations import flat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.dialects.traits import Traits


def losses(upgrade: ops.UpgradeOps) -> list[Drop]:
    """Return every table and column that is dropped, each with the rename that would keep it, if one is likely."""
    everything = list(flat(upgrade.ops))
    again = {
        (op.table_name, op.column.name)
        for op in everything
        if isinstance(op, ops.AddColumnOp) and op.column.computed is not None
    }
    dropped = [
        op
        for op in everything
        if isinstance(op, (ops.DropColumnOp, ops.DropTableOp)) and not _is_computed_again(op, again)
    ]
    renames = dict(_likely_renames(dropped, everything))
    found = []
    for number, op in enumerate(dropped):
        column = op.column_name if isinstance(op, ops.DropColumnOp) else None
        found.append(Drop(op.table_name, column, words.line(op), [renames[number]] if number in renames else []))
    return found


def _is_computed_again(op: Any, added: set[tuple[str, str]]) -> bool:
    """Return whether a column that is dropped is generated, and added again as one: nothing is lost."""
    is_again = isinstance(op, ops.DropColumnOp) and (op.table_name, op.column_name) in added
    return is_again and op.to_column().computed is not None


def _likely_renames(dropped: list[Any], everything: list[Any]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield the number of each drop that could be a rename, with that rename; the most alike names come first."""
    candidates: dict[Any, list[int]] = defaultdict(list)
    for other, new in enumerate(everything):
        if isinstance(new, (ops.AddColumnOp, ops.CreateTableOp)):
            candidates[_shape(new)].append(other)
    pairs = [
        (-SequenceMatcher(None, _name(old), _name(everything[other])).ratio(), number, other)
        for number, old in enumerate(dropped)
        for other in candidates[_shape(old)]
    ]
    taken: set[tuple[str, int]] = set()
    for _likeness, number, other in sorted(pairs):
        if taken.isdisjoint({("old", number), ("new", other)}):
            taken |= {("old", number), ("new", other)}
            old, new = dropped[number], everything[other]
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


def _shape(op: Any) -> tuple[str, object]:
    """Return what is the same of what is dropped and of what is new, if that could be it under another name."""
    match op:
        case ops.AddColumnOp():
            return op.table_name, compat.type_affinity(op.column.type)
        case ops.DropColumnOp():
            return op.table_name, compat.type_affinity(op.to_column().type)
        case _:
            columns = op.to_table().columns if isinstance(op, ops.DropTableOp) else op.columns
            return "", frozenset(item.name for item in columns if isinstance(item, sa.Column))


def lossy(upgrade: ops.UpgradeOps) -> str:
    """Return why a revision cannot give data back, for its declaration; empty if it drops nothing that held data."""
    lost = []
    for op in flat(upgrade.ops):
        if isinstance(op, ops.DropTableOp):
            lost.append(f"table {op.table_name}")
        elif isinstance(op, ops.DropColumnOp) and op.to_column().computed is None:
            lost.append(f"{op.table_name}.{op.column_name}")
    return f"drops {', '.join(lost)}" if lost else ""


def fill_restored_columns(scripts: list[ops.MigrationScript], traits: Traits) -> None:
    """Fill a NOT NULL column that a downgrade restores, by a default that is dropped again.

    Args:
        scripts: what Alembic passes to process_revision_directives; changed in place.
        traits: which defaults the server takes.
    """
    for script in scripts:
        if script.downgrade_ops is not None:
            script.downgrade_ops.ops = [
                each for op in script.downgrade_ops.ops for each in (op, *_fill_restored_columns(op, traits))
            ]


def _fill_restored_columns(block: Any, traits: Traits) -> list[ops.ModifyTableOps]:
    """Give the columns that a block adds a default where they need one; return the block that drops it again."""
    alters: list[Any] = []
    for op in getattr(block, "ops", ()):
        value = _fill_value(op.column, traits) if isinstance(op, ops.AddColumnOp) else None
        if value is None:
            continue
        column = op.column = compat.copy_column(op.column)
        column.server_default = sa.DefaultClause(value)
        alters.append(
            ops.AlterColumnOp(
                block.table_name,
                column.name,
                schema=block.schema,
                existing_type=column.type,
                existing_nullable=False,
                existing_comment=column.comment,
                existing_server_default=column.server_default,
                modify_server_default=None,
            )
        )
    return [ops.ModifyTableOps(block.table_name, alters, schema=block.schema)] if alters else []


def _fill_value(column: sa.Column[Any], traits: Traits) -> str | sa.TextClause | None:
    """Return the default for a column that has to have a value and gets none, None for any other."""
    fills_itself = (column.server_default, column.computed, column.identity) != (None, None, None)
    if column.nullable or fills_itself:
        return None
    type_ = column.type
    if isinstance(type_, sa.Enum) and type_.enums:
        return type_.enums[0]
    value = next((value for kind, value in _VALUES.items() if isinstance(type_, kind)), None)
    # A string without a length is one of MySQL's long texts.
    is_long = isinstance(type_, (sa.JSON, sa.LargeBinary)) or (isinstance(type_, sa.String) and type_.length is None)
    if value is not None and is_long and traits.long_text_default_needs_expression:
        return sa.text(f"('{value}')")
    return value


_VALUES: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.JSON: "null", sa.Uuid: "0" * 32, sa.String: "", sa.LargeBinary: "", sa.Integer: "0", sa.Numeric: "0",
    sa.Float: "0", sa.Boolean: "0", sa.DateTime: "2000-01-01 00:00:00", sa.Date: "2000-01-01", sa.Time: "00:00:00",
}  # fmt: skip
"""What a restored column holds, by type; its own values are lost."""
