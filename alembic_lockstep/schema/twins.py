"""Twins: the targets of one database on different dialects, and what differs between their schemas."""

from __future__ import annotations

from alembic_lockstep.schema.snapshot import Difference, Parts, Snapshot, differences

Schema = dict[str, Parts]
"""Tables by name."""


def pairs(names: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of twins among targets: the first of each database with each of the others."""
    first: dict[str, str] = {}
    made = []
    for name in names:
        database = name.partition("_")[2]
        if first.setdefault(database, name) != name:
            made.append((first[database], name))
    return made


def drift(names: tuple[str, str], before: tuple[Schema, Schema], after: tuple[Schema, Schema]) -> list[str]:
    """Return what a change makes differ between two targets, a line each.

    Args:
        names: the targets.
        before: their schemas before it, in neutral form.
        after: their schemas after it.
    """
    known = set(differences(*(Snapshot(schema) for schema in before)))
    return [as_line(each, names) for each in differences(*(Snapshot(schema) for schema in after)) if each not in known]


def as_line(difference: Difference, names: tuple[str, str]) -> str:
    """Return a difference as one between the two targets."""
    if difference.attribute:
        what = difference.attribute.replace("_", " ")
        return f"{difference.subject()}: {what} {difference.expected} on {names[0]}, {difference.found} on {names[1]}"
    return f"{difference.subject()}: only on {names[0] if difference.expected else names[1]}"
