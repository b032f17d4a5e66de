"""What making a change and finishing its draft have in common: workers, twins, and scripts put in place or kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult
from alembic_lockstep.errors import CannotRunError, Fault, shown
from alembic_lockstep.project import revision_file
from alembic_lockstep.project.drafts import Draft
from alembic_lockstep.schema import twins
from alembic_lockstep.servers.settings import in_ci
from alembic_lockstep.workers import pool

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.autogenerate.change import ChangeRequest
    from alembic_lockstep.autogenerate.summary import ChangeResult
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.project.workspace import Staging
    from alembic_lockstep.reports.console import Report


def require_reason(request: ChangeRequest) -> None:
    """Raise CannotRunError if --twins is no reason."""
    if request.twins and (request.manual or not request.twins.strip() or not _is_text(request.twins)):
        raise CannotRunError(
            "--twins must be a reason in words, and goes with --auto: empty scripts are not compared.", kind="usage"
        )


def _is_text(words: str) -> bool:
    """Return whether a text can be written into a file: a shell may pass bytes that are not valid text."""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def work(change: ChangeResult, folders: dict[str, Path], command: str, report: Report) -> None:
    """Let a worker make or prove the script of each target in its staging folder.

    Args:
        change: what is wanted; it gets the results.
        folders: the staging folder of each target.
        command: of the worker, `migration` or `draft`.
        report: where to show progress.
    """

    def arguments(target: Target) -> dict[str, object]:
        return asdict(
            GenerationRequest(
                message=change.message.text,
                revision=change.revision,
                folder=str(folders[target.name]),
                auto=not change.request.manual,
                branch=change.request.branch,
                renames=change.renames,
                allow_drop=change.request.allow_drop,
                require_proof=change.request.require_proof or in_ci(),
            )
        )

    with report.working(change.targets) as (notify, done):
        for target, answer in pool.run(change.targets, command, arguments, notify):
            done(target)
            if isinstance(answer, Fault):
                change.faults[target.name] = answer
            else:
                change.results[target.name] = GenerationResult.from_data(answer)


def compare_twins(change: ChangeResult) -> None:
    """Find what the change would make differ between twins; write the reason of --twins into one of their scripts."""
    reason = change.request.twins
    for names in _compared(change):
        one, other = (change.results[name] for name in names)
        lines = twins.drift(names, (one.before, other.before), (one.after, other.after))
        if not lines:
            continue
        change.differences[names] = lines
        scripts = [change.scripts[name] for name in names if name in change.scripts]
        declared = next(filter(None, (revision_file.assigned(script, "twins") for script in scripts)), None)
        if declared is not None or reason:
            change.reasons[names] = str(declared or reason)
        if declared is None and reason:
            revision_file.declare(scripts[0], "twins", reason)


def _compared(change: ChangeResult) -> list[tuple[str, str]]:
    comparable = {name for name, result in change.results.items() if result.after}
    return [pair for pair in change.pairs if comparable.issuperset(pair)]


def require_used_reason(change: ChangeResult, reason: str) -> None:
    """Raise CannotRunError if --twins is given, and nothing would differ."""
    if reason and not change.differences and not change.failed():
        compared = _compared(change)
        why = "twins do not come to differ" if compared else "no two targets of one database are compared"
        raise CannotRunError(f"--twins {reason!r} is not needed: {why}. Nothing was written.", kind="unused-twins")


def place(change: ChangeResult, staging: Staging, draft: Draft | None = None) -> None:
    """Put the accepted scripts in place and keep the others, or read all of them in a dry run.

    Args:
        change: with all results.
        staging: where the scripts are.
        draft: what is kept, of `draft_of`.

    Raises:
        CannotRunError: a file cannot be written; nothing was.
    """
    if change.request.dry_run:
        change.previews = {name: path.read_text(encoding="utf-8") for name, path in change.scripts.items()}
        return
    accepted = change.accepted()
    if accepted:
        moves = {change.scripts[target.name]: change.place(target) for target in accepted}
        staging.commit(moves, draft)
    elif draft is not None:
        staging.keep(draft)
    change.placed = accepted


def draft_of(change: ChangeResult) -> Draft | None:
    """Return the draft that is to be kept of a change, None for none."""
    left = change.left()
    if change.request.dry_run or not any(left.values()):
        return None
    return Draft(
        message=change.message.text,
        revision=change.revision,
        scripts=left,
        renames=change.renames,
        branch=change.request.branch,
        allow_drop=change.request.allow_drop,
        twins=change.request.twins,
        require_proof=change.request.require_proof,
    )


def name_places(change: ChangeResult) -> None:
    """Let all texts name the scripts where they are now, or would be, and not where they were staged."""
    for target in change.targets:
        staged = change.scripts.get(target.name)
        if staged is None:
            continue
        old, new = (shown(path, target.root) for path in (staged, change.script(target)))
        if fault := change.faults.get(target.name):
            headline, *detail = (text.replace(old, new) for text in (fault.headline, *fault.detail))
            change.faults[target.name] = replace(fault, headline=headline, detail=tuple(detail))
        elif result := change.results.get(target.name):
            result.summary = [line.replace(old, new) for line in result.summary]
