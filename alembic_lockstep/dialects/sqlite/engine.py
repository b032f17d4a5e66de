"""Engines for SQLite on which a transaction holds DDL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

if TYPE_CHECKING:
    import sqlite3


TYPES = {"BINARY": sa.BINARY, "CLOB": sa.CLOB, "DOUBLE PRECISION": sa.DOUBLE_PRECISION, "UUID": sa.UUID,
         "VARBINARY": sa.VARBINARY}  # fmt: skip
"""Types that SQLite takes and SQLAlchemy does not reflect: what is dropped is to come back as it was."""


class _OneConnection(sa.StaticPool):
    """A pool whose connections are all the same one, closed when the last of its users has closed it.

    A revision that asks `op.get_bind().engine` for another connection gets one that sees what it has done so far; a
    second one of SQLite's would wait for the lock of the revision's own transaction.
    """

    users = 0

    def dispose(self) -> None:
        """Do nothing: the users close it."""

    def taken(self, *_arguments: object) -> None:
        """Count a user."""
        self.users += 1

    def returned(self, *_arguments: object) -> None:
        """Close the connection after its last user."""
        self.users -= 1
        if not self.users:
            super().dispose()


class _Transactions:
    """Begins and ends transactions: a real one, and savepoints in it for further users of the connection."""

    def __init__(self) -> None:
        self._begun: WeakKeyDictionary[sa.Connection, str] = WeakKeyDictionary()
        self._count = 0

    def begin(self, connection: sa.Connection) -> None:
        """Begin; in op.get_context().autocommit_block() there is to be no transaction."""
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return
        if _driver(connection).in_transaction:
            self._count += 1
            self._begun[connection] = f"within_{self._count}"
            connection.exec_driver_sql(f"SAVEPOINT {self._begun[connection]}")
        else:
            self._begun[connection] = ""
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def commit(self, connection: sa.Connection) -> None:
        """Commit, or keep what was done since the savepoint."""
        name = self._begun.pop(connection, None)
        if name is not None and _driver(connection).in_transaction:
            _driver(connection).execute(f"RELEASE {name}" if name else "COMMIT")

    def rollback(self, connection: sa.Connection) -> None:
        """Undo what was done since the beginning."""
        name = self._begun.pop(connection, None)
        if name is not None and _driver(connection).in_transaction:
            _driver(connection).execute(f"ROLLBACK TO {name}" if name else "ROLLBACK")
            if name:
                _driver(connection).execute(f"RELEASE {name}")


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.dbapi_connection


def engine(url: sa.URL, pragmas: tuple[str, ...]) -> sa.Engine:
    """Return an engine on which a transaction holds DDL as well as DML, and takes its lock at once.

    All its connections are one, which is closed with the last of them.

    The driver's own transactions leave DDL out; the remedy is SQLAlchemy's
    (docs, dialects/sqlite, "Serializable isolation / Savepoints / Transactional DDL").
    """
    engine = sa.create_engine(url, poolclass=_OneConnection)
    pool = engine.pool
    assert isinstance(pool, _OneConnection)
    sa.event.listen(pool, "checkout", pool.taken)
    sa.event.listen(pool, "checkin", pool.returned)
    dialect: Any = engine.dialect
    dialect.ischema_names = {**dialect.ischema_names, **TYPES}
    transactions = _Transactions()
    dialect.do_commit = dialect.do_rollback = lambda _connection: None  # done by the events, which know whose it is
    for name in ("begin", "commit", "rollback"):
        sa.event.listen(engine, name, getattr(transactions, name))

    @sa.event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # Batch mode drops and renames tables: with foreign keys on, rows of child tables would go with them.
        for pragma in ("foreign_keys = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    return engine
