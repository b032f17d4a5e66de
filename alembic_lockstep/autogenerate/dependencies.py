"""The order of the operations of one direction of a revision, and what has to be out of their way.

A server refuses to change a column while a foreign key uses it, to drop one that a CHECK or a generated column names,
and so on. Here each operation says what it removes, makes and changes, and each thing what it uses. The rest follows:
what uses a thing is removed before that changes, and made after it; what stays and is in the way is taken off and put
back.

Among the operations that are free to go, those that can fail on rows come before those that lose something: where each
statement commits, a failure then finds all data still there.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from alembic_lockstep.autogenerate import things
from alembic_lockstep.autogenerate.things import Thing
from alembic_lockstep.comparison.operations import AutoincrementOp, ReplacePrimaryKeyOp, TableOptionOp, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alembic_lockstep.autogenerate.kept import KeptThings
    from alembic_lockstep.schema.table import Table

CHANGES_TABLE = (ops.AlterTableOp, ops.AddConstraintOp, ops.DropConstraintOp, ops.CreateIndexOp, ops.DropIndexOp)
"""The operations that belong into the block of a table."""


class Direction:
    """The operations of an upgrade or a downgrade, one by one, while they are being arranged.

    Args:
        operations: those of a revision, in blocks or not.

    Attributes:
        ops: the operations.
        order: pairs of operations of which the first has to stand before the second.
    """

    def __init__(self, operations: Iterable[Any]) -> None:
        self.ops: list[Any] = []
        self.order: list[tuple[Any, Any]] = []
        self._of_table: dict[str, list[Any]] = defaultdict(list)
        for op in flat(operations):
            self.add(op)

    def of_table(self, table: str) -> list[Any]:
        """Return the operations that change a table."""
        return list(self._of_table[table])

    def add(self, op: Any, *, before: Iterable[Any] = (), after: Iterable[Any] = ()) -> None:
        """Add an operation that has to stand before or after others."""
        self.ops.append(op)
        if isinstance(op, CHANGES_TABLE):
            self._of_table[things.table_of(op)].append(op)
        self.order += [(op, other) for other in before]
        self.order += [(other, op) for other in after]

    def reverse(self) -> Direction:
        """Return the direction that leads back."""
        back = {id(op): op.reverse() for op in reversed(self.ops)}
        found = Direction(back.values())
        found.order = [(back[id(second)], back[id(first)]) for first, second in self.order]
        return found

    def remove(self, unneeded: Iterable[Any]) -> None:
        """Take operations out again."""
        gone = {id(op) for op in unneeded}
        if not gone:
            return
        self.ops = [op for op in self.ops if id(op) not in gone]
        self.order = [pair for pair in self.order if gone.isdisjoint(map(id, pair))]
        for parts in self._of_table.values():
            parts[:] = [op for op in parts if id(op) not in gone]

    def take_off(self, kept: KeptThings, after: KeptThings | None = None) -> None:
        """Take off what stays and is in the way of an operation, and put it back behind it.

        Args:
            kept: what stays.
            after: the same as it is with the revision, where that is otherwise.
        """
        gone = {thing for op in self.ops for thing in (*things.removed(op), *things.made(op))}
        made = {thing for op in self.ops for thing in things.made(op)}
        for_good = {id(op) for op in self.ops if isinstance(op, ops.DropColumnOp) and not made & {*things.removed(op)}}
        disturbed = {thing for op in self.ops if id(op) not in for_good for thing in things.disturbed(op)}
        then = {each.thing: each.create for each in after.but(frozenset())} if after else {}
        while disturbed:
            found = [each for each in kept.but(gone) if not disturbed.isdisjoint(each.uses)]
            if not found:
                return
            for each in found:
                self.add(each.drop())
                self.add(then.get(each.thing, each.create))
                gone.add(each.thing)
                disturbed.add(each.thing)

    def free_names(self) -> None:
        """Drop the constraints of tables that are dropped before other constraints are given their names."""
        taken = {thing for op in self.ops for thing in things.made(op)}
        for drop in [op for op in self.ops if isinstance(op, ops.DropTableOp)]:
            for op in things.drops_of_names(drop, taken):
                self.add(op, before=[drop])

    def arranged(self, tables: Mapping[str, Table]) -> list[Any]:
        """Return the operations in an order that a server accepts.

        Args:
            tables: as they are without the revision.
        """
        given = {(id(second), id(first)) for first, second in self.order}
        derived = [pair for pair in _dependencies(self.ops, tables) if (id(pair[0]), id(pair[1])) not in given]
        return _sorted(self.ops, [*self.order, *derived])


def blocks(operations: Iterable[Any]) -> list[Any]:
    """Return operations as a script has them: neighbours that change the same table in one block."""
    found: list[Any] = []
    for changes_table, group in groupby(operations, lambda op: isinstance(op, CHANGES_TABLE)):
        if not changes_table:
            found += group
        else:
            found += (ops.ModifyTableOps(table, list(parts)) for table, parts in groupby(group, things.table_of))
    return found


def by_table(operations: list[Any]) -> list[Any]:
    """Return operations sorted into new tables, changes of each table, and dropped tables, each in their order.

    A table that gives up the name of an index comes before the one whose index gets it.
    """
    tables: dict[str, set[str]] = {}
    givers: dict[Any, str] = {}
    for op in (op for op in operations if isinstance(op, CHANGES_TABLE)):
        before = tables.setdefault(things.table_of(op), set())
        if isinstance(op, ops.DropIndexOp):
            givers[op.index_name] = things.table_of(op)
        elif isinstance(op, ops.CreateIndexOp) and givers.get(op.index_name, op.table_name) != op.table_name:
            before.add(givers[op.index_name])
    try:
        order = list(TopologicalSorter(tables).static_order())
    except CycleError:
        order = list(tables)
    places = {table: number for number, table in enumerate(order)}

    def place(op: Any) -> tuple[int, int]:
        if isinstance(op, CHANGES_TABLE):
            return 1, places[things.table_of(op)]
        return (2 if isinstance(op, ops.DropTableOp) else 0), 0

    return sorted(operations, key=place)


def _dependencies(operations: list[Any], tables: Mapping[str, Table]) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of operations of which the first has to stand before the second."""
    removing, making, changing = (defaultdict[Thing, list[Any]](list) for _ in range(3))
    for op in operations:
        for thing in things.removed(op):
            removing[thing].append(op)
        for thing in things.made(op):
            making[thing].append(op)
        for thing in things.changed(op):
            changing[thing].append(op)
    for op in operations:
        for used in things.used_by_removed(op, tables):
            yield from ((op, other) for other in (*removing[used], *changing[used]))
        for used in things.used_by_made(op):
            yield from ((other, op) for other in (*making[used], *changing[used]))
        for thing in things.removed(op):
            yield from ((op, other) for other in making[thing])


def _sorted(operations: list[Any], order: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Sort operations so that all dependencies hold; of those that are free to go, the one of the lowest rank is next.

    An operation has the rank of what waits for it, if that is lower. Circles stay in the order in which they are.
    """
    place = {id(op): number for number, op in enumerate(operations)}
    after: dict[int, set[int]] = defaultdict(set)
    waiting = [0] * len(operations)
    for first, second in order:
        one, other = place[id(first)], place[id(second)]
        if one != other and other not in after[one]:
            after[one].add(other)
            waiting[other] += 1
    created = {op.table_name for op in operations if isinstance(op, ops.CreateTableOp)}
    own = [TABLES_COME if things.table_of(op) in created else _rank(op) for op in operations]
    ranks = _inherited(own, after)
    free = [(ranks[number], number) for number, count in enumerate(waiting) if not count]
    heapq.heapify(free)
    done: list[int] = []
    while free:
        number = heapq.heappop(free)[1]
        done.append(number)
        for other in after[number]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(free, (ranks[other], other))
    circles = sorted(set(range(len(operations))).difference(done))
    return [operations[number] for number in (*done, *circles)]


def _inherited(ranks: list[int], after: Mapping[int, set[int]]) -> list[int]:
    """Return ranks so that each is at most that of what waits for it."""
    before: dict[int, list[int]] = defaultdict(list)
    for one, others in after.items():
        for other in others:
            before[other].append(one)
    found, pending = list(ranks), list(range(len(ranks)))
    while pending:
        number = pending.pop()
        for one in before[number]:
            if found[one] > found[number]:
                found[one] = found[number]
                pending.append(one)
    return found


def _rank(op: Any) -> int:
    if isinstance(op, ops.DropConstraintOp):
        return FOREIGN_KEYS_GO if op.constraint_type == "foreignkey" else CONSTRAINTS_GO
    if isinstance(op, AutoincrementOp):  # only what is in a key is numbered
        return HARMLESS if op.kw["autoincrement"] else COLUMNS_CAN_FAIL
    if isinstance(op, ops.AlterColumnOp) and (op.modify_type is not None or op.modify_nullable is False):
        return COLUMNS_CAN_FAIL
    return next((rank for kind, rank in RANKS.items() if isinstance(op, kind)), HARMLESS)


FOREIGN_KEYS_GO, TABLES_COME, COLUMNS_CAN_FAIL, HARMLESS, CONSTRAINTS_GO = 0, 1, 3, 5, 8
RANKS: dict[type[Any], int] = {
    TableOptionOp: TABLES_COME, ops.AddColumnOp: 2, ReplacePrimaryKeyOp: 4,
    ops.CreateIndexOp: 6, ops.CreateUniqueConstraintOp: 6, ops.CreateCheckConstraintOp: 7,
    ops.DropIndexOp: CONSTRAINTS_GO, ops.CreateForeignKeyOp: 9, ops.DropColumnOp: 10, ops.DropTableOp: 11,
}  # fmt: skip
"""What comes when, among what is free to go."""
