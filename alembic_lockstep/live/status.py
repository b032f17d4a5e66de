"""The state of a live database: where it is in its chain, and whether the models are in step with the chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.util import CommandError

from alembic_lockstep import compat, dialects
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.included import is_compared
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import MigrationError
from alembic_lockstep.execution import alembic_errors, model_tables, replay
from alembic_lockstep.live.location import knows, revisions_of, url_of, where
from alembic_lockstep.live.results import Status, joined
from alembic_lockstep.project import chain, models

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

    from alembic_lockstep.project.targets import Target


SHOWN = 3
"""So many changes of the models are shown in a table."""


def status(target: Target) -> Status:
    """Return where a live database is in its chain, and whether the models are in step with the chain.

    Nothing is created or changed. The models are compared with the chain in memory, whatever state the database is in.

    Raises:
        CannotRunError: the chain or the settings are broken.
    """
    script = chain.load(target)
    head = joined(sorted(script.get_heads()))
    url = url_of(target)
    models_status, ahead, codes = _models(target, script)
    found = Status(
        target.name, where(target, url), None, head, None, models_status, "",
        reachable=True, ahead=ahead, codes=codes,
    )  # fmt: skip
    try:
        revisions = revisions_of(target, url)
    except sa.exc.DBAPIError as error:
        note = f"not reachable: {dialects.get(target.dialect).live.reason(error)}"
        return replace(found, note=note, reachable=False, codes=["not-reachable", *codes])
    at = joined(revisions)
    if not all(knows(script, revision) for revision in revisions):
        note = "at a revision that this checkout lacks"
        return replace(found, at=at, note=note, codes=["unknown-revision", *codes])
    try:
        pending = len(compat.upgrade_steps(script, "heads", revisions or chain.start(target)))
    except CommandError as error:
        return replace(
            found, at=at, note=alembic_errors.reason(error, "heads", "upgrade"), codes=["unknown-revision", *codes]
        )
    if pending:
        found = replace(found, note=f"invoke upgrade --db {target.name}", codes=["behind", *codes])
    return replace(found, at=at, pending=pending)


def _models(target: Target, script: ScriptDirectory) -> tuple[str, list[str], list[str]]:
    """Compare models and chain in memory; return the result in a few words, all that differs, and codes."""
    try:
        metadata = models.load(target)
        settings = options(target, metadata)
        with (
            model_tables.watched(target, chain.revisions(script)) as taken,
            replay.replayed(script, target, settings) as connection,
        ):
            ahead = compare(connection, target, metadata, settings)
    except replay.CannotReplayError as error:
        return f"not compared: {error.args[0]}", [], ["models-not-compared"]
    except MigrationError as error:
        return f"broken: {error.headline}", [], ["models-broken"]
    if not ahead:
        revisions = ", ".join(dict.fromkeys(each.revision for each in taken if is_compared(each.table, target)))
        return f"in step, but taken from the models by {revisions}" if revisions else "in step", [], []
    more = f" and {len(ahead) - SHOWN} more" if len(ahead) > SHOWN else ""
    return f"ahead: {'; '.join(ahead[:SHOWN])}{more}", ahead, ["models-ahead"]
