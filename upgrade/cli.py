"""What every task has in common: its flags' names, its exit code, and how it tells a fault."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import Task, task

from upgrade.errors import CannotRunError, MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoke.parser.argument import Argument

DB = "Target such as mysql_agent, or a pattern ('mysql_*'). Repeatable, also with commas."
REVISION = "Revision id, head, base, or relative such as +1 and -1."
SHORT = {"message": "m", "db": "d", "revision": "r", "yes": "y"}
INTERRUPTED = 130
NAME = "the name of a target, for example  --db mysql_agent"
NEEDS = {"--db": NAME, "-d": NAME, "--rename": "TABLE.OLD:NEW, for example  --rename user.nick:alias"}


class _Task(Task[Any]):
    """A task whose one-letter flags are those of SHORT: Invoke's own change when a parameter is added."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        arguments: list[Argument] = super().get_arguments(ignore_unknown_help)
        for argument in arguments:
            short = SHORT.get(argument.name or "")
            argument.names = (*argument.names, short) if short else argument.names
        return arguments


def command(**options: Any) -> Callable[[Callable[..., int]], Task[Any]]:
    """Return a decorator that makes a task of a function that returns its exit code.

    Args:
        options: what `invoke.task` takes, such as `help` and `iterable`.
    """

    def decorate(body: Callable[..., int]) -> Task[Any]:
        @functools.wraps(body)
        def run(*arguments: Any, **flags: Any) -> None:
            code = guarded(lambda: body(*arguments, **flags))
            if code:
                raise Exit(code=code)  # what is wrong was printed; a task chained behind this one does not run

        made: Task[Any] = task(klass=_Task, auto_shortflags=False, **options)(run)
        return made

    return decorate


def guarded(body: Callable[[], int]) -> int:
    """Run a command, tell a fault in its own words, and return the exit code."""
    try:
        _refuse_dangling_flags(sys.argv)
        return body()
    except MigrationError as error:
        from upgrade.report import Report

        Report().fault(error)
        return error.exit_code
    except ModuleNotFoundError as error:
        # Nothing of the application is imported in this process: what is missing is ours.
        print(f"{error.name} is not installed for {sys.executable}: pip install -r requirements.txt", file=sys.stderr)
        return CannotRunError.exit_code
    except KeyboardInterrupt:
        print("Interrupted. What was not finished was taken back.", file=sys.stderr)
        return INTERRUPTED


def _refuse_dangling_flags(words: list[str]) -> None:
    """Refuse a repeatable flag without a value: Invoke takes `--db` for no --db at all, which would mean all."""
    for word, follower in zip(words, [*words[1:], "--"], strict=True):
        if word in NEEDS and follower.startswith("-"):
            raise CannotRunError(f"{word} needs {NEEDS[word]}")
