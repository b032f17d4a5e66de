"""What the statements of a revision can have touched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

_WRITES = re.compile(
    r"(?is)(?:\s|--[^\n]*\n|/\*.*?\*/)*(insert|update|delete|replace|merge|with\b.*\b(?:insert|update|delete))\b"
)
"""How a statement begins that changes rows."""
_RESHAPES = re.compile(r"(?is)\s*(alter|rename)\b.*\b(add|change|drop|rename)\b")
"""A statement after which a column need not be the one that had its name before."""
_RENAMES = re.compile(r"(?is)\s*(rename\s+table\b|alter\s+table\b.*\brename\s+(to|as)\b)")
"""A statement after which a table need not be the one that had its name before."""
_BOOKKEEPING = re.compile(r"(?i)\balembic_version\b|_alembic_tmp_")
"""What Alembic writes by itself: its version, and the copies of batch mode."""


@dataclass(slots=True)
class Touched:
    """What the upgrade or downgrade of a revision can have touched.

    Attributes:
        tables: the tables that its statements name, and those with foreign keys to them.
        written: the tables whose rows it has changed by statements of its own.
        words: the words of those statements, in lower case.
        reshaped: tables, each with a word of a statement that adds, drops or renames something of it: a column of that
            name need not be the one that had it before.
        renamed: the tables that a statement renames: one of that name need not be the one that had it before.
    """

    tables: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    reshaped: set[tuple[str, str]] = field(default_factory=set)
    renamed: set[str] = field(default_factory=set)

    def merge(self, other: Touched) -> None:
        """Add what others can have touched."""
        self.tables |= other.tables
        self.written |= other.written
        self.words |= other.words
        self.reshaped |= other.reshaped
        self.renamed |= other.renamed


def by_statements(statements: Iterable[str], known: dict[str, list[str]], *, backslashes: bool) -> Touched:
    """Return what statements can have touched of the tables that they name.

    Args:
        statements: SQL.
        known: the tables, by their names in lower case.
        backslashes: whether a backslash escapes in string literals.
    """
    touched = Touched()
    for statement in statements:
        named = sql.names(statement, known, backslashes=backslashes)
        touched.tables |= named
        if _BOOKKEEPING.search(statement):
            continue
        words = sql.words(statement, backslashes=backslashes)
        if _WRITES.match(statement):
            touched.written |= named
            touched.words |= words
        if _RESHAPES.match(statement):
            touched.reshaped |= {(name, word) for name in named for word in words}
        if _RENAMES.match(statement):
            touched.renamed |= named
    return touched
