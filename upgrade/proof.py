"""Prove a staged revision on an engine: up, down to the state before, up again, compared with the models."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext

from upgrade import chain, directives
from upgrade.errors import FailedError
from upgrade.options import options
from upgrade.rounds import Rounds
from upgrade.stage import Stage
from upgrade.verdict import BAD

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from upgrade.rounds import Turn
    from upgrade.targets import Target


def prove(target: Target, metadata: sa.MetaData, folder: Path, tell: Callable[[str], None]) -> tuple[str, list[str]]:
    """Prove the one revision that is staged in `folder`, with rows in the tables that it names.

    What is wrong with rows alone is for a data part, which is written by hand: it does not fail the proof.

    Args:
        target: whose chain it continues.
        metadata: the models that it should lead to.
        folder: the staging folder; scratch files go there too.
        tell: called with what takes long.

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
        with closing(Stage(target, script, settings, folder, tell, data=data, only=named)) as stage:
            rounds = Rounds(stage)
            stage.open(rounds.revisions[:-1])
            turn = rounds.begin(rounds.revisions[-1])
            rounds.turn(turn)
            if turn.verdict.status in BAD:
                if not data:
                    raise _failure(turn, stage.server)
                cautions = [str(problem) for problem in turn.verdict.problems]
                continue
            left = compare(stage.connection, metadata, settings)
            if left:
                raise FailedError(f"proof on {stage.server} failed: after the upgrade the models still differ", *left)
            break
    return stage.server, cautions


def _failure(turn: Turn, server: str) -> FailedError:
    if turn.error is not None:
        return turn.error
    step = turn.verdict.problems[0].step
    which = "the downgrade does not lead back to the state before"
    if step != "downgrade":
        which = "the second upgrade does not lead to the state of the first"
    return FailedError(f"proof on {server} failed: {which}", *(problem.text for problem in turn.verdict.problems))


def compare(connection: sa.Connection, metadata: sa.MetaData, settings: dict[str, Any]) -> list[str]:
    """Return what the models have ahead of the connected database, a line each."""
    context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": None})
    upgrade = produce_migrations(context, metadata).upgrade_ops
    connection.rollback()
    return directives.describe(upgrade) if upgrade is not None else []
