"""A database's schema as plain data, to compare what was with what is."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

Attributes = dict[str, Any]
Parts = dict[str, Attributes]
"""What a table is made of, such as `column status` or `index ix_user_name`; under `""` the table itself."""

NOT_COMPARED = frozenset({"position"})
"""Attributes that are kept for the reader: the order of columns is no difference."""


@dataclass(slots=True)
class Snapshot:
    """The schema of one database.

    Attributes:
        tables: the parts of each table and view by name. Tables that did not change are the same object in two
            snapshots; nobody may change them.
        source: what each table was read from, where that is cheap to compare.
    """

    tables: dict[str, Parts] = field(default_factory=dict)
    source: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def names(self) -> dict[str, list[str]]:
        """Return the tables by their names in lower case; on some servers two can differ in that alone."""
        found: dict[str, list[str]] = {}
        for name in self.tables:
            found.setdefault(name.lower(), []).append(name)
        return found

    def triggers(self) -> bool:
        """Return whether any table has a trigger."""
        return any(part.startswith("trigger ") for parts in self.tables.values() for part in parts)

    def with_children(self, named: set[str]) -> set[str]:
        """Return tables with those whose foreign keys lead to them, over any number of steps."""
        found, fresh = set(named), set(named)
        while fresh:
            fresh = {
                name
                for name, parts in self.tables.items()
                if name not in found and not fresh.isdisjoint(parents(parts))
            }
            found |= fresh
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected.

    Attributes:
        table: the table.
        part: the part of it, as in `Parts`.
        attribute: what of the part differs; empty if the whole is missing or too many.
        expected: the value that was expected, as text; empty for a part that should not be there.
        found: the value that is there, as text; empty for a part that is missing.
    """

    table: str
    part: str
    attribute: str
    expected: str
    found: str

    def __str__(self) -> str:
        name = self.subject()
        if self.attribute:
            return f"{name}: {self.attribute.replace('_', ' ')}: expected {self.expected}, found {self.found}"
        return f"{name}: expected, but not there" if self.expected else f"{name}: there, but not expected"

    def subject(self) -> str:
        """Return what it is about, such as `column user.status`."""
        kind, _, name = self.part.partition(" ")
        if kind == "column":
            return f"column {self.table}.{name}"
        return f"{self.part} of {self.table}" if self.part else f"table {self.table}"


def differences(expected: Snapshot, found: Snapshot) -> list[Difference]:
    """Return what differs, in the order of tables and parts."""
    lines: list[Difference] = []
    for table in sorted(expected.tables.keys() | found.tables.keys()):
        before, after = expected.tables.get(table), found.tables.get(table)
        if before is after:
            continue
        if before is None or after is None:
            lines.append(Difference(table, "", "", _there(before), _there(after)))
        elif before != after:
            lines += _of_table(table, before, after)
    return lines


def _there(something: object) -> str:
    return "" if something is None else "there"


def _of_table(table: str, expected: Parts, found: Parts) -> list[Difference]:
    lines: list[Difference] = []
    for part in sorted(expected.keys() | found.keys()):
        before, after = expected.get(part), found.get(part)
        if before is None or after is None:
            lines.append(Difference(table, part, "", _there(before), _there(after)))
        elif before != after:
            lines += [
                Difference(table, part, name, shown(before.get(name)), shown(after.get(name)))
                for name in sorted(before.keys() | after.keys())
                if name not in NOT_COMPARED and before.get(name) != after.get(name)
            ]
    return lines


def shown(value: Any) -> str:
    """Return an attribute's value for people."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def columns(parts: Parts) -> dict[str, Attributes]:
    """Return the columns of a table by name, in their order."""
    found = {
        part.removeprefix("column "): attributes for part, attributes in parts.items() if part.startswith("column ")
    }
    return dict(sorted(found.items(), key=lambda item: item[1].get("position", 0)))


def parents(parts: Parts) -> set[str]:
    """Return the tables that a table's foreign keys lead to."""
    return {key["refers_to"] for part, key in parts.items() if part.startswith("foreign key")}


def reordered(expected: Snapshot, found: Snapshot) -> list[str]:
    """Return the tables that have the same columns in another order, a line each."""
    lines = []
    for table in sorted(expected.tables.keys() & found.tables.keys()):
        before, after = expected.tables[table], found.tables[table]
        if before is after:
            continue
        was, now = list(columns(before)), list(columns(after))
        if was != now and sorted(was) == sorted(now):
            # Of two that have changed places the later one has moved: what comes back stands at the end.
            blocks = SequenceMatcher(None, now, was, autojunk=False).get_matching_blocks()
            staying = {now[at + step] for at, _, size in blocks for step in range(size)}
            moved = [f"{name} {_place(name, was)}, now {_place(name, now)}" for name in was if name not in staying]
            lines.append(f"columns of {table} are in another order: {'; '.join(moved)}")
    return lines


def _place(name: str, names: list[str]) -> str:
    at = names.index(name)
    return f"behind {names[at - 1]}" if at else "first"


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Return what became of a schema, a line each that begins with +, - or ~."""
    lines = []
    for difference in differences(before, after):
        if difference.attribute:
            name = difference.attribute.replace("_", " ")
            lines.append(f"~ {difference.subject()}: {name}: {difference.expected} → {difference.found}")
        else:
            sign, there = ("-", before) if difference.expected else ("+", after)
            lines.append(f"{sign} {difference.subject()}{_detail(there.tables[difference.table], difference.part)}")
    return lines


def _detail(parts: Parts, part: str) -> str:
    if not part:
        return f"  {len(columns(parts))} columns"
    attributes = parts[part]
    if not part.startswith("column "):
        return ""
    words = [attributes["type"], *([] if attributes["nullable"] else ["not null"])]
    return "  " + " ".join([*words, *([f"default {attributes['default']}"] if attributes["default"] else [])])
