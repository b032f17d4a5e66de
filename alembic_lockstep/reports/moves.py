"""What `invoke upgrade` and `invoke downgrade` print and ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import Fault, counted

if TYPE_CHECKING:
    from alembic_lockstep.live.results import Move, Preview
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report


def confirmed(report: Report, chosen: list[Target], revision: str) -> bool:
    """Ask on the terminal whether databases are to be downgraded; print what no means.

    Args:
        report: where to print.
        chosen: the targets.
        revision: down to this one.
    """
    listed = ", ".join(target.name for target in chosen)
    if report.agreed(f"Downgrade {listed} to {revision}? Data of these revisions can be lost."):
        return True
    report.line("Nothing was changed.")
    return False


def moved(report: Report, target: Target, width: int, result: Move | Fault) -> None:
    """Print what became of one database.

    Args:
        report: where to print.
        target: the target.
        width: of the longest label.
        result: the move, or why there was none.
    """
    if isinstance(result, Fault):
        report.fault_of(target, width, result)
    else:
        report.target("✓", target, width, _sentence(result))


def previewed(report: Report, target: Target, width: int, result: Preview | Fault) -> None:
    """Print what would be run on one database.

    Args:
        report: where to print.
        target: the target.
        width: of the longest label.
        result: the preview, or why there is none.
    """
    if isinstance(result, Fault):
        report.fault_of(target, width, result)
        return
    at = f"{result.database} is at {result.at}" if result.at else f"{result.database} is empty"
    if not result.revisions:
        report.target("✓", target, width, f"{at}, nothing to do")
        return
    lines = []
    for each in result.revisions:
        known = each.statements or ["no statements on a database without rows"]
        lines.append(f"{each.revision}  {each.message}")
        lines += [f"    {line}" for line in ([each.unknown] if each.unknown else known)]
    report.target("~", target, width, f"{at}, {counted(len(result.revisions), 'revision')} would run", lines)


def waiting(report: Report) -> None:
    """Print what happens after Ctrl-C."""
    report.warn("Waiting for the revision that is running; press Ctrl-C again to abort it.")


def interrupted(report: Report) -> None:
    """Print what to do after an interrupted command."""
    report.warn("Interrupted. To see where each database is now: invoke status")


def not_run(report: Report, left: list[Target]) -> None:
    """Print which databases were not moved after one had failed."""
    report.warn(f"Not run after the failure: {', '.join(target.name for target in left)}")


def _sentence(move: Move) -> str:
    before, after = move.before or "empty", move.after or "empty"
    if not move.steps:
        return f"{move.database} is at {after}, nothing to do"
    return f"{move.database} went from {before} to {after}, {counted(move.steps, 'revision')}"
