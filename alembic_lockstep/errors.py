"""The errors that commands report, and how users are told of them: one line that says what happened, details after it.

Each error has a kind, a stable name for programs. Beside those of the classes below there are:

no-ini, broken-ini          alembic.ini is missing, or it or a section cannot be read
unknown-target              no target has that name
unknown-revision            no chain has that revision, or several begin like it
unknown-state               a live database has tables of `initial` and no revision
missing-step                a revision that would run has no upgrade() or downgrade()
lock-lost                   the lock that keeps other migrations away was lost while a revision ran
broken-models               the models refer to what they do not have
models-in-revision          a revision takes tables from the models of today
unknown-commit              git has no such commit, or does not know in which one a file came
cannot-freeze               a revision cannot be written as operations, or these would do something else
usage                       the flags of a command do not go together, or a value is none that it takes
draft-open, no-draft        a draft has to be finished or dropped first; there is none
broken-draft                the draft or one of its scripts is missing or cannot be read
outdated-draft              the chain has moved on since the draft was made
not-proven                  a proof is required, and there is no server for it
unused-rename, unused-twins --rename or --twins fits nothing in the change
server-lost                 the server of a scratch database has ended while it was in use
cannot-write, busy          a file cannot be written; another command keeps the workspace locked
unexpected, no-answer       a worker failed in a way that nobody has foreseen, or ended before it had answered
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

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
        kind: its kind, if it is not that of the class.

    Attributes:
        kind: a stable name of what went wrong, for programs; the headline is for people and may change.
        exit_code: the exit code of the command.
    """

    kind: str = "error"
    exit_code: int = 2

    def __init__(self, headline: str, *detail: str, kind: str = "") -> None:
        super().__init__(headline)
        self.headline = headline
        self.detail = detail
        self.kind = kind or self.kind

    def text(self, indent: str = "") -> str:
        """Return the headline and the detail, a line each; the detail is indented."""
        return f"\n{indent}".join([self.headline, *self.detail])


class CannotRunError(MigrationError):
    """Usage or environment: the command could not do its work (exit code 2)."""

    kind = "cannot-run"


class NoServerError(CannotRunError):
    """The work needs a database server, and none can be used; the headline says why not, for each way to get one."""

    kind = "no-server"


class NotInstalledError(CannotRunError):
    """A package or program that is needed is not installed.

    Args:
        name: what is missing.
        package: what pip is to install; None if it has the same name.
    """

    kind = "not-installed"

    def __init__(self, name: str, package: str | None = None) -> None:
        super().__init__(f"{name} is not installed for {sys.executable}: pip install {package or name}")


class FailedError(MigrationError):
    """The work was done, and its result is bad (exit code 1)."""

    kind = "failed"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a target has no result: an error as it passes between processes.

    Attributes:
        kind: that of the error, or `unexpected`, `no-answer`.
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

    def error(self) -> MigrationError:
        """Return the error that a fault is, to be raised in another process."""
        error = MigrationError(self.headline, *self.detail, kind=self.kind)
        error.exit_code = self.exit_code
        return error

    def text(self) -> str:
        """Return the headline and the detail, a line each."""
        return "\n".join([self.headline, *self.detail])

    @classmethod
    def unexpected(cls, error: BaseException) -> Fault:
        """Return the fault that an error is which nobody has foreseen, with its traceback."""
        lines = "".join(traceback.format_exception(error)).splitlines()
        return cls("unexpected", f"unexpected {first_line(error)}", tuple(lines))

    def headline_for(self, target: str) -> str:
        """Return the headline without the target's name in front, to be shown where the name is shown already."""
        return self.headline.removeprefix(f"{target}: ")


class NeedsServerError(BaseException):
    """A revision asked what only a real server knows.

    It is not an Exception, so that neither SQLAlchemy nor an `except Exception` in a revision can swallow it.
    """


class ServerLostError(BaseException):
    """The server of a scratch database is gone, which says nothing of the revision that was running.

    It is not an Exception, so that nothing takes it for the failure of a revision.
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


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 revision` or `2 revisions`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def one_line(text: object) -> str:
    """Return a text without its line breaks, and with single blanks."""
    return " ".join(_said(text).split())


def _said(text: object) -> str:
    try:
        return str(text)
    except Exception:  # noqa: BLE001 - of whoever wrote the exception
        return "its text cannot be shown"


def reasons(error: BaseException) -> list[str]:
    """Return the lines of an error's message, the first with its type.

    Of what pydantic refuses it is one line, with the names of the settings and without their values.
    """
    if hasattr(error, "error_count") and hasattr(error, "errors"):
        refused = error.errors(include_url=False, include_context=False, include_input=False)
        return ["; ".join(": ".join([*map(str, each["loc"]), each["msg"]]) for each in refused)]
    return [first_line(error), *_said(error).splitlines()[1:]]


def first_line(error: BaseException) -> str:
    """Return the type of `error` and the first line of its message."""
    message = error.msg if isinstance(error, SyntaxError) else _said(error)
    line = next(iter(message.splitlines()), "")
    return f"{type(error).__name__}: {line}" if line else type(error).__name__
