"""The one session of the server: its variables, and answers to queries of what is certain without any rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import database, queries, row_statements
from alembic_lockstep.memory_mysql.charsets import charset_of
from alembic_lockstep.memory_mysql.queries import Rows
from alembic_lockstep.schema.sql import Token, split, written

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
_MODES = ("ONLY_FULL_GROUP_BY", "STRICT_TRANS_TABLES", "NO_ZERO_IN_DATE", "NO_ZERO_DATE", "ERROR_FOR_DIVISION_BY_ZERO",
          "NO_ENGINE_SUBSTITUTION")  # fmt: skip
_OTHER_MODES = frozenset(["", "DEFAULT", "STRICT_ALL_TABLES", "NO_AUTO_VALUE_ON_ZERO", "ALLOW_INVALID_DATES"])
"""Modes that do not change how statements are read."""
_VARIABLES: dict[str, str | int | None] = {
    "default_storage_engine": "InnoDB", "version": "9.7.0", "transaction_isolation": "REPEATABLE-READ",
    "sql_mode": ",".join(_MODES), "lower_case_table_names": "0", "foreign_key_checks": 1, "unique_checks": 1,
    "autocommit": 1, "sql_notes": 1, "sql_safe_updates": 0, "sql_require_primary_key": 0,
    "max_allowed_packet": 64 * 1024**2,
}  # fmt: skip
"""The variables that are known, with their values in a new session."""
_HARMLESS = frozenset(
    "foreign_key_checks unique_checks autocommit time_zone lock_wait_timeout innodb_lock_wait_timeout sql_log_bin "
    "sql_safe_updates sql_notes sql_warnings wait_timeout interactive_timeout net_read_timeout net_write_timeout "
    "max_execution_time max_allowed_packet group_concat_max_len cte_max_recursion_depth optimizer_switch "
    "transaction_isolation tx_isolation long_query_time bulk_insert_buffer_size sort_buffer_size read_buffer_size "
    "join_buffer_size tmp_table_size max_heap_table_size character_set_client character_set_results "
    "old_foreign_key_checks old_unique_checks".split()
)
"""Variables that do not change what later statements mean."""
_PLAIN = re.compile(
    r"(?i)(names|character set|charset) \S+( collate \S+)?|((session|global|local) )?transaction [\w ,]+"
)
"""A SET that is no assignment, and does not change what later statements mean."""
_ASSIGNED = re.compile(r"(?is)(?:(?:session|global|local)\s+|@@(?:(?:session|global|local)\.)?)?(\w+)\s*:?=\s*(.+)")
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
        self._variables = dict(_VARIABLES)
        self.changed_nothing = True

    @property
    def is_strict(self) -> bool:
        """Whether sql_mode makes the server refuse what does not fit, and dates that are none."""
        modes = str(self._variables["sql_mode"]).upper().replace(" ", "").split(",")
        strict = {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(modes)
        return bool(strict) and {"NO_ZERO_DATE", "NO_ZERO_IN_DATE"} <= set(modes) and "ALLOW_INVALID_DATES" not in modes

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
            views = [(name, "VIEW") for name in self._database.views]
            return Rows(["Tables", "Table_type"], sorted([*tables, *views]))
        row_statements.require_tables(self._database, cursor.tokens)
        found = self._selected(statement) or self._shown_variables(statement)
        found = found or queries.rows(cursor.tokens, self._database.tables)
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
        text = written(cursor.rest()).replace("@ ", "@")
        if not with_values and _PLAIN.fullmatch(text):
            return
        for part in split(cursor.rest()):
            assignment = written(part).replace("@ ", "@")
            if re.match(r"@\w", assignment) and not with_values:
                continue  # a variable of the user's own
            assigned = _ASSIGNED.fullmatch(assignment)
            if assigned is None or with_values or not self._set(assigned[1].lower(), assigned[2]):
                raise NeedsServerError(f"sets what may change the meaning of statements: {shown(statement)}")

    def _set(self, name: str, value: str) -> bool:
        """Set a variable; return whether later statements mean the same as before."""
        plain = value.strip("'\"")
        if name == "sql_mode":
            modes = set(plain.upper().replace(" ", "").split(","))
            if not modes <= _OTHER_MODES | set(_MODES):
                return False
        elif name not in _HARMLESS:
            return False
        if name in self._variables:
            switch = {"ON": 1, "TRUE": 1, "1": 1, "OFF": 0, "FALSE": 0, "0": 0}.get(plain.upper())
            known = plain if isinstance(_VARIABLES[name], str) else switch
            self._variables[name] = _VARIABLES[name] if plain.upper() == "DEFAULT" else known
        if name == "foreign_key_checks":
            self._database.foreign_key_checks = self._variables[name] != 0
        return True

    def _known(self) -> dict[str, str | int]:
        """Return the variables whose values are known."""
        known = {name: value for name, value in self._variables.items() if value is not None}
        collation = self._database.collation
        return {**known, "character_set_database": charset_of(collation), "collation_database": collation}

    def _selected(self, statement: str) -> Rows | None:
        """Return the result of a SELECT of variables alone, None for any other query."""
        asked = [name.lower() for name in re.findall(r"@@(?:\w+\.)?(\w+)", statement)]
        known = self._known()
        if re.fullmatch(r"(?is)\s*SELECT\s+(@@[\w.]+[\s,]*)+;?\s*", statement) and set(asked) <= known.keys():
            return Rows(asked, [tuple(known[name] for name in asked)])
        return None

    def _shown_variables(self, statement: str) -> Rows | None:
        """Return the result of SHOW VARIABLES, None for any other statement."""
        asked = re.fullmatch(r"(?is)\s*SHOW\s+(?:(?:SESSION|GLOBAL|LOCAL)\s+)?VARIABLES\b(.*?);?\s*", statement)
        if asked is None:
            return None
        one = re.fullmatch(r"(?is)\s+(?:LIKE|WHERE\s+`?variable_name`?\s*=)\s*(?:'(\w+)'|\"(\w+)\")\s*", asked[1])
        name = (one[1] or one[2]).lower() if one else ""
        value = self._known().get(name)
        if isinstance(value, int):
            value = {0: "OFF", 1: "ON"}.get(value, str(value))
        columns = ["Variable_name", "Value"]
        return Rows(columns, None, shown(statement)) if value is None else Rows(columns, [(name, value)])

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
