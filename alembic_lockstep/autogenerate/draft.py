"""Prove a draft: a script that was generated, and perhaps edited since. What it does is judged by its effect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.util import to_tuple

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.change import Drop, GenerationRequest, GenerationResult, GenerationStatus
from alembic_lockstep.autogenerate.head_state import HeadState
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.autogenerate.staged_script import StagedScript, schema
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.errors import CannotRunError, FailedError
from alembic_lockstep.project import chain, models, revision_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alembic.script import ScriptDirectory

    from alembic_lockstep.autogenerate.proof import Proof
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target


def prove(target: Target, request: GenerationRequest, notify: Reporter) -> GenerationResult:
    """Prove the script in the staging folder; without one, see that the models still ask for none.

    Args:
        target: whose chain it continues.
        request: the id of the script and the staging folder; whether it may drop columns and tables.
        notify: called with what takes long.

    Raises:
        CannotRunError: the chain has moved on, or chain, models or environment do not allow it.
        FailedError: the proof failed.
    """
    script, metadata = chain.load(target), models.load(target)
    has_script = any(Path(request.folder).glob("*.py"))
    settings = options(target, metadata)
    staged = StagedScript(target, request, metadata, settings, notify)
    if has_script:
        _require_successor(staged.path, target, request, script)
    head = HeadState(target, script, settings, Path(request.folder), notify)
    with head.connection() as connection:
        before = schema(dialects.get(target.dialect), connection)
        ahead = compare(connection, target, metadata, settings)
        if not has_script:
            if ahead:
                raise FailedError("the models have changed since, and the draft has no script for it", *ahead)
            return GenerationResult(GenerationStatus.UNCHANGED, before=before, after=before)
        result = GenerationResult(GenerationStatus.WRITTEN, summary=[*ahead, *head.notes])
        proven = staged.prove(result, connection, is_generated=False)
        is_known = staged.add_schemas(result, connection, before, must_run=proven is None)
        if proven is None and is_known:
            left = compare(connection, target, metadata, settings)
            if left:
                raise FailedError("run in memory: after the upgrade the models still differ", *left)
        _judge_losses(result, request, proven, is_known=is_known)
    return result


def _require_successor(path: Path, target: Target, request: GenerationRequest, script: ScriptDirectory) -> None:
    """Check that a script is the revision that it was generated as, and follows a head of the chain.

    Raises:
        CannotRunError: it is not.
    """
    revision, parent = (revision_file.assigned(path, name) for name in ("revision", "down_revision"))
    if revision != request.revision:
        raise CannotRunError(
            f"{target.name}: its revision is {revision!r}; all scripts of the change have {request.revision!r}. "
            "Set it back.",
            kind="broken-draft",
        )
    heads = set(script.get_heads())
    if not set(to_tuple(parent, ())) <= heads or (parent is None and heads):
        raise CannotRunError(
            f"{target.name}: the chain has moved on: the draft follows {parent}, and the head of the chain is "
            f"{', '.join(sorted(heads)) or 'none'} now",
            kind="outdated-draft",
        )


def _judge_losses(
    result: GenerationResult, request: GenerationRequest, proven: Proof | None, *, is_known: bool
) -> None:
    """Note what is lost, and refuse the script if nobody has allowed that.

    A column or table that is gone is lost, unless its values were there again after the downgrade of the proof.
    """
    if proven is not None:
        result.losses = list(_lost(proven.before.tables, proven.after.tables, proven.restored))
    elif is_known:
        result.losses = list(_lost(result.before, result.after, {}))
    elif not request.allow_drop:
        raise FailedError(
            "what it drops cannot be told without a server. If it may drop tables or columns: --allow-drop",
            kind="not-proven",
        )
    if result.losses and not request.allow_drop:
        result.status = GenerationStatus.REFUSED


def _lost(before: Mapping[str, Any], after: Mapping[str, Any], restored: dict[str, set[str]]) -> Iterator[Drop]:
    """Yield the tables and columns that are gone, and whose values no downgrade has restored.

    Args:
        before: the tables before the script, as a Snapshot or in neutral form.
        after: the tables after it, in the same form.
        restored: the columns by table whose values were restored.
    """
    for name, table in before.items():
        kept = restored.get(name, set())
        stored = {column for column, each in table.columns.items() if not each.computed and not table.view}
        if name not in after:
            if stored - kept:
                yield Drop(name, None, f"- table {name}", [])
            continue
        for column in table.columns:
            if column in stored - kept - set(after[name].columns):
                yield Drop(name, column, f"- column {name}.{column}", [])
