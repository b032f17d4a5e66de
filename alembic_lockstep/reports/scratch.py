"""What `invoke scratch` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.reports.console import Report
    from alembic_lockstep.servers.server import Server


def running(report: Report, servers: list[Server]) -> None:
    """Print the servers that are kept warm."""
    for server in servers:
        report.line(f"{server.label}  127.0.0.1:{server.url.port}")
    if not servers:
        report.line("No server is kept warm.")


def stopped(report: Report, labels: list[str], used: dict[Server, list[str]]) -> None:
    """Print which servers were stopped, and which were not since commands use them."""
    for server, names in used.items():
        report.line(f"Not stopped: {server.label}, in use for {', '.join(names)}; --stop --all stops it all the same.")
    if labels or not used:
        report.line(f"Stopped: {', '.join(labels)}" if labels else "No server was running.")
