"""MySQL and MariaDB: servers, DDL that commits, unique constraints that are indexes."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

from upgrade.dialects.base import DialectBase, Scratch
from upgrade.errors import CannotRunError
from upgrade.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

VERSION_TABLE = "alembic_version"
UNKNOWN_DATABASE = 1049
NOW = re.compile(r"(?i)(now|current_timestamp|localtime|localtimestamp)(\(\))?")
"""The ways to say CURRENT_TIMESTAMP without a precision."""


class Dialect(DialectBase):
    """MySQL, and MariaDB where it is spoken to as MySQL."""

    name = "mysql"
    unique_is_index = True
    foreign_key_brings_index = True
    memory_settings: ClassVar[dict[str, Any]] = {
        "default_schema_name": "scratch",
        "server_version_info": (9, 7, 0),
        "is_mariadb": False,
    }

    def sqlalchemy_dialect(self) -> type[MySQLDialect_pymysql]:
        return MySQLDialect_pymysql

    def reflected_default(self, text: str) -> str:
        bare = _bare(text)
        if NOW.fullmatch(bare):
            return "(now())" if text.startswith("(") else "CURRENT_TIMESTAMP"
        if text.startswith(("(", "'")):
            return text
        if bare.lower() in {"true", "false"}:
            return "'1'" if bare.lower() == "true" else "'0'"
        return f"'{bare}'" if re.fullmatch(r"[-+]?\d+(\.\d+)?", bare) else text

    def same_default(self, reflected: str, wanted: str) -> bool:
        # A DECIMAL(5, 2) with default 1.5 is reported with '1.50'.
        numbers = [re.fullmatch(r"'([-+]?\d+(?:\.\d+)?)'", text) for text in (reflected, wanted)]
        if all(numbers):
            return len({Decimal(number.group(1)) for number in numbers if number}) == 1
        return reflected == wanted

    def name_foreign_key(self, table: str, taken: Iterable[str | None]) -> str:
        numbers = [re.fullmatch(re.escape(table) + r"_ibfk_(\d+)", name or "") for name in taken]
        return f"{table}_ibfk_{max((int(number.group(1)) for number in numbers if number), default=0) + 1}"

    def rename_foreign_key(self, name: str | None, old: str, new: str) -> str | None:
        return re.sub(rf"^{re.escape(old)}(?=_ibfk_\d+$)", new, name or "")

    def name_unique(self, column: str, taken: Iterable[str | None]) -> str:
        names = set(taken)
        candidates = (column if number == 1 else f"{column}_{number}" for number in range(1, len(names) + 2))
        return next(candidate for candidate in candidates if candidate not in names)

    @contextmanager
    def scratch(self, name: str, folder: Path, tell: Callable[[str], None]) -> Iterator[Scratch]:
        from upgrade import servers

        server = servers.find(tell)
        with servers.scratch_database(server, name) as url:
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            try:
                yield Scratch(engine, server.label)
            finally:
                engine.dispose()

    def live_engine(self, url: sa.URL) -> sa.Engine:
        # The driver would encode a password as Latin-1.
        arguments = {"connect_timeout": 10, "password": (url.password or "").encode()}
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)

    def prepare(self, url: sa.URL, *, create: bool) -> None:
        engine = self.live_engine(url.set(database=""))
        with engine.connect() as connection:
            query = sa.text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :name")
            if connection.execute(query, {"name": url.database}).scalar():
                return
            where = f"{url.username}@{url.host}:{url.port or 3306}"
            if not create:
                raise CannotRunError(
                    f"the database {url.database} does not exist on {where}; invoke upgrade --create makes it"
                )
            quoted = connection.dialect.identifier_preparer.quote_identifier(url.database or "")
            connection.exec_driver_sql(f"CREATE DATABASE {quoted} CHARACTER SET utf8mb4")

    def is_missing(self, url: sa.URL) -> bool:
        return False

    @contextmanager
    def locked(self, connection: sa.Connection, seconds: int) -> Iterator[None]:
        # On a connection of its own: the migration's may be closed by its server, or by a revision, at any time.
        name = f"migration:{hashlib.sha256(str(connection.engine.url.database).encode()).hexdigest()[:40]}"
        with connection.engine.connect() as guard:
            guard.exec_driver_sql("SET SESSION wait_timeout = 86400")
            if (
                guard.execute(sa.text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": seconds}).scalar()
                != 1
            ):
                raise TimeoutError
            yield

    def where(self, url: sa.URL, root: Path) -> str:
        return f"{url.username}@{url.host}:{url.port or 3306}/{url.database}"

    def reason(self, error: sa.exc.DBAPIError) -> str:
        from upgrade import servers

        hint = "; invoke upgrade --create makes it" if getattr(error.orig, "args", [0])[0] == UNKNOWN_DATABASE else ""
        return servers.reason(error) + hint

    def after_failure(self) -> str:
        return (
            "MySQL commits each DDL statement: what this revision did before it failed is in the database. "
            "The revision is not recorded as done; put its first statements right by hand before you run it again."
        )

    def violations(self, connection: sa.Connection) -> None:
        """Return nothing: the server guards foreign keys itself."""

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        return []

    def snapshot(self, connection: sa.Connection) -> Snapshot:
        snapshot = Snapshot()
        for row in _rows(connection, "TABLES", "TABLE_SCHEMA", "TABLE_TYPE = 'BASE TABLE'"):
            snapshot.add(
                row["TABLE_NAME"], engine=row["ENGINE"], collation=row["TABLE_COLLATION"], comment=row["TABLE_COMMENT"]
            )
        _snapshot_columns(snapshot, connection)
        _snapshot_indexes(snapshot, connection)
        _snapshot_keys(snapshot, connection)
        for row in _rows(connection, "VIEWS", "TABLE_SCHEMA"):
            snapshot.add(row["TABLE_NAME"], f"view {row['TABLE_NAME']}", definition=row["VIEW_DEFINITION"])
        for row in _rows(connection, "TRIGGERS", "TRIGGER_SCHEMA"):
            event = (row["ACTION_TIMING"], row["EVENT_MANIPULATION"], row["ACTION_STATEMENT"])
            snapshot.add(row["EVENT_OBJECT_TABLE"], f"trigger {row['TRIGGER_NAME']}", definition=event)
        snapshot.parts = {key: part for key, part in snapshot.parts.items() if key[0] != VERSION_TABLE}
        return snapshot


def _bare(text: str) -> str:
    """Return an expression without the parentheses around all of it."""
    return re.sub(r"^\((.*)\)$", r"\1", text.strip(), flags=re.DOTALL)


def _rows(connection: sa.Connection, table: str, schema: str, condition: str = "1 = 1") -> list[dict[str, Any]]:
    query = f"SELECT * FROM information_schema.{table} WHERE {schema} = DATABASE() AND {condition}"  # noqa: S608
    return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def _snapshot_columns(snapshot: Snapshot, connection: sa.Connection) -> None:
    for row in _rows(connection, "COLUMNS", "TABLE_SCHEMA"):
        snapshot.add(
            row["TABLE_NAME"],
            f"column {row['COLUMN_NAME']}",
            type=row["COLUMN_TYPE"],
            nullable=row["IS_NULLABLE"] == "YES",
            default=row["COLUMN_DEFAULT"],
            # MySQL leaves this word behind when the default is dropped.
            extra=row["EXTRA"] if row["COLUMN_DEFAULT"] else row["EXTRA"].replace("DEFAULT_GENERATED", "").strip(),
            collation=row["COLLATION_NAME"],
            comment=row["COLUMN_COMMENT"],
            expression=row["GENERATION_EXPRESSION"],
            position=row["ORDINAL_POSITION"],
        )


def _snapshot_indexes(snapshot: Snapshot, connection: sa.Connection) -> None:
    indexes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _rows(connection, "STATISTICS", "TABLE_SCHEMA"):
        indexes.setdefault((row["TABLE_NAME"], row["INDEX_NAME"]), []).append(row)
    for (table, name), rows in indexes.items():
        rows.sort(key=lambda row: int(row["SEQ_IN_INDEX"]))
        snapshot.add(
            table,
            "primary key" if name == "PRIMARY" else f"index {name}",
            unique=not rows[0]["NON_UNIQUE"],
            kind=rows[0]["INDEX_TYPE"],
            columns=[(row["COLUMN_NAME"] or row.get("EXPRESSION"), row["COLLATION"], row["SUB_PART"]) for row in rows],
        )


def _snapshot_keys(snapshot: Snapshot, connection: sa.Connection) -> None:
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    usage = _rows(connection, "KEY_COLUMN_USAGE", "TABLE_SCHEMA", "REFERENCED_TABLE_NAME IS NOT NULL")
    for row in sorted(usage, key=lambda row: int(row["ORDINAL_POSITION"])):
        pair = (row["COLUMN_NAME"], row["REFERENCED_COLUMN_NAME"])
        columns.setdefault((row["TABLE_NAME"], row["CONSTRAINT_NAME"]), []).append(pair)
    for row in _rows(connection, "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA"):
        snapshot.add(
            row["TABLE_NAME"],
            f"foreign key {row['CONSTRAINT_NAME']}",
            refers_to=row["REFERENCED_TABLE_NAME"],
            columns=columns[row["TABLE_NAME"], row["CONSTRAINT_NAME"]],
            on_delete=row["DELETE_RULE"],
            on_update=row["UPDATE_RULE"],
        )
    clauses = {
        row["CONSTRAINT_NAME"]: row["CHECK_CLAUSE"]
        for row in _rows(connection, "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA")
    }
    for row in _rows(connection, "TABLE_CONSTRAINTS", "TABLE_SCHEMA", "CONSTRAINT_TYPE = 'CHECK'"):
        snapshot.add(
            row["TABLE_NAME"], f"check {row['CONSTRAINT_NAME']}", condition=clauses.get(row["CONSTRAINT_NAME"])
        )
