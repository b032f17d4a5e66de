"""What `invoke status` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from alembic_lockstep.project.drafts import ABORT, CONTINUE

if TYPE_CHECKING:
    from alembic_lockstep.live.results import Status
    from alembic_lockstep.project.drafts import Draft
    from alembic_lockstep.reports.console import Report

COLUMNS = ("target", "database", "at", "head", "pending", "models", "note")
ANY_WIDTH = 10_000


def overview(report: Report, statuses: list[Status]) -> None:
    """Print live databases as a table, or one below the other where a table is too wide."""
    table = _table(statuses)
    wanted = report.out.measure(table, options=report.out.options.update(width=ANY_WIDTH)).maximum
    if wanted <= report.out.width:
        report.out.print(table, soft_wrap=False)
        return
    for status in statuses:
        for name, cell in zip(COLUMNS, _cells(status), strict=True):
            label = "" if name == "target" else f"    {name}  "
            if cell:
                report.line(f"{label}{cell}", _style(status))


def draft_is_open(report: Report, draft: Draft) -> None:
    """Print that a change is not finished, and what can be done with it."""
    report.line(f"A draft is open: {draft}. Finish it: {CONTINUE}; drop it: {ABORT}", "yellow")


def _table(statuses: list[Status]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="right" if name == "pending" else "left", overflow="fold")
    for status in statuses:
        table.add_row(*(Text(cell) for cell in _cells(status)), style=_style(status))
    return table


def _cells(status: Status) -> tuple[str, ...]:
    pending = "–" if status.pending is None else str(status.pending)
    at, head = status.at or "–", status.head or "–"
    return status.target, status.database, at, head, pending, status.models, status.note


def _style(status: Status) -> str:
    if not status.reachable:
        return "red"
    return "yellow" if status.codes else ""
