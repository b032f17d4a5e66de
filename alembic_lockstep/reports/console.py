"""The console: results on standard output, errors on standard error, colour on a terminal only."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alembic_lockstep.errors import Fault, MigrationError
    from alembic_lockstep.progress import Notice, Progress
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.project.workspace import Recovered

MARKS = {"✓": "green", "✗": "red", "–": "dim", "+": "green", "-": "red", "~": "yellow", "!": "bold yellow"}


class Report:
    """Prints what all commands have in common. Text is printed as it is: nothing in it is taken for markup.

    Attributes:
        out: standard output.
        err: standard error.
    """

    def __init__(self) -> None:
        self.out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self.err = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=True)
        if not self.out.is_terminal:
            self.out.width = 1000  # in a pipe each row of a table is one line
        self._faults: dict[tuple[str, tuple[str, ...]], str] = {}

    def line(self, text: str = "", style: str = "") -> None:
        """Print a line."""
        self.out.print(Text(text, style=style))

    def target(self, mark: str, target: Target, width: int, text: str, detail: Iterable[str] = ()) -> None:
        """Print a target's line, with further lines under it.

        Args:
            mark: ✓, ✗ or –.
            target: the target.
            width: of the longest label.
            text: the result in one line.
            detail: lines that begin with +, -, ~ or ! are coloured.
        """
        label = f"{target.label}:".ljust(width + 2)
        quiet = mark == "–"
        self.out.print(
            Text.assemble(
                (f"{mark} ", MARKS[mark]), (label, "dim" if quiet else "bold"), (text, "dim" if quiet else "")
            )
        )
        for item in detail:
            self.out.print(Text(f"    {item}", style=MARKS.get(item[:1], "") if item[1:2] == " " else "dim"))

    def fault_of(self, target: Target, width: int, fault: Fault) -> None:
        """Print why a target has no result; a cause that is printed already is not repeated."""
        cause = fault.headline_for(target.name), fault.detail
        first = self._faults.setdefault(cause, target.label)
        text, detail = cause if first == target.label else (f"the same as for {first}", ())
        self.target("✗", target, width, text, detail)

    def error(self, error: MigrationError) -> None:
        """Print an error on standard error: its headline, and its detail indented."""
        self.err.print(Text(error.headline, style="red"))
        for item in error.detail:
            self.err.print(Text(f"    {item}"))

    def warn(self, text: str) -> None:
        """Print a line on standard error."""
        self.err.print(Text(text, style="yellow"))

    def agreed(self, question: str) -> bool:
        """Ask on the terminal; return whether the answer is yes, which Ctrl-D is not."""
        try:
            answer = input(f"{question} [y/N] ")
        except EOFError:
            self.line()
            return False
        return answer.strip().lower() in {"y", "yes"}

    def recovered(self, changes: list[Recovered]) -> None:
        """Print on standard error what killed commands had left behind."""
        for change in changes:
            self.warn(str(change))

    @contextmanager
    def working(
        self, targets: list[Target]
    ) -> Iterator[tuple[Callable[[Target, Progress | Notice], None], Callable[[Target], None]]]:
        """Show on a terminal which targets are being worked on; yield callbacks for events and for the end of one."""
        doing = {target.name: "" for target in targets}
        lock = threading.Lock()
        with self.out.status("") if sys.stdout.isatty() else nullcontext() as spinner:

            def show() -> None:
                if spinner is None:
                    return
                parts = [f"{name}{f' ({what})' if what else ''}" for name, what in doing.items()]
                spinner.update(Text(", ".join(parts)))

            def notify(target: Target, event: Progress | Notice) -> None:
                with lock:
                    doing[target.name] = str(event)
                    show()

            def done(target: Target) -> None:
                with lock:
                    doing.pop(target.name, None)
                    show()

            show()
            yield notify, done
