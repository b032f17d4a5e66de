"""What users read: results on standard output, faults on standard error, colour on a terminal only."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from alembic_lockstep.roundtrip.data_cases import FOLDER
from alembic_lockstep.roundtrip.results import BAD, ChainResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alembic_lockstep.errors import Fault, MigrationError
    from alembic_lockstep.live.results import Status
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.results import Verdict
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison

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

    @contextmanager
    def trips(
        self, targets: list[Target], *, quiet: bool
    ) -> Iterator[tuple[Callable[[Target, str], None], Callable[[Target, ChainResult | Fault], None]]]:
        """Show on a terminal how far round trips are, and print each as it is done; yield how to say so.

        Args:
            targets: those on the way.
            quiet: print nothing on standard output.
        """
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bar = Progress(*columns, console=self.err, transient=True, disable=not self.err.is_terminal)
        bars = {target.name: bar.add_task(target.name, total=None) for target in targets}

        def tell(target: Target, text: str) -> None:
            done, slash, total = text.partition("/")
            if slash and done.isdigit() and total.isdigit():
                bar.update(bars[target.name], completed=int(done), total=int(total), description=target.name)
            else:
                bar.update(bars[target.name], description=f"{target.name} ({text})")

        def done(target: Target, found: ChainResult | Fault) -> None:
            bar.remove_task(bars[target.name])
            if not quiet:
                self._trip(target, found)

        with bar:
            yield tell, done

    def _trip(self, target: Target, found: ChainResult | Fault) -> None:
        if not isinstance(found, ChainResult):
            self.target("✗", target, len(target.label), found.headline.removeprefix(f"{target.name}: "), found.detail)
            return
        count = f"{len(found.verdicts)} {'revision' if len(found.verdicts) == 1 else 'revisions'}"
        seconds = sum(sum(verdict.seconds) for verdict in found.verdicts)
        if not found.server:
            self.line(f"{target.name} does not have that revision", "dim")
            return
        self.line(f"{target.name} on {found.server}  {count}  {seconds:.1f} s", "bold")
        width = max((len(verdict.message) for verdict in found.verdicts), default=0)
        for verdict in found.verdicts:
            self._verdict(verdict, min(width, 60))
        for line in found.models:
            self.out.print(Text(f"✗ the models have what the chain has not: {line}", style="red"))

    def _verdict(self, verdict: Verdict, width: int) -> None:
        bad = verdict.status in BAD
        style = "red" if bad else "yellow" if verdict.declared else "green"
        took = " ".join(f"{1000 * seconds:.0f}" for seconds in verdict.seconds)
        text = "" if bad else verdict.declared or _rows(verdict)
        self.out.print(
            Text.assemble(
                ("✗ " if bad else "  ", "red"), f"{verdict.revision}  ", f"{verdict.message:<{width}}  ",
                (f"{verdict.result:<22}", style), f"  {took + ' ms':>14}  ", (text, "dim"),
            )
        )  # fmt: skip
        for problem in verdict.problems:
            self.out.print(Text(f"      {problem}", style="red"))
            self.out.print(Text(f"          {verdict.path}:{problem.line}", style="dim"))
        for line in verdict.lost if verdict.declared else ():
            self.out.print(Text(f"      lost: {line}", style="dim"))
        for line in verdict.notes:
            self.out.print(Text(f"      ! {line}", style="yellow"))

    def trial(self, trial: RoundTripResult) -> None:
        """Print what concerns more than one target, and the result of all."""
        for pair in trial.twins:
            self._twins(pair)
        for name in trial.strays:
            self.line(
                f"✗ {FOLDER.as_posix()}/{name} belongs to no revision: is it called by an id, or a file's name?", "red"
            )
        self.line(f"{trial.result()}, {trial.seconds:.1f} s", "red" if trial.exit_code() else "green")

    def _twins(self, pair: TwinComparison) -> None:
        names = " and ".join(pair.names)
        excepted = f", {len(pair.exceptions)} declared" if pair.exceptions else ""
        self.line(
            f"twins {names}: the same at {pair.agreeing} of {pair.compared} places{excepted}",
            "red" if pair.problems else "",
        )
        for each in pair.exceptions:
            self.line(f"  {each.verdict.revision}  {each.verdict.message}: {each.reason}", "yellow")
            for line in each.lines:
                self.line(f"      {line}", "dim")
        for each in pair.problems:
            what = each.verdict.message if each.lines else f"declares twins without a difference: {each.reason}"
            self.line(f"✗ {each.verdict.revision}  {what}", "red")
            for line in each.lines:
                self.line(f"      {line}", "red")
            self.line(f"          {each.verdict.path}", "dim")

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


def _rows(verdict: Verdict) -> str:
    if not verdict.tables:
        return ""
    return f"{verdict.rows} rows in {verdict.tables} {'table' if verdict.tables == 1 else 'tables'}"
