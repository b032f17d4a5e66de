"""The grammar of CREATE TABLE that servers and people share: clauses of a column, constraints and references.

This is syntax alone: what a clause means to a dialect is up to the reader that asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.schema.sql import Cursor, Token, split, written

if TYPE_CHECKING:
    from collections.abc import Callable

_RESERVED = frozenset("CONSTRAINT PRIMARY FOREIGN CHECK UNIQUE INDEX".split())
"""Words that begin a constraint or an index, and that no dialect accepts as the name of a column."""
_RESERVED_ON_MYSQL = frozenset("KEY FULLTEXT SPATIAL".split())
_CONSTRAINTS = frozenset("PRIMARY UNIQUE FOREIGN CHECK REFERENCES".split())
_TWO_WORDS = {"SET", "NO"}
"""Words with which an action of a foreign key begins that has a second word."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a foreign key refers to.

    Attributes:
        table: the table's name, which may have a schema's before it.
        columns: columns of that table, none if they are not named.
        actions: what happens to a row when the row it refers to changes, such as `SET NULL`, by DELETE and UPDATE.
        options: the words that say when and how it is checked, such as `DEFERRABLE`.
    """

    table: list[Token]
    columns: tuple[str, ...]
    actions: dict[str, str]
    options: list[str]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a column definition.

    Attributes:
        kind: its words, such as `NOT NULL` or `DEFAULT`; empty if it is unknown.
        tokens: its argument: a value, a name, what is in its parentheses; the token itself if the clause is unknown.
        name: what CONSTRAINT calls it.
        enforced: False for a CHECK that is NOT ENFORCED.
        reference: what follows REFERENCES.
    """

    kind: str
    tokens: list[Token] = field(default_factory=list)
    name: str | None = None
    enforced: bool = True
    reference: Reference | None = None


def is_constraint(cursor: Cursor, *, mysql: bool) -> bool:
    """Return whether the next definition in a table is a constraint or an index, not a column.

    Args:
        cursor: at the definition.
        mysql: whether KEY, FULLTEXT and SPATIAL are reserved, so that no column has such a name without quotes.
    """
    word = cursor.word()
    if word in _RESERVED or (mysql and word in _RESERVED_ON_MYSQL):
        return True
    after = cursor.peek(1).text.upper()
    return (word == "PERIOD" and after == "FOR") or (word == "VECTOR" and after in {"KEY", "INDEX"})


def begins_clause(cursor: Cursor) -> bool:
    """Return whether the next word begins a clause, so that it is no part of the column's type."""
    word = cursor.word()
    return word in _KINDS or word == "CONSTRAINT"


def clause(cursor: Cursor) -> Clause:
    """Take a clause of a column definition, a constraint with its name."""
    name = constraint_name(cursor)
    kind = _KINDS.get(cursor.word(), "")
    kind = kind if cursor.take(*kind.split()) else ""
    if kind == "CHECK":
        return check(cursor, name)
    if kind == "REFERENCES":
        return Clause(kind, name=name, reference=reference(cursor))
    return Clause(kind, _ARGUMENTS[kind](cursor), name)


def constraint_name(cursor: Cursor) -> str | None:
    """Take CONSTRAINT and the name behind it, which may be missing; return the name."""
    named = cursor.take("CONSTRAINT") and cursor.word() not in _CONSTRAINTS
    return cursor.next().text if named else None


def check(cursor: Cursor, name: str | None) -> Clause:
    """Take what follows CHECK."""
    condition = cursor.group()
    enforced = not cursor.take("NOT", "ENFORCED")
    cursor.take("ENFORCED")
    return Clause("CHECK", condition, name, enforced)


def reference(cursor: Cursor) -> Reference:
    """Take what follows REFERENCES."""
    table = [cursor.next()]
    if cursor.peek().text == ".":
        table += [cursor.next(), cursor.next()]
    columns = tuple(written(part) for part in split(cursor.group())) if cursor.opens() else ()
    actions: dict[str, str] = {}
    options: list[str] = []
    while not cursor.over():
        if cursor.take("ON"):
            event, action = cursor.next().text.upper(), cursor.next().text.upper()
            actions[event] = f"{action} {cursor.next().text.upper()}" if action in _TWO_WORDS else action
        elif cursor.word() in {"MATCH", "INITIALLY"}:
            options += [cursor.next().text.upper(), cursor.next().text.upper()]
        elif cursor.take("NOT", "DEFERRABLE"):
            options += ["NOT", "DEFERRABLE"]
        elif cursor.take("DEFERRABLE"):
            options.append("DEFERRABLE")
        else:
            break
    return Reference(table, columns, actions, options)


def on_conflict(cursor: Cursor) -> list[Token]:
    """Take ON CONFLICT, if it is next; return what SQLite then does with a duplicate."""
    return [cursor.next()] if cursor.take("ON", "CONFLICT") else []


def _nothing(_cursor: Cursor) -> list[Token]:
    return []


def _token(cursor: Cursor) -> list[Token]:
    return [cursor.next()]


def _direction(cursor: Cursor) -> list[Token]:
    return [cursor.next()] if cursor.word() in {"ASC", "DESC"} else []


def _unique(cursor: Cursor) -> list[Token]:
    cursor.take("KEY")
    return on_conflict(cursor)


_ARGUMENTS: dict[str, Callable[[Cursor], list[Token]]] = {
    **dict.fromkeys(["NOT NULL", "NULL", "AUTO_INCREMENT", "AUTOINCREMENT"], _nothing),
    **dict.fromkeys(["VIRTUAL", "STORED", "PERSISTENT", "INVISIBLE", "VISIBLE"], _nothing),
    **dict.fromkeys(["COLLATE", "CHARACTER SET", "CHARSET", "COMMENT", ""], _token),
    **dict.fromkeys(["DEFAULT", "ON UPDATE"], Cursor.value),
    **dict.fromkeys(["GENERATED ALWAYS AS", "AS"], Cursor.group),
    "PRIMARY KEY": _direction,
    "UNIQUE": _unique,
}
"""How the argument of a clause is read, by the clause's kind."""
_KINDS = {kind.split()[0]: kind for kind in [*_ARGUMENTS, "CHECK", "REFERENCES"] if kind}
"""The kind of a clause by its first word."""
