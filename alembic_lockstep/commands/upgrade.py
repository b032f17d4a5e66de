"""`invoke upgrade`: live databases, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.commands.move import chosen_targets, move, preview, require_revision
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    from pathlib import Path


def upgrade(
    ini: Path, names: list[str], revision: str, *, create: bool, dry_run: bool = False, show_values: bool = False
) -> int:
    """Upgrade live databases, one after another; stop at the first that fails.

    Args:
        ini: the project's alembic.ini.
        names: targets; none means those of this installation.
        revision: up to this one.
        create: create a missing database on a server.
        dry_run: print what would be run, and run nothing.
        show_values: show values of rows in errors.

    Returns:
        The exit code.

    Raises:
        CannotRunError: the arguments do not go together.
    """
    if create and dry_run:
        raise CannotRunError("--create makes a database and --dry-run makes nothing: leave one out.", kind="usage")
    require_revision(revision, "upgrade")
    report = Report()
    chosen = chosen_targets(ini, names, report)
    if dry_run:
        return preview(chosen, "upgrade", revision, report)
    return move(chosen, "upgrade", {"revision": revision, "create": create, "show_values": show_values}, report)
