"""Generate the script of one target, in a process that has the target's DB_TYPE."""

from __future__ import annotations

import ast
import linecache
import re
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate.api import RevisionContext
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import destructive, proof, renames
from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult, Rename
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.comparison import words
from alembic_lockstep.errors import CannotRunError, FailedError, NeedsServerError, shown
from alembic_lockstep.execution import replay
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.progress import Notice
from alembic_lockstep.project import chain, models, revision_file
from alembic_lockstep.schema.neutral import neutral
from alembic_lockstep.schema.snapshot import Snapshot
from alembic_lockstep.servers.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from alembic_lockstep.dialects.base import Dialect
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.schema.neutral import NeutralSchema


def generate(target: Target, order: GenerationRequest, tell: Reporter) -> GenerationResult:
    """Stage the script that brings the chain to the models, and prove it.

    Args:
        target: the target.
        order: what to generate.
        tell: called with what takes long.

    Raises:
        CannotRunError: chain, models or environment do not allow it.
        FailedError: the proof failed.
    """
    script = chain.load(target)
    if not order.auto:
        revision = RevisionContext(*_arguments(target, order, script))
        staged = _stage(revision, target, order)
        return GenerationResult(
            "written", staged=staged, summary=["empty and not proven: fill in upgrade and downgrade"]
        )
    return _Generation(target, order, tell, script).go()


class _Generation:
    """One script in the making, from the comparison to the proof."""

    def __init__(self, target: Target, order: GenerationRequest, tell: Reporter, script: ScriptDirectory) -> None:
        self.target, self.order, self.tell, self.script = target, order, tell, script
        self.dialect = dialects.get(target.dialect)
        self.folder = Path(order.folder)
        self.metadata = models.load(target)
        self.settings = options(target, self.metadata)
        self.notes: list[str] = []
        self.renamed: list[renames.Renamed] = []

    def go(self) -> GenerationResult:
        with self._head_state() as connection:
            before = _schema(self.dialect, connection)
            wanted = [Rename.parse(text) for text in self.order.renames]
            self.renamed = renames.apply(wanted, connection, self.metadata, self.settings)
            outcome = self._outcome(self._compared(connection), connection)
            if outcome.status == "written":
                try:
                    outcome.before, outcome.after = before, self._after(connection)
                except (NeedsServerError, sa.exc.SQLAlchemyError) as error:
                    outcome.summary.append(f"not compared with its twin: it {error}")
            elif outcome.status == "unchanged":
                outcome.before = outcome.after = before
            return outcome

    def _compared(self, connection: sa.Connection) -> RevisionContext:
        """Compare the models with the state at the head; return the revision that it makes, not written yet."""
        revision = RevisionContext(*_arguments(self.target, self.order, self.script))
        hooks = renames.hook(self.renamed, self.settings["process_revision_directives"])
        context = MigrationContext.configure(connection, opts={**self.settings, "process_revision_directives": hooks})
        with warnings.catch_warnings(record=True) as warned, self.dialect.comparison.rendering(connection):
            warnings.simplefilter("always")
            revision.run_autogenerate("heads", context)
        self.notes += [f"! {text}" for text in _texts(warned)]
        return revision

    def _outcome(self, revision: RevisionContext, connection: sa.Connection) -> GenerationResult:
        """Stage what was found, and prove it."""
        upgrade = revision.generated_revisions[0].upgrade_ops
        if upgrade is None or upgrade.is_empty():
            return GenerationResult("unchanged")
        summary = [*words.describe(upgrade), *words.cautions(upgrade), *self.notes]
        outcome = GenerationResult("written", summary=summary, losses=destructive.losses(upgrade))
        outcome.renamed = [str(rename) for rename, _, _ in self.renamed]
        if outcome.losses and not self.order.allow_drop:
            outcome.status = "refused"
            return outcome
        template: dict[str, Any] = revision.template_args
        gone = destructive.lossy(upgrade)
        template["lossy"] = revision_file.literal(gone) if gone else ""
        with self.dialect.comparison.rendering(connection):
            outcome.staged = _stage(revision, self.target, self.order)
        state = None if self.renamed else connection
        try:
            outcome.proven_on, with_rows = proof.prove(self.target, self.metadata, self.folder, self.tell, state)
            staged, final = shown(Path(outcome.staged), self.target.root), _final(self.target, Path(outcome.staged))
            outcome.summary += [line.replace(staged, final) for line in _unsaid(with_rows, outcome.summary)]
        except NoServerError as error:
            if self.order.require_proof:
                raise FailedError(f"not proven: {error}") from error
            outcome.not_proven = str(error)
        except FailedError as error:
            raise _in_place(error, self.target, Path(outcome.staged)) from error
        return outcome

    def _after(self, connection: sa.Connection) -> NeutralSchema:
        """Return the schema with the staged script; the state at the head gets it."""
        renames.undo(self.renamed, connection, self.settings)
        script = chain.load(self.target, staged=self.folder)
        ChainRunner(script, connection, self.target, self.settings).run_alone(script.get_revision("head"))
        return _schema(self.dialect, connection)

    @contextmanager
    def _head_state(self) -> Iterator[sa.Connection]:
        """Give a connection to the state at the head: in memory, or where that is impossible to a scratch database."""
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(replay.replayed(self.script, self.target, self.settings))
            except replay.CannotReplayError as obstacle:
                connection = self._on_scratch(obstacle, stack)
            yield connection

    def _on_scratch(self, obstacle: replay.CannotReplayError, stack: ExitStack) -> sa.Connection:
        try:
            scratch = stack.enter_context(self.dialect.scratch.database(self.target.name, self.folder, self.tell))
        except NoServerError as error:
            if isinstance(obstacle, replay.RefusedError):
                raise CannotRunError(*obstacle.args) from obstacle
            raise CannotRunError(
                f"{obstacle}: that needs a server to replay the chain on, and there is none: {error}"
            ) from obstacle
        self.notes.append(f"{obstacle.args[0]}: replayed on a scratch database instead")
        self.tell(Notice(self.notes[-1]))
        connection = stack.enter_context(scratch.engine.connect())
        walk = ChainRunner(self.script, connection, self.target, self.settings)
        walk.prepare()
        walk.upgrade()
        return connection


def _schema(dialect: Dialect, connection: sa.Connection) -> NeutralSchema:
    """Return the schema in the form in which twins are compared.

    As one that has grown from nothing by new tables alone: the server in memory cannot tell of triggers.
    """
    found = dialect.schema.snapshot(connection, Snapshot(), ["CREATE TABLE"])
    connection.rollback()
    return {name: neutral(table) for name, table in found.tables.items()}


def _texts(warned: list[warnings.WarningMessage]) -> list[str]:
    """Return what Alembic warns of, but for circles of foreign keys, which are broken, and what is for developers."""
    told = [warning for warning in warned if not issubclass(warning.category, DeprecationWarning)]
    texts = [" ".join(str(warning.message).split()) for warning in told]
    return [text for text in dict.fromkeys(texts) if "unresolvable cycles" not in text]


def _unsaid(with_rows: list[str], said: list[str]) -> list[str]:
    """Return what rows have shown, but for columns that a caution names already."""
    named = [word for line in said if line.startswith("! ") for word in re.findall(r"^! \w+\.(\w+)", line)]
    return [f"! with rows, {line}" for line in with_rows if not any(re.search(rf"\b{name}\b", line) for name in named)]


def _final(target: Target, staged: Path) -> str:
    """Return where a staged script will be, for people."""
    return shown(target.versions / staged.name, target.root)


def _in_place(error: FailedError, target: Target, staged: Path) -> FailedError:
    """Tell of a staged script by the name that it would have had, with the line that is to blame."""
    final = _final(target, staged)
    headline = error.headline.replace(shown(staged, target.root), f"{final} (not written)")
    number = re.search(rf"{re.escape(shown(staged, target.root))}:(\d+)", error.headline)
    line = [f"at: {linecache.getline(str(staged), int(number.group(1))).strip()}"] if number else []
    headline = re.sub(r" \(not written\):(\d+)", r":\1, not written", headline)
    return FailedError(headline, *line, *error.detail)


def _arguments(
    target: Target, order: GenerationRequest, script: ScriptDirectory
) -> tuple[Config, ScriptDirectory, dict[str, Any]]:
    """Return what RevisionContext takes; the script goes to the staging folder, not to the chain's."""
    script.version_locations = [str(target.versions), order.folder]
    script.__dict__.pop("_version_locations", None)  # Alembic keeps the list that it was loaded with
    script.messaging_opts = {"quiet": True}
    command = {
        "message": order.message,
        "rev_id": order.revision,
        "version_path": order.folder,
        "head": "head",
        "splice": False,
        "branch_label": None,
        "depends_on": None,
        "sql": False,
    }
    return chain.config(target), script, command


def _stage(revision: RevisionContext, target: Target, order: GenerationRequest) -> str:
    """Write the script into the staging folder and return its path."""
    try:
        for _script in revision.generate_scripts():
            pass
        return _format(target, order)
    except OSError as error:
        folder = shown(Path(order.folder), target.root)
        raise CannotRunError(f"cannot write into {folder}: {error.strerror}") from error


def _format(target: Target, order: GenerationRequest) -> str:
    """Format the staged script, and see that it is Python; return its path."""
    path = next(Path(order.folder).glob("*.py"))
    final = target.versions / path.name
    text = revision_file.formatted(path.read_text(encoding="utf-8"), final)
    ast.parse(text, filename=shown(final, target.root))
    path.write_text(text, encoding="utf-8", newline="\n")
    return str(path)
