"""What users read: results on standard output, faults on standard error, colour on a terminal only."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from upgrade.change import Status
    from upgrade.errors import MigrationError
    from upgrade.targets import Target

MARKS = {"✓": "green", "✗": "red", "–": "dim", "+": "green", "-": "red", "~": "yellow", "!": "bold yellow"}


class Report:
    """Prints. Everything is printed as it is: nothing in a message or a name is taken for markup."""

    def __init__(self) -> None:
        self.out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self.err = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=True)
        if not self.out.is_terminal:
            self.out.width = 1000  # in a pipe a row of a table is a line

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
            detail: lines that begin with +, -, ~ or ! get its colour.
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

    def fault(self, error: MigrationError) -> None:
        """Print a fault: its headline, its detail indented."""
        self.err.print(Text(error.headline, style="red"))
        for item in error.detail:
            self.err.print(Text(f"    {item}"))

    def warn(self, text: str) -> None:
        """Print a line on standard error."""
        self.err.print(Text(text, style="yellow"))

    @contextmanager
    def working(
        self, targets: list[Target]
    ) -> Iterator[tuple[Callable[[Target, str], None], Callable[[Target], None]]]:
        """Show on a terminal who is still at work; yield how to say what a target does, and that it is done."""
        doing = {target.name: "" for target in targets}
        lock = threading.Lock()
        with self.out.status("") if sys.stdout.isatty() else nullcontext() as spinner:

            def show() -> None:
                if spinner is None:
                    return
                parts = [f"{name}{f' ({what})' if what else ''}" for name, what in doing.items()]
                spinner.update(Text(", ".join(parts)))

            def tell(target: Target, what: str) -> None:
                with lock:
                    doing[target.name] = what
                    show()

            def done(target: Target) -> None:
                with lock:
                    doing.pop(target.name, None)
                    show()

            show()
            yield tell, done

    def statuses(self, statuses: list[Status], *, as_json: bool) -> None:
        """Print live databases as a table, or as JSON for machines."""
        if as_json:
            self.out.print(Text(json.dumps([asdict(status) for status in statuses], indent=2, ensure_ascii=False)))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("target", "database", "at", "head", "pending", "models", "note"):
            table.add_column(name, justify="right" if name == "pending" else "left", overflow="fold")
        for status in statuses:
            style = "red" if not status.reachable else "yellow" if status.pending or status.models != "in step" else ""
            pending = "–" if status.pending is None else str(status.pending)
            cells = (
                status.target,
                status.database,
                status.at or "–",
                status.head or "–",
                pending,
                status.models,
                status.note,
            )
            table.add_row(*(Text(cell) for cell in cells), style=style)
        self.out.print(table, soft_wrap=False)
