"""What `invoke upgrade` and `invoke downgrade` have in common: the choice of live databases, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.project import targets, workspace
from alembic_lockstep.reports.console import Report
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target


def require_revision(revision: str, refused: str) -> None:
    """Raise CannotRunError for a revision that cannot be meant."""
    if not revision.strip() or revision == refused:
        given = revision.strip() or "without a value"
        raise CannotRunError(f"--revision {given} makes no sense here. A revision id is needed, or one such as +1.")


def chosen_targets(ini: Path, names: list[str]) -> list[Target]:
    """Return the targets that names choose; without names those of this installation.

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
        raise CannotRunError("No target has the dialect that this installation's settings name. Choose with --db.")
    return chosen


def move(chosen: list[Target], command: str, arguments: dict[str, Any]) -> int:
    """Move live databases, one after another; the first that fails is the last.

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

    def given(target: Target) -> dict[str, Any]:
        return {**arguments, "others": [other.section for other in chosen[chosen.index(target) + 1 :]]}

    def tell(_target: Target, text: str) -> None:
        report.line(f"    {text}")

    try:
        with report.working(chosen) as (_tell, done):
            for target, answer in pool.run(chosen, command, given, tell, in_turn=True):
                done(target)
                left.remove(target)
                if isinstance(answer, Fault):
                    report.target("✗", target, width, answer.headline.removeprefix(f"{target.name}: "), answer.detail)
                    code = answer.code
                    break
                report.target("✓", target, width, _moved(answer))
    except KeyboardInterrupt:
        report.warn("Interrupted. Where each database is now: invoke status")
        return INTERRUPTED
    if code and left:
        report.warn(f"Not run after the failure: {', '.join(target.name for target in left)}")
    return code


def _moved(answer: dict[str, Any]) -> str:
    before, after = answer["from"] or "empty", answer["to"] or "empty"
    if not answer["steps"]:
        return f"{answer['where']} is at {after}, nothing to do"
    noun = "revision" if answer["steps"] == 1 else "revisions"
    return f"{answer['where']} went from {before} to {after}, {answer['steps']} {noun}"
