"""`invoke downgrade`: live databases, after a question."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from alembic_lockstep.commands.move import chosen_targets, move, preview, require_revision
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.reports import moves as reports
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    from pathlib import Path


def downgrade(
    ini: Path,
    names: list[str],
    revision: str,
    *,
    everything: bool,
    yes: bool,
    dry_run: bool = False,
    show_values: bool = False,
) -> int:
    """Ask whether live databases are to be downgraded, and do it.

    Args:
        ini: the project's alembic.ini.
        names: targets.
        revision: down to this one.
        everything: all targets of this installation instead of `names`.
        yes: do not ask.
        dry_run: print what would be run, run nothing, and do not ask.
        show_values: show values of rows in errors.

    Returns:
        The exit code.

    Raises:
        CannotRunError: neither or both of `names` and `everything` are given, or nobody can answer the question.
    """
    if bool(names) == everything:
        raise CannotRunError(
            "downgrade needs one of --db NAME and --all, which means every database of this installation.", kind="usage"
        )
    require_revision(revision, "downgrade")
    report = Report()
    chosen = chosen_targets(ini, names, report)
    if len(chosen) > 1 and revision.startswith(("-", "+")):
        raise CannotRunError(
            f"{revision} means another revision in each database. For several at once name the revision to go down to, "
            "for example  --revision 4b4dd5bb39b4  or  --revision base",
            kind="usage",
        )
    if dry_run:
        return preview(chosen, "downgrade", revision, report)
    if not yes and not (sys.stdin and sys.stdin.isatty()):  # it is None where it is closed
        raise CannotRunError(
            "downgrade asks before it runs, and nobody can answer here. In scripts use --yes.", kind="usage"
        )
    if not yes and not reports.confirmed(report, chosen, revision):
        return 1
    return move(chosen, "downgrade", {"revision": revision, "show_values": show_values}, report)
