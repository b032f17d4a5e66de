"""Edge-case rows that a table's constraints allow, made from its schema and inserted.

The rows of a table: one with the longest and largest values, one with NULL wherever it is allowed, one that leaves
every default out, one that repeats the first wherever nothing forbids it, one with odd values, and one with the empty
and smallest. The same schema gives the same rows.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.roundtrip import column_values
from alembic_lockstep.roundtrip.column_values import LEFT_OUT
from alembic_lockstep.roundtrip.edge_values import DEFAULTS, REPEATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alembic_lockstep.roundtrip.rows import Rows
    from alembic_lockstep.schema.snapshot import Snapshot
    from alembic_lockstep.schema.table import ForeignKey

MAX_ENUM_ROWS = 40
"""Values of an enumeration that get a row each."""
MAX_REFERRED_ROWS = 50
"""Rows of another table that are read for the values of a foreign key."""
LARGEST_SERIAL = 30_000
"""Larger numbers in a unique column are edge values, from which no sequence goes on."""

Row = dict[str, Any]


def insert_order(tables: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Return tables so that each comes after those that it refers to; a cycle is broken somewhere."""
    wanted = set(tables)
    graph = {name: snapshot.tables[name].referred_tables() & (wanted - {name}) for name in sorted(wanted)}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return sorted(wanted, key=lambda name: len(graph[name]))


class RowMaker:
    """Makes rows for one table.

    Args:
        connection: to the database with the table, and the rows of those that it refers to.
        name: the table's name.
        snapshot: the schema.
        older: a schema whose types and NULLs the rows must fit, too; a downgrade may rely on it.
        present: the rows that the table has already, so that unique values stay unique.

    Attributes:
        keys: the primary keys of the rows that were inserted.
    """

    def __init__(
        self, connection: sa.Connection, name: str, snapshot: Snapshot, older: Snapshot | None, present: Rows | None
    ) -> None:
        self.connection, self.name = connection, name
        self.dialect = dialects.get(connection.dialect.name)
        self.table = snapshot.tables[name]
        self.columns = column_values.of_table(self.table, older.tables.get(name) if older is not None else None)
        self.distinct = {each for each, column in self.columns.items() if column.distinct}
        self.parents = self._parents()
        self.used = self._used(present)
        self.keys: list[tuple[Any, ...]] = []
        self._referred: dict[ForeignKey, list[tuple[Any, ...]]] = {}

    def insert(self) -> str:
        """Insert the rows; return why none of them could be inserted, or nothing."""
        # Each value of an enumeration has to be in some row.
        values = max((len(column.type.values) for column in self.columns.values()), default=0)
        numbers = range(max(6, 3 + min(values, MAX_ENUM_ROWS)))
        groups = [[number for number in numbers if number != DEFAULTS], [DEFAULTS]]
        if self.parents:  # each row can refer to those before it
            groups = [[number] for number in numbers]
        reason = ""
        for group in groups:
            made = {number: self._row(number) for number in group}
            try:
                self._execute(list(made.values()))
            except sa.exc.DBAPIError:
                reason = self._one_by_one(made)
        return "" if self.keys else reason

    def _used(self, present: Rows | None) -> int:
        """Return a number that is larger than those in unique columns."""
        if present is None:
            return 0
        names = self.distinct & set(present.columns)
        numbers = [value for name in names for value in present.of(name) if isinstance(value, int)]
        return max([len(present.values), *(number for number in numbers if number < LARGEST_SERIAL)])

    def _parents(self) -> list[str]:
        """Return columns that can be NULL of keys to the table itself, one of each: those of a tree."""
        found = []
        for key in self.table.foreign_keys:
            nullable = self._nullable(key)
            if key.referred_table == self.name and nullable:
                found.append(nullable[0])
        return found

    def _nullable(self, key: ForeignKey) -> list[str]:
        """Return the columns of a foreign key that can be NULL."""
        return [name for name in key.columns if name in self.columns and self.columns[name].nullable]

    def _one_by_one(self, group: dict[int, Row]) -> str:
        """Insert the rows that the constraints allow, by their numbers; try others for those that are refused."""
        reason = ""
        for number, row in group.items():
            for other in self._variants(row, number):
                try:
                    self._execute([other])
                    break
                except sa.exc.DBAPIError as error:
                    reason = " ".join(str(error.orig).split())[:200]
        return reason

    def _variants(self, row: Row, number: int) -> Iterator[Row]:
        """Yield a row, then others that a CHECK may allow, then the same without a parent."""
        attempts = max((len(column.checked) for column in self.columns.values()), default=0)
        for each in (row, {**row, **dict.fromkeys(self.parents)}) if self.parents else (row,):
            yield each
            for attempt in range(attempts):
                yield self._varied(each, number + attempt)

    def _varied(self, row: Row, number: int) -> Row:
        """Return a row with other values where a check may have refused those that it has."""
        varied = dict(row)
        for name, value in row.items():
            checked = self.columns[name].checked if name in self.columns else ()
            if checked and value is not None:
                varied[name] = checked[number % len(checked)]
        return varied

    def _execute(self, group: list[Row]) -> None:
        """Insert rows that have the same columns, all of them or none."""
        names = [name for name in group[0] if group[0][name] is not LEFT_OUT]
        key = self.table.key_columns()
        table = quoted(self.connection, self.name)
        if not names:
            self.connection.exec_driver_sql(f"INSERT INTO {table} {self.dialect.rows.only_defaults}")
            self.keys += [tuple(None for _ in key)]
            return
        row = f"({', '.join([self.dialect.rows.mark] * len(names))})"
        listed = ", ".join(quoted(self.connection, name) for name in names)
        statement = f"INSERT INTO {table} ({listed}) VALUES {', '.join([row] * len(group))}"  # noqa: S608 - quoted
        self.connection.exec_driver_sql(statement, tuple(row[name] for row in group for name in names))
        self.keys += [tuple(row[name] if name in names else None for name in key) for row in group]

    def _row(self, number: int) -> Row:
        row = {name: self.dialect.rows.stored(column.value(number, self.used)) for name, column in self.columns.items()}
        for key in self.table.foreign_keys:
            row |= self._reference(key, number, row)
        return row

    def _reference(self, key: ForeignKey, number: int, row: Row) -> Row:
        """Return the columns of a foreign key for a row: those of a row that it can refer to, or NULL."""
        names = key.columns
        empty = {name: row[name] for name in names if name in row and (row[name] is None or row[name] is LEFT_OUT)}
        if empty:
            return empty
        unique, is_tree = self.distinct & set(names), key.referred_table == self.name
        there = self._referred_rows(key)
        if unique and is_tree:
            taken = self._selected(self.name, names)
            there = [each for each in there if each not in taken]
        if there:
            # The row that repeats the first refers to the same row, if it may.
            usual = number // 2 if is_tree else number % 5  # in a tree some parents have parents
            at = self.used + number if unique else 0 if number == REPEATED else usual
            chosen = there[at % len(there)]
            return {name: value for name, value in zip(names, chosen, strict=True) if name in row}
        nullable = self._nullable(key)
        if nullable:
            return {nullable[0]: None}
        if is_tree:
            return {name: row.get(other) for name, other in zip(names, key.referred_columns, strict=True)}
        return {}

    def _referred_rows(self, key: ForeignKey) -> list[tuple[Any, ...]]:
        """Return the values that a foreign key can have; other tables get no rows meanwhile."""
        if key.referred_table == self.name:
            return self._selected(key.referred_table, key.referred_columns)
        if key not in self._referred:
            self._referred[key] = self._selected(key.referred_table, key.referred_columns)
        return self._referred[key]

    def _selected(self, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return these columns of the rows of a table, where none of them is NULL."""
        if not columns:
            return []
        listed = ", ".join(quoted(self.connection, each) for each in columns)
        table = quoted(self.connection, name)
        query = f"SELECT {listed} FROM {table} ORDER BY {listed} LIMIT {MAX_REFERRED_ROWS}"  # noqa: S608 - quoted
        try:
            found = [tuple(row) for row in self.connection.exec_driver_sql(query)]
        except sa.exc.DBAPIError:
            return []
        return [row for row in found if None not in row]
