"""The project of a command: its targets, after what a killed command has left behind is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.project import targets, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report


def load(ini: Path, report: Report) -> list[Target]:
    """Return the targets of a project; report what had to be recovered in its workspace.

    Args:
        ini: the project's alembic.ini.
        report: where to print.

    Raises:
        CannotRunError: alembic.ini is missing or broken, or the moves of an interrupted change cannot be finished.
    """
    known = targets.load(ini)
    report.recovered(workspace.recover(ini.parent, workspace.folder_of(known)))
    return known
