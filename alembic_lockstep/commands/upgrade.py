"""`invoke upgrade`: live databases, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.commands.move import chosen_targets, move, require_revision
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    from pathlib import Path


def upgrade(ini: Path, names: list[str], revision: str, *, create: bool) -> int:
    """Upgrade live databases, one after another; stop at the first that fails.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means those of this installation.
        revision: up to this one.
        create: create a missing database on a server.

    Returns:
        The exit code.
    """
    require_revision(revision, refused="base")
    report = Report()
    arguments = {"revision": revision, "create": create}
    return move(chosen_targets(ini, names, report), "upgrade", arguments, report)
