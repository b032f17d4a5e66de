"""`invoke status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import Fault
from alembic_lockstep.live.results import Status
from alembic_lockstep.project import targets, workspace
from alembic_lockstep.reports.console import Report
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from pathlib import Path


def status(ini: Path, names: list[str], *, as_json: bool) -> int:
    """Show live databases at a glance.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all.
        as_json: print JSON.

    Returns:
        0, also where a database is not reachable or behind; 2 where a chain or the settings are broken.
    """
    known = targets.load(ini)
    workspace.recover(ini.parent, workspace.folder_of(known))
    chosen = targets.select(known, names)
    report = Report()
    statuses: dict[str, Status] = {}
    code = 0
    with report.working(chosen) as (tell, done):
        for target, answer in pool.run(chosen, "status", lambda _target: {}, tell):
            done(target)
            if isinstance(answer, Fault):
                note = answer.headline.removeprefix(f"{target.name}: ")
                statuses[target.name] = Status(target.name, "–", None, None, None, "–", note, reachable=False)
                code = 2
            else:
                statuses[target.name] = Status(**answer)
    report.statuses([statuses[target.name] for target in chosen], as_json=as_json)
    return code
