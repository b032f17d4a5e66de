"""Write a revision that takes tables from the models as the operations that it stands for."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.frozen import FrozenRevision
from alembic_lockstep.autogenerate.model_operations import statements
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.errors import FailedError, NeedsServerError
from alembic_lockstep.execution import model_tables
from alembic_lockstep.execution.failures import failure
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, model_calls, models, revision_file
from alembic_lockstep.schema.differences import differences
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa
    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.execution.model_tables import ModelTable
    from alembic_lockstep.project.targets import Target

KIND = "cannot-freeze"


@dataclass(slots=True)
class _Run:
    """What a revision did: the schema after each step, and the tables that it took from the models."""

    schemas: dict[str, Snapshot]
    taken: dict[str, list[ModelTable]]


def freeze(target: Target, revision_id: str, path: str, application: str) -> FrozenRevision:
    """Return a revision of a target as operations, after it has led to the same schema as before.

    Args:
        target: its `ini` is in a folder with the application whose models are meant.
        revision_id: the revision.
        path: the revision's file in the project, which decides how it is formatted.
        application: which models those are, for people.

    Raises:
        FailedError: it cannot be written so, or it would do something else.
        CannotRunError: chain or models are broken.
    """
    script = chain.load(target)
    metadata = models.load(target)
    _require_own(target, application)
    settings = options(target, metadata)
    revision = script.get_revision(revision_id)
    old = _run(target, script, settings, revision)
    taken = [each for step in old.taken.values() for each in step]
    if not taken:
        raise FailedError(
            f"{target.name}: {revision_id} takes no tables from the models of {application}. "
            "Whose it stood for, say with --at COMMIT; --at . means those of today",
            kind=KIND,
        )
    text = _rewritten(target, script, settings, revision, old)
    text = revision_file.formatted(text, Path(path))
    _require_same(target, settings, revision, text, old)
    return FrozenRevision(text, model_tables.described(taken, application))


def _require_own(target: Target, application: str) -> None:
    """Raise FailedError if the models that were imported are not those of the folder."""
    name = target.models.partition(":")[0]
    file = getattr(sys.modules[name], "__file__", None) or ""
    if not Path(file).resolve().is_relative_to(target.root.resolve()):
        raise FailedError(
            f"{target.name}: {name} was imported from {file}, not from {application}: let prepend_sys_path in "
            "alembic.ini name the folder in which the application is, such as %(here)s/src",
            kind=KIND,
        )


@contextmanager
def _below(
    target: Target, script: ScriptDirectory, settings: dict[str, Any], revision: Script
) -> Iterator[ChainRunner]:
    """Provide a database in memory with the revisions below one, on which that one can run."""
    revisions = chain.runnable(script, target)
    if revision not in revisions:
        text = f"{target.name}: {revision.revision} is below starts_at, where no revision ever runs"
        raise FailedError(text, kind=KIND)
    below = revisions[: revisions.index(revision)]
    try:
        with dialects.get(target.dialect).scratch.memory(target.made_as) as engine, engine.connect() as connection:
            runner = ChainRunner(script, connection, target, settings)
            runner.create_initial_tables(in_memory=True)
            with model_tables.watched(target, below) as taken:
                runner.raise_by(below)
            if taken:
                first = taken[0].revision
                raise FailedError(
                    f"{target.name}: freeze {first} first: it takes tables from the models, too", kind=KIND
                )
            yield runner
    except NeedsServerError as error:
        text = f"{target.name}: {revision.revision} cannot be run in memory: {error}"
        raise FailedError(text, kind=KIND) from error


def _run(target: Target, script: ScriptDirectory, settings: dict[str, Any], revision: Script) -> _Run:
    """Run a revision up and down in memory."""
    run = _Run({}, {})
    with _below(target, script, settings, revision) as runner:
        for step in revision_file.STEPS:
            if revision_file.has_step(revision, step):
                with model_tables.watched(target, [revision]) as run.taken[step]:
                    _step(runner, target, revision, step)
                run.schemas[step] = _schema(target, runner.connection)
    return run


def _step(runner: ChainRunner, target: Target, revision: Script, step: str) -> None:
    try:
        runner.run_alone(revision, step)
    except Exception as error:
        raise failure(error, target, revision, step) from error


def _schema(target: Target, connection: sa.Connection) -> Snapshot:
    found = dialects.get(target.dialect).schema.snapshot(connection, Snapshot(), ["CREATE TABLE"])
    connection.rollback()
    return found


def _rewritten(target: Target, script: ScriptDirectory, settings: dict[str, Any], revision: Script, old: _Run) -> str:
    """Return the text of a revision with operations in place of its calls."""
    text, imports = revision_file.text(revision.path), set[str]()
    replaced: dict[model_calls.Call, str] = {}
    with _below(target, script, settings, revision) as runner:
        for step, taken in old.taken.items():
            by_call: dict[model_calls.Call, list[ModelTable]] = {}
            for each in taken:
                call = model_calls.find(text, step, each.lines)
                if call is None:
                    raise FailedError(
                        f"{target.name}: {each.location} {each.does} {each.table} by more than one call of create_all, "
                        f"create, drop_all or drop as a statement of {step}(). Write it as one such statement first, "
                        "or write the operations by hand",
                        kind=KIND,
                    )
                by_call.setdefault(call, []).append(each)
            for call, tables in by_call.items():
                replaced[call] = statements(tables, runner.connection, target, settings, imports)
    return model_calls.replaced(text, replaced, imports)


def _require_same(target: Target, settings: dict[str, Any], revision: Script, text: str, old: _Run) -> None:
    """Raise FailedError if the new text of a revision does not do what the old one did with these models."""
    with tempfile.TemporaryDirectory(prefix="migration-") as folder:
        versions = Path(shutil.copytree(target.versions, Path(folder, "versions")))
        path = versions / Path(revision.path).relative_to(target.versions)
        path.write_text(text, encoding="utf-8", newline="\n")
        copied = replace(target, versions=versions)
        script = chain.load(copied)
        new = _run(copied, script, settings, script.get_revision(revision.revision))
    for step, schema in old.schemas.items():
        found = differences(schema, new.schemas[step])
        if found:
            what = (
                f"{target.name}: nothing was written: the {step} of {revision.revision} as operations leads elsewhere"
            )
            raise FailedError(what, *map(str, found), kind=KIND)
