"""SQLite: files, batch mode, and transactions that hold DDL too."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from upgrade.dialects.base import DialectBase, Scratch
from upgrade.errors import CannotRunError, shown
from upgrade.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION_TABLE = "alembic_version"
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
    render_as_batch = True
    transactional_ddl = True
    memory_settings: ClassVar[dict[str, Any]] = {"default_schema_name": "main", "server_version_info": (3, 45, 0)}

    def sqlalchemy_dialect(self) -> type[SQLiteDialect_pysqlite]:
        return SQLiteDialect_pysqlite

    def reflected_default(self, text: str) -> str:
        return re.sub(r"^\((.*)\)$", r"\1", text, flags=re.DOTALL)

    @contextmanager
    def scratch(self, name: str, folder: Path, tell: Callable[[str], None]) -> Iterator[Scratch]:
        path = folder / f"{name}.db"
        # Durability is for data that somebody wants back; without it a replay is about seven times faster.
        pragmas = ("synchronous = OFF", "journal_mode = MEMORY")
        engine = _engine(sa.URL.create("sqlite", database=str(path)), pragmas)
        try:
            yield Scratch(engine, f"SQLite {sqlite3.sqlite_version}")
        finally:
            engine.dispose()
            path.unlink(missing_ok=True)

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

    def snapshot(self, connection: sa.Connection) -> Snapshot:
        snapshot = Snapshot()
        inspector = sa.inspect(connection)
        tables = [name for name in inspector.get_table_names() if name != VERSION_TABLE]
        for table in tables:
            snapshot.add(table, **_told_by_statement(connection, table))
            _snapshot_table(snapshot, table, inspector, connection)
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        for kind, name, table, sql in connection.exec_driver_sql(query):
            snapshot.add(name if kind == "view" else table, f"{kind} {name}", definition=sql)
        return snapshot


def _snapshot_table(snapshot: Snapshot, table: str, inspector: sa.Inspector, connection: sa.Connection) -> None:
    quoted = connection.dialect.identifier_preparer.quote(table)
    columns = connection.exec_driver_sql(f"PRAGMA table_xinfo({quoted})")
    for position, name, type_, notnull, default, _pk, hidden in columns:
        snapshot.add(
            table, f"column {name}", type=type_, nullable=not notnull, default=default, hidden=hidden, position=position
        )
    snapshot.add(table, "primary key", columns=inspector.get_pk_constraint(table)["constrained_columns"])
    for key in inspector.get_foreign_keys(table):
        columns_of_key = tuple(key["constrained_columns"])
        snapshot.add(
            table,
            f"foreign key ({', '.join(columns_of_key)})",
            name=key["name"],
            refers_to=(key["referred_table"], *key["referred_columns"]),
            options=sorted(key.get("options", {}).items()),
        )
    for unique in inspector.get_unique_constraints(table):
        snapshot.add(table, f"unique ({', '.join(unique['column_names'])})", name=unique["name"])
    for check in inspector.get_check_constraints(table):
        snapshot.add(table, f"check {check['name'] or check['sqltext']}", condition=check["sqltext"])
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    for name, sql in connection.exec_driver_sql(query, (table,)):
        snapshot.add(table, f"index {name}", definition=re.sub(r'["`\s]+', " ", sql))


def _told_by_statement(connection: sa.Connection, table: str) -> dict[str, Any]:
    """Return what no pragma tells and batch mode can lose."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    sql = str(connection.exec_driver_sql(query, (table,)).scalar())
    return {
        "autoincrement": bool(re.search(r"\bAUTOINCREMENT\b", sql, re.IGNORECASE)),
        "collations": sorted(name.upper() for name in re.findall(r'\bCOLLATE\s+["`]?(\w+)', sql, re.IGNORECASE)),
        "generated": len(re.findall(r"\bGENERATED ALWAYS\b", sql, re.IGNORECASE)),
    }


def _path(url: sa.URL) -> Path:
    return Path(url.database or ":memory:")


def _engine(url: sa.URL, pragmas: tuple[str, ...]) -> sa.Engine:
    """Return an engine on which a transaction holds DDL as well as DML, and takes its lock at once.

    The driver's own transactions leave DDL out; the remedy is SQLAlchemy's
    (docs, dialects/sqlite, "Serializable isolation / Savepoints / Transactional DDL").
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # Batch mode drops and renames tables: with foreign keys on, rows of child tables would go with them.
        for pragma in ("foreign_keys = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
