"""Errors that a revision catches itself: statements that failed, and exceptions within its own functions."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.errors import counted, place
from alembic_lockstep.project import revision_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

_CATCHES = re.compile(r"\b(except|suppress)\b")
_ASKS = re.compile(r"(?i)\s*(describe|show|explain|pragma)\b")
"""A statement that changes nothing: on MySQL SQLAlchemy finds out by one that fails whether there is a table."""
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)
"""How loops end."""


@contextmanager
def watched(engine: sa.Engine, path: Path) -> Iterator[list[BaseException]]:
    """Collect the errors that occur in a revision while the block lasts, which it has caught if the block succeeds.

    Args:
        engine: the revision runs on a connection of it.
        path: the revision's file.
    """
    found: list[BaseException] = []

    def add(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, _ENDS) and not any(error is each for each in found[-2:]):
            found.append(error)

    def failed(context: sa.engine.ExceptionContext) -> None:
        if not _ASKS.match(context.statement or ""):
            add(context.sqlalchemy_exception)

    def inside(_frame: FrameType, event: str, argument: Any) -> Any:
        if event == "exception":
            add(argument[1])
        return inside

    def called(frame: FrameType, _event: str, _argument: Any) -> Any:
        return inside if frame.f_code.co_filename == name else None

    name, before = str(path), sys.gettrace()
    sa.event.listen(engine, "handle_error", failed)
    # Every call of a function is slower while this is on, so it is only where a revision catches anything.
    if _CATCHES.search(revision_file.text(path)):
        sys.settrace(called)
    try:
        yield found
    finally:
        sys.settrace(before)
        sa.event.remove(engine, "handle_error", failed)


def described(errors: list[BaseException], root: Path) -> str:
    """Return in one line how many errors a revision has caught, and what the first was, without values of rows."""
    first = errors[0]
    kind, location = type(getattr(first, "orig", None) or first).__name__, place(first, root)
    where = f" at {location}" if location is not None else ""
    count = counted(len(errors), "error")
    return f"{count} caught by the revision itself, the first {kind}{where}: what failed was left out"
