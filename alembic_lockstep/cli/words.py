"""The words behind a task on the command line, refused where Invoke would swallow them or not know them.

Invoke takes its own options behind a task, too, where they look like options of the task: `--dry` there runs it all the
same. And what it does not know it reports without the right call, and with exit code 1. Its parser cannot be told
otherwise, so this module puts a stricter one in its place, which differs behind tasks of this package only.
"""

from __future__ import annotations

import difflib
import re
import sys
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.parser import parser
from invoke.parser.context import to_flag

from alembic_lockstep.cli.boundary import refuse
from alembic_lockstep.dialects import LABELS
from alembic_lockstep.errors import CannotRunError

if TYPE_CHECKING:
    from invoke.parser.argument import Argument
    from invoke.parser.context import ParserContext

REVISION = re.compile(r"heads?|base|[+-]\d+|[0-9a-f]{12}")
TARGET = re.compile(rf"({'|'.join(LABELS)})(_.*|\*)")
"""A name or pattern of a target. Invoke writes the names of tasks with - for _, so that it is not the next task."""
_MARK = "of_this_package"
_MACHINE: Any = parser.ParseMachine


def mark(arguments: list[Argument]) -> None:
    """Mark the arguments of a task of this package, by which its words are told from those of other tasks."""
    for argument in arguments:
        setattr(argument, _MARK, True)


def dry_mode(task: str, *, has_dry_run: bool) -> CannotRunError:
    """Return the error for a task in Invoke's dry mode, which only keeps shell commands from running.

    Args:
        task: its name.
        has_dry_run: whether it has an option of its own for that.
    """
    instead = f"To see what would be done: invoke {task} --dry-run" if has_dry_run else "Leave it out."
    return CannotRunError(f"--dry (-R) of Invoke would not keep {task} from running. {instead}", kind="usage")


def require_no_remainder(task: str) -> None:
    """Raise CannotRunError if there is a `--`: what stands behind it would be ignored."""
    if "--" in sys.argv:
        text = f"{task} takes nothing behind --: what stands there would be ignored. Leave the -- out."
        raise CannotRunError(text, kind="usage")


class _Strictness:
    """Looks at the words of a command line, one after the other, before Invoke's parser takes them.

    Args:
        machine: of the parser; its class cannot be derived from.
    """

    def __init__(self, machine: Any) -> None:
        self._machine = machine
        self._handle, self._see_value, self._error = machine.handle, machine.see_value, machine.error
        machine.handle, machine.see_value, machine.error = self.handle, self.see_value, self.error

    def handle(self, token: str) -> None:
        """Refuse a word that Invoke would swallow or not know."""
        machine = self._machine
        if machine.current_state == "context" and not machine.waiting_for_flag_value and not self._is_known(token):
            if _is_ours(machine.context):
                _exit(_unknown(token, machine.context, machine.initial, machine.contexts))
            close = _similar(token, [name for name, each in machine.contexts.items() if _is_ours(each)])
            if close and machine.context is machine.initial:
                _exit(f"{token} is no task. Did you mean {close}? All tasks: invoke --list")
        self._handle(token)

    def _is_known(self, token: str) -> bool:
        """Return whether Invoke takes a word as it is meant, or leaves it to a second look that comes later."""
        machine, context = self._machine, self._machine.context
        if machine.ignore_unknown or token in context.flags or token in context.inverse_flags:
            return True
        if token in machine.contexts or context.missing_positional_args:
            return True
        flag = machine.initial.flags.get(token)
        return flag is not None and (context is machine.initial or flag.name in {"help", "list"})

    def see_value(self, value: Any) -> None:
        """Refuse an empty value: it would count as none, and so as everything."""
        task, flag = self._machine.context, self._machine.flag
        if value == "" and _is_ours(task) and flag.default == "" and flag.name != "message":
            _exit(_lacks_value(task, flag))
        self._see_value(value)

    def error(self, msg: str) -> None:
        """Say which flag lacks its value, and leave other errors to Invoke."""
        task, flag = self._machine.context, self._machine.flag
        if flag is not None and flag.takes_value and flag.raw_value is None and _is_ours(task):
            _exit(_lacks_value(task, flag))
        self._error(msg)


def _strict_machine(**given: Any) -> Any:
    machine = _MACHINE(**given)
    _Strictness(machine)
    return machine


def _exit(text: str) -> None:
    """End the command with an error; while a shell completes words nothing is wrong yet."""
    if "--complete" not in sys.argv:
        raise Exit(code=refuse(CannotRunError(text, kind="usage")))


def _is_ours(context: ParserContext | None) -> bool:
    return context is not None and any(hasattr(each, _MARK) for each in context.args.values())


def _similar(word: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")


def _unknown(word: str, task: ParserContext, core: ParserContext, tasks: dict[str, ParserContext]) -> str:
    """Return what is wrong with a word behind a task of this package, and the call that was meant."""
    name, flags = task.name, task.flags
    if word in core.flags:
        return _swallowed(core.flags[word], task)
    if REVISION.fullmatch(word) and "--revision" in flags:
        return f"{word} alone is no option of {name}: invoke {name} --revision {word}"
    if TARGET.fullmatch(word) and "--db" in flags:
        return f"{word} alone is no option of {name}: invoke {name} --db {word}"
    if word.startswith("-"):
        close = _similar(word, list(task.flag_names()))
        return f"{word} is no option of {name}. {f'Did you mean {close}? ' if close else ''}{_options(name)}"
    if f"--{word}" in flags:
        return f"{word} alone is no option of {name}: invoke {name} --{word}"
    close = _similar(word, list(tasks))
    meant = f" Did you mean the task {close}?" if close else ""
    return f"{word} is no task, and {name} takes no words without an option.{meant} {_options(name)}"


def _swallowed(argument: Argument, task: ParserContext) -> str:
    if argument.name == "dry":
        return dry_mode(str(task.name), has_dry_run="--dry-run" in task.flags).headline
    name = " or ".join(to_flag(name) for name in argument.names)
    return f"{name} is an option of Invoke itself, and none of {task.name}. {_options(task.name)}"


def _lacks_value(task: ParserContext, flag: Argument) -> str:
    return f"{to_flag(flag.names[0])} of {task.name} needs a value. {_options(task.name)}"


def _options(task: str | None) -> str:
    return f"Its options: invoke {task} --help"


parser.ParseMachine = _strict_machine  # type: ignore[misc, assignment]
