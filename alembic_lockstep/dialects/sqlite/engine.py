"""Engines for SQLite on which a transaction holds DDL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import sqlite3


TYPES = {"BINARY": sa.BINARY, "CLOB": sa.CLOB, "DOUBLE PRECISION": sa.DOUBLE_PRECISION, "UUID": sa.UUID,
         "VARBINARY": sa.VARBINARY}  # fmt: skip
"""Types that SQLite takes and SQLAlchemy does not reflect: what is dropped is to come back as it was."""


def engine(url: sa.URL, pragmas: tuple[str, ...], pool: type[sa.Pool] = sa.NullPool) -> sa.Engine:
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
