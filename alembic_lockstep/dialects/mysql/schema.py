"""Read the schema of a MySQL or MariaDB database."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.memory_mysql import charsets
from alembic_lockstep.memory_mysql.column_types import STRINGS, name_of
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.create_statements import read_table
from alembic_lockstep.schema.snapshot import Snapshot
from alembic_lockstep.schema.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\d+(?=[^\n]*$)")
"""In SHOW CREATE TABLE: data, not schema."""
DEFINER = re.compile(r" DEFINER=\S+")
FIRST_WORD = re.compile(
    r"(?i)(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(alter|analyze|begin|commit|create|delete|desc|describe|drop|explain|insert|lock|"
    r"release|rename|replace|rollback|savepoint|select|set|show|start|table|truncate|unlock|update|use|values|with)\b",
    re.DOTALL,
)
"""How statements begin that name each table that they touch; a CALL does not."""
TRIGGER = re.compile(r"(?i)\b(create|drop)\b[^(]*(?<!`)\btrigger\b(?!`)")
"""A statement that makes or drops a trigger; a table that is called so is quoted."""
LISTED = re.compile(r"(?i)\b(create|drop|rename)\b")
"""A word of each statement after which there can be other tables."""
_NOT_READ = Table()
_UNREAD_VIEW = Table(view="")
"""A view that no statement names; the server in memory knows nothing but the names of views."""


class Schema(base.Schema):
    """MySQL and MariaDB."""

    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        executed = set(statements)
        if before is None or not all(FIRST_WORD.match(statement) for statement in executed):
            names = _kinds(connection)
            return Snapshot(_with_triggers(connection, {name: _read(connection, name) for name in names}))
        tables = dict(before.tables)
        if any(LISTED.search(statement) for statement in executed):
            unread = {name: _UNREAD_VIEW if kind == "VIEW" else _NOT_READ for name, kind in _kinds(connection).items()}
            tables = {name: tables.get(name, table) for name, table in unread.items()}
        for name in _touched(before, tables, executed):
            tables[name] = _read(connection, name)
        if before.has_triggers() or any(TRIGGER.search(statement) for statement in executed):
            tables = _with_triggers(connection, tables)
        return Snapshot(tables)


def _kinds(connection: sa.Connection) -> dict[str, str]:
    """Return the tables and views of the database with what each is, without Alembic's."""
    listed = connection.exec_driver_sql("SHOW FULL TABLES").all()  # MariaDB lists temporary ones, too
    return {str(name): kind for name, kind in listed if name != sql.VERSION_TABLE and "TEMPORARY" not in kind}


def _touched(before: Snapshot, tables: dict[str, Table], statements: set[str]) -> set[str]:
    """Return the tables that statements can have changed, and those that were not read yet."""
    known = Snapshot({**before.tables, **tables}).names()
    named = {name for statement in statements for name in sql.names(statement, known, backslashes=True)}
    # What a rename changes is in the foreign keys of other tables, too.
    touched = Snapshot(tables).with_referring_tables(named) & tables.keys()
    return touched | {name for name, table in tables.items() if table is _NOT_READ}


def _read(connection: sa.Connection, name: str) -> Table:
    row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, name)}").one()
    text = str(row[1])
    if text.startswith("CREATE TABLE"):
        return described(text)
    database = quoted(connection, connection.engine.url.database or "")
    return Table(view=DEFINER.sub("", text).replace(f"{database}.", ""))


@lru_cache(maxsize=4096)
def described(text: str) -> Table:
    """Return the table that SHOW CREATE TABLE describes, with the character set and collation of each text column.

    Which of them SHOW CREATE TABLE shows differs between servers, and depends on whether a statement has named them:
    for a column that has the default of its table that is no difference.
    """
    table = read_table(NEXT_NUMBER.sub("", text), backslashes=True)
    options = dict(table.options)
    _, default = charsets.resolved(options.pop("charset", None), options.get("collate"), "")
    columns = {name: _with_collation(column, default) for name, column in table.columns.items()}
    return replace(table, columns=columns, options={**options, "collate": default} if default else options)


def _with_collation(column: Column, default: str) -> Column:
    if name_of(column.type) not in STRINGS:
        return column
    charset, collation = charsets.resolved(column.charset, column.collation, default)
    return replace(column, charset=charset or None, collation=collation or None)


def _with_triggers(connection: sa.Connection, tables: dict[str, Table]) -> dict[str, Table]:
    """Return tables with the triggers that they have now."""
    query = (
        "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT "
        "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    )
    found: dict[str, dict[str, str]] = {}
    for table, name, *definition in connection.exec_driver_sql(query):
        found.setdefault(table, {})[name] = " ".join(definition)
    return {
        name: table if table.triggers == found.get(name, {}) else replace(table, triggers=found.get(name, {}))
        for name, table in tables.items()
    }
