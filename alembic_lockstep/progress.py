"""What a long piece of work reports while it goes on, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is.

    Attributes:
        done: how many parts are done.
        total: of how many.
        finished: what the part was like that has just been finished, as JSON can hold it; None if there is none.
    """

    done: int
    total: int
    finished: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is being done now, such as the start of a server.

    Attributes:
        text: one line for people.
    """

    text: str

    def __str__(self) -> str:
        return self.text


Reporter = Callable[[Progress | Notice], None]
"""Called with each event."""


def ignore(_event: Progress | Notice) -> None:
    """Report to nobody."""
