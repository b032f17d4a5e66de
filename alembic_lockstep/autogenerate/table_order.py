"""The order in which tables are created and dropped, given the foreign keys between them."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep import compat


def referring_first(drops: list[ops.DropTableOp]) -> list[ops.DropTableOp]:
    """Return the drops of tables in an order in which no table goes before one that refers to it, if there is one."""
    by_name = {op.table_name: op for op in sorted(drops, key=lambda op: op.table_name)}
    referred: dict[str, set[str]] = {}
    for name, op in by_name.items():
        targets = {referred_table(key) for key in op.to_table().foreign_key_constraints}
        referred[name] = (targets & by_name.keys()) - {name}
    try:
        order = list(TopologicalSorter(referred).static_order())
    except CycleError:
        order = list(by_name)
    return [by_name[name] for name in reversed(order)]


def break_cycles(upgrade: ops.UpgradeOps) -> None:
    """Create foreign keys of new tables to later ones after all tables, and drop those of dropped tables before.

    Args:
        upgrade: its tables are created and dropped in this order; changed in place.
    """
    created = [op for op in upgrade.ops if isinstance(op, ops.CreateTableOp)]
    dropped = [(op.table_name, compat.restoring_operation(op)) for op in upgrade.ops if isinstance(op, ops.DropTableOp)]
    for key in _take_forward_keys([(op.table_name, op.columns) for op in created]):
        upgrade.ops.append(ops.ModifyTableOps(key.table.name, [ops.AddConstraintOp.from_constraint(key)]))
    for key in _take_forward_keys([(name, op.columns) for name, op in reversed(dropped) if op is not None]):
        upgrade.ops.insert(0, ops.ModifyTableOps(key.table.name, [ops.DropConstraintOp.from_constraint(key)]))


def _take_forward_keys(tables: list[tuple[str, Any]]) -> list[sa.ForeignKeyConstraint]:
    """Remove the foreign keys to tables that are created later, as there are in a cycle, and return them.

    Args:
        tables: name, and columns with constraints, in the order in which the tables are created; changed in place.
    """
    keys: list[sa.ForeignKeyConstraint] = []
    later = {name for name, _parts in tables}
    for name, parts in tables:
        later.discard(name)
        found = [part for part in parts if isinstance(part, sa.ForeignKeyConstraint) and referred_table(part) in later]
        parts[:] = [part for part in parts if not any(part is key for key in found)]
        keys += found
    return keys


def referred_table(key: sa.ForeignKeyConstraint) -> str:
    """Return the table that a foreign key refers to; it need not be part of its MetaData."""
    return key.elements[0].target_fullname.rpartition(".")[0]
