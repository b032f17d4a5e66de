"""What `invoke upgrade` and `invoke downgrade` have in common: live databases, chosen and moved one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.live.results import Move
from alembic_lockstep.project import targets, workspace
from alembic_lockstep.reports.console import Report
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.progress import Notice, Progress
    from alembic_lockstep.project.targets import Target


def require_revision(revision: str, refused: str) -> None:
    """Raise CannotRunError for a revision that the command cannot go to."""
    if not revision.strip() or revision == refused:
        given = revision.strip() or "without a value"
        raise CannotRunError(
            f"--revision {given} makes no sense here. A revision id is needed, or one such as +1.", kind="usage"
        )


def chosen_targets(ini: Path, names: list[str]) -> list[Target]:
    """Return the targets with these names; without names, those of this installation.

    Raises:
        CannotRunError: a name is unknown, or this installation has no target.
    """
    known = targets.load(ini)
    workspace.recover(ini.parent, workspace.folder_of(known))
    if names:
        return targets.select(known, names)
    here = pool.installation(ini)
    chosen = [target for target in known if target.name in here]
    if not chosen:
        raise CannotRunError(
            "No target has the dialect that this installation's settings name. Choose with --db.", kind="unknown-target"
        )
    return chosen


def move(chosen: list[Target], command: str, arguments: dict[str, Any]) -> int:
    """Move live databases, one after another; stop at the first that fails.

    Args:
        chosen: the targets.
        command: `upgrade` or `downgrade`.
        arguments: what the worker needs.

    Returns:
        The exit code.
    """
    report = Report()
    width = max(len(target.label) for target in chosen)
    left = list(chosen)
    code = 0
    try:
        for target, answer in _results(report, chosen, command, arguments):
            left.remove(target)
            if isinstance(answer, Fault):
                report.fault_of(target, width, answer)
                code = answer.exit_code
                break
            report.target("✓", target, width, _sentence(Move(**answer)))
    except KeyboardInterrupt:
        report.warn("Interrupted. To see where each database is now: invoke status")
        return INTERRUPTED
    if code and left:
        report.warn(f"Not run after the failure: {', '.join(target.name for target in left)}")
    return code


def _results(
    report: Report, chosen: list[Target], command: str, arguments: dict[str, Any]
) -> Iterator[tuple[Target, Any]]:
    """Move databases one after another, and yield each with what its worker returns."""

    def arguments_of(target: Target) -> dict[str, Any]:
        return {**arguments, "others": [other.section for other in chosen[chosen.index(target) + 1 :]]}

    def notify(_target: Target, event: Progress | Notice) -> None:
        report.line(f"    {event}")

    def on_interrupt() -> None:
        report.warn("Waiting for the revision that is running; press Ctrl-C again to abort it.")

    with report.working(chosen) as (_notify, done):
        for target, answer in pool.run(
            chosen, command, arguments_of, notify, sequential=True, on_interrupt=on_interrupt
        ):
            done(target)
            yield target, answer


def _sentence(move: Move) -> str:
    before, after = move.before or "empty", move.after or "empty"
    if not move.steps:
        return f"{move.database} is at {after}, nothing to do"
    noun = "revision" if move.steps == 1 else "revisions"
    return f"{move.database} went from {before} to {after}, {move.steps} {noun}"
