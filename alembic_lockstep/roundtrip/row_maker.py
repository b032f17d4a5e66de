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
    from collections.abc import Iterable

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
        self.used = self._used(present)
        self.keys: list[tuple[Any, ...]] = []
        self._referred: dict[ForeignKey, list[tuple[Any, ...]]] = {}

    def insert(self) -> str:
        """Insert the rows; return why none of them could be inserted, or nothing."""
        # Each value of an enumeration has to be in some row.
        values = max((len(column.type.values) for column in self.columns.values()), default=0)
        made = [self._row(number) for number in range(max(6, 3 + min(values, MAX_ENUM_ROWS)))]
        groups = [[row for number, row in enumerate(made) if number != DEFAULTS], [made[DEFAULTS]]]
        reason = ""
        for group in groups:
            try:
                self._execute(group)
            except sa.exc.DBAPIError:
                reason = self._one_by_one(group)
        return "" if self.keys else reason

    def _used(self, present: Rows | None) -> int:
        """Return a number that is larger than those in unique columns."""
        if present is None:
            return 0
        names = self.distinct & set(present.columns)
        numbers = [value for name in names for value in present.of(name) if isinstance(value, int)]
        return max([len(present.values), *(number for number in numbers if number < LARGEST_SERIAL)])

    def _one_by_one(self, group: list[Row]) -> str:
        """Insert the rows that the constraints allow; try others for those that a CHECK refuses."""
        reason = ""
        attempts = 1 + max((len(column.checked) for column in self.columns.values()), default=0)
        for number, row in enumerate(group):
            for attempt in range(attempts):
                try:
                    self._execute([self._varied(row, number + attempt - 1) if attempt else row])
                    break
                except sa.exc.DBAPIError as error:
                    reason = " ".join(str(error.orig).split())[:200]
        return reason

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
        if key not in self._referred:
            self._referred[key] = self._referred_rows(key)
        there = self._referred[key]
        if there:
            # The row that repeats the first refers to the same row, if it may.
            unique = self.distinct & set(names)
            at = self.used + number if unique else 0 if number == REPEATED else number % 5
            chosen = there[at % len(there)]
            return {name: value for name, value in zip(names, chosen, strict=True) if name in row}
        nullable = [name for name in names if name in self.columns and self.columns[name].nullable]
        if nullable:
            return {nullable[0]: None}
        if key.referred_table == self.name:
            return {name: row.get(other) for name, other in zip(names, key.referred_columns, strict=True)}
        return {}

    def _referred_rows(self, key: ForeignKey) -> list[tuple[Any, ...]]:
        """Return rows that a foreign key can refer to, as the columns that it refers to."""
        if not key.referred_columns:
            return []
        listed = ", ".join(quoted(self.connection, name) for name in key.referred_columns)
        table = quoted(self.connection, key.referred_table)
        query = f"SELECT {listed} FROM {table} ORDER BY {listed} LIMIT {MAX_REFERRED_ROWS}"  # noqa: S608 - quoted
        try:
            found = [tuple(row) for row in self.connection.exec_driver_sql(query)]
        except sa.exc.DBAPIError:
            return []
        return [row for row in found if None not in row]
