"""How the schema of a SQLite file is read: sqlite_master, one query for all of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from alembic_lockstep.dialects import base
from alembic_lockstep.schema import ddl
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from alembic_lockstep.schema.snapshot import Parts

VIRTUAL = re.compile(r"(?i)create\s+virtual\b")
SHADOWS = frozenset("data idx content docsize config segments segdir stat node rowid parent".split())


class Schema(base.Schema):
    """SQLite."""

    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        # The whole schema is one small query, and what was read before is not read again.
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        driver: Any = connection.connection.dbapi_connection
        source: dict[str, tuple[Any, ...]] = {}
        for row in driver.execute(query):
            name = row[1] if row[0] == "view" else row[2]
            if name != ddl.VERSION_TABLE and not name.startswith("sqlite_"):
                source[name] = (*source[name], row) if name in source else (row,)
        virtual = [name for name, rows in source.items() if VIRTUAL.match(str(rows[0][3]))]
        for name in [name for name in source if any(_is_shadow(name, of) for of in virtual)]:
            del source[name]
        known = before or Snapshot()
        tables = {
            name: known.tables[name] if known.source.get(name) == rows else _assembled(rows)
            for name, rows in source.items()
        }
        for name, parts in tables.items():
            if parts is not known.tables.get(name):
                tables[name] = _with_referred_columns(parts, tables)
        return Snapshot(tables, source)


def _is_shadow(name: str, virtual: str) -> bool:
    """Return whether a table is what a virtual one (FTS, R-Tree) keeps its content in: nobody else may write there."""
    return name.startswith(f"{virtual}_") and name.removeprefix(f"{virtual}_") in SHADOWS


@lru_cache(maxsize=4096)
def _assembled(rows: tuple[tuple[str, str, str, str], ...]) -> Parts:
    """Put a table together with its indexes and triggers, or a view."""
    parts: Parts = {}
    for kind, name, _table, sql in rows:
        match kind:
            case "table":
                parts |= ddl.table(sql, backslashes=False)
            case "index":
                parts[f"index {name}"] = ddl.index(sql)
            case "view":
                parts[""] = {"view": _normal(sql)}
            case _:
                parts[f"trigger {name}"] = {"definition": _normal(sql)}
    return parts


def _normal(sql: str) -> str:
    """Return SQL the same for all ways to quote and to space it; SQLite quotes anew when a table is renamed."""
    return ddl.written(ddl.tokens(sql, backslashes=False))


def _with_referred_columns(parts: Parts, tables: dict[str, Parts]) -> Parts:
    """Name the columns that a foreign key means if it names none: batch mode writes them down."""
    lacking = {part: key for part, key in parts.items() if key.get("refers_to_columns") == []}
    if not lacking:
        return parts
    primary = {name.lower(): each.get("primary key", {}).get("columns", []) for name, each in tables.items()}
    named = {
        part: {**key, "refers_to_columns": primary.get(key["refers_to"].lower(), [])} for part, key in lacking.items()
    }
    return {**parts, **named}
