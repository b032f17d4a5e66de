"""What foreign keys ask of the operations of a revision where a server guards them and gives each an index (MySQL)."""

from __future__ import annotations

from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep.comparison.operations import creates_index, drops_index, flat, index_name

if TYPE_CHECKING:
    from collections.abc import Callable


def break_circles(upgrade: ops.UpgradeOps) -> None:
    """Let foreign keys of new tables that refer to later ones follow, and those of dropped tables go before.

    Args:
        upgrade: its tables are made in this order and dropped in this order; changed in place.
    """
    creates = [op for op in upgrade.ops if isinstance(op, ops.CreateTableOp)]
    drops = [op for op in reversed(upgrade.ops) if isinstance(op, ops.DropTableOp) and op._reverse]
    for key in _taken_out([(op.table_name, op.columns) for op in creates]):
        upgrade.ops.append(ops.ModifyTableOps(key.table.name, [ops.AddConstraintOp.from_constraint(key)]))
    for key in _taken_out([(op.table_name, op._reverse.columns) for op in drops if op._reverse]):
        upgrade.ops.insert(0, ops.ModifyTableOps(key.table.name, [ops.DropConstraintOp.from_constraint(key)]))


def _taken_out(tables: list[tuple[str, Any]]) -> list[sa.ForeignKeyConstraint]:
    """Take the foreign keys out of tables that refer to one which is made later, as in a circle they do.

    Args:
        tables: name, and columns with constraints, in the order in which the tables are made.
    """
    keys = []
    later = {name for name, _parts in tables}
    for name, parts in tables:
        later.discard(name)
        found = [part for part in parts if isinstance(part, sa.ForeignKeyConstraint) and parent(part) in later]
        parts[:] = [part for part in parts if not any(part is key for key in found)]
        keys += found
    return keys


def parent(key: sa.ForeignKeyConstraint) -> str:
    """Return the table that a foreign key refers to; it need not be at hand."""
    return key.elements[0].target_fullname.rpartition(".")[0]


def drop_implicit_indexes(upgrade: ops.UpgradeOps, there: sa.Inspector) -> None:
    """Let the index that a server made for a foreign key go with it; with the foreign key it comes back by itself.

    Args:
        upgrade: changed in place, after its downgrade was made of it.
        there: the schema before it.
    """
    everything = list(flat(upgrade.ops))
    gone = {(op.table_name, op.column_name) for op in everything if isinstance(op, ops.DropColumnOp)}
    kept = {(op.source_table, tuple(op.local_cols)) for op in everything if isinstance(op, ops.CreateForeignKeyOp)}
    blocks: list[Any] = upgrade.ops
    for block in blocks:
        for op in [op for op in getattr(block, "ops", ()) if drops_foreign_key(op)]:
            indexes = {index["name"]: index["column_names"] for index in there.get_indexes(op.table_name)}
            columns = indexes.get(op.constraint_name)
            if columns is None or {(op.table_name, name) for name in columns} <= gone:
                continue
            if (op.table_name, tuple(columns)) not in kept:
                block.ops.insert(block.ops.index(op) + 1, ops.DropIndexOp(op.constraint_name, op.table_name))


def drop_made_indexes(upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, there: sa.Inspector) -> None:
    """Let the index that the server makes for a new foreign key go with it in the downgrade.

    Args:
        upgrade: what the downgrade takes back.
        downgrade: changed in place.
        there: the schema before the upgrade.
    """
    everything = list(flat(upgrade.ops))
    added = {(op.table_name, op.column.name) for op in everything if isinstance(op, ops.AddColumnOp)}
    tables = {op.table_name for op in everything if isinstance(op, ops.CreateTableOp)}
    for op in everything:
        if not isinstance(op, ops.CreateForeignKeyOp) or op.source_table in tables:
            continue
        columns = [str(column) for column in op.local_cols]
        new = [each for each in everything if creates_index(each) and _table(each) == op.source_table]
        serving = [*_indexes(op.source_table, there).values(), *(_columns(each) for each in new)]
        if any(_serves(parts, columns) for parts in serving) or {(op.source_table, name) for name in columns} <= added:
            continue
        for block in _changed(downgrade):
            drops = [number for number, each in enumerate(block.ops) if drops_foreign_key(each)]
            if block.table_name == op.source_table and drops:  # after all of them: it may serve another
                block.ops.insert(drops[-1] + 1, ops.DropIndexOp(str(op.constraint_name), op.source_table))


def restore_names(upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, there: sa.Inspector) -> None:
    """Let the index of a foreign key without a name, which is called after a column, come back under its name.

    Alembic does not see it, and the foreign key comes back under the name that the server has given to it.

    Args:
        upgrade: changed in place: what drops the foreign key drops the index.
        downgrade: changed in place.
        there: the schema before the upgrade.
    """
    gone = {(op.table_name, op.column_name) for op in flat(upgrade.ops) if isinstance(op, ops.DropColumnOp)}
    for op in [op for op in flat(upgrade.ops) if isinstance(op, ops.DropTableOp) or drops_foreign_key(op)]:
        for key in there.get_foreign_keys(op.table_name):
            columns = key["constrained_columns"]
            if columns[0] == key["name"] or _indexes(op.table_name, there).get(columns[0]) != columns:
                continue
            made = ops.CreateIndexOp(columns[0], op.table_name, columns)
            if isinstance(op, ops.DropTableOp):
                _after_table(downgrade, op.table_name, made)
            elif key["name"] == op.constraint_name:
                _put(downgrade, partial(_creates_key, name=key["name"]), made, after=False)
                if not {(op.table_name, name) for name in columns} <= gone:
                    _put(upgrade, partial(is_, op), made.reverse(), after=True)


def _after_table(operations: ops.DowngradeOps, table: str, new: ops.CreateIndexOp) -> None:
    for number, op in enumerate(operations.ops):
        if isinstance(op, ops.CreateTableOp) and op.table_name == table:
            operations.ops.insert(number + 1, ops.ModifyTableOps(table, [new]))
            return


def _creates_key(op: Any, name: Any) -> bool:
    return isinstance(op, ops.CreateForeignKeyOp) and op.constraint_name == name


def _put(operations: Any, found: Callable[[Any], bool], new: Any, *, after: bool) -> None:
    """Put an operation before or after the one that is found."""
    for block in _changed(operations):
        at = next((number for number, op in enumerate(block.ops) if found(op)), None)
        if at is not None:
            block.ops.insert(at + after, new)
            return


def _table(op: Any) -> Any:
    return op.to_constraint().table.name if isinstance(op, ops.AddConstraintOp) else op.table_name


def drops_foreign_key(op: Any) -> bool:
    """Return whether an operation drops a foreign key."""
    return isinstance(op, ops.DropConstraintOp) and op.constraint_type == "foreignkey"


def keep_served(upgrade: ops.UpgradeOps, there: sa.Inspector) -> None:
    """Give a foreign key another index before the one that serves it is dropped (MySQL 1553).

    Args:
        upgrade: changed in place, before its downgrade is made of it.
        there: the schema before it.
    """
    for block in _changed(upgrade):
        for key in _kept_keys(upgrade, block, there):
            columns, name = key["constrained_columns"], key["name"]
            serving = [index for index, parts in _indexes(block.table_name, there).items() if _serves(parts, columns)]
            dropped = {index_name(op) for op in block.ops if drops_index(op)}
            created = {index_name(op) for op in block.ops if creates_index(op) and _serves(_columns(op), columns)}
            if not serving or set(serving) - dropped or created - dropped:
                continue
            first = next(number for number, op in enumerate(block.ops) if drops_index(op))
            made = ops.CreateIndexOp(name, block.table_name, columns)
            block.ops.insert(first, made)
            if created:  # under the name of the one that goes: the other stands in for a while
                block.ops.append(made.reverse())


def restore_served(upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, there: sa.Inspector) -> None:
    """Make a foreign key anew where the downgrade drops the index for which the server had dropped its own.

    Args:
        upgrade: what the downgrade takes back.
        downgrade: changed in place.
        there: the schema before the upgrade.
    """
    for block in _changed(upgrade):
        for key in _kept_keys(upgrade, block, there):
            columns = key["constrained_columns"]
            indexes = _indexes(block.table_name, there)
            serving = {index for index, parts in indexes.items() if _serves(parts, columns)}
            new = [op for op in block.ops if creates_index(op) and _serves(_columns(op), columns)]
            own = {name for name in serving if name in {key["name"], columns[0]} and indexes[name] == columns}
            if not new or not serving or serving - own:
                continue
            names = {index_name(op) for op in new}
            options = {option: key.get("options", {}).get(option) for option in ("ondelete", "onupdate")}
            referred = key["referred_table"], columns, key["referred_columns"]
            for back in [back for back in _changed(downgrade) if back.table_name == block.table_name]:
                drops = [n for n, op in enumerate(back.ops) if drops_index(op) and index_name(op) in names]
                if drops:
                    made = ops.CreateForeignKeyOp(key["name"], block.table_name, *referred, **options)
                    back.ops.insert(drops[-1] + 1, made)
                    back.ops.insert(drops[0], ops.DropConstraintOp(key["name"], block.table_name, "foreignkey"))


def _changed(operations: ops.UpgradeOps | ops.DowngradeOps) -> list[ops.ModifyTableOps]:
    """Return the changes of tables that are neither made nor dropped."""
    others = {op.table_name for op in operations.ops if isinstance(op, (ops.CreateTableOp, ops.DropTableOp))}
    return [op for op in operations.ops if isinstance(op, ops.ModifyTableOps) and op.table_name not in others]


def _kept_keys(upgrade: ops.UpgradeOps, block: ops.ModifyTableOps, there: sa.Inspector) -> list[Any]:
    """Return the foreign keys of a table whose indexes change, without those that go."""
    if not any(drops_index(op) or creates_index(op) for op in block.ops):
        return []
    gone = {(op.table_name, op.constraint_name) for op in flat(upgrade.ops) if drops_foreign_key(op)}
    return [key for key in there.get_foreign_keys(block.table_name) if (block.table_name, key["name"]) not in gone]


def _indexes(table: str, there: sa.Inspector) -> dict[str | None, list[str | None]]:
    found: dict[str | None, list[str | None]] = {
        index["name"]: index["column_names"]
        for index in there.get_indexes(table)
        if not index.get("dialect_options", {}).get("mysql_prefix")
    }
    return {**found, "PRIMARY": list(there.get_pk_constraint(table)["constrained_columns"])}


def _serves(index: list[Any], columns: list[str]) -> bool:
    return index[: len(columns)] == columns


def _columns(op: Any) -> list[Any]:
    return [getattr(column, "name", column) for column in op.columns]
