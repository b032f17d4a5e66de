"""What `invoke roundtrip` prints."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from alembic_lockstep.errors import Location, counted
from alembic_lockstep.progress import Progress
from alembic_lockstep.roundtrip.results import ChainResult
from alembic_lockstep.roundtrip.summary import unmatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.errors import Fault
    from alembic_lockstep.progress import Notice
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report
    from alembic_lockstep.roundtrip.results import Verdict
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison

MESSAGE_WIDTH = 60
"""Longer messages are not cut; they stand out of their column."""


@contextmanager
def progress(
    report: Report, targets: list[Target], *, quiet: bool
) -> Iterator[tuple[Callable[[Target, Progress | Notice], None], Callable[[Target, ChainResult | Fault], None]]]:
    """Show on a terminal how far round trips are, and print each result; yield what to call for events and results.

    Args:
        report: where to print.
        targets: the targets that are tested.
        quiet: print no results.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = ProgressBar(*columns, console=report.err, transient=True, disable=not report.err.is_terminal)
    bars = {target.name: bar.add_task(target.name, total=None) for target in targets}

    def notify(target: Target, event: Progress | Notice) -> None:
        if isinstance(event, Progress):
            bar.update(bars[target.name], completed=event.done, total=event.total, description=target.name)
        else:
            bar.update(bars[target.name], description=f"{target.name} ({event.text})")

    def done(target: Target, result: ChainResult | Fault) -> None:
        bar.remove_task(bars[target.name])
        if not quiet:
            chain(report, target, result)

    with bar:
        yield notify, done


def chain(report: Report, target: Target, result: ChainResult | Fault) -> None:
    """Print the result of one target."""
    if not isinstance(result, ChainResult):
        report.fault_of(target, len(target.label), result)
        return
    if not result.server:
        report.line(f"{target.name} does not have that revision", "dim")
        return
    count = counted(len(result.verdicts), "revision")
    report.line(f"{target.name} on {result.server}  {count}  {result.seconds:.1f} s", "bold")
    width = max((len(verdict.message) for verdict in result.verdicts), default=0)
    for verdict in result.verdicts:
        _verdict(report, verdict, min(width, MESSAGE_WIDTH))
    for line in result.ahead():
        report.line(f"✗ {line}", "red")


def _verdict(report: Report, verdict: Verdict, width: int) -> None:
    bad = verdict.is_bad
    style = "red" if bad else "yellow" if verdict.declared else "green"
    times = " ".join(f"{1000 * seconds:.0f}" for seconds in verdict.seconds)
    text = "" if bad else verdict.declared or _rows(verdict)
    report.out.print(
        Text.assemble(
            ("✗ " if bad else "  ", "red"), f"{verdict.revision}  ", f"{verdict.message:<{width}}  ",
            (f"{verdict.result:<22}", style), f"  {times + ' ms':>14}  ", (text, "dim"),
        )
    )  # fmt: skip
    for problem in verdict.problems:
        report.line(f"      {problem}", "red")
        report.line(f"          {Location(verdict.path, problem.line)}", "dim")
    for line in verdict.lost if verdict.declared else ():
        report.line(f"      lost: {line}", "dim")
    for line in verdict.notes:
        report.line(f"      ! {line}", "yellow")


def _rows(verdict: Verdict) -> str:
    if not verdict.tables:
        return ""
    return f"{counted(verdict.rows, 'row')} in {counted(verdict.tables, 'table')}"


def not_compared(report: Report, pairs: list[tuple[str, str]]) -> None:
    """Print which twins are not compared, since only one of them was chosen."""
    for names in pairs:
        report.line(f"twins {' and '.join(names)}: not compared, only one was chosen", "dim")


def summary(report: Report, result: RoundTripResult) -> None:
    """Print what concerns more than one target, and the overall result."""
    for pair in result.twins:
        _twins(report, pair)
    for name in result.unmatched_cases:
        report.line(f"✗ {unmatched(name)}", "red")
    report.line(f"{result.result()}, {result.seconds:.1f} s", "red" if result.exit_code() else "green")


def _twins(report: Report, pair: TwinComparison) -> None:
    names = " and ".join(pair.names)
    declared = f", {len(pair.exceptions)} declared" if pair.exceptions else ""
    report.line(
        f"twins {names}: the same at {pair.agreeing} of {pair.compared} places{declared}",
        "red" if pair.problems else "",
    )
    for each in pair.exceptions:
        report.line(f"  {each.verdict.revision}  {each.verdict.message}: {each.headline()}", "yellow")
        for line in each.lines:
            report.line(f"      {line}", "dim")
    for each in pair.problems:
        report.line(f"✗ {each.verdict.revision}  {each.verdict.message}: {each.headline()}", "red")
        for line in each.lines:
            report.line(f"      {line}", "red")
        report.line(f"          {each.verdict.path}", "dim")
