"""Engines for SQLite on which a transaction holds DDL."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from alembic_lockstep.dialects.sqlite.set_aside import SetAside
from alembic_lockstep.errors import FailedError
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Callable


TYPES = {"BINARY": sa.BINARY, "CLOB": sa.CLOB, "DOUBLE PRECISION": sa.DOUBLE_PRECISION, "UUID": sa.UUID,
         "VARBINARY": sa.VARBINARY}  # fmt: skip
"""Types that SQLite takes and SQLAlchemy does not reflect: what is dropped is to come back as it was."""


class _Connection(sqlite3.Connection):
    """A connection to which the same functions can be given again while a query is being read, which SQLite refuses.

    SQLAlchemy and applications give them to each connection that they believe to be new.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._given: set[str] = set()

    def cursor(self, *_factory: Any) -> sqlite3.Cursor:  # type: ignore[override]
        return super().cursor(_Cursor)

    def commit(self) -> None:
        """Do nothing: who reaches the driver in a revision shares its transaction, which is committed as a whole."""

    def rollback(self) -> None:
        """Refuse to undo the whole revision.

        Raises:
            FailedError: there is something to undo.
        """
        if self.in_transaction:
            raise FailedError("a rollback here would undo the whole revision: use a savepoint")

    def create_function(self, name: str, *arguments: Any, **options: Any) -> None:
        self._give(super().create_function, name, *arguments, **options)

    def create_aggregate(self, name: str, *arguments: Any, **options: Any) -> None:
        self._give(super().create_aggregate, name, *arguments, **options)

    def create_collation(self, name: str, *arguments: Any, **options: Any) -> None:
        self._give(super().create_collation, name, *arguments, **options)

    def _give(self, create: Callable[..., None], name: str, *arguments: Any, **options: Any) -> None:
        try:
            create(name, *arguments, **options)
        except sqlite3.OperationalError:
            if name not in self._given:
                raise
        self._given.add(name)


class _Cursor(sqlite3.Cursor):
    """A cursor whose scripts do not commit what was done before, as the driver's do."""

    def executescript(self, script: str) -> sqlite3.Cursor:
        for statement in sql.statements(script, backslashes=False):
            self.execute(statement)
        return self


class _OneConnection:
    """The driver's one connection behind all connections of an engine; it is closed with the last of them.

    A revision that asks `op.get_bind().engine` for another connection gets one that sees what it has done so far; a
    second one of SQLite's would wait for the lock of the revision's own transaction.

    Args:
        connect: makes it.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect, self._users = connect, 0
        self._connection: sqlite3.Connection | None = None

    def take(self) -> sqlite3.Connection:
        """Return it for one more user."""
        self._connection = self._connection or self._connect()
        self._users += 1
        return self._connection

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Close it if nobody else uses it."""
        self._users -= 1
        if not self._users:
            self._connection = None
            connection.close()


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
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            self._begun[connection] = ""

    def resume(self, connection: sa.Connection, *_statement: Any) -> None:
        """Begin again where a statement has ended the transaction: without one nothing could be rolled back."""
        if self._begun.get(connection) == "" and not _driver(connection).in_transaction:
            _driver(connection).execute("BEGIN IMMEDIATE")

    def commit(self, connection: sa.Connection) -> None:
        """Commit, or keep what was done since the savepoint."""
        name = self._begun.pop(connection, None)
        if name is not None and _driver(connection).in_transaction:
            connection.exec_driver_sql(f"RELEASE {name}" if name else "COMMIT")

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

    def connect() -> sqlite3.Connection:
        arguments, options = made.dialect.create_connect_args(url)
        connection: Any = made.dialect.connect(*arguments, factory=_Connection, **options)
        connection.isolation_level = None
        return connection  # type: ignore[no-any-return]

    def set_isolation_level(connection: Any, level: Any) -> None:
        # AUTOCOMMIT is how the driver works all the time. To be told so again would make it commit.
        if level != "AUTOCOMMIT":
            SQLiteDialect.set_isolation_level(dialect, connection, level)

    shared, transactions = _OneConnection(connect), _Transactions()
    made = sa.create_engine(url, poolclass=sa.NullPool, creator=shared.take)
    dialect: Any = made.dialect
    dialect.ischema_names = {**dialect.ischema_names, **TYPES}
    dialect.do_close = dialect.do_terminate = shared.give_back
    dialect.set_isolation_level = set_isolation_level
    dialect.do_commit = dialect.do_rollback = lambda _connection: None  # done by the events, which know whose it is
    for name in ("begin", "commit", "rollback"):
        sa.event.listen(made, name, getattr(transactions, name))
    sa.event.listen(made, "before_cursor_execute", transactions.resume)
    SetAside().listen(made)

    @sa.event.listens_for(made, "connect")  # after the application's own, which may be for all engines
    def _(connection: sqlite3.Connection, _record: object) -> None:
        # Batch mode drops and renames tables: with foreign keys on, rows of child tables would go with them.
        for pragma in () if connection.in_transaction else ("foreign_keys = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    return made
