"""`invoke scratch`: the servers for scratch databases."""

from __future__ import annotations

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.reports import scratch as reports
from alembic_lockstep.reports.console import Report


def scratch(*, stop: bool, everything: bool = False) -> int:
    """Show or stop the servers that are kept warm for proofs.

    Args:
        stop: stop them, except those that a command is using.
        everything: stop those, too.

    Returns:
        The exit code: 1 if a server was not stopped, since it is in use.

    Raises:
        CannotRunError: `everything` without `stop`.
    """
    from alembic_lockstep.servers import finding

    report = Report()
    if everything and not stop:
        raise CannotRunError("--all goes with --stop.", kind="usage")
    if not stop:
        reports.running(report, finding.running())
        return 0
    used = {} if everything else finding.used()
    reports.stopped(report, finding.stop(used), used)
    return int(bool(used))
