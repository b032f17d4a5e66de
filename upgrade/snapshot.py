"""A database's schema as plain data, to compare what was with what is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Attributes = dict[str, Any]

NOT_COMPARED = frozenset({"position"})
"""Attributes that are kept for the reader: the order of columns is no difference."""


@dataclass(slots=True)
class Snapshot:
    """The schema of one database.

    Attributes:
        parts: what each part is like, such as `("user", "column status")`, or `("user", "")` for the table itself.
    """

    parts: dict[tuple[str, str], Attributes] = field(default_factory=dict)

    def add(self, table: str, part: str = "", **attributes: Any) -> None:
        """Put one part of a table, or with an empty `part` the table itself."""
        self.parts[table, part] = attributes


def differences(expected: Snapshot, found: Snapshot) -> list[str]:
    """Return what differs, a line each, such as `column user.status: nullable: expected False, found True`."""
    lines: list[str] = []
    for key in sorted(expected.parts.keys() | found.parts.keys()):
        table, part = key
        if part and ((table, "") in expected.parts) != ((table, "") in found.parts):
            continue  # the table as a whole is reported already
        before, after = expected.parts.get(key), found.parts.get(key)
        name = _name(table, part)
        if after is None:
            lines.append(f"{name}: expected, but not there")
        elif before is None:
            lines.append(f"{name}: there, but not expected")
        else:
            lines += [
                f"{name}: {attribute.replace('_', ' ')}: expected {_shown(before.get(attribute))}, "
                f"found {_shown(after.get(attribute))}"
                for attribute in sorted(before.keys() | after.keys())
                if attribute not in NOT_COMPARED and before.get(attribute) != after.get(attribute)
            ]
    return lines


def _name(table: str, part: str) -> str:
    kind, _, name = part.partition(" ")
    if kind == "column":
        return f"column {table}.{name}"
    return f"{part} of {table}" if part else f"table {table}"


def _shown(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else repr(value)
