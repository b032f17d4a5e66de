"""Rows that a table's constraints allow and that hurt, made from its schema.

The rows of a table: one with the longest and largest values, one with NULL wherever it is allowed, one that leaves
every default out, one that repeats the first wherever nothing forbids it, one with odd values, and one with the empty
and smallest. The same schema gives the same rows.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.roundtrip.edge_values import (
    ASCII,
    DEFAULTS,
    LARGEST,
    LONG,
    NULLS,
    REPEATED,
    SMALLEST,
    distinct,
    domain,
    enumerated,
    hurting,
)
from alembic_lockstep.schema.snapshot import columns, parents
from alembic_lockstep.schema.types import ColumnType, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.schema.snapshot import Attributes, Parts, Snapshot

MANY = 40
"""Values of an enumeration that get a row each."""
FEW = 50
"""Parents that are asked for."""
COUNTED = 30_000
"""Numbers from here on are nobody's count."""
_RANK = "boolean integer year decimal float date datetime time uuid enum set string json text binary unknown".split()
"""Of two types the earlier one allows less."""
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(-?\d+(?:\.\d+)?)")


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


def without(rows: Rows, some: Rows | None) -> Rows:
    """Return the rows that came in addition to `some`."""
    known = Counter(some.values) if some is not None and some.columns == rows.columns else Counter()
    rest = []
    for row in rows.values:
        if known[row]:
            known[row] -= 1
        else:
            rest.append(row)
    return Rows(rows.columns, rest)


def chosen(rows: Rows, names: list[str]) -> Rows:
    """Return rows with these columns alone."""
    places = [rows.columns.index(name) for name in names]
    return Rows(names, [tuple(row[place] for place in places) for row in rows.values])


def read(connection: sa.Connection, table: str, parts: Parts) -> Rows:
    """Read a whole table as the driver gives it."""
    names = list(columns(parts))
    listed = ", ".join(quoted(connection, name) for name in names)
    query = f"SELECT {listed} FROM {quoted(connection, table)}"  # noqa: S608 - quoted
    as_read = [_said if kind_of(parts, name).family == "json" else _plain for name in names]
    found = connection.exec_driver_sql(query)
    return Rows(names, [tuple(read(value) for read, value in zip(as_read, row, strict=True)) for row in found])


def _said(value: Any) -> Any:
    """Return JSON in one way of writing it: SQLite and MariaDB keep the blanks, escapes and order that it came with."""
    if not isinstance(value, str):
        return _plain(value)
    try:
        said = json.loads(value, object_pairs_hook=_once, parse_float=_exact)
    except (ValueError, RecursionError):
        return value  # no JSON, or Python would say something else
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(f"a name twice in {pairs}")
    return made


def _exact(text: str) -> float:
    number = float(text)
    if Decimal(text) != Decimal(repr(number)):
        raise ValueError(text)
    return number


def _plain(value: Any) -> Any:
    """Return a value that can be compared and hashed."""
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    return frozenset(value) if isinstance(value, set) else value


def order(tables: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Return tables so that parents come before their children; a circle is broken somewhere."""
    wanted = set(tables)
    graph = {name: parents(snapshot.tables[name]) & (wanted - {name}) for name in sorted(wanted)}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return sorted(wanted, key=lambda name: len(graph[name]))


class RowMaker:
    """Makes rows for one table.

    Args:
        connection: where the rows of its parents are.
        table: the table.
        snapshot: the schema.
        older: a schema whose types and NULLs the rows must fit, too; a downgrade may count on it.
        there: the rows that there are already, so that unique values stay unique.

    Attributes:
        made: the primary keys of the rows that were inserted.
    """

    def __init__(
        self, connection: sa.Connection, table: str, snapshot: Snapshot, older: Snapshot | None, there: Rows | None
    ) -> None:
        self.connection, self.table = connection, table
        self.dialect = dialects.get(connection.dialect.name)
        self.parts = snapshot.tables[table]
        before = older.tables.get(table, {}) if older is not None else {}
        self.columns = {
            name: attributes for name, attributes in columns(self.parts).items() if "computed" not in attributes
        }
        self.kinds = {name: _narrower(self.parts, before, name) for name in self.columns}
        self.nullable = {
            name: attributes["nullable"] and before.get(f"column {name}", attributes)["nullable"]
            for name, attributes in self.columns.items()
        }
        self.keys = [key for part, key in self.parts.items() if part.startswith("foreign key")]
        self.references = {name for key in self.keys for name in key["columns"]}
        self.distinct = self._distinct()
        self.serial = self._serial(there)
        self.checked = {name: self._checked_values(name) for name in self.columns}
        self.charsets = {name: _charset(self.parts, before, name) for name in self.columns}
        self.made: list[tuple[Any, ...]] = []

    def insert(self) -> str:
        """Insert the rows; return why not one of them could be, or nothing."""
        # Each value of an enumeration is to be in some row.
        values = max((len(kind.values) for kind in self.kinds.values()), default=0)
        made = [self._row(number) for number in range(max(6, 3 + min(values, MANY)))]
        groups = [[row for number, row in enumerate(made) if number != DEFAULTS], [made[DEFAULTS]]]
        reason = ""
        for group in groups:
            try:
                self._execute(group)
            except sa.exc.DBAPIError:
                reason = self._one_by_one(group)
        return "" if self.made else reason

    def _serial(self, there: Rows | None) -> int:
        """Return a number beyond which there is nothing yet."""
        if there is None:
            return 0
        used = [
            value for name in self.distinct & set(there.columns) for value in there.of(name) if isinstance(value, int)
        ]
        return max([len(there.values), *(value for value in used if value < COUNTED)])

    def _one_by_one(self, group: list[dict[str, Any]]) -> str:
        """Insert the rows that the constraints allow; try others for those that a CHECK refuses."""
        reason = ""
        tries = 1 + max((len(values) for values in self.checked.values()), default=0)
        for at, row in enumerate(group):
            for attempt in range(tries):
                varied = {
                    name: self.checked[name][(at + attempt - 1) % len(self.checked[name])]
                    if attempt and self.checked.get(name) and value is not None
                    else value
                    for name, value in row.items()
                }
                try:
                    self._execute([varied])
                    break
                except sa.exc.DBAPIError as error:
                    reason = " ".join(str(error.orig).split())[:200]
        return reason

    def _execute(self, group: list[dict[str, Any]]) -> None:
        """Insert rows that give the same columns, all of them or none."""
        names = [name for name in group[0] if group[0][name] is not _LEFT_OUT]
        key = primary_key(self.parts)
        table = quoted(self.connection, self.table)
        if not names:
            self.connection.exec_driver_sql(f"INSERT INTO {table} {self.dialect.rows.only_defaults}")
            self.made += [tuple(None for _ in key)]
            return
        row = f"({', '.join([self.dialect.rows.mark] * len(names))})"
        listed = ", ".join(quoted(self.connection, name) for name in names)
        statement = f"INSERT INTO {table} ({listed}) VALUES {', '.join([row] * len(group))}"  # noqa: S608 - quoted
        self.connection.exec_driver_sql(statement, tuple(row[name] for row in group for name in names))
        self.made += [tuple(row[name] if name in names else None for name in key) for row in group]

    def _row(self, number: int) -> dict[str, Any]:
        row = {name: self._value(name, number) for name in self.columns}
        for key in self.keys:
            row |= self._parent(key, number, row)
        return row

    def _value(self, name: str, number: int) -> Any:
        column, kind, charset = self.columns[name], self.kinds[name], self.charsets[name]
        place = int(column["position"])
        if name in self.distinct or column.get("autoincrement"):
            return self._fitted(self._distinct_value(name, number), name)
        if number == DEFAULTS and (self.nullable[name] or column["default"] is not None):
            return _LEFT_OUT
        if number == NULLS and self.nullable[name]:
            return None
        checked = self.checked[name]
        if checked and number not in {LARGEST, REPEATED, SMALLEST}:  # those try what hurts before
            return checked[number % len(checked)]
        if kind.family in {"enum", "set"}:
            return enumerated(kind, number)
        return self._fitted(hurting(kind, number, place, charset), name)

    def _distinct_value(self, name: str, number: int) -> Any:
        """Return a value of its own for each row; where nothing counts on, the largest is among them."""
        kind, charset = self.kinds[name], self.charsets[name]
        value = distinct(kind, self.serial + number + 1, charset)
        if number == LARGEST and name not in self.references:
            largest = hurting(kind, number, 0, charset)
            if kind.family == "string":
                value += largest[len(value) :]
            elif kind.family == "integer" and name not in primary_key(self.parts):
                value = largest - self.serial
        return value

    def _fitted(self, value: Any, name: str) -> Any:
        """Return a value as the column keeps it; it can be one for the narrower type of another schema."""
        if kind_of(self.parts, name).family in {"string", "text", "json"} and not isinstance(value, str):
            return value.hex() if isinstance(value, bytes) else str(value)
        return self.dialect.rows.stored(value)

    def _distinct(self) -> set[str]:
        """Return the columns that make rows differ: of each key one, and no foreign key if there is another."""
        chosen: set[str] = set()
        for part, attributes in self.parts.items():
            if part.startswith("unique ("):
                keys = part.removeprefix("unique (").removesuffix(")").split(", ")
            elif part == "primary key" or (part.startswith("index ") and attributes["unique"]):
                keys = attributes["columns"]
            else:
                continue
            names = [_bare(key) for key in keys]
            names = [name for name in names if name in self.columns]
            if not names or chosen & set(names):
                continue
            chosen.add(
                min(names, key=lambda name: (name in self.references, domain(self.kinds[name]), names.index(name)))
            )
        return chosen

    def _parent(self, key: Attributes, number: int, row: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of a foreign key for a row: those of a parent, or NULL."""
        names = key["columns"]
        left_out = {name: row[name] for name in names if name in row and (row[name] is None or row[name] is _LEFT_OUT)}
        if left_out:
            return left_out
        there = self._parents(key)
        if there:
            # The row that repeats the first has the same parent, if it may.
            alone = self.distinct & set(names)
            at = self.serial + number if alone else 0 if number == REPEATED else number % 5
            chosen = there[at % len(there)]
            return {name: value for name, value in zip(names, chosen, strict=True) if name in row}
        nullable = [name for name in names if self.nullable.get(name)]
        if nullable:
            return {nullable[0]: None}
        if key["refers_to"] == self.table:
            return {name: row.get(other) for name, other in zip(names, key["refers_to_columns"], strict=True)}
        return {}

    def _parents(self, key: Attributes) -> list[tuple[Any, ...]]:
        if not key["refers_to_columns"]:
            return []
        listed = ", ".join(quoted(self.connection, name) for name in key["refers_to_columns"])
        table = quoted(self.connection, key["refers_to"])
        query = f"SELECT {listed} FROM {table} ORDER BY {listed} LIMIT {FEW}"  # noqa: S608 - quoted
        try:
            found = [tuple(row) for row in self.connection.exec_driver_sql(query)]
        except sa.exc.DBAPIError:
            return []
        return [row for row in found if None not in row]

    def _checked_values(self, name: str) -> list[Any]:
        """Return values near those with which the table's checks compare a column."""
        found: list[Any] = []
        kind = self.kinds[name]
        for part, check in self.parts.items():
            if not part.startswith("check ") or not re.search(
                rf"(?i)(?<!\w){re.escape(name)}(?!\w)", check["condition"]
            ):
                continue
            for text, number in _LITERAL.findall(check["condition"]):
                if kind.family in {"string", "text", "enum", "set"}:
                    sizes = [int(float(number)) + step for step in (-1, 0, 1)] if number else []
                    found += (
                        [ASCII[0] * size for size in sizes if 0 <= size < LONG] if number else [text.replace("''", "'")]
                    )
                elif number and kind.family in {"integer", "boolean", "decimal", "float"}:
                    base = float(number) if "." in number else int(number)
                    found += [base, base + 1, base - 1]
        size = kind.size if kind.family == "string" else None
        return [value for value in dict.fromkeys(found) if size is None or len(value) <= size]


_LEFT_OUT = object()
"""In place of a value: the column is not named, and gets its default."""


def _bare(key: str) -> str:
    """Return the column of a key's part, without its prefix length and direction."""
    return re.sub(r"(\(\d+\))?( ASC| DESC)?$", "", key)


def primary_key(parts: Parts) -> list[str]:
    """Return the columns of a table's primary key; empty if it has none."""
    return [_bare(key) for key in parts.get("primary key", {}).get("columns", [])]


def _narrower(parts: Parts, before: Parts, name: str) -> ColumnType:
    """Return what a column's type and its type in another schema both have a place for."""
    now = kind_of(parts, name)
    if f"column {name}" not in before:
        return now
    was = kind_of(before, name)
    if now.family != was.family:
        return min(now, was, key=lambda kind: _RANK.index(kind.family))
    sizes = [kind.size for kind in (now, was) if kind.size is not None]
    scale = min(now.scale, was.scale)
    if now.family == "decimal":
        sizes = [min((kind.size or 10) - kind.scale for kind in (now, was)) + scale]
    values = tuple(value for value in now.values if value in was.values)
    called = "timestamp" if "timestamp" in {now.name, was.name} else now.name
    return ColumnType(now.family, called, min(sizes, default=None), scale, now.unsigned or was.unsigned, values)


_CHARSETS = ["ascii", "latin1", "utf8", "utf8mb3", "utf8mb4"]
"""Of two character sets the earlier one has less."""


def _charset(parts: Parts, before: Parts, name: str) -> str:
    """Return the character set of a column, the lesser one if it has another in the schema before."""
    found = [
        schema[f"column {name}"].get("charset") or schema.get("", {}).get("charset") or _CHARSETS[-1]
        for schema in (parts, before)
        if f"column {name}" in schema
    ]
    return min(found, key=lambda charset: _CHARSETS.index(charset) if charset in _CHARSETS else 0)
