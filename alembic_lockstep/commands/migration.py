"""`invoke migration`: one change, one script for each target, all or none of them; otherwise a draft of all."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import Rename
from alembic_lockstep.autogenerate.summary import ChangeResult
from alembic_lockstep.commands import change as making
from alembic_lockstep.commands import draft
from alembic_lockstep.errors import INTERRUPTED, CannotRunError
from alembic_lockstep.project import drafts, message, targets, workspace
from alembic_lockstep.reports import migration as reports
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.autogenerate.change import ChangeRequest
    from alembic_lockstep.project.targets import Target


def migrate(ini: Path, request: ChangeRequest) -> int:
    """Generate and prove the scripts of one change, put them in place, and print the result.

    Args:
        ini: the project's alembic.ini.
        request: what the developer typed.

    Returns:
        The exit code: 0 all well, 1 something failed or would be lost, 2 could not run.

    Raises:
        MigrationError: the request or the environment is wrong; nothing was written.
    """
    if request.abort:
        return draft.abort(ini, request)
    if request.resume:
        return draft.resume(ini, request)
    change, base = _checked(ini, request)
    report, started = Report(), time.monotonic()
    with ExitStack() as end:
        with workspace.staging(ini.parent, base, change.revision) as staging:
            report.recovered(staging.recovered)
            drafts.require_none(ini.parent, base)
            reports.header(report, change)
            folders = {target.name: staging.folder(target.name) for target in change.targets}
            try:
                making.work(change, folders, "migration", report)
            except KeyboardInterrupt:
                report.warn("Interrupted. Nothing was written.")
                return INTERRUPTED
            change.scripts = {name: path for name in folders if (path := staging.script(name)) is not None}
            _require_used_renames(change)
            making.compare_twins(change)
            making.require_used_reason(change, request.twins)
            end.enter_context(workspace.ctrl_c_ignored())  # what is in place is reported, too
            kept = making.draft_of(change)
            making.place(change, staging, kept)
            change.drafts = drafts.paths(base, kept) if kept is not None else {}
            making.name_places(change)
        change.seconds = time.monotonic() - started
        reports.result(report, change)
    return change.exit_code()


def _checked(ini: Path, request: ChangeRequest) -> tuple[ChangeResult, Path]:
    """Check the request; return a change that has no results yet, and the folder of the workspace."""
    if request.auto == request.manual:
        if not request.auto:
            drafts.require_none(ini.parent, workspace.folder_of(targets.load(ini)))
        raise CannotRunError(
            f"{'Only one' if request.auto else 'One'} of --auto (compare the models) "
            "and --manual (empty scripts) must be given.",
            kind="usage",
        )
    making.require_reason(request)
    text = message.parse(request.message, targets.message_types(ini))
    renames = [str(Rename.parse(rename)) for rename in request.rename]
    known = targets.load(ini)
    chosen = targets.select(known, request.db)
    for target in chosen:
        target.require_folder()
    _require_own_folders(chosen, known)
    change = ChangeResult(
        request=request,
        message=text,
        renames=renames,
        revision=secrets.token_hex(6),
        targets=chosen,
        pairs=[(one.name, other.name) for one, other in targets.pairs(known)],
    )
    return change, workspace.folder_of(known)


def _require_own_folders(chosen: list[Target], known: list[Target]) -> None:
    """Raise CannotRunError if a target shares its folder, whatever its path: scripts of a change have one name."""
    folders = [target for target in known if target.versions.is_dir()]
    for target in chosen:
        sharing = [each.name for each in folders if each.versions.samefile(target.versions)]
        if len(sharing) > 1:
            raise CannotRunError(
                f"{' and '.join(sharing)} have the same version_locations: the script of one would overwrite that of "
                "the other, or get into its chain. Give each target a folder of its own.",
                kind="broken-ini",
            )


def _require_used_renames(change: ChangeResult) -> None:
    """Raise CannotRunError for a --rename that no target has used."""
    used = {rename for result in change.results.values() for rename in result.renamed}
    for rename in change.renames:
        if rename not in used and not change.faults:
            raise CannotRunError(
                f"--rename {rename} matches no target. The old name must exist in the schema that the migrations build "
                "and not in the models; the new name in the models and not in that schema. Nothing was written.",
                kind="unused-rename",
            )
