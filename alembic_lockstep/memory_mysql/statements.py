"""Statements that change the schema: tables and indexes, and as far as necessary views, triggers and routines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import alter, definitions
from alembic_lockstep.memory_mysql.database import NAME, table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, ProgrammingError
from alembic_lockstep.memory_mysql.queries import keywords
from alembic_lockstep.memory_mysql.table import Table
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic_lockstep.memory_mysql.database import Database
    from alembic_lockstep.schema.sql import Cursor, Token

_OTHER_OBJECTS = frozenset(["VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"])
"""What is created, changed and dropped without a change of any table."""


def execute(database: Database, cursor: Cursor) -> bool:
    """Execute a statement that changes the schema.

    Args:
        database: what it changes.
        cursor: at its first word.

    Returns:
        Whether it is supported; if not, nothing was changed.

    Raises:
        DatabaseError: MySQL would refuse it.
        NeedsServerError: a part of it is not supported.
    """
    words = keywords(cursor.tokens)
    conditional = "IF" in words[3:-1] and words[words.index("IF", 3) + 1] in {"EXISTS", "NOT"}
    if (conditional and words[1] in {"INDEX", "TABLE"}) or words[:3] in (
        ["DROP", "INDEX", "IF"],
        ["ALTER", "TABLE", "IF"],
    ):
        raise NeedsServerError("uses IF where MySQL does not allow it")
    for first, statement in _STATEMENTS:
        if cursor.take(*first):
            statement(database, cursor)
            return True
    for kind in definitions.KEY_KINDS:
        if cursor.take("CREATE", kind, "INDEX"):
            _create_index(database, cursor, kind)
            return True
    return cursor.word() in {"CREATE", "DROP", "ALTER"} and _change_other_object(database, cursor)


def require_one(tokens: list[Token]) -> None:
    """Refuse several statements in one text, as PyMySQL does; the body of a routine or trigger has semicolons.

    Raises:
        ProgrammingError: there is more than one.
    """
    words = keywords(tokens)
    body = words[:1] == ["CREATE"] and (_OTHER_OBJECTS - {"VIEW"}) & set(words[:8])
    if ";" in (token.text for token in tokens if token.kind == "other") and not body:
        problem = "several statements in one text; give each an op.execute of its own"
        raise ProgrammingError(1064, f"You have an error in your SQL syntax: {problem}")


def _create_table(database: Database, cursor: Cursor) -> None:
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = table_name(cursor)
    if name in database.tables or name in database.views:
        if not if_not_exists:
            raise OperationalError(1050, f"Table '{name}' already exists")
        cursor.at = len(cursor.tokens)
        return
    if cursor.take("LIKE"):
        database.tables[name] = database.table(table_name(cursor)).like(name)
        return
    if not cursor.opens():
        raise NeedsServerError("creates a table from a query")
    body = cursor.group()
    table = Table(name, database.collation)
    definitions.read_options(table, cursor)
    if not cursor.over():
        raise alter.unsupported(cursor)
    parts = [sql.Cursor(part) for part in sql.split(body)]
    columns = [part for part in parts if not definitions.is_constraint(part)]
    constraints = [part for part in parts if definitions.is_constraint(part)]
    names = [part.peek().text for part in columns]
    for part in columns:
        definitions.add_column(table, part, names)
    for part in constraints:
        definitions.add_constraint(table, part)
    table.settle()
    database.check_references(table)
    database.tables[name] = table


def _drop_table(database: Database, cursor: Cursor) -> None:
    if_exists = cursor.take("IF", "EXISTS")
    dropped = [table_name(sql.Cursor(part)) for part in sql.split(cursor.tokens[cursor.at :])]
    cursor.at = len(cursor.tokens)
    for name in dropped:
        if name not in database.tables and not if_exists:
            raise OperationalError(1051, f"Unknown table '{NAME}.{name}'")
        database.require_not_referenced(name, dropped)
    for name in dropped:
        database.tables.pop(name, None)


def _rename_tables(database: Database, cursor: Cursor) -> None:
    for part in sql.split(cursor.tokens[cursor.at :]):
        names = sql.Cursor(part)
        old = table_name(names)
        names.take("TO")
        database.rename_table(database.table(old), table_name(names))
    cursor.at = len(cursor.tokens)


def _create_index(database: Database, cursor: Cursor, kind: str = "") -> None:
    name = cursor.next().text
    using = definitions.read_using(cursor)
    cursor.take("ON")
    table = database.table(table_name(cursor)).draft()
    key = definitions.read_key(table, cursor, name, kind)
    key.options = using or key.options
    table.add_key(key)
    table.settle()
    database.tables[table.name] = table


def _drop_index(database: Database, cursor: Cursor) -> None:
    name = cursor.next().text
    cursor.take("ON")
    table = database.table(table_name(cursor)).draft()
    table.keys.remove(table.existing_key(name))
    table.check_indexes(name)
    database.check_referrers(table, {})
    database.tables[table.name] = table


def _alter_database(database: Database, cursor: Cursor) -> None:
    if cursor.word() not in {"DEFAULT", "CHARACTER", "CHARSET", "COLLATE"} and cursor.next().text != NAME:
        raise NeedsServerError("changes another database")
    default = Table("", database.collation)
    definitions.read_options(default, cursor)
    database.collation = default.collation


_STATEMENTS: list[tuple[tuple[str, str], Callable[[Database, Cursor], None]]] = [
    (("CREATE", "TABLE"), _create_table),
    (("DROP", "TABLE"), _drop_table),
    (("RENAME", "TABLE"), _rename_tables),
    (("ALTER", "TABLE"), alter.alter_table),
    (("CREATE", "INDEX"), _create_index),
    (("DROP", "INDEX"), _drop_index),
    (("ALTER", "DATABASE"), _alter_database),
    (("ALTER", "SCHEMA"), _alter_database),
]


def _change_other_object(database: Database, cursor: Cursor) -> bool:
    """Execute a statement on a view, a trigger or a routine; return whether it is one."""
    words = keywords(cursor.tokens)
    kind = next((word for word in words if word in _OTHER_OBJECTS), None)
    if kind is None or "TABLE" in words[: words.index(kind)]:
        return False
    database.has_other_objects = True
    if kind == "TRIGGER" and words[0] == "CREATE":  # a routine that it calls may insert into any table
        named = database.tables if "CALL" in words else [token.text for token in cursor.tokens]
        database.triggered |= set(named)
    if kind == "VIEW":
        cursor.at = words.index(kind) + 1
        _ = cursor.take("IF", "EXISTS") or cursor.take("IF", "NOT", "EXISTS")
        if words[0] == "DROP":
            database.views -= {table_name(sql.Cursor(part)) for part in sql.split(cursor.tokens[cursor.at :])}
        else:
            database.views.add(table_name(cursor))
    cursor.at = len(cursor.tokens)
    return True
