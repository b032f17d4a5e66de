"""Statements that change the schema: tables and indexes, and as far as necessary views, triggers and routines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import alter, definitions, row_statements
from alembic_lockstep.memory_mysql.database import NAME, no_table, table_name
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, ProgrammingError, syntax_error
from alembic_lockstep.memory_mysql.identifiers import identifier, require_no_word
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
    if (name in database.tables or name in database.views) and if_not_exists:
        cursor.at = len(cursor.tokens)
        return
    if cursor.take("LIKE"):
        source = table_name(cursor)
        if source == name:
            raise OperationalError(1066, f"Not unique table/alias: '{name}'")
        made = database.table(source).like(name)
        database.require_free(name)
        database.put(made)
        return
    if cursor.over():
        raise OperationalError(4028, "A table must have at least one visible column.")
    if not cursor.opens():
        raise NeedsServerError("creates a table from a query")
    body = cursor.group()
    if not body or body[-1].text == ",":
        raise syntax_error(sql.Token("other", ")"))
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
    database.require_free(name)
    database.put(table)


def _drop_table(database: Database, cursor: Cursor) -> None:
    if_exists = cursor.take("IF", "EXISTS")
    dropped = [table_name(sql.Cursor(part)) for part in sql.split(cursor.tokens[cursor.at :])]
    if not dropped:
        raise syntax_error(cursor.peek())
    cursor.at = len(cursor.tokens)
    for name in dropped:
        if name not in database.tables and not if_exists:
            raise OperationalError(1051, f"Unknown table '{NAME}.{name}'")
        database.require_not_referenced(name, dropped)
    for name in dropped:
        database.tables.pop(name, None)


def _rename_tables(database: Database, cursor: Cursor) -> None:
    taken = database.tables.keys() | database.views
    pairs = []
    for part in sql.split(cursor.tokens[cursor.at :]):
        names = sql.Cursor(part)
        old = table_name(names)
        if not names.take("TO"):
            raise syntax_error(names.peek())
        new = table_name(names)
        if old not in taken:
            raise no_table(old)
        if new in taken:
            raise OperationalError(1050, f"Table '{new}' already exists")
        taken = taken - {old} | {new}
        pairs.append((old, new))
    for old, new in pairs:
        if old in database.views:
            database.views = database.views - {old} | {new}
        else:
            database.rename_table(database.table(old), new)
    cursor.at = len(cursor.tokens)


def _create_index(database: Database, cursor: Cursor, kind: str = "") -> None:
    name = identifier(cursor, "index")
    using = definitions.read_using(cursor)
    if not cursor.take("ON"):
        raise syntax_error(cursor.peek())
    before = database.table(table_name(cursor))
    table = before.draft()
    key = definitions.read_key(table, cursor, name, kind)
    key.options = using or key.options
    table.add_key(key)
    table.settle()
    database.put(table, before)


def _drop_index(database: Database, cursor: Cursor) -> None:
    require_no_word(cursor.peek())
    name = cursor.next().text
    if not cursor.take("ON"):
        raise syntax_error(cursor.peek())
    before = database.table(table_name(cursor))
    table = before.draft()
    table.keys.remove(table.existing_key(name))
    table.check_indexes(name)
    database.put(table, before)


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
    if kind == "VIEW":
        cursor.at = words.index(kind) + 1
        _change_view(database, cursor, words)
    if kind == "TRIGGER" and words[0] == "CREATE":
        on = words.index("ON", words.index(kind)) + 1
        database.table(table_name(sql.Cursor(cursor.tokens, on)))
        # A routine that it calls may insert into any table.
        named = database.tables if "CALL" in words else [token.text for token in cursor.tokens]
        database.triggered |= set(named)
    database.has_other_objects = True
    cursor.at = len(cursor.tokens)
    return True


def _change_view(database: Database, cursor: Cursor, words: list[str]) -> None:
    """Create, replace or drop a view.

    Args:
        database: where.
        cursor: after VIEW.
        words: those of the statement, in capitals.
    """
    if words[0] == "DROP":
        if_exists = cursor.take("IF", "EXISTS")
        names = {table_name(sql.Cursor(part)) for part in sql.split(cursor.tokens[cursor.at :])}
        for name in sorted(names):
            _require_no_table(database, name)
            if name not in database.views and not if_exists:
                raise OperationalError(1051, f"Unknown table '{NAME}.{name}'")
        database.views = database.views - names
        return
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = table_name(cursor)
    replaces = words[0] == "ALTER" or "REPLACE" in words[:3]
    if replaces:
        _require_no_table(database, name)
    elif not if_not_exists:
        database.require_free(name)
    if words[0] == "ALTER" and name not in database.views:
        raise no_table(name)
    row_statements.require_tables(database, cursor.tokens)
    if name not in database.tables:
        database.views.add(name)


def _require_no_table(database: Database, name: str) -> None:
    if name in database.tables:
        raise OperationalError(1347, f"'{NAME}.{name}' is not VIEW")
