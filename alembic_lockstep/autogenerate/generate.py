"""Generate the script of one target, in a process that has the target's DB_TYPE."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import destructive, renames, staging
from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult, GenerationStatus, Rename
from alembic_lockstep.autogenerate.head_state import HeadState
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.autogenerate.staged_script import StagedScript, schema
from alembic_lockstep.comparison import validation, words
from alembic_lockstep.project import chain, models, revision_file

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.autogenerate.api import RevisionContext
    from alembic.operations import ops
    from alembic.script import ScriptDirectory

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target


def generate(target: Target, request: GenerationRequest, notify: Reporter) -> GenerationResult:
    """Stage the script that brings the chain to the models, and prove it.

    Args:
        target: the target.
        request: what to generate.
        notify: called with what takes long.

    Raises:
        CannotRunError: chain, models or environment do not allow it.
        FailedError: the proof failed.
    """
    script = chain.load(target)
    if request.auto:
        return _Generation(target, request, notify, script).run()
    staging.write(staging.new_revision(target, request, script), target, request)
    return GenerationResult(GenerationStatus.WRITTEN, summary=["empty and not proven: fill in upgrade and downgrade"])


class _Generation:
    """The generation of one script, from the comparison to the proof."""

    def __init__(self, target: Target, request: GenerationRequest, notify: Reporter, script: ScriptDirectory) -> None:
        self.target, self.request, self.notify, self.script = target, request, notify, script
        self.dialect = dialects.get(target.dialect)
        self.folder = Path(request.folder)
        self.metadata = models.load(target)
        self.settings = options(target, self.metadata)
        self.head = HeadState(target, script, self.settings, self.folder, notify)
        self.staged = StagedScript(target, request, self.metadata, self.settings, notify)
        self.renamed: list[renames.Renamed] = []

    def run(self) -> GenerationResult:
        """Compare, stage and prove; return what became of it."""
        with self.head.connection() as connection:
            before = schema(self.dialect, connection)
            wanted = [Rename.parse(text) for text in self.request.renames]
            self.renamed = renames.apply(wanted, connection, self.metadata, self.settings)
            revision, warned = self._compare(connection)
            result = self._stage(revision, [*self.head.notes, *(f"! {text}" for text in warned)], connection)
            if result.status is GenerationStatus.WRITTEN:
                self.staged.add_schemas(
                    result, connection, before, lambda: renames.undo(self.renamed, connection, self.settings)
                )
            elif result.status is GenerationStatus.UNCHANGED:
                result.before = result.after = before
            result.named_today = self.head.named.note()
            return result

    def _compare(self, connection: sa.Connection) -> tuple[RevisionContext, list[str]]:
        """Compare the models with the state at the head; return the revision, not written yet, and the warnings."""
        validation.check(self.target, self.metadata, self.settings)
        revision = staging.new_revision(self.target, self.request, self.script)
        hook = renames.hook(self.renamed, self.settings["process_revision_directives"])
        context = MigrationContext.configure(connection, opts={**self.settings, "process_revision_directives": hook})
        with warnings.catch_warnings(record=True) as warned, self.dialect.comparison.rendering(connection):
            warnings.simplefilter("always")
            revision.run_autogenerate("heads", context)
        return revision, _texts(warned)

    def _stage(self, revision: RevisionContext, notes: list[str], connection: sa.Connection) -> GenerationResult:
        """Stage what was found, and prove it."""
        upgrade = revision.generated_revisions[0].upgrade_ops
        if upgrade is None or upgrade.is_empty():
            return GenerationResult(GenerationStatus.UNCHANGED)
        cautions = words.cautions(upgrade)
        result = GenerationResult(
            GenerationStatus.WRITTEN,
            summary=[*words.describe(upgrade), *map(str, cautions), *notes],
            losses=destructive.losses(upgrade),
            renamed=[str(each.rename) for each in self.renamed],
        )
        _declare_lossy(revision, upgrade)
        with self.dialect.comparison.rendering(connection):
            staging.write(revision, self.target, self.request)
        if result.losses and not self.request.allow_drop:
            result.status = GenerationStatus.REFUSED
        else:
            self.staged.prove(result, None if self.renamed else connection, cautions)
        return result


def _declare_lossy(revision: RevisionContext, upgrade: ops.UpgradeOps) -> None:
    template: dict[str, Any] = revision.template_args
    reason = destructive.lossy(upgrade)
    template["lossy"] = revision_file.literal(reason) if reason else ""


DONE = ("unresolvable cycles", "expression-based index", "reflection of expression-based index")
"""What Alembic and SQLAlchemy warn of, and this package does."""


def _texts(warned: list[warnings.WarningMessage]) -> list[str]:
    """Return Alembic's warnings, without those of what is done here, and those meant for developers."""
    shown_ones = [warning for warning in warned if not issubclass(warning.category, DeprecationWarning)]
    texts = [" ".join(str(warning.message).split()) for warning in shown_ones]
    return [text for text in dict.fromkeys(texts) if not any(known in text for known in DONE)]
