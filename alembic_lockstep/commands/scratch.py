"""`invoke scratch`: the servers for scratch databases."""

from __future__ import annotations

from alembic_lockstep.reports import scratch as reports
from alembic_lockstep.reports.console import Report


def scratch(*, stop: bool) -> int:
    """Show or stop the servers that are kept warm for proofs.

    Returns:
        The exit code, 0.
    """
    from alembic_lockstep.servers import finding

    report = Report()
    if stop:
        reports.stopped(report, finding.stop())
    else:
        reports.running(report, finding.running())
    return 0
