"""The operations of a new revision, arranged so that servers accept them, and its downgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import explicit, foreign_keys, table_order
from alembic_lockstep.autogenerate.dependencies import Direction, blocks, by_table
from alembic_lockstep.autogenerate.kept import KeptThings
from alembic_lockstep.autogenerate.things import is_long
from alembic_lockstep.comparison.operations import RestoreTableOp, flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.dialects.traits import Traits
    from alembic_lockstep.schema.table import Table


def arrange(
    scripts: list[ops.MigrationScript],
    *,
    traits: Traits,
    before: sa.Inspector,
    tables: Mapping[str, Table] | None = None,
    table_defaults: Mapping[str, str] | None = None,
) -> None:
    """Bring the operations of new revisions into an order that servers accept, and derive their downgrades.

    Alembic lists what it finds. A server wants foreign keys dropped before the indexes and tables that they need, and
    created after them (MySQL 1553, 3730); and the indexes of a dropped table go with it.

    Args:
        scripts: what Alembic passes to process_revision_directives; changed in place.
        traits: how the server behaves.
        before: the schema before the revisions.
        tables: the same, as its server defines it.
        table_defaults: the options of a table that is created without any; a table that a downgrade restores is not
            given them, since another server has others.
    """
    for script in scripts:
        upgrade = script.upgrade_ops
        if upgrade is not None and not upgrade.is_empty():
            script.downgrade_ops = downgrade = _arrange(upgrade, traits, before, tables or {})
            _leave_out_defaults(downgrade, table_defaults or {})


def _arrange(
    upgrade: ops.UpgradeOps, traits: Traits, before: sa.Inspector, tables: Mapping[str, Table]
) -> ops.DowngradeOps:
    """Arrange one upgrade in place and return its downgrade.

    The order of the steps matters: foreign keys in cycles become operations of their own before they are named, and
    all have names before the keys are read; what is added before the reversal is undone by the downgrade, what is
    added after it is in one direction only; only then is it known what each direction drops.
    """
    upgrade.ops = _constraints_sorted(upgrade.ops)
    if traits.set_default_refuses_long_text:
        _restate_columns(upgrade)
    if traits.enforces_foreign_keys_during_ddl:
        drops = table_order.referring_first([op for op in upgrade.ops if isinstance(op, ops.DropTableOp)])
        upgrade.ops = [*(op for op in upgrade.ops if not isinstance(op, ops.DropTableOp)), *drops]
        table_order.break_cycles(upgrade)
    explicit.spell_out(upgrade, before.dialect, tables)
    up = Direction(upgrade.ops)
    keys = foreign_keys.read(up, before, tables) if traits.indexes_foreign_keys else []
    foreign_keys.add_stand_ins(up, keys)
    down = up.reverse()
    _restore_exactly(down, before)
    for direction in (up, down):
        direction.remove(_indexes_of_dropped_tables(direction.ops))
    foreign_keys.add_server_indexes(up, down, keys)
    kept = KeptThings(tables, before.dialect.identifier_preparer.quote_identifier)
    if not traits.batch_alter:
        for direction in (up, down):
            direction.free_names()
            direction.take_off(kept)
    arranged = [direction.arranged(tables) for direction in (up, down)]
    if traits.batch_alter:  # a table is copied once, whatever changes in it
        arranged = [by_table(operations) for operations in arranged]
    upgrade.ops = blocks(arranged[0])
    return ops.DowngradeOps(blocks(arranged[1]))


def _constraints_sorted(operations: list[Any]) -> list[Any]:
    """Sort the constraints of each kind among themselves: Alembic takes them from sets, each time in another order."""
    arranged = list(flat(operations))
    for kind in (ops.CreateForeignKeyOp, ops.CreateUniqueConstraintOp, ops.DropConstraintOp):
        places = [at for at, part in enumerate(arranged) if isinstance(part, kind)]
        for at, part in zip(places, sorted((arranged[at] for at in places), key=_constraint_key), strict=True):
            arranged[at] = part
    return arranged


def _constraint_key(op: Any) -> tuple[str, str, list[str]]:
    constraint = op.to_constraint()
    return constraint.table.name, str(op.constraint_name), [column.name for column in constraint.columns]


def _restate_columns(upgrade: ops.UpgradeOps) -> None:
    """Restate columns whose default MySQL's ALTER … SET DEFAULT cannot change.

    It refuses long texts one (1101), takes the parentheses off that of a BIT, and leaves what an UPDATE of the row puts
    into a column.
    """
    for op in flat(upgrade.ops):
        if isinstance(op, ops.AlterColumnOp) and op.modify_server_default is not False and op.modify_type is None:
            defaults = (op.modify_server_default, op.existing_server_default)
            is_bit = getattr(op.existing_type, "__visit_name__", "").lower() == "bit"
            if is_bit or is_long(op.existing_type) or any(map(_follows_updates, defaults)):
                op.modify_type = op.existing_type


def _restore_exactly(down: Direction, before: sa.Inspector) -> None:
    """Restore dropped tables, with their indexes, by the statements that had made them, where nothing else does."""
    comparison, connection = dialects.get(before.dialect.name).comparison, before.bind
    if not isinstance(connection, sa.Connection):
        return
    for op in [op for op in down.ops if isinstance(op, ops.CreateTableOp)]:
        indexes = [each for each in down.of_table(op.table_name) if isinstance(each, ops.CreateIndexOp)]
        statements = comparison.restoring(connection, op.to_table(), [index.to_index() for index in indexes])
        if statements:
            down.remove([op, *indexes])
            down.add(RestoreTableOp(op, statements))


def _follows_updates(default: Any) -> bool:
    return "on update" in str(getattr(default, "arg", default)).lower()


def _indexes_of_dropped_tables(operations: list[Any]) -> list[Any]:
    """Return the drops of indexes that go with their table, unless another index is to have the name."""
    dropped = {op.table_name for op in operations if isinstance(op, ops.DropTableOp)}
    taken = {op.index_name for op in operations if isinstance(op, ops.CreateIndexOp)}
    drops = [op for op in operations if isinstance(op, ops.DropIndexOp) and op.table_name in dropped]
    return [op for op in drops if op.index_name not in taken]


def _leave_out_defaults(downgrade: ops.DowngradeOps, table_defaults: Mapping[str, str]) -> None:
    """Leave out the options that a restored table has by default."""
    for op in downgrade.ops:
        if isinstance(op, ops.CreateTableOp):
            op.kw = {
                name: value for name, value in op.kw.items() if table_defaults.get(name.replace(" ", "_")) != value
            }
