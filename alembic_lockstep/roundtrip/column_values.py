"""The values of a column for the edge-case rows of its table: those that its type, keys and checks allow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic_lockstep.roundtrip.edge_values import (
    ASCII,
    DEFAULTS,
    LARGEST,
    LONG,
    NULLS,
    REPEATED,
    SMALLEST,
    distinct_rank,
    distinct_value,
    edge_value,
    enum_value,
)

if TYPE_CHECKING:
    from alembic_lockstep.schema.table import Table
    from alembic_lockstep.schema.types import ColumnType

LEFT_OUT = object()
"""In place of a value: the INSERT does not name the column, which gets its default."""
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(-?\d+(?:\.\d+)?)")
_CHARSETS = ["ascii", "latin1", "utf8", "utf8mb3", "utf8mb4"]
"""Of two character sets the earlier one has fewer characters."""
_TEXTS = {"string", "text", "enum", "set"}
_NUMBERS = {"integer", "boolean", "decimal", "float"}


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """The values of a column.

    Attributes:
        type: what they have to fit.
        written_as_text: whether the column takes text, also where the values have to fit another type.
        position: of the column in its table, from 1.
        nullable: whether they can be NULL.
        optional: whether an INSERT can leave the column out.
        charset: the character set of its text.
        distinct: whether each row needs another value.
        in_primary_key: whether the column is part of the primary key.
        references: whether the column is part of a foreign key.
        checked: values near those with which the table's checks compare it.
    """

    type: ColumnType
    written_as_text: bool
    position: int
    nullable: bool
    optional: bool
    charset: str
    distinct: bool
    in_primary_key: bool
    references: bool
    checked: tuple[Any, ...]

    def value(self, row: int, used: int) -> Any:
        """Return the value for a row.

        Args:
            row: its number, such as `LARGEST`.
            used: how many distinct values are used already.
        """
        if self.distinct:
            return self._written(self._distinct_value(row, used))
        if row == DEFAULTS and self.optional:
            return LEFT_OUT
        if row == NULLS and self.nullable:
            return None
        if self.checked and row not in {LARGEST, REPEATED, SMALLEST}:  # those rows try the edges first
            return self.checked[row % len(self.checked)]
        if self.type.family in {"enum", "set"}:
            return enum_value(self.type, row)
        return self._written(edge_value(self.type, row, self.position, self.charset))

    def _distinct_value(self, row: int, used: int) -> Any:
        """Return another value for each row; where no sequence goes on from it, the largest is among them."""
        value = distinct_value(self.type, used + row + 1, self.charset)
        if row == LARGEST and not self.references:
            largest = edge_value(self.type, row, 0, self.charset)
            if self.type.family == "string":
                value += largest[len(value) :]
            elif self.type.family == "integer" and not self.in_primary_key:
                value = largest - used
        return value

    def _written(self, value: Any) -> Any:
        """Return a value as the column takes it; it can be one for the narrower type of another schema."""
        if self.written_as_text and not isinstance(value, str):
            return value.hex() if isinstance(value, bytes) else str(value)
        return value


def of_table(table: Table, older: Table | None) -> dict[str, ColumnValues]:
    """Return the values of each column that can be given one.

    Args:
        table: the table.
        older: an earlier form of it, whose types and NULLs the values have to fit, too.
    """
    types = {name: _type(table, older, name) for name, column in table.columns.items() if column.computed is None}
    references = {name for key in table.foreign_keys for name in key.columns}
    distinct = _distinct_columns(table, types, references)
    found = {}
    for position, (name, column) in enumerate(table.columns.items(), 1):
        if name not in types:
            continue
        before = older.columns.get(name, column) if older is not None else column
        nullable = column.nullable and before.nullable
        found[name] = ColumnValues(
            type=types[name],
            written_as_text=table.type_of(name).family in {"string", "text", "json"},
            position=position,
            nullable=nullable,
            optional=nullable or column.default is not None,
            charset=_charset(table, older, name),
            distinct=name in distinct or bool(column.autoincrement),
            in_primary_key=name in table.key_columns(),
            references=name in references,
            checked=_checked_values(table, name, types[name]),
        )
    return found


def _type(table: Table, older: Table | None, name: str) -> ColumnType:
    type_ = table.type_of(name)
    return type_.narrowed(older.type_of(name)) if older is not None and name in older.columns else type_


def _charset(table: Table, older: Table | None, name: str) -> str:
    """Return the character set of a column; if it has two in two schemas, the one with fewer characters."""
    found = [
        each.columns[name].charset or str(each.options.get("charset") or _CHARSETS[-1])
        for each in (table, older)
        if each is not None and name in each.columns
    ]
    return min(found, key=lambda charset: _CHARSETS.index(charset) if charset in _CHARSETS else 0)


def _distinct_columns(table: Table, types: dict[str, ColumnType], references: set[str]) -> set[str]:
    """Return the columns that make rows differ: of each key one, and no foreign key if there is another."""
    found: set[str] = set()
    for key in table.unique_keys():
        names = [name for name in key if name in types]
        if names and not found & set(names):
            found.add(min(names, key=lambda name: (name in references, distinct_rank(types[name]), names.index(name))))
    return found


def _checked_values(table: Table, name: str, type_: ColumnType) -> tuple[Any, ...]:
    """Return values near those with which the table's checks compare a column."""
    pattern = re.compile(rf"(?i)(?<!\w){re.escape(name)}(?!\w)")
    found: list[Any] = []
    for check in table.checks:
        if pattern.search(check.condition):
            for text, number in _LITERAL.findall(check.condition):
                found += _near(text, number, type_)
    size = type_.size if type_.family == "string" else None
    return tuple(value for value in dict.fromkeys(found) if size is None or len(value) <= size)


def _near(text: str, number: str, type_: ColumnType) -> list[Any]:
    """Return values near a literal of a check: a number can be the length of a text."""
    if type_.family in _TEXTS and number:
        sizes = (int(float(number)) + step for step in (-1, 0, 1))
        return [ASCII[0] * size for size in sizes if 0 <= size < LONG]
    if type_.family in _TEXTS:
        return [text.replace("''", "'")]
    if type_.family in _NUMBERS and number:
        base = float(number) if "." in number else int(number)
        return [base, base + 1, base - 1]
    return []
