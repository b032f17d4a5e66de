"""Rows in SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import StatementLimits, quoted


class Rows(base.Rows):
    """SQLite."""

    def limits(self, connection: sa.Connection) -> StatementLimits:
        driver: Any = connection.connection.driver_connection
        values = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        return StatementLimits(values, driver.getlimit(sqlite3.SQLITE_LIMIT_LENGTH))

    def stored(self, value: Any) -> Any:
        match value:
            case Decimal():
                return float(value)
            case int():
                return min(value, 2**63 - 1)
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M:%S.%f")
            case time():
                return value.strftime("%H:%M:%S.%f")
            case date():
                return value.isoformat()
            case _:
                return value

    def violations(self, connection: sa.Connection) -> list[_Orphan]:
        keys = connection.exec_driver_sql('SELECT DISTINCT "table", fkid FROM pragma_foreign_key_check')
        return [orphan for table, number in keys.all() for orphan in _orphans(connection, table, number)]

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        known = Counter(before if isinstance(before, list) else [])
        new = Counter(self.violations(connection))
        left, gone = new - known, known - new
        # What was broken in a table that was renamed, or in a column that was, is still the same.
        same = Counter(orphan.values for orphan in gone.elements() if not _is_there(connection, orphan))
        found = []
        for orphan in left.elements():
            if same[orphan.values]:
                same[orphan.values] -= 1
            else:
                found.append(f"row {orphan.row} of {orphan.table} refers to a row of {orphan.parent} that is gone")
        return sorted(found)


@dataclass(frozen=True, slots=True)
class _Orphan:
    """A row that refers to one that is not there.

    Attributes:
        table: its table.
        columns: of the foreign key.
        values: what it has in them, as text: a copy of a table can change their types.
        parent: the table that they refer to.
        row: its number, None in a table that has none; copies of tables number rows anew.
    """

    table: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    parent: str
    row: int | None = field(compare=False)


def _orphans(connection: sa.Connection, table: str, number: int) -> list[_Orphan]:
    """Return the rows of a table that break one of its foreign keys."""
    query = sa.text('SELECT "from", "table" FROM pragma_foreign_key_list(:name) WHERE id = :id ORDER BY seq')
    key = connection.execute(query, {"name": table, "id": number}).all()
    columns, parent = tuple(column for column, _parent in key), key[0][1]
    names = ", ".join(f"child.{quoted(connection, column)}" for column in columns)
    parameters = (table, number)
    broken = "pragma_foreign_key_check(?) AS broken"
    rows = connection.exec_driver_sql(f"SELECT rowid FROM {broken} WHERE fkid = ?", parameters).scalars().all()  # noqa: S608
    if None in rows:  # a table WITHOUT ROWID: all that is known is how many there are
        return [_Orphan(table, columns, (), parent, None) for _row in rows]
    joined = f"{broken} JOIN {quoted(connection, table)} AS child ON child._rowid_ = broken.rowid"
    found = connection.exec_driver_sql(f"SELECT broken.rowid, {names} FROM {joined} WHERE fkid = ?", parameters)  # noqa: S608
    return [_Orphan(table, columns, tuple(map(str, values)), parent, row) for row, *values in found]


def _is_there(connection: sa.Connection, orphan: _Orphan) -> bool:
    """Return whether a table has the columns that an orphan had."""
    query = sa.text("SELECT name FROM pragma_table_info(:name)")
    return set(orphan.columns) <= set(connection.execute(query, {"name": orphan.table}).scalars())
