"""Run a command and turn its errors into messages and exit codes. Imports nothing that has to be installed."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from typing import TYPE_CHECKING

from alembic_lockstep.cli.streams import steady
from alembic_lockstep.errors import INTERRUPTED, CannotRunError, MigrationError, NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "the name of a target, for example  --db mysql_agent"
NEEDS = {"--db": NAME, "-d": NAME, "--rename": "TABLE.OLD:NEW, for example  --rename user.nick:alias"}


def run_command(body: Callable[[], int]) -> int:
    """Run a command, print its error if it has one, and return the exit code."""
    atexit.register(gc.freeze)  # no search for garbage at the end of the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal can show ✓
    with steady() as failure:
        code = _exit_code(body)
        sys.stdout.flush()
        lost = failure()
        if lost is not None:
            print(
                f"Output is lost: standard output cannot be written ({lost.strerror}). The command went on without it.",
                file=sys.stderr,
            )
        return code or (CannotRunError.exit_code if lost else 0)


def refuse(error: CannotRunError) -> int:
    """Print the error of a command that is not run, and return its exit code."""

    def fail() -> int:
        raise error

    return run_command(fail)


def _exit_code(body: Callable[[], int]) -> int:
    try:
        _refuse_dangling_flags(sys.argv)
        return body()
    except MigrationError as error:
        from alembic_lockstep.reports.console import Report

        Report().error(error)
        return error.exit_code
    except ModuleNotFoundError as error:
        # This process imports nothing of the project, so the missing module is one that this package needs.
        missing = NotInstalledError(error.name or str(error))
        print(missing.headline, file=sys.stderr)
        return missing.exit_code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def _refuse_dangling_flags(words: list[str]) -> None:
    """Refuse a repeatable flag without a value: Invoke reads `--db` as no --db at all, which would mean all targets."""
    for word, follower in zip(words, [*words[1:], "--"], strict=True):
        if word in NEEDS and follower.startswith("-"):
            raise CannotRunError(f"{word} needs {NEEDS[word]}", kind="usage")
