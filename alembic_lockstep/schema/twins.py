"""What differs between the schemas of twins, the targets of one database on different dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.schema.differences import Difference, table_differences

if TYPE_CHECKING:
    from alembic_lockstep.schema.neutral import NeutralSchema


def drift(
    names: tuple[str, str], before: tuple[NeutralSchema, NeutralSchema], after: tuple[NeutralSchema, NeutralSchema]
) -> list[str]:
    """Return what a change makes differ between two targets, a line each.

    Args:
        names: the targets.
        before: their schemas before it.
        after: their schemas after it.
    """
    known = set(table_differences(*before))
    return [as_line(each, names) for each in table_differences(*after) if each not in known]


def as_line(difference: Difference, names: tuple[str, str]) -> str:
    """Return a difference as one between the two targets."""
    subject = difference.subject()
    if difference.attribute:
        sides = f"{difference.expected} on {names[0]}, {difference.found} on {names[1]}"
        return f"{subject}: {difference.attribute_name()} {sides}"
    return f"{subject}: only on {names[0] if difference.expected else names[1]}"
