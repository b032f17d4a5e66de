"""What differs between two schemas, for code and for people."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Protocol

from alembic_lockstep.schema.table import PartName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.schema.snapshot import Snapshot
    from alembic_lockstep.schema.table import Attributes, Table

_ATTRIBUTES = {"referred_table": "refers to", "referred_columns": "refers to columns",
               "collate": "default collation, that of new columns"}  # fmt: skip
"""How attributes are shown whose names alone do not say it."""


class HasParts(Protocol):
    """A table in any form that can be compared with another of this form."""

    def parts(self) -> dict[PartName, Attributes]:
        """Return all that is compared, part by part."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected.

    Attributes:
        table: the table.
        part: the part of it.
        attribute: what of the part differs; empty if the whole part is missing or unexpected.
        expected: the value that was expected, as text; empty for a part that should not be there.
        found: the value that is there, as text; empty for a part that is missing.
    """

    table: str
    part: PartName
    attribute: str
    expected: str
    found: str

    def __str__(self) -> str:
        name = self.subject()
        if self.attribute:
            return f"{name}: {self.attribute_name()}: expected {self.expected}, found {self.found}"
        return f"{name}: missing" if self.expected else f"{name}: unexpected"

    def subject(self) -> str:
        """Return what it is about, such as `column user.status`."""
        match self.part.kind:
            case "":
                return f"table {self.table}"
            case "column":
                return f"column {self.table}.{self.part.name}"
            case _:
                return f"{self.part} of {self.table}"

    def attribute_name(self) -> str:
        """Return the attribute for people."""
        return _ATTRIBUTES.get(self.attribute, self.attribute.replace("_", " "))


def differences(expected: Snapshot, found: Snapshot) -> list[Difference]:
    """Return what differs, in the order of tables and parts."""
    return table_differences(expected.tables, found.tables)


def table_differences(expected: Mapping[str, HasParts], found: Mapping[str, HasParts]) -> list[Difference]:
    """Return what differs between tables by name, in the order of tables and parts."""
    lines: list[Difference] = []
    for name in sorted(expected.keys() | found.keys()):
        before, after = expected.get(name), found.get(name)
        if before is not after and before != after:
            lines += _part_differences(name, before, after)
    return lines


def _part_differences(table: str, expected: HasParts | None, found: HasParts | None) -> list[Difference]:
    if expected is None or found is None:
        return [Difference(table, PartName(), "", _presence(expected), _presence(found))]
    lines: list[Difference] = []
    known, there = expected.parts(), found.parts()
    for part in sorted(known.keys() | there.keys()):
        before, after = known.get(part), there.get(part)
        if before is None or after is None:
            lines.append(Difference(table, part, "", _presence(before), _presence(after)))
        elif before != after:
            lines += [
                Difference(table, part, name, shown(before.get(name)), shown(after.get(name)))
                for name in sorted(before.keys() | after.keys())
                if before.get(name) != after.get(name)
            ]
    return lines


def _presence(something: object) -> str:
    return "" if something is None else "there"


def shown(value: Any) -> str:
    """Return an attribute's value for people."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def reordered(expected: Snapshot, found: Snapshot) -> list[str]:
    """Return the tables that have the same columns in another order, a line each."""
    lines = []
    for name in sorted(expected.tables.keys() & found.tables.keys()):
        before, after = expected.tables[name], found.tables[name]
        if before is after:
            continue
        was, now = list(before.columns), list(after.columns)
        if was != now and sorted(was) == sorted(now):
            # Of two that have changed places the later one has moved: what comes back is the last column.
            blocks = SequenceMatcher(None, now, was, autojunk=False).get_matching_blocks()
            staying = {now[at + step] for at, _, size in blocks for step in range(size)}
            moved = [f"{each} {_place(each, was)}, now {_place(each, now)}" for each in was if each not in staying]
            lines.append(f"columns of {name} are in another order: {'; '.join(moved)}")
    return lines


def _place(name: str, names: list[str]) -> str:
    at = names.index(name)
    return f"behind {names[at - 1]}" if at else "first"


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Return what became of a schema, a line each that begins with +, - or ~."""
    lines = []
    for each in differences(before, after):
        if each.attribute:
            lines.append(f"~ {each.subject()}: {each.attribute_name()}: {each.expected} → {each.found}")
        else:
            sign, there = ("-", before) if each.expected else ("+", after)
            lines.append(f"{sign} {each.subject()}{_detail(there.tables[each.table], each.part)}")
    return lines


def _detail(table: Table, part: PartName) -> str:
    match part.kind:
        case "":
            return f"  {len(table.columns)} columns"
        case "column":
            return f"  {table.columns[part.name]}"
        case _:
            return ""
