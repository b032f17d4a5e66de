"""Rows in SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import suppress
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

    def violations(self, connection: sa.Connection) -> _Violations:
        orphans = [
            orphan for table, number in _broken_keys(connection) for orphan in _orphans(connection, table, number)
        ]
        return _Violations(Counter(orphans), _columns(connection) if orphans else {})

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        known = before if isinstance(before, _Violations) else _Violations(Counter(), {})
        now = self.violations(connection)
        gone = list((known.orphans - now.orphans).elements())
        found = []
        for orphan in (now.orphans - known.orphans).elements():
            same = next((each for each in gone if _is_renamed(each, known, orphan, now)), None)
            if same is not None:
                gone.remove(same)
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


@dataclass(frozen=True, slots=True)
class _Violations:
    """The orphans of a database, and the columns of all its tables where there are any."""

    orphans: Counter[_Orphan]
    columns: dict[str, set[str]]

    def has(self, orphan: _Orphan) -> bool:
        """Return whether there is a table with the columns of an orphan."""
        return set(orphan.columns) <= self.columns.get(orphan.table, set())


def _is_renamed(old: _Orphan, before: _Violations, new: _Orphan, now: _Violations) -> bool:
    """Return whether an orphan is one that was there before, in a table or column that had another name."""
    parent = old.parent == new.parent or (new.parent not in before.columns and old.parent not in now.columns)
    return parent and old.values == new.values and not before.has(new) and not now.has(old)


def _broken_keys(connection: sa.Connection) -> list[tuple[str, int]]:
    """Return the foreign keys that rows break: the table and the number of each.

    One to columns that nothing makes unique cannot be checked, nor can the others of its table: SQLite accepts such a
    key and then refuses the question.
    """
    query = 'SELECT DISTINCT "table", fkid FROM pragma_foreign_key_check'
    try:
        return [(table, number) for table, number in connection.exec_driver_sql(query)]
    except sa.exc.OperationalError:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    found: list[tuple[str, int]] = []
    for table in tables:
        with suppress(sa.exc.OperationalError):
            found += [(table, number) for (_, number) in connection.exec_driver_sql(f"{query}(?)", (table,))]
    return found


def _columns(connection: sa.Connection) -> dict[str, set[str]]:
    query = (
        "SELECT known.name, field.name FROM sqlite_master AS known, pragma_table_info(known.name) AS field "
        "WHERE known.type = 'table'"
    )
    found: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(query):
        found.setdefault(table, set()).add(column)
    return found


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
