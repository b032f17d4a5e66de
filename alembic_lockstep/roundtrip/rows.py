"""The rows of a table: read from a database, and compared with others."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from alembic_lockstep.dialects.base import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from alembic_lockstep.schema.table import Table


@dataclass(slots=True)
class Rows:
    """The rows of a table.

    Attributes:
        columns: the names of its columns.
        values: a tuple for each row.
    """

    columns: list[str]
    values: list[tuple[Any, ...]]

    def of(self, column: str) -> list[Any]:
        """Return the values of one column."""
        place = self.columns.index(column)
        return [row[place] for row in self.values]

    def select(self, names: Sequence[str]) -> Rows:
        """Return the rows with these columns only."""
        places = [self.columns.index(name) for name in names]
        return Rows(list(names), [tuple(row[place] for place in places) for row in self.values])

    def without(self, some: Rows | None) -> Rows:
        """Return the rows that are not among `some`; of equal ones those that are too many."""
        known = Counter(some.values) if some is not None and some.columns == self.columns else Counter()
        rest = []
        for row in self.values:
            if known[row]:
                known[row] -= 1
            else:
                rest.append(row)
        return Rows(self.columns, rest)


def read(connection: sa.Connection, name: str, table: Table) -> Rows:
    """Read a whole table.

    Args:
        connection: to the database.
        name: the table's name.
        table: its schema.

    Returns:
        The values as the driver gives them, but for JSON, which is written in one way.
    """
    names = list(table.columns)
    listed = ", ".join(quoted(connection, each) for each in names)
    query = f"SELECT {listed} FROM {quoted(connection, name)}"  # noqa: S608 - quoted
    readers = [_normal_json if table.type_of(each).family == "json" else _hashable for each in names]
    found = connection.exec_driver_sql(query)
    return Rows(names, [tuple(read(value) for read, value in zip(readers, row, strict=True)) for row in found])


def _normal_json(value: Any) -> Any:
    """Return JSON in one way of writing it: SQLite and MariaDB keep the blanks, escapes and order that it came with."""
    if not isinstance(value, str):
        return _hashable(value)
    try:
        data = json.loads(value, object_pairs_hook=_without_duplicates, parse_float=_exact)
    except (ValueError, RecursionError):
        return value  # no JSON, or Python cannot hold it exactly
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(f"duplicate names in {pairs}")
    return made


def _exact(text: str) -> float:
    number = float(text)
    if Decimal(text) != Decimal(repr(number)):
        raise ValueError(text)
    return number


def _hashable(value: Any) -> Any:
    """Return a value that can be compared and hashed."""
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    return frozenset(value) if isinstance(value, set) else value
