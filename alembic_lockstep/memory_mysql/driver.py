"""The DBAPI through which SQLAlchemy talks to the server in memory, as PEP 249 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NeedsServerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic_lockstep.memory_mysql.queries import Rows
    from alembic_lockstep.memory_mysql.server import Server

paramstyle = "named"


class Unknown(int):
    """A number that only a real server knows, such as how many rows were changed: whoever looks at it is told.

    SQLAlchemy takes it from the cursor after each statement, and nobody may ever ask for it.
    """

    server: Server
    what: str

    def _asked(self, *_others: Any) -> Any:
        with self.server.remembering():
            raise NeedsServerError(f"asks for {self.what}")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __hash__ = __index__ = __int__ = _asked
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __str__ = __repr__ = __format__ = _asked


class Error(Exception):
    """What PEP 249 asks for."""


class DatabaseError(Error):
    """What PEP 249 asks for."""


class OperationalError(DatabaseError):
    """The server refuses a statement; as with MySQL's drivers the arguments are number and message."""


class ProgrammingError(DatabaseError):
    """A table is not there, or there already."""


class Cursor:
    """Executes statements; what they found can be fetched, if it is certain."""

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
        """Execute a statement; its parameters are values of rows."""
        with self._server.remembering():
            self._rows = self._server.execute(statement, with_values=bool(parameters))
        self.rowcount = 0 if self._server.changed_nothing else self._unknown("the number of changed rows")
        self.lastrowid = None if self._server.changed_nothing else self._unknown("the key of a new row")

    def _unknown(self, what: str) -> Unknown:
        number = Unknown(1)
        number.server, number.what = self._server, what
        return number

    def executemany(self, statement: str, parameters: Iterable[Any]) -> None:
        """Execute a statement, for as many parameters as there are."""
        self.execute(statement, list(parameters))

    def fetchall(self) -> list[Any]:
        """Return the rows.

        Raises:
            NeedsServerError: they depend on what is in the tables.
        """
        return self._taken(None)

    def fetchone(self) -> Any:
        """Return the next row; None after the last."""
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Return the next rows."""
        return self._taken(size)

    def _taken(self, number: int | None) -> list[Any]:
        with self._server.remembering():
            return [] if self._rows is None else self._rows.take(number)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        """Do nothing: there is nothing to free."""


class Connection:
    """A connection. What is executed is done; there is nothing to commit or to roll back, as with MySQL's DDL."""

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
        """Do nothing: every statement is committed."""

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        with self._server.remembering():
            raise NeedsServerError(f"uses {name} of its driver's connection")
