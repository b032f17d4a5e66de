"""Keys, foreign keys and CHECK constraints of a table, described as in SHOW CREATE TABLE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.literals import quoted

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.expressions import Expression

INVISIBLE = " /*!80000 INVISIBLE */"
"""The option of a key that queries do not use."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a key: a column or an expression."""

    column: str | None
    length: int | None = None
    descending: bool = False
    expression: Expression | None = None

    def __str__(self) -> str:
        text = f"({self.expression.text})" if self.expression is not None else quoted(self.column or "")
        text += f"({self.length})" if self.length is not None else ""
        return f"{text} DESC" if self.descending else text


@dataclass(slots=True, eq=False)
class Key:
    """A key.

    Attributes:
        name: empty until `Table.settle` names it.
        kind: PRIMARY, UNIQUE, FULLTEXT, SPATIAL, or empty for a plain index.
        options: what follows the parts.
        generated: the server created it for a foreign key, and drops it when another index serves that key.
    """

    name: str
    kind: str
    parts: list[Part]
    options: str = ""
    generated: bool = False

    def described(self) -> str:
        """Return the key's line in SHOW CREATE TABLE."""
        parts = ",".join(str(part) for part in self.parts)
        if self.kind == "PRIMARY":
            return f"PRIMARY KEY ({parts})"
        kind = f"{self.kind} " if self.kind else ""
        return f"{kind}KEY {quoted(self.name)} ({parts}){self.options}"

    def begins_with(self, columns: list[str]) -> bool:
        """Return whether the key can serve as the index of a foreign key on these columns."""
        start = [part.column if part.length is None and not part.descending else None for part in self.parts]
        return [name.lower() if name else None for name in start[: len(columns)]] == [name.lower() for name in columns]

    def columns(self) -> list[str]:
        """Return the names of the columns in this key."""
        return [part.column for part in self.parts if part.column is not None]


@dataclass(slots=True, eq=False)
class ForeignKey:
    """A foreign key.

    Attributes:
        actions: ON DELETE and ON UPDATE.
        is_new: the statement that is being executed adds or renames it.
    """

    name: str
    columns: list[str]
    referred_table: str
    referred_columns: list[str]
    actions: str
    is_new: bool = True

    def described(self) -> str:
        """Return the line in SHOW CREATE TABLE."""
        return (
            f"CONSTRAINT {quoted(self.name)} FOREIGN KEY ({_listed(self.columns)}) "
            f"REFERENCES {quoted(self.referred_table)} ({_listed(self.referred_columns)}){self.actions}"
        )


@dataclass(slots=True, eq=False)
class Check:
    """A CHECK constraint.

    Attributes:
        is_new: the statement that is being executed adds or renames it.
    """

    name: str
    condition: Expression
    enforced: bool = True
    is_new: bool = True

    def described(self) -> str:
        """Return the line in SHOW CREATE TABLE."""
        hint = "" if self.enforced else " /*!80016 NOT ENFORCED */"
        return f"CONSTRAINT {quoted(self.name)} CHECK ({self.condition.text}){hint}"


def _listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)
