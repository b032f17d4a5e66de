"""What the freezing of a revision has come to: plain data, passed between processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrozenRevision:
    """A revision written as the operations that it stood for.

    Attributes:
        text: the new text of its file.
        tables: what is written instead of what, a line each.
    """

    text: str
    tables: list[str]
