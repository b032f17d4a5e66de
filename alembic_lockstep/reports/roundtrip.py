"""What `invoke roundtrip` prints."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from alembic_lockstep.errors import Location, counted
from alembic_lockstep.progress import Progress
from alembic_lockstep.reports.few import few
from alembic_lockstep.roundtrip.results import ChainResult, Verdict
from alembic_lockstep.roundtrip.summary import unmatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.errors import Fault
    from alembic_lockstep.progress import Notice
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report
    from alembic_lockstep.roundtrip.known_findings import KnownFindings
    from alembic_lockstep.roundtrip.summary import RoundTripResult
    from alembic_lockstep.roundtrip.twins import TwinComparison

MESSAGE_WIDTH = 60
"""Longer messages are not cut; they stand out of their column."""


class _Lines:
    """Prints revisions as they are finished, target by target: one has the floor, the lines of the others wait."""

    def __init__(self, report: Report, known: KnownFindings) -> None:
        self._report, self._known = report, known
        self._waiting: dict[Target, list[Callable[[], None]]] = {}
        self._begun: set[Target] = set()
        self._ended: set[Target] = set()

    def finished(self, target: Target, fields: dict[str, Any]) -> None:
        """Print a revision that is finished."""
        verdict = Verdict(**fields["verdict"])
        self._known.mark(target.name, verdict)
        if target not in self._begun:
            self._begun.add(target)
            self._print(target, lambda: self._report.line(f"{target.name} on {fields['server']}", "bold"))
        self._print(target, lambda: _verdict(self._report, verdict, min(fields["width"], MESSAGE_WIDTH)))

    def ended(self, target: Target, result: ChainResult | Fault) -> None:
        """Print what is left to say of a target, and give the floor to the next."""
        self._print(target, lambda: _end(self._report, target, result))
        self._ended.add(target)
        while self._waiting and next(iter(self._waiting)) in self._ended:
            self._waiting.pop(next(iter(self._waiting)))
            for line in next(iter(self._waiting.values()), []):
                line()

    def _print(self, target: Target, line: Callable[[], None]) -> None:
        self._waiting.setdefault(target, []).append(line)
        if next(iter(self._waiting)) is target:
            line()


@contextmanager
def progress(
    report: Report, targets: list[Target], known: KnownFindings, *, quiet: bool
) -> Iterator[tuple[Callable[[Target, Progress | Notice], None], Callable[[Target, ChainResult | Fault], None]]]:
    """Show how far round trips are, and print what is finished; yield what to call for events and results.

    Args:
        report: where to print.
        targets: the targets that are tested.
        known: findings that are accepted.
        quiet: print no results.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = ProgressBar(*columns, console=report.err, transient=True, disable=not report.err.is_terminal)
    bars = {target.name: bar.add_task(target.name, total=None) for target in targets}
    lines = _Lines(report, known)

    def notify(target: Target, event: Progress | Notice) -> None:
        if isinstance(event, Progress):
            bar.update(bars[target.name], completed=event.done, total=event.total, description=target.name)
            if event.finished is not None and not quiet:
                lines.finished(target, event.finished)
        else:
            bar.update(bars[target.name], description=f"{target.name} ({event.text})")

    def done(target: Target, result: ChainResult | Fault) -> None:
        bar.remove_task(bars[target.name])
        if not quiet:
            lines.ended(target, result)

    with bar:
        yield notify, done


def _end(report: Report, target: Target, result: ChainResult | Fault) -> None:
    """Print the result of one target, whose revisions are printed."""
    if not isinstance(result, ChainResult):
        report.fault_of(target, len(target.label), result)
        return
    if not result.server:
        report.line(f"{target.name} does not have that revision", "dim")
        return
    for line in result.ahead():
        report.line(f"✗ {line}", "red")
    if result.named_today:
        report.line(f"! {result.named_today}; see naming_convention_from", "yellow")
    report.line(f"{target.name}: {counted(len(result.verdicts), 'revision')} in {result.seconds:.1f} s", "bold")


def _verdict(report: Report, verdict: Verdict, width: int) -> None:
    bad = verdict.is_bad
    style = "red" if bad else "yellow" if verdict.declared else "dim" if verdict.problems else "green"
    times = " ".join(f"{1000 * seconds:.0f}" for seconds in verdict.seconds)
    times = f"{times} ms" if times else ""
    text = "" if bad else verdict.declared or _rows(verdict)
    report.out.print(
        Text.assemble(
            ("✗ " if bad else "  ", "red"), f"{verdict.revision}  ", f"{verdict.message:<{width}}  ",
            (f"{verdict.result:<22}", style), f"  {times:>14}  ", (text, "dim"),
        )
    )  # fmt: skip
    _problems(report, verdict)
    lost, more = few(verdict.lost if verdict.declared else [])
    for line in filter(None, [*(f"lost: {line}" for line in lost), more]):
        report.line(f"      {line}", "dim")
    notes, more = few(verdict.notes)
    for line in filter(None, [*(f"! {line}" for line in notes), more]):
        report.line(f"      {line}", "yellow")


def _problems(report: Report, verdict: Verdict) -> None:
    """Print the first few problems, each place once, and how many more there are; known ones are in the way least."""
    problems, more = few([each for each in verdict.problems if each.known is None])
    place = ""
    for problem in problems:
        there = str(Location(verdict.path, problem.line))
        if place and there != place:
            report.line(f"          {place}", "dim")
        place = there
        report.line(f"      {problem}", "red")
    if place:
        report.line(f"          {place}", "dim")
    if more:
        report.line(f"      {more}", "red")
    accepted, more = few([each for each in verdict.problems if each.known is not None])
    for line in filter(None, [*(f"known: {each} ({each.known or 'no reason given'})" for each in accepted), more]):
        report.line(f"      {line}", "dim")


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
    for line in result.known.remarks():
        report.line(f"! {line}", "yellow")
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
