"""What `invoke upgrade` and `invoke downgrade` have in common: live databases, chosen and moved one after another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic_lockstep.commands import project
from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.live.results import Move, PlannedRevision, Preview
from alembic_lockstep.project import targets
from alembic_lockstep.reports import moves as reports
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.progress import Notice, Progress
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report


TAKEN = {
    "upgrade": "an id, head, or one such as +1 for the next",
    "downgrade": "an id, base, or one such as -1 for the one before",
}
"""What --revision can be."""
_OTHER_WAY = {"upgrade": r"base|-\d+", "downgrade": r"heads?|\+\d+"}


def require_revision(revision: str, step: str) -> None:
    """Raise CannotRunError for a revision that `upgrade` or `downgrade` cannot go to."""
    given = revision.strip()
    if not given or re.fullmatch(_OTHER_WAY[step], given):
        raise CannotRunError(
            f"--revision {given or 'without a value'} makes no sense for {step}. It takes {TAKEN[step]}.", kind="usage"
        )


def chosen_targets(ini: Path, names: list[str], report: Report) -> list[Target]:
    """Return the targets with these names; without names, those of this installation.

    Args:
        ini: the project's alembic.ini.
        names: names or patterns of targets.
        report: where to print.

    Raises:
        CannotRunError: a name is unknown, or this installation has no target.
    """
    known = project.load(ini, report)
    if names:
        return targets.select(known, names)
    chosen = pool.installation(known)
    if not chosen:
        raise CannotRunError(
            "No target has the dialect that this installation's settings name. Choose with --db.", kind="unknown-target"
        )
    for one, other in targets.pairs(chosen):
        raise CannotRunError(
            f"This installation's settings name a database for both {one.name} and {other.name}. "
            "Choose with --db, or set DB_TYPE.",
            kind="usage",
        )
    return chosen


def move(chosen: list[Target], command: str, arguments: dict[str, Any], report: Report) -> int:
    """Move live databases, one after another; stop at the first that fails.

    Args:
        chosen: the targets.
        command: `upgrade` or `downgrade`.
        arguments: what the worker needs.
        report: where to print.

    Returns:
        The exit code.
    """
    width = max(len(target.label) for target in chosen)
    left = list(chosen)
    code = 0
    try:
        for target, answer in _results(report, chosen, command, arguments):
            left.remove(target)
            reports.moved(report, target, width, answer)
            if isinstance(answer, Fault):
                code = answer.exit_code
                break
    except KeyboardInterrupt:
        reports.interrupted(report)
        return INTERRUPTED
    if code and left:
        reports.not_run(report, left)
    return code


def preview(chosen: list[Target], step: str, revision: str, report: Report) -> int:
    """Print what an upgrade or downgrade of live databases would run; nothing is run.

    Args:
        chosen: the targets.
        step: `upgrade` or `downgrade`.
        revision: up or down to this one.
        report: where to print.

    Returns:
        The exit code.
    """
    arguments = {"step": step, "revision": revision}
    answers: dict[str, Preview | Fault] = {}
    with report.working(chosen) as (notify, done):
        for target, answer in pool.run(chosen, "preview", lambda _target: arguments, notify):
            done(target)
            answers[target.name] = answer if isinstance(answer, Fault) else _preview(answer)
    width = max(len(target.label) for target in chosen)
    for target in chosen:
        reports.previewed(report, target, width, answers[target.name])
    report.line("Nothing was run.")
    return max(answer.exit_code if isinstance(answer, Fault) else 0 for answer in answers.values())


def _preview(answer: dict[str, Any]) -> Preview:
    return Preview(answer["database"], answer["at"], [PlannedRevision(**each) for each in answer["revisions"]])


def _results(
    report: Report, chosen: list[Target], command: str, arguments: dict[str, Any]
) -> Iterator[tuple[Target, Move | Fault]]:
    """Move databases one after another, and yield each with the result or a Fault."""

    def arguments_of(target: Target) -> dict[str, Any]:
        return {**arguments, "others": [other.section for other in chosen[chosen.index(target) + 1 :]]}

    def notify(_target: Target, event: Progress | Notice) -> None:
        report.line(f"    {event}")

    with report.working(chosen) as (_notify, done):
        answers = pool.run(chosen, command, arguments_of, notify, on_interrupt=lambda: reports.waiting(report))
        for target, answer in answers:
            done(target)
            yield target, answer if isinstance(answer, Fault) else Move(**answer)
