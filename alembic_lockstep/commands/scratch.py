"""`invoke scratch`: the servers for scratch databases."""

from __future__ import annotations

from alembic_lockstep.reports.console import Report


def scratch(*, stop: bool) -> int:
    """Show or stop the servers that are kept warm for proofs.

    Returns:
        The exit code, 0.
    """
    from alembic_lockstep.servers import finding

    report = Report()
    if stop:
        labels = finding.stop()
        report.line(f"Stopped: {', '.join(labels)}" if labels else "No server was running.")
        return 0
    running = finding.running()
    for server in running:
        report.line(f"{server.label}  127.0.0.1:{server.url.port}")
    if not running:
        report.line("No server is kept warm.")
    return 0
