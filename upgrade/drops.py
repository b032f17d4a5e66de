"""What a new revision drops: what would be lost, how the script says so, and what comes back in its place."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from upgrade import directives
from upgrade.change import Loss
from upgrade.operations import flat


def losses(upgrade: ops.UpgradeOps) -> list[Loss]:
    """Return every table and column that goes, each with the renames that would keep it."""
    everything = list(flat(upgrade.ops))
    added = [op for op in everything if isinstance(op, ops.AddColumnOp)]
    created = [op for op in everything if isinstance(op, ops.CreateTableOp)]
    found = []
    for op in everything:
        if isinstance(op, ops.DropColumnOp):
            old = op.to_column()
            alike = [new for new in added if new.table_name == op.table_name and _alike(old, new.column)]
            renames = [(directives.line(new), f"{op.table_name}.{op.column_name}:{new.column.name}") for new in alike]
            found.append(Loss(op.table_name, op.column_name, directives.line(op), renames))
        elif isinstance(op, ops.DropTableOp):
            names = {column.name for column in op.to_table().columns}
            same = [
                new for new in created if names == {item.name for item in new.columns if isinstance(item, sa.Column)}
            ]
            renames = [(directives.line(new), f"{op.table_name}:{new.table_name}") for new in same]
            found.append(Loss(op.table_name, None, directives.line(op), renames))
    return found


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
