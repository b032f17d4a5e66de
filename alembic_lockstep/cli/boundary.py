"""Run a command so that every fault of a user's is told in its own words. Needs nothing that has to be installed."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from typing import TYPE_CHECKING

from alembic_lockstep.errors import INTERRUPTED, CannotRunError, MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "the name of a target, for example  --db mysql_agent"
NEEDS = {"--db": NAME, "-d": NAME, "--rename": "TABLE.OLD:NEW, for example  --rename user.nick:alias"}


def guarded(body: Callable[[], int]) -> int:
    """Run a command, tell a fault in its own words, and return the exit code."""
    atexit.register(gc.freeze)  # the end of the process need not search what goes with it for garbage
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal knows ✓
    try:
        _refuse_dangling_flags(sys.argv)
        return body()
    except MigrationError as error:
        from alembic_lockstep.reports.console import Report

        Report().fault(error)
        return error.exit_code
    except ModuleNotFoundError as error:
        # Nothing of the application is imported in this process: what is missing is ours.
        print(f"{error.name} is not installed for {sys.executable}: pip install {error.name}", file=sys.stderr)
        return CannotRunError.exit_code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def _refuse_dangling_flags(words: list[str]) -> None:
    """Refuse a repeatable flag without a value: Invoke takes `--db` for no --db at all, which would mean all."""
    for word, follower in zip(words, [*words[1:], "--"], strict=True):
        if word in NEEDS and follower.startswith("-"):
            raise CannotRunError(f"{word} needs {NEEDS[word]}")
