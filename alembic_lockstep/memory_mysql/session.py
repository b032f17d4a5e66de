"""The one session of the server: its variables, and answers to queries of what is certain without any rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import database, queries
from alembic_lockstep.memory_mysql.queries import Rows
from alembic_lockstep.schema.sql import Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.memory_mysql.database import Database
    from alembic_lockstep.schema.sql import Cursor

QUERIES = frozenset(["SELECT", "SHOW", "TABLE", "VALUES", "EXPLAIN"])
"""First words of queries."""
NO_SCHEMA_CHANGE = frozenset(
    "INSERT UPDATE DELETE REPLACE WITH ANALYZE OPTIMIZE TRUNCATE COMMIT BEGIN START ROLLBACK SAVEPOINT RELEASE "
    "LOCK UNLOCK DO".split()
)
"""First words of statements that leave the schema as it is."""
_VARIABLES = {"character_set_database": "utf8mb4", "collation_database": database.COLLATION,
              "default_storage_engine": "InnoDB", "version": "9.7.0", "transaction_isolation": "REPEATABLE-READ",
              "sql_mode": "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
              "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION", "lower_case_table_names": "0"}  # fmt: skip
_HARMLESS = frozenset(
    "foreign_key_checks unique_checks names autocommit time_zone lock_wait_timeout innodb_lock_wait_timeout "
    "sql_log_bin sql_safe_updates sql_notes session global local old_foreign_key_checks old_unique_checks utf8mb4 utf8 "
    "utf8mb3 wait_timeout max_execution_time transaction isolation level read committed repeatable".split()
)
"""Words of a SET that does not change what later statements mean."""
_VALUES = frozenset(["on", "off", "true", "false", "default"])
_FROM_DATABASE = [Token("word", "FROM"), Token("name", database.NAME)]
_SHOWN = 60
"""Characters of a statement that a message shows."""


def shown(statement: str) -> str:
    """Return the beginning of a statement in one line, for a message."""
    text = " ".join(statement.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"


class Session:
    """What a connection sees.

    Attributes:
        changed_nothing: the last statement certainly changed no row, since its tables are empty.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changed_nothing = True

    def answer(self, cursor: Cursor, statement: str) -> Rows:
        """Return the result of a query.

        Args:
            cursor: at the first word.
            statement: the text, for messages.

        Raises:
            DatabaseError: it is about a table that does not exist.
            NeedsServerError: not even the columns of the result are known.
        """
        if cursor.take("SHOW", "CREATE", "TABLE"):
            name = database.table_name(cursor)
            if name in self._database.views:
                return Rows(["View", "Create View"], None, shown(statement))
            return Rows(["Table", "Create Table"], [(name, self._database.table(name).described())])
        if cursor.take("SHOW", "FULL", "TABLES") and (cursor.over() or cursor.tokens[3:] == _FROM_DATABASE):
            tables = [(name, "BASE TABLE") for name in self._database.tables]
            return Rows(["Tables", "Table_type"], [*tables, *((name, "VIEW") for name in self._database.views)])
        found = _variables(statement) or queries.rows(cursor.tokens, self._database.tables)
        if found is not None:
            return found
        names = queries.names(cursor.tokens, self._database.tables)
        if names is None:
            raise NeedsServerError(f"asks the database: {shown(statement)}")
        return Rows(names, None, shown(statement))

    def describe(self, cursor: Cursor, statement: str) -> Rows:
        """Return the result of DESCRIBE: the columns of a table, or the plan of a query, which is unknown."""
        cursor.next()
        if cursor.word() in QUERIES:
            return Rows(["EXPLAIN"], None, shown(statement))
        name = database.table_name(cursor)
        if name in self._database.views:
            return Rows(["Field"], None, shown(statement))
        return Rows(["Field"], [(column,) for column in self._database.table(name).names()])

    def set_variables(self, cursor: Cursor, statement: str, *, with_values: bool) -> None:
        """Execute SET.

        Args:
            cursor: after SET.
            statement: the text, for messages.
            with_values: it has parameters.

        Raises:
            NeedsServerError: it may change how later statements are read.
        """
        words = [token.text.lower() for token in cursor.tokens]
        users_own = {number for number in range(2, len(words)) if words[number - 1] == "@" and words[number - 2] != "@"}
        names = [word for n, word in enumerate(words) if n and re.fullmatch(r"[a-z]\w*", word) and n not in users_own]
        if with_values or not set(names) <= _HARMLESS | _VALUES:
            raise NeedsServerError(f"sets what may change the meaning of statements: {shown(statement)}")
        if "foreign_key_checks" in words:
            value = words[words.index("foreign_key_checks") + 1 :]
            self._database.foreign_key_checks = value[:2] not in (["=", "0"], ["=", "off"])

    def change_rows(self, cursor: Cursor) -> None:
        """Execute a statement that may change rows: keep track of the tables that may have any."""
        tables = self._database.tables
        named = {token.text for token in cursor.tokens} & tables.keys()
        self.changed_nothing = not any(tables[name].filled for name in named)
        if cursor.word() in {"INSERT", "REPLACE", "WITH"}:
            filled = queries.filled(cursor.tokens, tables)
            self.changed_nothing = not filled
            self._fill(filled)
        if not self.changed_nothing:
            self._fill(self._database.triggered & tables.keys())

    def _fill(self, names: Iterable[str]) -> None:
        for name in names:
            self._database.tables[name].filled = True


def _variables(statement: str) -> Rows | None:
    """Return the result of a SELECT of variables alone, None for any other query."""
    asked = re.findall(r"@@(?:\w+\.)?(\w+)", statement)
    if re.fullmatch(r"(?is)\s*SELECT\s+(@@[\w.]+[\s,]*)+", statement) and set(asked) <= _VARIABLES.keys():
        return Rows(asked, [tuple(_VARIABLES[name] for name in asked)])
    return None
