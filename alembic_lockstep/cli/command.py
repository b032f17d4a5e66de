"""What every task has in common: the names of its flags, and its exit code."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import Task, task

from alembic_lockstep.cli import words
from alembic_lockstep.cli.boundary import run_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoke.context import Context
    from invoke.parser.argument import Argument

DB = "Target such as mysql_agent, or a pattern ('mysql_*'). Repeatable, also with commas."
SHORT = {"message": "m", "db": "d", "revision": "r", "yes": "y"}


class _Task(Task[Any]):
    """A task whose one-letter flags are those of SHORT: those that Invoke chooses change when a parameter is added."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        arguments: list[Argument] = super().get_arguments(ignore_unknown_help)
        for argument in arguments:
            short = SHORT.get(argument.name or "")
            argument.names = (*argument.names, short) if short else argument.names
        words.mark(arguments)
        return arguments


def command(**options: Any) -> Callable[[Callable[..., int]], Task[Any]]:
    """Return a decorator that turns a function, which returns its exit code, into a task.

    Args:
        options: what `invoke.task` takes, such as `help` and `iterable`.
    """

    def decorate(body: Callable[..., int]) -> Task[Any]:
        @functools.wraps(body)
        def run(context: Context, *arguments: Any, **flags: Any) -> None:
            def checked() -> int:
                words.require_no_remainder(made.name)
                if context.config.run.dry:
                    raise words.dry_mode(made.name, has_dry_run="dry_run" in flags)
                return body(context, *arguments, **flags)

            code = run_command(checked)
            if code:
                raise Exit(code=code)  # the reason was printed; tasks that follow on the command line do not run

        made: Task[Any] = task(klass=_Task, auto_shortflags=False, **options)(run)
        return made

    return decorate


def ini_of(context: Context) -> Path:
    """Return the alembic.ini of the project: in the folder of tasks.py, or in the nearest one above.

    Invoke's setting `alembic_ini` names another file, relative to that folder.

    Raises:
        CannotRunError: there is none.
    """
    from alembic_lockstep.project.targets import find_ini

    tasks = getattr(sys.modules.get(context.config.tasks.collection_name), "__file__", None)
    folder = Path(tasks).parent if tasks else Path()
    configured: str = context.config.get("alembic_ini", "")
    return (folder / configured).resolve() if configured else find_ini(folder)
