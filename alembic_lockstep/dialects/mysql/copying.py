"""Copies of a database on the same server: tables with their rows, routines, views, triggers, events."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.schema.sql import VERSION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMN = re.compile(r"  `((?:[^`]|``)+)` ")
_KEY = re.compile(r"  KEY `((?:[^`]|``)+)` \(([^)]*)\)")
_FOREIGN_KEY = re.compile(r"  CONSTRAINT `((?:[^`]|``)+)` FOREIGN KEY \(([^)]*)\)")


def copy(source: sa.Connection, into: sa.Connection) -> bool:
    """Copy a database; return False, with something left in the other, if not all of it can be copied."""
    name = source.engine.url.database or ""
    if source.engine.url != into.engine.url.set(database=name):  # another server
        return False
    source.rollback()
    try:
        with _permissive(into):
            return _copy(name, into)
    except sa.exc.DBAPIError:
        return False


def repair(source: sa.Connection, into: sa.Connection, touched: set[str]) -> set[str] | None:
    """Make a database like another one by copying only the tables that differ or were touched.

    Returns:
        The tables that were copied; None, with something left undone, if that is not enough.
    """
    name, ours = (each.engine.url.database or "" for each in (source, into))
    source.rollback()
    try:
        if source.engine.url != into.engine.url.set(database=name) or _has_more_than_tables(into, name, ours):
            return None
        with _permissive(into):
            wanted, found = (_definitions(into, each) for each in (name, ours))
            stale = {each for each in wanted if each in touched or found.get(each) != wanted[each]}
            stale |= found.keys() - wanted.keys()
            stale = _with_referring(stale, {**found, **wanted})
            if there := [quoted(into, each) for each in sorted(stale & found.keys())]:
                into.exec_driver_sql(f"DROP TABLE {', '.join(there)}")
            done = all(_table(name, each, into) for each in wanted if each in stale)
            for each in [each for each in wanted if each not in stale and _is_version_table(wanted[each])]:
                into.exec_driver_sql(f"DELETE FROM {quoted(into, each)}")  # noqa: S608 - quoted
                _rows(name, each, into)
            into.commit()
            return stale & wanted.keys() if done else None
    except sa.exc.DBAPIError:
        return None


def _has_more_than_tables(connection: sa.Connection, *names: str) -> bool:
    """Return whether one of the databases has what hangs on several tables, or their options differ."""
    if len({_options_of(connection, each) for each in names}) > 1:
        return True
    query = (
        "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_type <> 'BASE TABLE' "
        "UNION SELECT 1 FROM information_schema.routines WHERE routine_schema = %s "
        "UNION SELECT 1 FROM information_schema.triggers WHERE trigger_schema = %s "
        "UNION SELECT 1 FROM information_schema.events WHERE event_schema = %s"
    )
    return any(connection.exec_driver_sql(query, (each,) * 4).first() is not None for each in names)


def _definitions(connection: sa.Connection, database: str) -> dict[str, list[str]]:
    tables = connection.exec_driver_sql(f"SHOW TABLES FROM {quoted(connection, database)}").scalars()
    return {each: _parts(_definition(connection, "TABLE", database, each)) for each in tables}


def _is_version_table(parts: list[str]) -> bool:
    """Return whether a table is Alembic's own, whatever `version_table` calls it."""
    return [found[1] for found in map(_COLUMN.match, parts) if found] == VERSION_COLUMNS


def _with_referring(tables: set[str], definitions: dict[str, list[str]]) -> set[str]:
    """Return tables with those whose rows refer to theirs."""
    added = tables
    while added:
        marks = [f" REFERENCES `{each.replace('`', '``')}` " for each in added]
        referring = {
            name for name, lines in definitions.items() for line in lines if any(mark in line for mark in marks)
        }
        added = referring - tables
        tables = tables | added
    return tables


@contextmanager
def _permissive(connection: sa.Connection) -> Iterator[None]:
    """Take what the other database has, whatever the modes and keys are."""
    mode = connection.exec_driver_sql("SELECT @@sql_mode").scalar()
    connection.exec_driver_sql("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0, unique_checks = 0")
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql("SET sql_mode = %s, foreign_key_checks = 1, unique_checks = 1", (mode,))
        connection.commit()


def _copy(name: str, into: sa.Connection) -> bool:
    tables = _names(into, "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s", name)
    if {kind for _, kind in tables} - {"BASE TABLE", "VIEW"}:
        return False  # such as sequences of MariaDB
    _options(name, into)
    for table in [each for each, kind in tables if kind == "BASE TABLE"]:
        if not _table(name, table, into):
            return False
    into.commit()
    for routine, kind in _names(
        into, "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = %s", name
    ):
        _again(into, kind, name, routine, f"Create {kind.capitalize()}")
    _views([each for each, kind in tables if kind == "VIEW"], name, into)
    triggers = (
        "SELECT trigger_name, '' FROM information_schema.triggers WHERE trigger_schema = %s "
        "ORDER BY event_object_table, action_timing, event_manipulation, action_order"
    )
    for trigger, _ in _names(into, triggers, name):
        _again(into, "TRIGGER", name, trigger, "SQL Original Statement")
    for event, _ in _names(into, "SELECT event_name, '' FROM information_schema.events WHERE event_schema = %s", name):
        _again(into, "EVENT", name, event, "Create Event")
    return True


def _names(connection: sa.Connection, query: str, database: str) -> list[tuple[str, str]]:
    return [(str(name), str(kind)) for name, kind in connection.exec_driver_sql(query, (database,))]


def _options(name: str, into: sa.Connection) -> None:
    """Give the database the character set of the other, which a revision may have altered."""
    charset, collation = _options_of(into, name)
    if (charset, collation) != _options_of(into, into.engine.url.database or ""):
        into.exec_driver_sql(f"ALTER DATABASE CHARACTER SET {charset} COLLATE {collation}")


def _options_of(connection: sa.Connection, database: str) -> tuple[str, str]:
    columns = "default_character_set_name, default_collation_name"
    query = f"SELECT {columns} FROM information_schema.schemata WHERE schema_name = %s"  # noqa: S608 - no input
    charset, collation = connection.exec_driver_sql(query, (database,)).one()
    return charset, collation


def _table(name: str, table: str, into: sa.Connection) -> bool:
    """Copy a table with its rows; return whether it is just the same."""
    definition = _definition(into, "TABLE", name, table)
    into.exec_driver_sql(_without_implicit_keys(definition, table).replace("%", "%%"))
    if _parts(_definition(into, "TABLE", into.engine.url.database or "", table)) != _parts(definition):
        return False
    _rows(name, table, into)
    return True


def _definition(connection: sa.Connection, kind: str, database: str, name: str) -> str:
    shown = f"SHOW CREATE {kind} {quoted(connection, database)}.{quoted(connection, name)}"
    return str(connection.exec_driver_sql(shown).mappings().one()[f"Create {kind.capitalize()}"])


def _without_implicit_keys(definition: str, table: str) -> str:
    """Leave out the keys that the server has made for foreign keys: it makes them again, and drops them for others.

    Such a key has the name of the foreign key, or of its first column if nobody has given it a name.
    """
    lines = definition.split("\n")
    keys = {found.groups() for found in map(_KEY.match, lines) if found}
    implicit = set()
    for number, line in enumerate(lines):
        found = _FOREIGN_KEY.match(line)
        if found is None:
            continue
        name, columns = found[1], found[2].replace("`, `", "`,`")  # as keys are written
        implicit.add((name, columns))
        unnamed = (columns.split(",")[0].strip("`"), columns)
        if name.startswith(f"{table}_ibfk_") and unnamed in keys:
            implicit.add(unnamed)
            lines[number] = line.replace(f"CONSTRAINT `{name}` ", "", 1)
    kept = [line for line in lines if not ((key := _KEY.match(line)) and key.groups() in implicit)]
    return "\n".join(kept)


def _parts(definition: str) -> list[str]:
    """Return what a table consists of, in an order of its own, without the number that its next row will have."""
    return sorted(re.sub(r" AUTO_INCREMENT=\d+", "", line.removesuffix(",")) for line in definition.split("\n"))


def _rows(name: str, table: str, into: sa.Connection) -> None:
    """Copy the rows, but for what is computed from them."""
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
        "AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position"
    )
    columns = [quoted(into, each) for each in into.exec_driver_sql(query, (name, table)).scalars()]
    if columns:
        listed, of = ", ".join(columns), quoted(into, table)
        into.exec_driver_sql(f"INSERT INTO {of} ({listed}) SELECT {listed} FROM {quoted(into, name)}.{of}")  # noqa: S608 - quoted


def _views(views: list[str], name: str, into: sa.Connection) -> None:
    """Make views again, those that others select from first."""
    while views:
        left = []
        for view in views:
            text = _definition(into, "VIEW", name, view)
            try:
                into.exec_driver_sql(text.replace(f"{quoted(into, name)}.", "").replace("%", "%%"))
            except sa.exc.DBAPIError:
                left.append(view)
        if len(left) == len(views):  # a broken one
            raise sa.exc.DBAPIError("", None, Exception(f"views {left}"))
        views = left


def _again(into: sa.Connection, kind: str, database: str, name: str, column: str) -> None:
    """Make a routine, trigger or event again, under the mode that it was made under."""
    shown = into.exec_driver_sql(f"SHOW CREATE {kind} {quoted(into, database)}.{quoted(into, name)}").mappings().one()
    into.exec_driver_sql("SET sql_mode = %s", (shown["sql_mode"],))
    into.exec_driver_sql(str(shown[column]).replace("%", "%%"))
