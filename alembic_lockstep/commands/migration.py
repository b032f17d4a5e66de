"""`invoke migration`: one change, one script for each target, all or none of them."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import ChangeRequest, GenerationRequest, GenerationResult, Rename
from alembic_lockstep.autogenerate.summary import ChangeResult
from alembic_lockstep.errors import INTERRUPTED, CannotRunError, Fault
from alembic_lockstep.project import message, revision_file, targets, workspace
from alembic_lockstep.reports import migration as reports
from alembic_lockstep.reports.console import Report
from alembic_lockstep.schema import twins
from alembic_lockstep.servers.settings import in_ci
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
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
    change, base = _checked(ini, request)
    report = Report()
    started = time.monotonic()
    reports.header(report, change)
    with workspace.staging(ini.parent, base, change.revision) as staging:
        report.recovered(staging.recovered)
        try:
            _generate(change, staging, report)
        except KeyboardInterrupt:
            report.warn("Interrupted. Nothing was written.")
            return INTERRUPTED
        _require_used_renames(change)
        _compare_twins(change)
        with workspace.ctrl_c_ignored():  # what is in place is reported, too
            _place(change, staging)
            change.seconds = time.monotonic() - started
            reports.result(report, change)
    return change.exit_code()


def _checked(ini: Path, request: ChangeRequest) -> tuple[ChangeResult, Path]:
    """Check the request; return a change that has no results yet, and the folder of the workspace."""
    if request.auto == request.manual:
        raise CannotRunError(
            f"{'Only one' if request.auto else 'One'} of --auto (compare the models) "
            "and --manual (empty scripts) must be given.",
            kind="usage",
        )
    if request.twins and (request.manual or not request.twins.strip() or not _is_text(request.twins)):
        raise CannotRunError(
            "--twins must be a reason in words, and goes with --auto: empty scripts are not compared.", kind="usage"
        )
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


def _is_text(words: str) -> bool:
    """Return whether a text can be written into a file: a shell may pass bytes that are not valid text."""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _generate(change: ChangeResult, staging: workspace.Staging, report: Report) -> None:
    """Let a worker generate and prove the script of each target in its staging folder."""

    def arguments(target: Target) -> dict[str, object]:
        return asdict(
            GenerationRequest(
                message=change.message.text,
                revision=change.revision,
                folder=str(staging.folder(target.name)),
                auto=change.request.auto,
                branch=change.request.branch,
                renames=change.renames,
                allow_drop=change.request.allow_drop,
                require_proof=change.request.require_proof or in_ci(),
            )
        )

    with report.working(change.targets) as (notify, done):
        for target, answer in pool.run(change.targets, "migration", arguments, notify):
            done(target)
            if isinstance(answer, Fault):
                change.faults[target.name] = answer
            else:
                change.results[target.name] = GenerationResult.from_data(answer)


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


def _compare_twins(change: ChangeResult) -> None:
    """Find what the change would make differ between twins; with --twins, write the reason into one of their scripts.

    Raises:
        CannotRunError: --twins is given, and nothing would differ.
    """
    comparable = {name for name, result in change.results.items() if result.after}
    compared = [pair for pair in change.pairs if comparable.issuperset(pair)]
    for names in compared:
        one, other = (change.results[name] for name in names)
        lines = twins.drift(names, (one.before, other.before), (one.after, other.after))
        if lines:
            change.differences[names] = lines
    reason = change.request.twins
    if not reason:
        return
    if not change.differences and not change.failed():
        why = "twins do not come to differ" if compared else "no two targets of one database are compared"
        raise CannotRunError(f"--twins {reason!r} is not needed: {why}. Nothing was written.", kind="unused-twins")
    staged = [[change.results[name].staged for name in names] for names in change.differences]
    for script in {next(filter(None, paths)) for paths in staged}:
        revision_file.declare(Path(script), "twins", reason)


def _place(change: ChangeResult, staging: workspace.Staging) -> None:
    """Put the accepted scripts in place, or read all of them in a dry run."""
    staged = {target.name: Path(change.results[target.name].staged) for target in change.staged()}
    if change.request.dry_run:
        change.previews = {name: path.read_text(encoding="utf-8") for name, path in staged.items()}
        return
    accepted = change.accepted()
    if accepted:
        staging.commit({staged[target.name]: change.script(target) for target in accepted})
    change.placed = accepted
