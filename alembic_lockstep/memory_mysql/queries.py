"""Answers to queries of empty tables: a table into which nothing was inserted has no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import scalars
from alembic_lockstep.memory_mysql.literals import encoded
from alembic_lockstep.schema.sql import Cursor, Token, position, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.memory_mysql.table import Table

_UNCERTAIN = frozenset(
    "UNION INTERSECT EXCEPT RIGHT HAVING ROLLUP GROUP_CONCAT JSON_ARRAYAGG JSON_OBJECTAGG BIT_AND BIT_OR BIT_XOR STD "
    "STDDEV STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP VARIANCE ANY_VALUE".split()
)
"""Words with which a query may find rows although its first table is empty."""
_MODIFIERS = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"}
"""Words between INSERT or REPLACE and the table."""


@dataclass(slots=True)
class Rows:
    """The result of a statement.

    Attributes:
        columns: the names of the columns.
        rows: those not fetched yet; None where they depend on the contents of tables.
        statement: its beginning, for a message.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]] | None
    statement: str = ""

    def take(self, number: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next rows, or all remaining ones.

        Raises:
            NeedsServerError: only a real server knows them.
        """
        if self.rows is None:
            raise NeedsServerError(f"asks the database: {self.statement}")
        taken, self.rows = self.rows[:number], [] if number is None else self.rows[number:]
        return taken


def bound(query: list[Token], parameters: Any) -> list[Token]:
    """Return the tokens of a query with its numbers, texts and NULLs in the places of their names."""
    values = parameters if isinstance(parameters, dict) else {}
    found: list[Token] = []
    for token in query:
        name = token.text if token.kind == "word" and found and found[-1] == Token("other", ":") else None
        written = _literal(values[name]) if name in values else None
        if written is None:
            found.append(token)
        else:
            found[-1:] = written
    return found


def _literal(value: Any) -> list[Token] | None:
    """Return the tokens of a value, None for one of another type."""
    if value is None:
        return [Token("word", "NULL")]
    if isinstance(value, str):
        return [Token("string", encoded(value))]
    if isinstance(value, int):
        return [*([Token("other", "-")] if value < 0 else []), Token("other", str(abs(int(value))))]
    return None


def rows(query: list[Token], tables: Mapping[str, Table]) -> Rows | None:
    """Return the result of a SELECT if it is certain although no row is known; None otherwise.

    Args:
        query: its tokens.
        tables: the tables by name.
    """
    columns = names(query, tables) if query else None
    found = _found(query, tables) if columns is not None else None
    return None if columns is None or found is None else Rows(columns, found)


def _found(query: list[Token], tables: Mapping[str, Table]) -> list[tuple[Any, ...]] | None:
    """Return the rows of a SELECT if they are certain, None otherwise."""
    words = keywords(query)
    if words[:1] != ["SELECT"] or _UNCERTAIN & set(words):
        return None
    start = position(query, "FROM")
    if start is not None and not _is_empty(query[start + 1 :], tables):
        return None
    aggregates = scalars.AGGREGATES & _own_words(query[1:start])
    if start is not None and (position(query, "GROUP") is not None or not aggregates):
        return []
    without_table = start is None and (aggregates or "SELECT" not in words[1:] or position(query, "WHERE") is not None)
    if without_table or position(query, "LIMIT") is not None:
        return None
    return _values(query[1:start], tables)


def _own_words(items: list[Token]) -> set[str]:
    """Return the words of a query's columns that are not in a subquery."""
    found: set[str] = set()
    cursor = Cursor(items)
    while not cursor.over():
        if cursor.opens():
            group = cursor.group()
            found |= set() if keywords(group)[:1] == ["SELECT"] else _own_words(group)
        else:
            found.add(cursor.word())
            cursor.next()
    return found


def _values(items: list[Token], tables: Mapping[str, Table]) -> list[tuple[Any, ...]] | None:
    """Return the one row of a query of aggregates or subqueries; None if a value in it is unknown."""
    try:
        return [tuple(scalars.value(item, tables, lambda inner: _found(inner, tables)) for item in split(items))]
    except scalars.UnknownValueError:
        return None


def names(query: list[Token], tables: Mapping[str, Table]) -> list[str] | None:
    """Return the names of a query's columns, None if they are unknown."""
    if not query or query[0].text.upper() != "SELECT":
        return ["?"]
    start = position(query, "FROM")
    items = split([token for token in query[1:start] if token.text.upper() not in {"DISTINCT", "ALL"}])
    found = []
    for item in items:
        if item[-1].text == "*":
            table = _only_table(query[start + 1 :] if start is not None else [], tables)
            return table.names() if table is not None and len(items) == 1 else None
        found.append(item[-1].text)
    return found


def _only_table(source: list[Token], tables: Mapping[str, Table]) -> Table | None:
    """Return the table after FROM if it is the only one, None otherwise."""
    joined = {"JOIN", ","} & {token.text.upper() for token in source}
    return tables.get(source[0].text) if source and not joined else None


def is_query(statement: list[Token]) -> bool:
    """Return whether a statement is a WITH that only reads rows."""
    if not statement or statement[0].text.upper() != "WITH":
        return False
    return all(position(statement, word) is None for word in ("INSERT", "REPLACE", "UPDATE", "DELETE"))


def _is_empty(source: list[Token], tables: Mapping[str, Table]) -> bool:
    """Return whether the first table or subquery after FROM is certainly empty."""
    cursor = Cursor(source)
    if cursor.opens():
        return _found(cursor.group(), tables) == []
    table = tables.get(cursor.peek().text)
    return table is not None and not table.filled


def filled(statement: list[Token], tables: Mapping[str, Table]) -> set[str]:
    """Return the names of the tables into which an INSERT, REPLACE or WITH may put rows."""
    words = keywords(statement)
    if words[0] == "WITH":
        return {token.text for token in statement if token.text in tables} if "INSERT" in words else set()
    after = next((n for n, word in enumerate(words[1:], 1) if word not in _MODIFIERS), 1)
    target = {token.text for token in statement[after : after + 1] if token.text in tables}
    if not target or statement[after + 1].text == ".":
        return set(tables)  # a view, or a form that is not supported
    start = position(statement, "SELECT")
    source = rows(statement[start:], tables) if start is not None else None
    return set() if source is not None and not source.rows else target


def keywords(tokens: list[Token]) -> list[str]:
    """Return each token in capitals if it is a bare word, and an empty string for any other."""
    return [token.text.upper() if token.kind == "word" else "" for token in tokens]
