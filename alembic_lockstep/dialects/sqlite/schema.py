"""Read the schema of an SQLite database."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.sqlite.definition import without_qualifier
from alembic_lockstep.schema import default_names, sql
from alembic_lockstep.schema.create_statements import read_index, read_table
from alembic_lockstep.schema.snapshot import Snapshot
from alembic_lockstep.schema.table import Table, column_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from alembic_lockstep.schema.table import Index

VIRTUAL = re.compile(r"(?i)create\s+virtual\b")
_NUMBER = re.compile(r"'-?\d+(\.\d+)?'")
_NO_NUMBERS = re.compile(r"(?i)^(?!.*int).*(char|clob|text|blob)|^$")
"""Types whose columns keep a text that looks like a number as it is."""
SHADOWS = frozenset("data idx content docsize config segments segdir stat node rowid parent".split())

Row = tuple[str, str, str, str]
"""Type, name, table and statement, as in sqlite_master."""


class Schema(base.Schema):
    """SQLite."""

    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        # The whole schema is one small query, and a table whose statements are the same as before is taken from there.
        source = _source(connection)
        known = before or Snapshot()
        tables = {
            name: known.tables[name]
            if name in known.tables and known.source.get(name) == rows
            else _without_default_names(rows)
            for name, rows in source.items()
        }
        for name, table in tables.items():
            if table is not known.tables.get(name):
                tables[name] = _with_referred_columns(table, tables)
        return Snapshot(tables, source)


def tables(connection: sa.Connection, names: Iterable[str]) -> dict[str, Table]:
    """Return tables with all their names, also those that stand for having none."""
    source = _source(connection)
    return {name: _assembled(source[name]) for name in names if name in source}


def statements(connection: sa.Connection, table: str) -> list[str]:
    """Return the statements that make a table, its indexes and its triggers, in this order."""
    rows = sorted(_source(connection).get(table, ()), key=lambda row: ["table", "index", "trigger"].index(row[0]))
    return [statement for _kind, _name, _table, statement in rows]


def table(connection: sa.Connection, name: str) -> Table | None:
    """Return a table without its indexes and triggers, None if there is no such table."""
    driver: Any = connection.connection.dbapi_connection
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    row = driver.execute(query, (name,)).fetchone()
    return read_table(row[0], backslashes=False) if row else None


def _source(connection: sa.Connection) -> dict[str, tuple[Row, ...]]:
    """Return the statements of each table and view."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    driver: Any = connection.connection.dbapi_connection
    source: dict[str, tuple[Row, ...]] = {}
    for row in driver.execute(query):
        name = row[1] if row[0] == "view" else row[2]
        if name != sql.VERSION_TABLE and not name.startswith("sqlite_"):
            source[name] = (*source[name], row) if name in source else (row,)
    virtual = [name for name, rows in source.items() if VIRTUAL.match(str(rows[0][3]))]
    for name in [name for name in source if any(_is_shadow(name, of) for of in virtual)]:
        del source[name]
    return source


def _is_shadow(name: str, virtual: str) -> bool:
    """Return whether a table is one in which a virtual one (FTS, R-Tree) keeps its content, where only it may write."""
    return name.startswith(f"{virtual}_") and name.removeprefix(f"{virtual}_") in SHADOWS


@lru_cache(maxsize=4096)
def _assembled(rows: tuple[Row, ...]) -> Table:
    """Put a table together with its indexes and triggers, or a view."""
    table = Table()
    indexes: dict[str, Index] = {}
    triggers: dict[str, str] = {}
    for kind, name, _table, statement in rows:
        match kind:
            case "table":
                plain = without_qualifier(statement, name)  # which a copy of the table has not
                table = _with_stored_defaults(read_table(plain, backslashes=False))
            case "view":
                table = Table(view=_normal(statement))
            case "index":
                indexes[name] = read_index(statement)
            case _:
                triggers[name] = _normal(statement)
    return replace(table, indexes=indexes, triggers=triggers) if indexes or triggers else table


@lru_cache(maxsize=4096)
def _without_default_names(rows: tuple[Row, ...]) -> Table:
    """Return a table in which constraints have no names that they would be given if they had none.

    By such a name a script drops what has none, and it gives the name to what it restores.
    """
    table, name = _assembled(rows), rows[0][2]
    uniques = [_unnamed(each, default_names.unique(name, column_names(each.columns))) for each in table.uniques]
    keys = [_unnamed(each, default_names.foreign_key(name, each.columns)) for each in table.foreign_keys]
    numbered = {default_names.check(name, number + 1) for number in range(len(table.checks) + 1)}
    checks = [_unnamed(each, each.name if each.name in numbered else "") for each in table.checks]
    if (*uniques, *keys, *checks) == (*table.uniques, *table.foreign_keys, *table.checks):
        return table
    return replace(table, uniques=tuple(uniques), foreign_keys=tuple(keys), checks=tuple(checks))


def _unnamed(part: Any, default_name: str | None) -> Any:
    return replace(part, name=None) if part.name and part.name == default_name else part


def _with_stored_defaults(table: Table) -> Table:
    """Write defaults as they are stored: '-1' is the number in a column for numbers (SQLite, "Type Affinity")."""
    changed = {
        name: replace(column, default=column.default.strip("'"))
        for name, column in table.columns.items()
        if column.default is not None and _NUMBER.fullmatch(column.default) and not _NO_NUMBERS.search(column.type)
    }
    return replace(table, columns={**table.columns, **changed}) if changed else table


def _normal(statement: str) -> str:
    """Return SQL in one way to quote and to space it: SQLite quotes anew when a table is renamed."""
    return sql.written(sql.tokens(statement, backslashes=False))


def _with_referred_columns(table: Table, tables: dict[str, Table]) -> Table:
    """Name the columns that a foreign key means if it names none: batch mode writes them down."""
    if all(key.referred_columns for key in table.foreign_keys):
        return table
    keys = {name.lower(): each.primary_key.columns for name, each in tables.items() if each.primary_key}
    named = tuple(
        key if key.referred_columns else replace(key, referred_columns=keys.get(key.referred_table.lower(), ()))
        for key in table.foreign_keys
    )
    return replace(table, foreign_keys=named)
