"""SQLite: files, batch mode, and transactions that hold DDL too."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl

from alembic_lockstep.dialects.base import DialectBase, ScratchEngine
from alembic_lockstep.dialects.traits import SQLITE
from alembic_lockstep.errors import CannotRunError, FailedError, shown
from alembic_lockstep.schema import ddl
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.schema.snapshot import Parts

VIRTUAL = re.compile(r"(?i)create\s+virtual\b")
SHADOWS = frozenset("data idx content docsize config segments segdir stat node rowid parent".split())
TYPES = {"BINARY": sa.BINARY, "CLOB": sa.CLOB, "DOUBLE PRECISION": sa.DOUBLE_PRECISION, "UUID": sa.UUID,
         "VARBINARY": sa.VARBINARY}  # fmt: skip
"""Types that SQLite takes and SQLAlchemy does not reflect: what is dropped is to come back as it was."""
TIMES = {sa.Date, sa.DateTime, sa.Time}


class _Impl(SQLiteImpl):
    """Alembic's SQLite, which takes this for its own by the name of the dialect."""

    __dialect__ = "sqlite"

    def cast_for_batch_migrate(self, existing: Any, existing_transfer: Any, new_type: Any) -> None:
        # Dates and times are kept as text; to cast that to one of their types leaves the year, a number.
        if not {existing.type._type_affinity, new_type._type_affinity} & TIMES:
            super().cast_for_batch_migrate(existing, existing_transfer, new_type)


class Dialect(DialectBase):
    """SQLite."""

    name = "sqlite"
    traits = SQLITE
    render_as_batch = True
    transactional_ddl = True

    @contextmanager
    def memory(self) -> Iterator[sa.Engine]:
        # All there is of a database in memory is its connection, so a revision that asks for another gets the same.
        engine = _engine(sa.URL.create("sqlite"), (), sa.StaticPool)
        try:
            yield engine
        finally:
            engine.dispose()

    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        nothing: Any = None
        compiler: Any = dialect.ddl_compiler(dialect, nothing)
        text = compiler.get_column_default_string(column)
        return text is not None and _bare(text) == _bare(reflected)

    def same_type(
        self, there: sa.types.TypeEngine[Any], wanted: sa.types.TypeEngine[Any], dialect: SQLAlchemyDialect
    ) -> bool:
        # A type that SQLite has not got, such as INET, is reflected as what it has an affinity to.
        reflected = dialect._resolve_type_affinity(wanted.compile(dialect))  # type: ignore[attr-defined]
        return bool(reflected.compile(dialect) == there.compile(dialect))

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        there = _source(connection, str(op.index_name))
        wanted = str(sa.schema.CreateIndex(op.to_index()).compile(dialect=connection.dialect))
        return there is not None and ddl.index(there) == ddl.index(wanted)

    def index_parts(self, connection: sa.Connection, table: str, name: str) -> list[str]:
        sql = _source(connection, name)
        parts: list[str] = ddl.index(sql)["columns"] if sql else []
        return parts if any(" " in part or "(" in part for part in parts) else []

    @contextmanager
    def scratch(self, name: str, folder: Path, tell: Callable[[str], None]) -> Iterator[ScratchEngine]:
        path = folder / f"{name}.db"
        # Durability is for data that somebody wants back; without it a replay is about seven times faster.
        pragmas = ("synchronous = OFF", "journal_mode = MEMORY")
        engine = _engine(sa.URL.create("sqlite", database=str(path)), pragmas)
        try:
            yield ScratchEngine(engine, f"SQLite {sqlite3.sqlite_version}")
        finally:
            engine.dispose()
            path.unlink(missing_ok=True)

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        drivers: list[Any] = [connection.connection.driver_connection for connection in (source, into)]
        source.rollback()
        try:
            drivers[0].backup(drivers[1])
        except sqlite3.Error as error:
            raise FailedError(f"the scratch database cannot be written: {error}") from error
        return True

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

    def live_engine(self, url: sa.URL) -> sa.Engine:
        return _engine(url, ())

    def reading_engine(self, url: sa.URL) -> sa.Engine:
        read_only = sa.URL.create("sqlite", database=_path(url).resolve().as_uri(), query={"mode": "ro", "uri": "true"})
        return sa.create_engine(read_only, poolclass=sa.NullPool)

    def prepare(self, url: sa.URL, *, create: bool) -> None:
        try:
            _path(url).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRunError(f"cannot make the folder {_path(url).parent}: {error.strerror}") from error

    def is_missing(self, url: sa.URL) -> bool:
        return not _path(url).exists()

    @contextmanager
    def locked(self, connection: sa.Connection, seconds: int) -> Iterator[None]:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
        # In this mode the lock of the first transaction stays until the connection is closed.
        driver.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            driver.execute("BEGIN EXCLUSIVE")
            driver.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if "locked" not in str(error):
                raise sa.exc.DatabaseError("BEGIN EXCLUSIVE", None, error) from error
            raise TimeoutError from error
        yield

    def where(self, url: sa.URL, root: Path) -> str:
        return shown(_path(url), root)

    def after_failure(self) -> str:
        return "It was rolled back as a whole: the database is as it was before this revision."

    def violations(self, connection: sa.Connection) -> list[Any]:
        return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        known = before if isinstance(before, list) else []
        broken = self.violations(connection)
        # By number: batch mode numbers rows and keys anew, and a rename changes the tables' names.
        if len(broken) <= len(known):
            return []
        return sorted(
            f"row {rowid} of {table} refers to a row of {parent} that is gone"
            for table, rowid, parent, key in broken
            if (table, rowid, parent, key) not in known
        )

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


def _source(connection: sa.Connection, index: str) -> str | None:
    """Return the statement that made an index."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    sql: str | None = connection.execute(query, {"name": index}).scalar()
    return sql


def _bare(default: str) -> str:
    """Return a default without the parentheses around an expression: SQLite reports it without."""
    return re.sub(r"^\((.*)\)$", r"\1", default, flags=re.DOTALL)


def _path(url: sa.URL) -> Path:
    return Path(url.database or ":memory:")


def _engine(url: sa.URL, pragmas: tuple[str, ...], pool: type[sa.Pool] = sa.NullPool) -> sa.Engine:
    """Return an engine on which a transaction holds DDL as well as DML, and takes its lock at once.

    The driver's own transactions leave DDL out; the remedy is SQLAlchemy's
    (docs, dialects/sqlite, "Serializable isolation / Savepoints / Transactional DDL").
    """
    engine = sa.create_engine(url, poolclass=pool)
    dialect: Any = engine.dialect
    dialect.ischema_names = {**dialect.ischema_names, **TYPES}

    @sa.event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # Batch mode drops and renames tables: with foreign keys on, rows of child tables would go with them.
        for pragma in ("foreign_keys = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _(connection: sa.Connection) -> None:
        # In op.get_context().autocommit_block() there is to be no transaction.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
