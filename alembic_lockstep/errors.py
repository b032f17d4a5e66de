"""The errors that commands report: one line that says what happened, details after it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

PACKAGE = Path(__file__).parent

NOTHING_RAN = 10
"""The exit code of a pytest run in which no chain could run because there was no server."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class MigrationError(Exception):
    """An error that the user can do something about.

    Args:
        headline: what happened, to what, and what to do, in one line.
        detail: further lines, shown indented under the headline.

    Attributes:
        kind: a stable name of what went wrong, for programs; the headline is for people and may change.
        exit_code: the exit code of the command.
    """

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, headline: str, *detail: str) -> None:
        super().__init__(headline)
        self.headline = headline
        self.detail = detail


class CannotRunError(MigrationError):
    """Usage or environment: the command could not do its work (exit code 2)."""

    kind = "cannot-run"


class NoServerError(CannotRunError):
    """The work needs a database server, and none can be used; the headline says why not, for each way to get one."""

    kind = "no-server"


class FailedError(MigrationError):
    """The work was done, and its result is bad (exit code 1)."""

    kind = "failed"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a target has no result: an error as it passes between processes.

    Attributes:
        kind: a stable name of what went wrong: that of the error, or `unexpected`, `no-answer`.
        headline: what happened, in one line.
        detail: further lines.
        exit_code: the exit code that the command should end with.
    """

    kind: str
    headline: str
    detail: tuple[str, ...] = ()
    exit_code: int = 2

    @classmethod
    def of(cls, error: MigrationError) -> Fault:
        """Return the fault that an error is."""
        return cls(error.kind, error.headline, tuple(error.detail), error.exit_code)

    def headline_for(self, target: str) -> str:
        """Return the headline without the target's name in front, to be shown where the name is shown already."""
        return self.headline.removeprefix(f"{target}: ")


class NeedsServerError(BaseException):
    """A revision asked what only a real server knows.

    It is not an Exception, so that neither SQLAlchemy nor an `except Exception` in a revision can swallow it.
    """


class SharedModelsError(Exception):
    """Two targets in this process share one MetaData: each of them needs a process of its own."""


@dataclass(frozen=True, slots=True)
class Location:
    """A line of a file.

    Attributes:
        path: the file, relative to the project's root if it lies in it.
        line: the line, None if it is not known.
    """

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


def place(error: BaseException, root: Path, versions: Path | None = None) -> Location | None:
    """Return the line of the user's code that raised an error: the deepest frame in a file under `root`.

    This package's own modules do not count: they only call the code that is to blame.

    Args:
        error: a caught exception; a SyntaxError names its own file.
        root: the folder whose files are the user's.
        versions: the folder of a chain; its files count even if they are part of an installed package.

    Returns:
        None if no frame is in a file under `root`.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return Location(shown(Path(error.filename), root), error.lineno)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        ours = path.is_relative_to(PACKAGE) or "site-packages" in path.parts
        if (path.is_relative_to(root) and not ours) or path.parent == versions:
            return Location(shown(path, root), frame.lineno)
    return None


def shown(path: Path, root: Path) -> str:
    """Return `path` relative to `root` if it lies under it, with forward slashes."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def first_line(error: BaseException) -> str:
    """Return the type of `error` and the first line of its message."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    line = next(iter(message.splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
