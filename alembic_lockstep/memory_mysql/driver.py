"""The DBAPI module (PEP 249) through which SQLAlchemy talks to the in-memory server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql.dbapi_errors import DatabaseError, Error, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic_lockstep.memory_mysql.queries import Rows
    from alembic_lockstep.memory_mysql.server import Server

__all__ = ["Connection", "Cursor", "DatabaseError", "Error", "OperationalError", "ProgrammingError"]

paramstyle = "named"


class Unknown(int):
    """A number that only a real server knows, such as a row count; any use of it raises NeedsServerError.

    SQLAlchemy reads such numbers from the cursor after each statement, even if the caller never uses them.

    Attributes:
        server: where the error is recorded.
        what: what the number is, for the message.
    """

    server: Server
    what: str

    def _raise(self, *_others: Any) -> Any:
        with self.server.recording_obstacle():
            raise NeedsServerError(f"asks for {self.what}")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __hash__ = __index__ = __int__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __str__ = __repr__ = __format__ = _raise


class Cursor:
    """Executes statements and hands out their results, where those are known."""

    arraysize = 1

    def __init__(self, server: Server) -> None:
        self._server = server
        self._rows: Rows | None = None
        self.rowcount: int = 0
        self.lastrowid: int | None = None

    @property
    def description(self) -> list[tuple[Any, ...]] | None:
        """The columns of the result; None after a statement that has none."""
        return None if self._rows is None else [(name, *[None] * 6) for name in self._rows.columns]

    def execute(self, statement: str, parameters: Any = None) -> None:
        """Execute a statement; parameters can only be row values."""
        with self._server.recording_obstacle():
            self._rows = self._server.execute(statement, parameters)
        changed_nothing = self._server.session.changed_nothing
        self.rowcount = 0 if changed_nothing else self._unknown("the number of changed rows")
        self.lastrowid = None if changed_nothing else self._unknown("the key of a new row")

    def _unknown(self, what: str) -> Unknown:
        number = Unknown(1)
        number.server, number.what = self._server, what
        return number

    def executemany(self, statement: str, parameters: Iterable[Any]) -> None:
        """Execute a statement once for all sets of parameters."""
        self.execute(statement, list(parameters))

    def fetchall(self) -> list[Any]:
        """Return all remaining rows.

        Raises:
            NeedsServerError: they depend on the contents of tables.
        """
        return self._fetch(None)

    def fetchone(self) -> Any:
        """Return the next row, None after the last."""
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Return the next rows."""
        return self._fetch(size)

    def _fetch(self, number: int | None) -> list[Any]:
        with self._server.recording_obstacle():
            return [] if self._rows is None else self._rows.take(number)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        """Do nothing: a cursor holds no resources."""


class Connection:
    """A connection in autocommit mode: there is nothing to commit or to roll back, as with MySQL's DDL."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def cursor(self, *_arguments: Any) -> Cursor:
        """Return a cursor."""
        return Cursor(self._server)

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""

    def autocommit(self, *_arguments: bool) -> None:
        """Do nothing: every statement takes effect at once."""

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        with self._server.recording_obstacle():
            raise NeedsServerError(f"uses {name} of its driver's connection")
