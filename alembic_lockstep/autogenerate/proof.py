"""Prove a staged revision on an engine: up, down to the state before, up again, compared with the models."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import FailedError
from alembic_lockstep.project import chain
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.results import BAD
from alembic_lockstep.roundtrip.scratch import ScratchDatabase

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.revision_run import RevisionRun
    from alembic_lockstep.schema.snapshot import Snapshot


def prove(
    target: Target,
    metadata: sa.MetaData,
    folder: Path,
    notify: Reporter,
    state: sa.Connection | None = None,
) -> tuple[str, list[str]]:
    """Prove the one revision that is staged in `folder`, with rows in the tables that it names.

    What is wrong with rows alone is for a data part, which is written by hand: it does not fail the proof.

    Args:
        target: whose chain it continues.
        metadata: the models that it should lead to.
        folder: the staging folder; scratch files go there too.
        notify: called with what takes long.
        state: a database at the head of the chain, without the revision; the models were compared with it.

    Returns:
        What it was proven on, such as `mysql:9.7`, and what is wrong with rows.

    Raises:
        FailedError: it does not apply, leaves a difference, or does not come down to the state before.
        NoServerError: there is nothing to prove it on.
    """
    script = chain.load(target, staged=folder)
    settings = options(target, metadata)
    text = Path(script.get_revision("head").path).read_text(encoding="utf-8")

    def named(table: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(table)}(?!\w)", text) is not None

    cautions: list[str] = []
    for data in (True, False):
        with closing(ScratchDatabase(target, script, settings, folder, notify, data=data, only=named)) as stage:
            rounds = RoundTrip(stage)
            stage.open(rounds.revisions[:-1], state)
            turn = rounds.begin(rounds.revisions[-1])
            rounds.run_one(turn)
            if turn.verdict.status in BAD:
                if not data:
                    raise _failure(turn, stage.server)
                cautions = [str(problem) for problem in turn.verdict.problems]
                continue
            changed = _changed(turn.before, stage.snapshot) if stage.copied else None
            left = compare(stage.connection, metadata, settings, changed)
            if left:
                raise FailedError(f"proof on {stage.server} failed: after the upgrade the models still differ", *left)
            break
    return stage.server, cautions


def _changed(before: Snapshot, after: Snapshot) -> set[str]:
    names = before.tables.keys() | after.tables.keys()
    return {name for name in names if before.tables.get(name) != after.tables.get(name)}


def _failure(turn: RevisionRun, server: str) -> FailedError:
    if turn.error is not None:
        return turn.error
    step = turn.verdict.problems[0].step
    which = "the downgrade does not lead back to the state before"
    if step != "downgrade":
        which = "the second upgrade does not lead to the state of the first"
    return FailedError(f"proof on {server} failed: {which}", *(problem.text for problem in turn.verdict.problems))
