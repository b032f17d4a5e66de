"""A table copied into one with another definition: "Making Other Kinds Of Table Schema Changes" of SQLite's docs.

The definition is that of sqlite_master with the changes in it, so whatever is not changed stays: AUTOINCREMENT and its
next number, collations, computed columns, CHECKs, ON CONFLICT, WITHOUT ROWID, STRICT. Indexes and triggers are made
again from their own statements, and rows keep their rowids. What names the table elsewhere is left alone: views,
triggers of other tables, foreign keys; with `legacy_alter_table` renaming the copy does not change it. No other table
is looked at.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects.sqlite import definition
from alembic_lockstep.errors import FailedError
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.dialects.sqlite.table_change import TableChange

TEMPORARY = "_alembic_tmp_"
"""How Alembic begins the name of a copy."""
FEW_ROWS = 5000
"""Up to so many rows are copied faster than SQLite renames a table among a hundred others."""
_SOURCE = (
    "SELECT type, name, sql FROM sqlite_master "
    "WHERE tbl_name = :table COLLATE NOCASE AND sql IS NOT NULL ORDER BY rowid"
)
_REFERRING = (
    "SELECT DISTINCT t.name FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS k "
    "WHERE t.type = 'table' AND k.\"table\" = :table COLLATE NOCASE ORDER BY t.name"
)
_USERS = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
"""What can name a column of a table: a view on a view does so, too, and triggers of other tables."""


@dataclass(frozen=True, slots=True)
class Source:
    """What sqlite_master has of a table.

    Attributes:
        table: the statement that creates it.
        indexes: those of its indexes, by name.
        triggers: those of its triggers, by name.
    """

    table: str
    indexes: dict[str, str]
    triggers: dict[str, str]

    @classmethod
    def read(cls, connection: sa.Connection, table: str) -> Source:
        """Read it.

        Raises:
            sqlalchemy.exc.NoSuchTableError: there is no such table.
        """
        found: dict[str, dict[str, str]] = {"table": {}, "index": {}, "trigger": {}, "view": {}}
        for kind, name, statement in driver(connection).execute(_SOURCE, {"table": table}):
            found[kind][name] = statement
        if not found["table"]:
            raise sa.exc.NoSuchTableError(table)
        return cls(found["table"].popitem()[1], found["index"], found["trigger"])


def driver(connection: sa.Connection) -> Any:
    """Return the driver's connection: what is asked of it is no statement of the revision."""
    return connection.connection.dbapi_connection


@contextmanager
def atomic(connection: sa.Connection) -> Iterator[None]:
    """Undo what is done in the block if it fails; a revision may go on after that."""
    direct = driver(connection)
    direct.execute("SAVEPOINT alembic_batch")
    try:
        yield
    except BaseException:
        if direct.in_transaction:
            direct.execute("ROLLBACK TO alembic_batch")
        raise
    finally:
        if direct.in_transaction:
            direct.execute("RELEASE alembic_batch")


@contextmanager
def unenforced(connection: sa.Connection, table: str) -> Iterator[None]:
    """Do not enforce foreign keys in the block, where a table is copied: to drop it would delete rows that refer to it.

    Raises:
        FailedError: there are such rows, and a transaction that was begun before enforces the keys: then it cannot end.
    """
    direct = driver(connection)
    if not direct.execute("PRAGMA foreign_keys").fetchone()[0]:
        yield
        return
    if direct.in_transaction:
        for (referring,) in direct.execute(_REFERRING, {"table": table}).fetchall():
            raise FailedError(
                f"table {table} cannot be copied in a transaction that enforces foreign keys: "
                f"table {referring} refers to it, where rows would be lost"
            )
        yield
        return
    direct.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        direct.execute("PRAGMA foreign_keys = ON")


@contextmanager
def renaming(connection: sa.Connection, *, everywhere: bool) -> Iterator[None]:
    """Set what ALTER TABLE … RENAME does with views, triggers and foreign keys that name what is renamed.

    Args:
        connection: the database.
        everywhere: whether it changes and checks them, or leaves them alone.
    """
    direct = driver(connection)
    found = direct.execute("PRAGMA legacy_alter_table").fetchone()
    direct.execute(f"PRAGMA legacy_alter_table = {'OFF' if everywhere else 'ON'}")
    try:
        yield
    finally:
        direct.execute(f"PRAGMA legacy_alter_table = {found[0] if found else 0}")


@contextmanager
def triggers_kept(connection: sa.Connection, table: str) -> Iterator[None]:
    """Make the triggers of a table again that are lost in the block, and keep views as they are."""
    before = Source.read(connection, table).triggers
    with renaming(connection, everywhere=False):
        yield
    if before:
        after = Source.read(connection, table).triggers
        for name, statement in before.items():
            if name not in after:
                connection.exec_driver_sql(statement)


def copy(connection: sa.Connection, change: TableChange, source: Source, dropped: set[str]) -> None:
    """Copy a table into one with the changed definition.

    Args:
        connection: the database.
        change: the change, finished.
        source: what sqlite_master has of the table.
        dropped: the names of indexes that are not to come back, in lower case.

    Raises:
        FailedError: a view or trigger names a column that is gone.
    """
    gone = change.gone()
    _require_unused(connection, change, gone)
    _recreate(connection, change)
    for name, statement in source.indexes.items():
        if name.lower() not in dropped and not definition.indexed(statement) & gone:
            connection.exec_driver_sql(statement)
    for statement in source.triggers.values():
        connection.exec_driver_sql(statement)


def _recreate(connection: sa.Connection, change: TableChange) -> None:
    """Put a copy of a table in its place, with its rows."""
    table = change.definition.name
    number = _number(connection, table)
    if _is_small(connection, change):
        _copy_twice(connection, change)
    else:
        _copy_and_rename(connection, change)
    if _number(connection, table) is not None:  # of the rows that were copied: those that are gone had numbers, too
        query = "DELETE FROM sqlite_sequence WHERE name = :table"
        if number is not None:
            query = "UPDATE sqlite_sequence SET seq = :number WHERE name = :table"
        driver(connection).execute(query, {"table": table, "number": number})


def _copy_and_rename(connection: sa.Connection, change: TableChange) -> None:
    """Recreate a table as SQLite's documentation has it, which copies each row once."""
    old, new = change.quoted(change.definition.name), change.quoted(_temporary(change))
    inserted, selected = _transfer(change)
    connection.exec_driver_sql(change.definition.sql(new))
    if inserted:
        connection.exec_driver_sql(f"INSERT INTO {new} ({', '.join(inserted)}) SELECT {', '.join(selected)} FROM {old}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {old}")
    with renaming(connection, everywhere=False):
        connection.exec_driver_sql(f"ALTER TABLE {new} RENAME TO {old}")


def _copy_twice(connection: sa.Connection, change: TableChange) -> None:
    """Recreate a table without a rename, for which SQLite reads the whole schema: that takes longer than a few rows."""
    table, aside = change.quoted(change.definition.name), change.quoted(_temporary(change))
    inserted, selected = _transfer(change)
    columns = ", ".join(f"c{number}" for number in range(len(inserted)))  # without types, so that no value is converted
    if inserted:
        connection.exec_driver_sql(f"CREATE TABLE {aside} ({columns})")
        connection.exec_driver_sql(f"INSERT INTO {aside} SELECT {', '.join(selected)} FROM {table}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(change.definition.sql(table))
    if inserted:
        connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(inserted)}) SELECT {columns} FROM {aside}")  # noqa: S608
        connection.exec_driver_sql(f"DROP TABLE {aside}")


def _temporary(change: TableChange) -> str:
    return f"{TEMPORARY}{change.definition.name}"[:50]


def _is_small(connection: sa.Connection, change: TableChange) -> bool:
    query = f"SELECT 1 FROM {change.quoted(change.definition.name)} LIMIT 1 OFFSET {FEW_ROWS}"  # noqa: S608
    return driver(connection).execute(query).fetchone() is None


def _transfer(change: TableChange) -> tuple[list[str], list[str]]:
    """Return the columns that the rows of a copy get from the table, and the SQL for their values."""
    columns = [column for column in change.definition.columns if column in change.sources and not column.is_computed()]
    inserted, selected = [change.quoted(each.name) for each in columns], [change.sources[each] for each in columns]
    rowid = change.rowid()
    if not rowid and not inserted:  # no column stays but what numbers the rows
        return [change.rowid_column()], ["_rowid_"]
    return ([rowid, *inserted], [rowid, *selected]) if rowid else (inserted, selected)


def _number(connection: sa.Connection, table: str) -> int | None:
    """Return the last number that AUTOINCREMENT gave to a row; None if it gave none."""
    direct = driver(connection)
    if not direct.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return None
    found = direct.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return found[0] if found else None


def _require_unused(connection: sa.Connection, change: TableChange, gone: set[str]) -> None:
    """Raise FailedError where a view or trigger names a column that is dropped: SQLite itself notices only later.

    Whoever names a column shows when SQLite renames it. It does not do so where a view is broken already.
    """
    direct, table = driver(connection), change.quoted(change.definition.name)
    for column in sorted(gone):
        texts = direct.execute(f"{_USERS} AND instr(lower(sql), ?)", (column if column.isascii() else "",)).fetchall()
        if not any(column in sql.words(text, backslashes=False) for _user, text in texts):
            continue
        before = direct.execute(_USERS).fetchall()
        direct.execute("SAVEPOINT alembic_check")
        try:
            with renaming(connection, everywhere=True), suppress(sqlite3.OperationalError):
                renamed = f"{change.quoted(column)} TO {change.quoted(TEMPORARY + column)}"
                direct.execute(f"ALTER TABLE {table} RENAME COLUMN {renamed}")
            after = direct.execute(_USERS).fetchall()
        finally:
            direct.execute("ROLLBACK TO alembic_check")
            direct.execute("RELEASE alembic_check")
        users = [old[0] for old, new in zip(before, after, strict=True) if old != new]
        if users:
            change.refuse(f"it is used by {', '.join(users)}", {column}, "Drop that before, and create it again after.")
