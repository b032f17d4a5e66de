"""What a long piece of work reports while it goes on, as data."""

from __future__ import annotations

import io
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


class Printed(io.TextIOBase):
    """A text stream whose lines are reported, such as those that a revision prints.

    Args:
        notify: called with each line.
    """

    def __init__(self, notify: Callable[[Notice], None]) -> None:
        self._notify, self._begun = notify, ""

    def write(self, text: str) -> int:
        """Report the lines that are complete."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._notify(Notice(line))
        return len(text)

    def close(self) -> None:
        """Report the last line, if it has no end."""
        if self._begun:
            self.write("\n")
        super().close()


Reporter = Callable[[Progress | Notice], None]
"""Called with each event."""


def ignore(_event: Progress | Notice) -> None:
    """Report to nobody."""
