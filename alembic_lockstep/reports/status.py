"""What `invoke status` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from alembic_lockstep.live.results import Status
    from alembic_lockstep.reports.console import Report

COLUMNS = ("target", "database", "at", "head", "pending", "models", "note")


def table(report: Report, statuses: list[Status]) -> None:
    """Print live databases as a table."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        made.add_column(name, justify="right" if name == "pending" else "left", overflow="fold")
    for status in statuses:
        made.add_row(*(Text(cell) for cell in _cells(status)), style=_style(status))
    report.out.print(made, soft_wrap=False)


def _cells(status: Status) -> tuple[str, ...]:
    pending = "–" if status.pending is None else str(status.pending)
    at, head = status.at or "–", status.head or "–"
    return status.target, status.database, at, head, pending, status.models, status.note


def _style(status: Status) -> str:
    if not status.reachable:
        return "red"
    return "yellow" if status.pending or status.models != "in step" else ""
