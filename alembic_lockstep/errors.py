"""What the commands tell users when something is wrong: one line first, the detail after it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent


NO_SERVER = "nothing to run it on"
"""How the fault of a target begins that needs a server where there is none."""

NOTHING_RAN = 10
"""The exit code of a pytest run in which no chain was walked, for want of a server."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class MigrationError(Exception):
    """A fault that the user can do something about.

    Args:
        headline: what happened, to what, and what to do, in one line.
        detail: further lines, shown indented under the headline.
    """

    exit_code = 2

    def __init__(self, headline: str, *detail: str) -> None:
        super().__init__(headline)
        self.headline = headline
        self.detail = detail


class CannotRunError(MigrationError):
    """Usage or environment: the command could not do its work (exit code 2)."""


class FailedError(MigrationError):
    """The work was done and came out wrong (exit code 1)."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a target has no result: an error as it passes between processes.

    Attributes:
        headline: in one line.
        detail: further lines.
        code: the exit code that it asks for.
    """

    headline: str
    detail: tuple[str, ...]
    code: int


class NeedsServerError(BaseException):
    """Something asked what only a real server knows.

    It is no Exception: neither SQLAlchemy nor an `except Exception` of a revision may make something else of it.
    """


class SharedModelsError(Exception):
    """The models of a target and of an earlier one of this process are in one MetaData: each needs its own process."""


def place(error: BaseException, root: Path, versions: Path | None = None) -> str | None:
    """Return where `error` arose as `file:line`, relative to `root`: the deepest frame that lies under it.

    The modules of the tooling do not count: they only ran what is to blame.

    Args:
        error: a caught exception; a SyntaxError names its own file.
        root: the folder whose files are the user's.
        versions: the folder of a chain; its files count, too, when it is in an installed package.

    Returns:
        None where no file under `root` took part.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown(Path(error.filename), root)}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        ours = path.is_relative_to(PACKAGE) or "site-packages" in path.parts
        if (path.is_relative_to(root) and not ours) or path.parent == versions:
            return f"{shown(path, root)}:{frame.lineno}"
    return None


def shown(path: Path, root: Path) -> str:
    """Return `path` relative to `root` if it lies under it, with forward slashes."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def first_line(error: BaseException) -> str:
    """Return the type of `error` and the first line of its message."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    line = next(iter(message.splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
