"""`invoke status`: the state of live databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.commands import project
from alembic_lockstep.errors import Fault, shown
from alembic_lockstep.live.results import Status
from alembic_lockstep.project import drafts, targets, workspace
from alembic_lockstep.reports import json
from alembic_lockstep.reports import status as reports
from alembic_lockstep.reports.console import Report
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target


def status(ini: Path, names: list[str], *, as_json: bool, check: bool = False) -> int:
    """Print the state of live databases.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means all.
        as_json: print JSON.
        check: whether anything that is not as it should be makes the command fail.

    Returns:
        0, also if a database is behind or cannot be reached, unless `check` is given: then 1; 2 if a chain or the
        settings are broken.
    """
    report = Report()
    known = project.load(ini, report)
    chosen = targets.select(known, names)
    base = workspace.folder_of(known)
    draft = drafts.find(ini.parent, base)
    statuses: dict[str, Status] = {}
    code = 0
    with report.working(chosen) as (notify, done):
        for target, answer in pool.run(chosen, "status", lambda _target: {}, notify):
            done(target)
            if isinstance(answer, Fault):
                code = 2
            statuses[target.name] = _unknown(target, answer) if isinstance(answer, Fault) else Status(**answer)
    found = [statuses[target.name] for target in chosen]
    if as_json:
        scripts = {} if draft is None else drafts.paths(base, draft)
        report.line(json.statuses(found, draft, {name: shown(path, ini.parent) for name, path in scripts.items()}))
    else:
        reports.overview(report, found)
        if draft is not None:
            reports.draft_is_open(report, draft)
    return code or int(check and any(status.codes for status in found))


def _unknown(target: Target, fault: Fault) -> Status:
    """Return the status of a database that could not be asked."""
    note = fault.headline_for(target.name)
    return Status(target.name, "–", None, None, None, "–", note, reachable=False, codes=[fault.kind])
