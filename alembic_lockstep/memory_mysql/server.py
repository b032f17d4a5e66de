"""The server: it executes statements on one database, through one session."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import queries, row_statements, statements
from alembic_lockstep.memory_mysql.database import COLLATION, Database
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.session import NO_SCHEMA_CHANGE, QUERIES, Session, shown
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.queries import Rows
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.sql import Cursor, Token

ODD = (AttributeError, IndexError, KeyError, RecursionError, StopIteration, TypeError, ValueError)
"""What the readers of statements raise for input of an unexpected form."""

STATEMENTS = frozenset(
    "ALTER ANALYZE BEGIN BINLOG CACHE CALL CHANGE CHECK CHECKSUM CLONE COMMIT CREATE DEALLOCATE DELETE DESC DESCRIBE "
    "DO DROP EXECUTE EXPLAIN FLUSH GET GRANT HANDLER HELP IMPORT INSERT INSTALL KILL LOAD LOCK OPTIMIZE PREPARE PURGE "
    "RELEASE RENAME REPAIR REPLACE RESET RESIGNAL RESTART REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW SHUTDOWN SIGNAL "
    "START STOP TABLE TRUNCATE UNINSTALL UNLOCK UPDATE USE VALUES WITH XA".split()
)
"""The first words of all statements that MySQL has."""
_STRICT = {1067, 1071, 1074, 1101, 1118, 1364}
"""Errors that a server with another sql_mode may not report."""


class Server:
    """The in-memory server.

    Args:
        collation: the default collation of its database.

    Attributes:
        session: the session that all connections share.
        obstacle: the first error about something that only a real server knows.
    """

    def __init__(self, collation: str = COLLATION) -> None:
        self._database = Database(collation=collation)
        self.session = Session(self._database)
        self.obstacle: NeedsServerError | None = None

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return self._database.tables

    @property
    def collation(self) -> str:
        """The default collation of the database."""
        return self._database.collation

    @contextmanager
    def recording_obstacle(self) -> Iterator[None]:
        """Record the first NeedsServerError, in case a revision catches it and continues."""
        try:
            yield
        except NeedsServerError as error:
            self.obstacle = self.obstacle or error
            raise

    def execute(self, statement: str, parameters: Any = None) -> Rows | None:
        """Execute a statement.

        Args:
            statement: SQL.
            parameters: values by name for a query; other statements only know whether there are any.

        Returns:
            Its result; None for a statement that has none.

        Raises:
            DatabaseError: MySQL would refuse it.
            NeedsServerError: its effect is unknown.
        """
        cursor = sql.Cursor(sql.tokens(statement, backslashes=True))
        while cursor.tokens and cursor.tokens[-1].text == ";":
            cursor.tokens.pop()
        statements.require_one(cursor.tokens)
        self.session.changed_nothing = True
        try:
            if _is_balanced(cursor.tokens):
                return self._execute(cursor, statement, parameters)
        except ODD:
            pass  # reported like a statement of an unknown kind
        raise NeedsServerError(f"executes SQL that the in-memory MySQL server does not support: {shown(statement)}")

    def _execute(self, cursor: Cursor, statement: str, parameters: Any) -> Rows | None:
        word = cursor.word()
        if cursor.tokens and not cursor.opens() and word not in STATEMENTS:
            raise syntax_error(cursor.peek())
        if word in QUERIES or cursor.opens() or queries.is_query(cursor.tokens):
            return self.session.answer(sql.Cursor(queries.bound(cursor.tokens, parameters)), statement)
        if word in {"DESCRIBE", "DESC"}:
            return self.session.describe(cursor, statement)
        if cursor.take("SET"):
            self.session.set_variables(cursor, statement, with_values=bool(parameters))
        elif word in NO_SCHEMA_CHANGE:
            row_statements.check(self._database, cursor.tokens)
            self.session.change_rows(cursor)
        elif parameters:
            raise NeedsServerError(f"changes the schema by a statement with parameters: {shown(statement)}")
        else:
            self._change_schema(cursor, statement)
        return None

    def _change_schema(self, cursor: Cursor, statement: str) -> None:
        try:
            supported = statements.execute(self._database, cursor)
        except NeedsServerError as error:
            raise NeedsServerError(f"{error} (in {shown(statement)})") from None
        except OperationalError as error:
            if error.args[0] in _STRICT and not self.session.is_strict:
                raise NeedsServerError(f"is refused in strict mode alone: {shown(statement)}") from error
            raise
        if not supported or not cursor.over():
            raise ValueError(statement)

    def dump(self) -> dict[str, str] | None:
        """Return the CREATE TABLE statements by table, None if the database has other objects, or rows.

        Rows of Alembic's own table do not count.
        """
        filled = any(
            table.filled
            for table in self.tables.values()
            if [column.name for column in table.columns] != sql.VERSION_COLUMNS
        )
        if filled or self._database.has_other_objects:
            return None
        return {name: table.described() for name, table in self.tables.items()}


def _is_balanced(tokens: list[Token]) -> bool:
    """Return whether there are as many closing parentheses as opening ones."""
    return sum((token.text == "(") - (token.text == ")") for token in tokens if token.kind == "other") == 0
