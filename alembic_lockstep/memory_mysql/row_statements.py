"""Statements on rows: what MySQL refuses of them whatever rows there are, and the tables that a statement reads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.database import NAME, no_table
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.identifiers import RESERVED, require_no_word
from alembic_lockstep.schema.sql import Cursor, Token, position, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.database import Database
    from alembic_lockstep.memory_mysql.table import Table

_MODIFIERS = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK"}
_VALUES = {"VALUES", "VALUE", "SELECT", "WITH", "TABLE", "SET"}
"""Words that begin what an INSERT puts into a table."""


def check(database: Database, tokens: list[Token]) -> None:
    """Check a statement on rows.

    Args:
        database: where.
        tokens: the statement.

    Raises:
        DatabaseError: it is no SQL, or names a table or column that does not exist.
    """
    cursor = Cursor(tokens)
    word = cursor.word()
    cursor.next()
    while cursor.word() in _MODIFIERS:
        cursor.next()
    ignores = cursor.take("IGNORE")
    if word in {"INSERT", "REPLACE"}:
        cursor.take("INTO")
        _check_insert(database, cursor, ignores=ignores)
    elif word == "UPDATE":
        _check_update(database, cursor)
    elif word == "DELETE" and position(tokens, "FROM") is None:
        raise syntax_error(tokens[-1])
    elif word == "TRUNCATE":
        cursor.take("TABLE")
        _check_truncate(database, cursor)
    require_tables(database, tokens)


def require_tables(database: Database, tokens: list[Token]) -> None:
    """Check that the tables which a statement reads exist.

    Raises:
        ProgrammingError: one does not.
    """
    made = _common_tables(tokens)
    for name in _read(tokens):
        if name not in database.tables and name not in database.views and name not in made:
            raise no_table(name)


def _common_tables(tokens: list[Token]) -> set[str]:
    """Return the names that WITH gives to queries."""
    if not any(token.kind == "word" and token.text.upper() == "WITH" for token in tokens):
        return set()
    return {
        token.text
        for token, after in pairwise(tokens)
        if after.text == "(" or (after.kind == "word" and after.text.upper() == "AS")
    }


def _read(tokens: list[Token]) -> Iterator[str]:
    """Yield the names after FROM and JOIN, in subqueries, too, but not in calls such as TRIM(x FROM y)."""
    cursor = Cursor(tokens)
    while not cursor.over():
        if cursor.opens():
            group = cursor.group()
            words = Cursor(group)
            while words.opens():
                words.next()
            if words.word() in {"SELECT", "WITH", "TABLE"}:
                yield from _read(group)
            else:
                yield from _read_nested(group)
        elif cursor.word() in {"FROM", "JOIN"}:
            cursor.next()
            yield from _name(cursor)
        else:
            cursor.next()


def _read_nested(group: list[Token]) -> Iterator[str]:
    """Yield the names in the subqueries of a call or of an expression in parentheses."""
    cursor = Cursor(group)
    while not cursor.over():
        if cursor.opens():
            yield from _read([Token("other", "("), *cursor.group(), Token("other", ")")])
        else:
            cursor.next()


def _name(cursor: Cursor) -> Iterator[str]:
    """Yield the table at a place of a statement, if there is one of this database."""
    token, after = cursor.peek(), cursor.peek(1)
    is_word = token.kind == "word" and token.text.upper() not in RESERVED
    if (token.kind == "name" or is_word) and after.text != "(":
        if after.text != ".":
            yield token.text
        elif token.text == NAME:
            yield cursor.peek(2).text


def _check_insert(database: Database, cursor: Cursor, *, ignores: bool) -> None:
    require_no_word(cursor.peek())
    name = cursor.next().text
    if cursor.peek().text == ".":
        return  # a table of another database, perhaps
    if cursor.take("PARTITION"):
        cursor.group()
    if not cursor.opens() and cursor.word() not in _VALUES:
        raise syntax_error(cursor.peek())
    if name not in database.tables and name not in database.views:
        raise no_table(name)
    if (table := database.tables.get(name)) is not None:
        columns = _filled_columns(table, cursor)
        if columns is not None and not ignores and name not in database.triggered:
            _require_values(table, columns)


def _filled_columns(table: Table, cursor: Cursor) -> list[str] | None:
    """Return the columns to which an INSERT gives values, None if they come from a query."""
    columns = table.names()
    if cursor.opens() and Cursor(cursor.tokens, cursor.at + 1).word() not in _VALUES:
        columns = [part[-1].text for part in split(cursor.group())]
        _require_columns(table, columns)
    if cursor.word() in {"VALUES", "VALUE"}:
        cursor.next()
        _check_values(table, cursor, columns)
    elif cursor.take("SET"):
        assigned = _assigned(cursor)
        columns = [name for name, _value in assigned]
        _require_columns(table, columns)
        for name, value in assigned:
            _require_not_computed(table, name, value)
    else:
        return None
    return columns


def _check_values(table: Table, cursor: Cursor, columns: list[str]) -> None:
    """Check that each row has a value for each column, and none for a computed one."""
    number = 0
    while cursor.opens():
        number += 1
        values = split(cursor.group())
        if values and len(values) != len(columns):
            raise OperationalError(1136, f"Column count doesn't match value count at row {number}")
        for name, value in zip(columns, values, strict=False):
            _require_not_computed(table, name, value)
        if cursor.peek().text == ",":
            cursor.next()


def _require_columns(table: Table, names: list[str]) -> None:
    for number, name in enumerate(names):
        if table.find(name) is None:
            raise OperationalError(1054, f"Unknown column '{name}' in 'field list'")
        if name.lower() in {other.lower() for other in names[:number]}:
            raise OperationalError(1110, f"Column '{name}' specified twice")


def _require_not_computed(table: Table, name: str, value: list[Token]) -> None:
    column = table.find(name)
    is_default = len(value) == 1 and value[0].text.upper() == "DEFAULT"
    if column is not None and column.generated is not None and not is_default:
        text = f"The value specified for generated column '{name}' in table '{table.name}' is not allowed."
        raise OperationalError(3105, text)


def _require_values(table: Table, names: list[str]) -> None:
    """Check that each column is given a value or has a default."""
    given = {name.lower() for name in names}
    for column in table.columns:
        default = column.default is not None or column.nullable or column.auto_increment or column.kind == "enum"
        if not default and column.generated is None and column.name.lower() not in given:
            raise OperationalError(1364, f"Field '{column.name}' doesn't have a default value")


def _check_update(database: Database, cursor: Cursor) -> None:
    start = position(cursor.tokens, "SET")
    if start is None or start + 1 == len(cursor.tokens):
        raise syntax_error(cursor.tokens[-1])
    require_tables(database, [Token("word", "FROM"), *cursor.tokens[cursor.at : start]])
    for part in split(cursor.tokens[cursor.at : start])[1:]:
        require_tables(database, [Token("word", "FROM"), *part])
    table = database.tables.get(cursor.peek().text)
    words = {token.text.upper() for token in cursor.tokens[cursor.at : start]}
    if table is not None and not words & {",", "JOIN"}:
        for name, value in _assigned(Cursor(cursor.tokens, start + 1)):
            if table.find(name) is None:
                raise OperationalError(1054, f"Unknown column '{name}' in 'field list'")
            _require_not_computed(table, name, value[:1])


def _assigned(cursor: Cursor) -> list[tuple[str, list[Token]]]:
    """Return the columns on the left of assignments, and what stands on the right."""
    found = []
    for part in split(cursor.rest()):
        at = next((n for n, token in enumerate(part) if token.text == "="), 0)
        found += [(part[at - 1].text, part[at + 1 :])] if at else []
    return found


def _check_truncate(database: Database, cursor: Cursor) -> None:
    require_no_word(cursor.peek())
    name = cursor.next().text
    if not cursor.over():
        return
    table = database.table(name)
    for other in database.tables.values():
        if other is not table and database.foreign_key_checks:
            for key in other.foreign_keys:
                if key.referred_table == name:
                    text = f"Cannot truncate a table referenced in a foreign key constraint '{key.name}'"
                    raise OperationalError(1701, text)
    table.next_number = 0
