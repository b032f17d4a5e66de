"""`invoke migration --continue` and `--abort`: prove a draft as it is now and put it in place, or drop it."""

from __future__ import annotations

import ast
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.summary import ChangeResult
from alembic_lockstep.commands import change as making
from alembic_lockstep.errors import (
    INTERRUPTED,
    CannotRunError,
    FailedError,
    Fault,
    Location,
    MigrationError,
    first_line,
    shown,
)
from alembic_lockstep.project import drafts, message, revision_file, targets, workspace
from alembic_lockstep.reports import migration as reports
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alembic_lockstep.autogenerate.change import ChangeRequest
    from alembic_lockstep.project.drafts import Draft
    from alembic_lockstep.project.targets import Target


TAKEN = ("--allow-drop", "--twins", "--require-proof", "--dry-run")
"""What goes with --continue."""


def abort(ini: Path, request: ChangeRequest) -> int:
    """Drop the open draft, and print which scripts it had.

    Args:
        ini: the project's alembic.ini.
        request: what the developer typed.

    Raises:
        CannotRunError: other flags were given, no draft is open, or it cannot be removed.
    """
    _require_alone(request, "--abort", taken=())
    report = Report()
    scripts, recovered = workspace.drop_draft(ini.parent, workspace.folder_of(targets.load(ini)))
    report.recovered(recovered)
    reports.dropped(report, [shown(path, ini.parent) for path in scripts])
    return 0


def resume(ini: Path, request: ChangeRequest) -> int:
    """Prove the scripts of the open draft as they are now, put all or none in place, and print the result.

    Args:
        ini: the project's alembic.ini.
        request: what the developer typed.

    Returns:
        The exit code: 0 all well, 1 something failed or would be lost, 2 could not run.

    Raises:
        MigrationError: there is no draft, or the request or the environment is wrong; nothing was written.
    """
    _require_alone(request, "--continue", taken=TAKEN)
    report, started = Report(), time.monotonic()
    known = targets.load(ini)
    base = workspace.folder_of(known)
    report.recovered(workspace.recover(ini.parent, base))
    draft = drafts.find(ini.parent, base)
    if draft is None:
        raise workspace.no_draft()
    change = _change(draft, request, known, ini)
    with ExitStack() as end:
        with workspace.staging(ini.parent, base, draft.revision) as staging:
            report.recovered(staging.recovered)
            if drafts.find(ini.parent, base) != draft:  # another command was faster
                raise workspace.no_draft()
            reports.header(report, change)
            try:
                folders = _stage(change, drafts.paths(base, draft), staging)
                if not change.faults:
                    making.work(change, folders, "draft", report)
            except KeyboardInterrupt:
                report.warn("Interrupted. Nothing was written; the draft is still open.")
                return INTERRUPTED
            making.compare_twins(change)
            making.require_used_reason(change, request.twins)
            end.enter_context(workspace.ctrl_c_ignored())  # what is in place is reported, too
            making.place(change, staging)
            if not change.placed:
                change.drafts = drafts.paths(base, draft)
            making.name_places(change)
        change.seconds = time.monotonic() - started
        reports.result(report, change)
        if any(fault.kind == "outdated-draft" for fault in change.faults.values()):
            reports.outdated(report, draft.request())
    return change.exit_code()


def _require_alone(request: ChangeRequest, flag: str, taken: Sequence[str]) -> None:
    """Raise CannotRunError for a flag that does not go with --continue or --abort."""
    given = {
        "-m": request.message,
        "--auto": request.auto,
        "--manual": request.manual,
        "--db": request.db,
        "--rename": request.rename,
        "--branch": request.branch,
        "--keep-partial": request.keep_partial,
        "--continue": request.resume and flag != "--continue",
        "--abort": request.abort and flag != "--abort",
        "--allow-drop": request.allow_drop,
        "--twins": request.twins,
        "--require-proof": request.require_proof,
        "--dry-run": request.dry_run,
    }
    wrong = [name for name, value in given.items() if value and name not in taken]
    if wrong:
        goes = f" It takes {', '.join(taken)}." if taken else ""
        raise CannotRunError(
            f"{flag} takes the change from the draft: leave out {', '.join(wrong)}.{goes}", kind="usage"
        )
    making.require_reason(request)


def _change(draft: Draft, request: ChangeRequest, known: list[Target], ini: Path) -> ChangeResult:
    """Return the change of a draft, without results yet."""
    return ChangeResult(
        request=replace(
            request,
            auto=True,
            branch=draft.branch,
            twins=request.twins or draft.twins,
            allow_drop=request.allow_drop or draft.allow_drop,
            require_proof=request.require_proof or draft.require_proof,
        ),
        message=message.parse(draft.message, targets.message_types(ini)),
        renames=draft.renames,
        revision=draft.revision,
        targets=targets.select(known, list(draft.scripts)),
        pairs=[(one.name, other.name) for one, other in targets.pairs(known)],
    )


def _stage(change: ChangeResult, paths: dict[str, Path], staging: workspace.Staging) -> dict[str, Path]:
    """Copy the scripts of a draft, formatted, into the staging folders, and return the folders.

    A draft is formatted in its own file, too: messages name its lines.
    """
    folders = {target.name: staging.folder(target.name) for target in change.targets}
    for target in change.targets:
        path = paths.get(target.name)
        if path is None:
            continue
        try:
            text = _formatted(path, target)
        except MigrationError as error:
            change.faults[target.name] = Fault.of(error)
            continue
        change.scripts[target.name] = staging.add(target.name, path.name, text)
        if not change.request.dry_run:
            drafts.rewrite(target.root, path, text)
    return folders


def _formatted(path: Path, target: Target) -> str:
    """Return a script of a draft as it would be in its place.

    Raises:
        CannotRunError: it is missing.
        FailedError: it is not Python.
    """
    name = shown(path, target.root)
    try:
        text = path.read_text(encoding="utf-8")
        ast.parse(text, filename=name)
    except SyntaxError as error:
        raise FailedError(f"{first_line(error)} ({Location(name, error.lineno)})", kind="broken-draft") from error
    except ValueError as error:
        raise FailedError(f"{name} is not a text in UTF-8: {first_line(error)}", kind="broken-draft") from error
    except OSError as error:
        raise CannotRunError(
            f"its script cannot be read: {name}: {error.strerror}. Put the file back, or drop the draft.",
            kind="broken-draft",
        ) from error
    return revision_file.formatted(text, target.versions / path.name)
