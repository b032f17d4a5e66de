"""The first few of many findings, with a count of the others: one mistake can have dozens of consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

FEW = 5
"""So many findings of one kind are shown of a revision."""


def few(items: Sequence[Item]) -> tuple[Sequence[Item], str]:
    """Return the first few items, and a line that says how many others there are and where; empty if there are none."""
    rest = len(items) - FEW
    if rest < 2:  # a line for a line
        return items, ""
    return items[:FEW], f"… and {rest} more: --json or --html FILE shows all"
