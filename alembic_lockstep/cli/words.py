"""The words behind a task on the command line, refused where Invoke would swallow them or not know them.

Invoke takes its own options behind a task, too, where they look like options of the task: `--dry` there runs it all the
same. And what it does not know it reports without the right call. So the words are looked at before it parses them.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from invoke.exceptions import ParseError
from invoke.parser import Parser
from invoke.parser.context import ParserContext, to_flag
from invoke.program import Program

from alembic_lockstep.dialects import LABELS
from alembic_lockstep.errors import CannotRunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoke.parser.argument import Argument

REVISION = re.compile(r"heads?|base|[+-]\d+|[0-9a-f]{12}")
TARGET = re.compile(rf"({'|'.join(LABELS)})(_.*|\*)")
"""A name or pattern of a target. Invoke writes the names of tasks with - for _, so that it is not the next task."""


def require_known(task: str, arguments: list[Argument], words: list[str]) -> None:
    """Check the words behind a task, up to the next task.

    Args:
        task: its name; where its collection is part of another it is called by a dotted one.
        arguments: its own.
        words: all words of the command line, of which the first is the program.

    Raises:
        CannotRunError: there is an option of Invoke itself, or one that nobody knows, or a revision or target alone,
            or an option lacks its value: an empty one would count as none, and so as everything.
    """
    own = ParserContext(task, args=arguments)
    for called, behind in _calls(task, words):
        core = ParserContext(args=_core_arguments())
        try:
            parsed = Parser([own], initial=core, ignore_unknown=True).parse_argv([task, *behind])
        except ParseError as error:
            lacking = re.search(r"<Argument: ([\w-]+)", str(error))
            if lacking is None:  # Invoke tells what is wrong
                return
            raise CannotRunError(_lacks_value(called, lacking[1]), kind="usage") from error
        given = [argument for argument in parsed[0].args.values() if argument.got_value]
        if {"help", "list"} & {argument.name for argument in given}:
            return
        for argument in given:
            raise CannotRunError(_swallowed(called, argument, own), kind="usage")
        for argument in parsed[1].args.values():
            if argument.default == "" and argument.name != "message" and argument.raw_value == "":
                raise CannotRunError(_lacks_value(called, argument.names[0]), kind="usage")
        if parsed.unparsed:
            _require_next_task(called, own, parsed.unparsed[0])
        elif "--" in behind:
            text = f"{called} takes nothing behind --: what stands there would be ignored. Leave the -- out."
            raise CannotRunError(text, kind="usage")


def dry_mode(task: str, *, has_dry_run: bool) -> CannotRunError:
    """Return the error for a task in Invoke's dry mode, which only keeps shell commands from running.

    Args:
        task: its name.
        has_dry_run: whether it has an option of its own for that.
    """
    instead = f"To see what would be done: invoke {task} --dry-run" if has_dry_run else "Leave it out."
    return CannotRunError(f"--dry (-R) of Invoke would not keep {task} from running. {instead}", kind="usage")


def _calls(task: str, words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield how a task is called, with what stands behind it, for each time."""
    switches = {to_flag(name) for each in _core_arguments() if not each.takes_value for name in each.names}
    for before, (at, word) in zip(words, enumerate(words[1:], start=2), strict=False):
        if before == "--":
            return
        is_value = before.startswith("-") and before not in switches  # perhaps: then Invoke has the last word
        if word.rpartition(".")[2] == task and not is_value:
            yield word, words[at:]


def _core_arguments() -> list[Argument]:
    invoke = Program()
    return [*invoke.core_args(), *invoke.task_args()]


def _swallowed(task: str, argument: Argument, own: ParserContext) -> str:
    if argument.name == "dry":
        return dry_mode(task, has_dry_run="--dry-run" in own.flags).headline
    name = " or ".join(to_flag(name) for name in argument.names)
    return f"{name} is an option of Invoke itself, and none of {task}. Its options: invoke {task} --help"


def _lacks_value(task: str, name: str) -> str:
    return f"{to_flag(name)} of {task} needs a value. Its options: invoke {task} --help"


def _require_next_task(task: str, own: ParserContext, word: str) -> None:
    """Raise CannotRunError for a word that cannot be the next task, with the call that was meant."""
    if REVISION.fullmatch(word) and "--revision" in own.flags:
        raise CannotRunError(f"{word} alone is no option of {task}: invoke {task} --revision {word}", kind="usage")
    if TARGET.fullmatch(word) and "--db" in own.flags:
        raise CannotRunError(f"{word} alone is no option of {task}: invoke {task} --db {word}", kind="usage")
    if word.startswith("-"):
        close = difflib.get_close_matches(word, own.flag_names(), n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise CannotRunError(f"{word} is no option of {task}. {hint}Its options: invoke {task} --help", kind="usage")
