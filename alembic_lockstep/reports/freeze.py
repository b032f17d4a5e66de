"""What `invoke freeze` prints."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from alembic_lockstep.errors import counted, shown

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.autogenerate.frozen import FrozenRevision
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.reports.console import Report

_STYLES = {"+": "green", "-": "red", "@": "dim"}


def change(report: Report, target: Target, path: Path, frozen: FrozenRevision) -> None:
    """Print which tables a revision takes from the models, and what is to be written instead."""
    report.line(f"{target.name}:", "bold")
    for line in frozen.tables:
        report.line(f"    {line}")
    name = shown(path, target.root)
    old = path.read_text(encoding="utf-8").splitlines()
    for line in difflib.unified_diff(old, frozen.text.splitlines(), name, name, lineterm=""):
        report.line(line, _STYLES.get(line[:1], ""))


def faults(report: Report, targets: list[Target], found: dict[str, Fault]) -> None:
    """Print why nothing was written."""
    width = max(len(target.label) for target in targets)
    for target in targets:
        if target.name in found:
            report.fault_of(target, width, found[target.name])
    report.line("Nothing was written.")


def confirmed(report: Report) -> bool:
    """Ask whether the changes that were shown are to be written; print what no means."""
    report.line(
        "Each leads to the same schema as before, up and down. Databases that have the revision are not touched."
    )
    if report.agreed("Write this?"):
        return True
    report.line("Nothing was written.")
    return False


def written(report: Report, count: int) -> None:
    """Print that all is done, and what to do next."""
    report.line(
        f"{counted(count, 'revision')} written. Next: invoke migration --auto writes what the models have gained since"
    )
