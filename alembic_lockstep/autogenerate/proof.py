"""Prove a staged revision on an engine: up, down to the state before, up again, compared with the models."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import FailedError, Location
from alembic_lockstep.project import chain
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.results import BAD
from alembic_lockstep.roundtrip.scratch import ScratchDatabase

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.autogenerate.change import GenerationRequest
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.revision_run import RevisionRun
    from alembic_lockstep.schema.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof has shown.

    Attributes:
        server: what the revision was proven on, such as `mysql:9.7`.
        before: the schema before the revision.
        after: the schema after it.
        row_problems: what goes wrong with rows alone, a line each.
        restored: the columns by table whose values were there again after the downgrade.
    """

    server: str
    before: Snapshot
    after: Snapshot
    row_problems: list[str] = field(default_factory=list)
    restored: dict[str, set[str]] = field(default_factory=dict)


def prove(
    target: Target,
    metadata: sa.MetaData,
    request: GenerationRequest,
    notify: Reporter,
    state: sa.Connection | None = None,
    *,
    is_generated: bool = True,
) -> Proof:
    """Prove the one revision that is staged, with rows in the tables that it names.

    A problem with rows alone is for a data part, which is written by hand: it does not fail the proof.

    Args:
        target: whose chain it continues.
        metadata: the models that it should lead to.
        request: its id and the staging folder; scratch files go there too.
        notify: called with what takes long.
        state: a database at the head of the chain, without the revision; the models were compared with it.
        is_generated: whether nobody has edited it, so that what it declares is the tool's own.

    Raises:
        FailedError: it does not apply, leaves a difference, or its downgrade does not lead to the state before.
        NoServerError: there is nothing to prove it on.
    """
    server, run = _run_revision(target, metadata, request, notify, state, data=True, is_generated=is_generated)
    restored = _restored(run)
    if run.verdict.status not in BAD:
        return Proof(server, run.before, run.after, restored=restored)
    row_problems = [str(problem) for problem in run.verdict.problems]
    server, run = _run_revision(target, metadata, request, notify, state, data=False, is_generated=is_generated)
    if run.verdict.status in BAD:
        raise _failure(run, server)
    return Proof(server, run.before, run.after, row_problems, restored)


def _restored(run: RevisionRun) -> dict[str, set[str]]:
    """Return the columns by table whose values the way up and down has kept; NULL alone shows nothing."""
    if run.error is not None or run.no_way_back:
        return {}
    lost = {(loss.table, loss.column) for _step, loss in run.lost}
    return {
        table: {
            column
            for column in rows.columns
            if lost.isdisjoint({(table, ""), (table, column)}) and any(value is not None for value in rows.of(column))
        }
        for table, rows in run.data.items()
    }


def _run_revision(
    target: Target,
    metadata: sa.MetaData,
    request: GenerationRequest,
    notify: Reporter,
    state: sa.Connection | None,
    *,
    data: bool,
    is_generated: bool,
) -> tuple[str, RevisionRun]:
    """Upgrade, downgrade and upgrade again with the staged revision; return the server's name and the run.

    Raises:
        FailedError: all went well, but the models still differ.
    """
    folder = Path(request.folder)
    script, settings = chain.load(target, staged=folder), options(target, metadata)
    revision = script.get_revision(request.revision)
    words = set(re.findall(r"\w+", Path(revision.path).read_text(encoding="utf-8")))

    def is_named(table: str) -> bool:
        return words.issuperset(re.findall(r"\w+", table))

    with closing(ScratchDatabase(target, script, settings, folder, notify, data=data, only=is_named)) as scratch:
        round_trip = RoundTrip(scratch)
        scratch.open([each for each in round_trip.revisions if each is not revision], state)
        run = round_trip.begin(revision)
        run.is_generated = is_generated
        round_trip.run_one(run)
        if run.verdict.status not in BAD:
            changed = _changed_tables(run.before, scratch.snapshot) if scratch.copied else None
            left = compare(scratch.connection, target, metadata, settings, changed)
            if left:
                raise FailedError(f"proof on {scratch.server} failed: after the upgrade the models still differ", *left)
        return scratch.server, run


def _changed_tables(before: Snapshot, after: Snapshot) -> set[str]:
    names = before.tables.keys() | after.tables.keys()
    return {name for name in names if before.tables.get(name) != after.tables.get(name)}


_FAILED = {
    "": "the script is not what it declares",
    "upgrade": "the upgrade leaves the database in a wrong state",
    "downgrade": "the downgrade does not lead back to the state before",
    "second upgrade": "the second upgrade does not lead to the state of the first",
}
"""What a problem in a step means."""


def _failure(run: RevisionRun, server: str) -> FailedError:
    """Return the error for a revision that is broken also without rows."""
    if run.error is not None:
        return run.error
    what = _FAILED[run.verdict.problems[0].step]
    lines = [f"{problem.text} ({Location(run.verdict.path, problem.line)})" for problem in run.verdict.problems]
    return FailedError(f"proof on {server} failed: {what}", *lines)
