"""Where the code of a revision is at a moment while it runs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from types import FrameType


def frames_in(files: Container[str]) -> list[FrameType]:
    """Return the calls of functions in these files that are being run, the innermost first."""
    return [frame for frame in _frames() if frame.f_code.co_filename in files]


def line_in(file: str) -> int | None:
    """Return the line of a file that is being run, None if none of it is."""
    found = frames_in({file})
    return found[0].f_lineno if found else None


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        yield frame
        frame = frame.f_back
