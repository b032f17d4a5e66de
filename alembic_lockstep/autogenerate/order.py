"""The order of the operations of a new revision."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from alembic_lockstep.autogenerate import foreign_keys, table_order
from alembic_lockstep.comparison.operations import creates_index, drops_foreign_key, drops_index, flat, index_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from alembic_lockstep.dialects.traits import Traits

LONGEST_NAME = 64
"""Characters of a constraint's name that MySQL takes."""


def arrange(
    scripts: list[ops.MigrationScript],
    *,
    traits: Traits,
    before: sa.Inspector,
    table_defaults: Mapping[str, str] | None = None,
) -> None:
    """Bring the operations of new revisions into an order that servers accept, and derive their downgrades.

    Alembic lists what it finds. A server wants foreign keys dropped before the indexes and tables that they need, and
    created after them (MySQL 1553, 3730); and the indexes of a dropped table go with it.

    Args:
        scripts: what Alembic passes to process_revision_directives; changed in place.
        traits: how the server behaves.
        before: the schema before the revisions.
        table_defaults: the options of a table that is created without any; a table that a downgrade restores is not
            given them, since another server has others.
    """
    for script in scripts:
        upgrade = script.upgrade_ops
        if upgrade is not None and not upgrade.is_empty():
            script.downgrade_ops = downgrade = _arrange(upgrade, traits, before)
            _leave_out_defaults(downgrade, table_defaults or {})


def _arrange(upgrade: ops.UpgradeOps, traits: Traits, before: sa.Inspector) -> ops.DowngradeOps:
    """Arrange one upgrade in place and return its downgrade.

    The order of the steps matters: foreign keys in cycles become operations of their own before they are named, and
    all have names before the keys are read; what is added before the reversal is undone by the downgrade, what is
    added after it is in one direction only; only then is it known what each direction drops.
    """
    upgrade.ops = _sort(upgrade.ops, traits)
    if traits.set_default_refuses_long_text:
        _restate_long_columns(upgrade)
    if traits.enforces_foreign_keys_during_ddl:
        table_order.break_cycles(upgrade)
    _name_constraints(upgrade)
    keys = foreign_keys.read(upgrade, before) if traits.indexes_foreign_keys else []
    foreign_keys.add_stand_ins(upgrade, keys)

    downgrade = upgrade.reverse()
    upgrade.ops = _without_indexes_of_dropped_tables(upgrade.ops)
    downgrade.ops = _without_indexes_of_dropped_tables(downgrade.ops)
    foreign_keys.add_server_indexes(upgrade, downgrade, keys)
    if not traits.transactional_ddl:
        upgrade.ops, downgrade.ops = _drop_last(upgrade.ops), _drop_last(downgrade.ops)
    return downgrade


def _sort(operations: list[Any], traits: Traits) -> list[Any]:
    """Sort operations into: dropped foreign keys, new tables, changes of tables, dropped tables, new foreign keys."""
    created = {op.table_name for op in operations if isinstance(op, ops.CreateTableOp)}
    dropped = table_order.referring_first([op for op in operations if isinstance(op, ops.DropTableOp)])
    dropped_names = {op.table_name for op in dropped}
    first: list[Any] = []
    tables: list[Any] = []
    changes: list[Any] = []
    last: list[Any] = []
    for op in operations:
        if isinstance(op, ops.CreateTableOp) or (isinstance(op, ops.ModifyTableOps) and op.table_name in created):
            tables.append(op)
        elif isinstance(op, ops.ModifyTableOps):
            parts = sorted(_constraints_sorted(op.ops), key=_rank)
            is_whole = traits.batch_alter or not traits.enforces_foreign_keys_during_ddl
            before = [part for part in parts if not is_whole and drops_foreign_key(part)]
            after = [part for part in parts if not is_whole and isinstance(part, ops.CreateForeignKeyOp)]
            between = _new_indexes_first([part for part in parts if part not in before and part not in after])
            first += _block(op, before) if op.table_name not in dropped_names else []
            changes += _block(op, between)
            last += _block(op, after)
        elif not isinstance(op, ops.DropTableOp):
            changes.append(op)
    return [*first, *tables, *changes, *dropped, *last]


def _block(original: ops.ModifyTableOps, parts: list[Any]) -> list[ops.ModifyTableOps]:
    """Return a block with some of the operations of another one; none for no operations."""
    return [ops.ModifyTableOps(original.table_name, parts, schema=original.schema)] if parts else []


def _constraints_sorted(parts: list[Any]) -> list[Any]:
    """Sort the constraints of each kind among themselves: Alembic takes them from sets, each time in another order."""
    arranged = list(parts)
    for kind in (ops.CreateForeignKeyOp, ops.CreateUniqueConstraintOp, ops.DropConstraintOp):
        places = [at for at, part in enumerate(parts) if isinstance(part, kind)]
        for at, part in zip(places, sorted((parts[at] for at in places), key=_constraint_key), strict=True):
            arranged[at] = part
    return arranged


def _constraint_key(op: Any) -> tuple[str, list[str]]:
    constraint = op.to_constraint()
    return str(op.constraint_name), [column.name for column in constraint.columns]


def _rank(op: Any) -> int:
    """Return the position of an operation among its table's changes; operations of one rank stay in Alembic's order."""
    if drops_foreign_key(op):
        return 0
    return 2 if isinstance(op, ops.DropColumnOp) else 3 if isinstance(op, ops.CreateForeignKeyOp) else 1


def _new_indexes_first(parts: list[Any]) -> list[Any]:
    """Create indexes before others are dropped, so that a foreign key always has one; a reused name must wait."""
    drops = [part for part in parts if drops_index(part)]
    names = {index_name(part) for part in drops}
    early = [part for part in parts if creates_index(part) and index_name(part) not in names]
    if not drops or not early:
        return parts
    rest = [part for part in parts if part not in early]
    at = next(number for number, part in enumerate(rest) if part in drops)
    return [*rest[:at], *early, *rest[at:]]


def _restate_long_columns(upgrade: ops.UpgradeOps) -> None:
    """Restate a column that gets another default where MySQL's ALTER … SET DEFAULT does not do.

    It refuses a long text one (1101), and takes the parentheses off that of a BIT.
    """
    for op in flat(upgrade.ops):
        if isinstance(op, ops.AlterColumnOp) and op.modify_server_default is not False and op.modify_type is None:
            name = getattr(op.existing_type, "__visit_name__", "").lower()
            if name in {"json", "bit"} or name.endswith(("text", "blob")):
                op.modify_type = op.existing_type


def _name_constraints(upgrade: ops.UpgradeOps) -> None:
    """Name the constraints that a table gets later: without a name they cannot be dropped."""
    for op in flat(upgrade.ops):
        if isinstance(op, (ops.CreateForeignKeyOp, ops.CreateUniqueConstraintOp)) and op.constraint_name is None:
            kind, columns = ("fk", op.local_cols) if isinstance(op, ops.CreateForeignKeyOp) else ("uq", op.columns)
            name = "_".join([kind, op.to_constraint().table.name, *(str(column) for column in columns)])
            if len(name) > LONGEST_NAME:  # cut as SQLAlchemy cuts names
                name = f"{name[: LONGEST_NAME - 5]}_{hashlib.sha256(name.encode()).hexdigest()[:4]}"
            op.constraint_name = name


def _without_indexes_of_dropped_tables(operations: list[Any]) -> list[Any]:
    """Leave out the drops of indexes that go with their table."""
    dropped = {op.table_name for op in operations if isinstance(op, ops.DropTableOp)}
    kept: list[Any] = []
    for op in operations:
        if isinstance(op, ops.ModifyTableOps) and op.table_name in dropped:
            kept += _block(op, [part for part in op.ops if not isinstance(part, ops.DropIndexOp)])
        else:
            kept.append(op)
    return kept


def _drop_last(operations: list[Any]) -> list[Any]:
    """Drop columns and tables last: where each statement commits, what can fail on rows has to fail before."""
    first: list[Any] = []
    columns: list[Any] = []
    tables: list[Any] = []
    for op in operations:
        if isinstance(op, ops.DropTableOp):
            tables.append(op)
        elif isinstance(op, ops.ModifyTableOps):
            first += _block(op, [part for part in op.ops if not isinstance(part, ops.DropColumnOp)])
            columns += _block(op, [part for part in op.ops if isinstance(part, ops.DropColumnOp)])
        else:
            first.append(op)
    return [*first, *columns, *tables]


def _leave_out_defaults(downgrade: ops.DowngradeOps, table_defaults: Mapping[str, str]) -> None:
    """Leave out the options that a restored table has by default."""
    for op in downgrade.ops:
        if isinstance(op, ops.CreateTableOp):
            op.kw = {
                name: value for name, value in op.kw.items() if table_defaults.get(name.replace(" ", "_")) != value
            }
