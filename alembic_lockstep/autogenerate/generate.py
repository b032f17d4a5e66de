"""Generate the script of one target, in a process that has the target's DB_TYPE."""

from __future__ import annotations

import linecache
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import destructive, proof, renames, staging
from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult, GenerationStatus, Rename
from alembic_lockstep.autogenerate.head_state import HeadState
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.comparison import validation, words
from alembic_lockstep.errors import FailedError, Location, NeedsServerError, NoServerError, first_line, shown
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.project import chain, models, revision_file
from alembic_lockstep.schema.neutral import neutral
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from alembic.autogenerate.api import RevisionContext
    from alembic.operations import ops
    from alembic.script import ScriptDirectory

    from alembic_lockstep.comparison.words import Caution
    from alembic_lockstep.dialects.base import Dialect
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.schema.neutral import NeutralSchema


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
    staged = staging.write(staging.new_revision(target, request, script), target, request)
    return GenerationResult(
        GenerationStatus.WRITTEN, staged=str(staged), summary=["empty and not proven: fill in upgrade and downgrade"]
    )


class _Generation:
    """The generation of one script, from the comparison to the proof."""

    def __init__(self, target: Target, request: GenerationRequest, notify: Reporter, script: ScriptDirectory) -> None:
        self.target, self.request, self.notify, self.script = target, request, notify, script
        self.dialect = dialects.get(target.dialect)
        self.folder = Path(request.folder)
        self.metadata = models.load(target)
        self.settings = options(target, self.metadata)
        self.head = HeadState(target, script, self.settings, self.folder, notify)
        self.renamed: list[renames.Renamed] = []

    def run(self) -> GenerationResult:
        """Compare, stage and prove; return what became of it."""
        with self.head.connection() as connection:
            before = _schema(self.dialect, connection)
            wanted = [Rename.parse(text) for text in self.request.renames]
            self.renamed = renames.apply(wanted, connection, self.metadata, self.settings)
            revision, warned = self._compare(connection)
            result = self._stage(revision, [*self.head.notes, *(f"! {text}" for text in warned)], connection)
            if result.status is GenerationStatus.WRITTEN:
                try:
                    result.before, result.after = before, self._schema_after(connection)
                except NeedsServerError as error:
                    result.summary.append(f"not compared with its twin: it {error}")
                except sa.exc.SQLAlchemyError as error:
                    result.summary.append(f"not compared with its twin: {first_line(error)}")
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
        if result.losses and not self.request.allow_drop:
            result.status = GenerationStatus.REFUSED
            return result
        _declare_lossy(revision, upgrade)
        with self.dialect.comparison.rendering(connection):
            staged = staging.write(revision, self.target, self.request)
        result.staged = str(staged)
        self._prove(result, cautions, staged, None if self.renamed else connection)
        return result

    def _prove(
        self, result: GenerationResult, cautions: list[Caution], staged: Path, state: sa.Connection | None
    ) -> None:
        """Prove the staged script and note in the result what that has shown."""
        try:
            proven = proof.prove(self.target, self.metadata, self.request, self.notify, state)
        except NoServerError as error:
            if self.request.require_proof:
                raise FailedError(f"not proven: {error}") from error
            result.not_proven = str(error)
        except RevisionFailedError as error:
            raise _at_final_path(error, self.target, staged) from error
        else:
            result.proven_on = f"{proven.server}, with empty tables only" if proven.row_problems else proven.server
            path, final = shown(staged, self.target.root), staging.final_path(self.target, staged)
            new = [line for line in proven.row_problems if not any(_is_about(line, caution) for caution in cautions)]
            result.summary += [f"! with rows, {line.replace(path, final)}" for line in new]

    def _schema_after(self, connection: sa.Connection) -> NeutralSchema:
        """Run the staged script on the state at the head and return the schema."""
        renames.undo(self.renamed, connection, self.settings)
        script = chain.load(self.target, staged=self.folder)
        ChainRunner(script, connection, self.target, self.settings).run_alone(
            script.get_revision(self.request.revision)
        )
        return _schema(self.dialect, connection)


def _schema(dialect: Dialect, connection: sa.Connection) -> NeutralSchema:
    """Return the schema in the form in which twins are compared.

    It is read as if new tables alone had led to it: the server in memory cannot be asked for triggers.
    """
    found = dialect.schema.snapshot(connection, Snapshot(), ["CREATE TABLE"])
    connection.rollback()
    return {name: neutral(table) for name, table in found.tables.items()}


def _declare_lossy(revision: RevisionContext, upgrade: ops.UpgradeOps) -> None:
    template: dict[str, Any] = revision.template_args
    reason = destructive.lossy(upgrade)
    template["lossy"] = revision_file.literal(reason) if reason else ""


def _texts(warned: list[warnings.WarningMessage]) -> list[str]:
    """Return Alembic's warnings, without those of cycles, which are broken, and those meant for developers."""
    shown_ones = [warning for warning in warned if not issubclass(warning.category, DeprecationWarning)]
    texts = [" ".join(str(warning.message).split()) for warning in shown_ones]
    return [text for text in dict.fromkeys(texts) if "unresolvable cycles" not in text]


def _is_about(line: str, caution: Caution) -> bool:
    """Return whether a problem with rows names the column of a caution, which has said so already."""
    return line.startswith(caution.step) and re.search(rf"\b{re.escape(caution.column)}\b", line) is not None


def _at_final_path(error: RevisionFailedError, target: Target, staged: Path) -> FailedError:
    """Return the failure of a staged script under the path that it would have had, with the line that failed."""
    line = error.location.line
    if error.location.path != shown(staged, target.root):
        return error
    place, source = Location(staging.final_path(target, staged), line), []
    if line is not None:
        source = [f"at: {linecache.getline(str(staged), line).strip()}"]
    return FailedError(f"{error.what}: {error.cause} ({place}, not written)", *source, *error.detail)
