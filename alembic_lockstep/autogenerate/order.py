"""The operations of a new revision: their order, and what they are in a few words."""

from __future__ import annotations

import hashlib
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from alembic_lockstep.autogenerate import foreign_keys
from alembic_lockstep.comparison.operations import creates_index, drops_index, flat, index_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa


LONGEST_NAME = 64


def tidy(
    scripts: list[ops.MigrationScript], *, batch: bool, there: sa.Inspector, usual: Mapping[str, str] | None = None
) -> None:
    """Bring the operations of new revisions into an order that servers take.

    Alembic lists what it finds. A server wants foreign keys gone before the indexes and tables that they need, and
    back after them (MySQL 1553, 3730); and the indexes of a dropped table go with it.

    Args:
        scripts: what Alembic hands to process_revision_directives; changed in place.
        batch: all changes of one table stay in one block, as on SQLite, which guards no foreign keys meanwhile.
        there: the schema before them.
        usual: the options of a table that has none of its own; what comes back is not given them, since they are
            another server's own.
    """
    for script in scripts:
        upgrade = script.upgrade_ops
        if upgrade is None or upgrade.is_empty():
            continue
        upgrade.ops = _arranged(upgrade.ops, batch=batch)
        if not batch:
            _restate_long_columns(upgrade)
            foreign_keys.break_circles(upgrade)
        _name_constraints(upgrade)
        if not batch:
            foreign_keys.keep_served(upgrade, there)
        downgrade = upgrade.reverse()
        upgrade.ops, downgrade.ops = _without_lost_indexes(upgrade.ops), _without_lost_indexes(downgrade.ops)
        if not batch:
            foreign_keys.drop_made_indexes(upgrade, downgrade, there)
            foreign_keys.restore_served(upgrade, downgrade, there)
            foreign_keys.drop_implicit_indexes(upgrade, there)
            foreign_keys.restore_names(upgrade, downgrade, there)
            upgrade.ops, downgrade.ops = _drops_last(upgrade.ops), _drops_last(downgrade.ops)
        for op in downgrade.ops:
            if isinstance(op, ops.CreateTableOp) and usual:
                op.kw = {name: value for name, value in op.kw.items() if usual.get(name.replace(" ", "_")) != value}
        script.downgrade_ops = downgrade


def _name_constraints(upgrade: ops.UpgradeOps) -> None:
    """Name the constraints that a table gets later: without a name nobody can drop them."""
    for op in flat(upgrade.ops):
        if isinstance(op, (ops.CreateForeignKeyOp, ops.CreateUniqueConstraintOp)) and op.constraint_name is None:
            kind, columns = ("fk", op.local_cols) if isinstance(op, ops.CreateForeignKeyOp) else ("uq", op.columns)
            name = "_".join([kind, op.to_constraint().table.name, *(str(column) for column in columns)])
            # The longest that MySQL takes, cut as SQLAlchemy cuts names.
            op.constraint_name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 5]}_{_mark(name)}"


def _restate_long_columns(upgrade: ops.UpgradeOps) -> None:
    """Let a new default of a long column restate the column: MySQL's ALTER … SET DEFAULT refuses it one (1101)."""
    for op in flat(upgrade.ops):
        if isinstance(op, ops.AlterColumnOp) and op.modify_server_default is not False and op.modify_type is None:
            name = getattr(op.existing_type, "__visit_name__", "").lower()
            if name == "json" or name.endswith(("text", "blob")):
                op.modify_type = op.existing_type


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:4]


def _arranged(operations: list[Any], *, batch: bool) -> list[Any]:
    created = {op.table_name for op in operations if isinstance(op, ops.CreateTableOp)}
    dropped = _children_first([op for op in operations if isinstance(op, ops.DropTableOp)])
    gone = {op.table_name for op in dropped}
    first: list[Any] = []
    tables: list[Any] = []
    changes: list[Any] = []
    last: list[Any] = []
    for op in operations:
        if isinstance(op, ops.DropTableOp):
            continue
        if not isinstance(op, ops.ModifyTableOps):
            (tables if isinstance(op, ops.CreateTableOp) else changes).append(op)
        elif op.table_name in created:
            tables.append(op)
        else:
            parts = sorted(op.ops, key=_stage)
            before = (
                [part for part in parts if foreign_keys.drops_foreign_key(part)] if op.table_name not in gone else []
            )
            after = [part for part in parts if isinstance(part, ops.CreateForeignKeyOp)]
            if batch:
                before, after = [], []
            between = _new_indexes_first([part for part in parts if part not in before and part not in after])
            for place, some in ((first, before), (changes, between), (last, after)):
                if some:
                    place.append(ops.ModifyTableOps(op.table_name, some, schema=op.schema))
    return [*first, *tables, *changes, *dropped, *last]


def _drops_last(operations: list[Any]) -> list[Any]:
    """Let columns and tables go last: where each statement commits, what can fail on rows is to fail before they do."""
    first: list[Any] = []
    columns: list[Any] = []
    tables: list[Any] = []
    for op in operations:
        if isinstance(op, ops.DropTableOp):
            tables.append(op)
        elif not isinstance(op, ops.ModifyTableOps):
            first.append(op)
        else:
            drops = [part for part in op.ops if isinstance(part, ops.DropColumnOp)]
            rest = [part for part in op.ops if part not in drops]
            for place, some in ((first, rest), (columns, drops)):
                if some:
                    place.append(ops.ModifyTableOps(op.table_name, some, schema=op.schema))
    return [*first, *columns, *tables]


def _stage(op: Any) -> int:
    """Return where in its table's changes an operation stands; within a stage Alembic's order stays."""
    if foreign_keys.drops_foreign_key(op):
        return 0
    return 2 if isinstance(op, ops.DropColumnOp) else 3 if isinstance(op, ops.CreateForeignKeyOp) else 1


def _new_indexes_first(parts: list[Any]) -> list[Any]:
    """Make an index before another goes, so that a foreign key never stands without; a reused name must wait.

    A unique constraint is an index, too.
    """
    drops = [part for part in parts if drops_index(part)]
    names = {index_name(part) for part in drops}
    early = [part for part in parts if creates_index(part) and index_name(part) not in names]
    if not drops or not early:
        return parts
    rest = [part for part in parts if part not in early]
    at = next(number for number, part in enumerate(rest) if part in drops)
    return [*rest[:at], *early, *rest[at:]]


def _children_first(drops: list[ops.DropTableOp]) -> list[ops.DropTableOp]:
    by_name = {op.table_name: op for op in sorted(drops, key=lambda op: op.table_name)}
    parents: dict[str, set[str]] = {}
    for name, op in by_name.items():
        targets = {foreign_keys.parent(key) for key in op.to_table().foreign_key_constraints}
        parents[name] = (targets & by_name.keys()) - {name}
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError:
        order = list(by_name)
    return [by_name[name] for name in reversed(order)]


def _without_lost_indexes(operations: list[Any]) -> list[Any]:
    gone = {op.table_name for op in operations if isinstance(op, ops.DropTableOp)}
    kept = []
    for op in operations:
        if isinstance(op, ops.ModifyTableOps) and op.table_name in gone:
            op.ops = [part for part in op.ops if not isinstance(part, ops.DropIndexOp)]
            if not op.ops:
                continue
        kept.append(op)
    return kept
