"""The state of a live database: where it is in its chain, and whether the models are in step with the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep import compat, dialects
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import MigrationError
from alembic_lockstep.execution import context, replay
from alembic_lockstep.execution.runner import current
from alembic_lockstep.live.location import knows, url_of, where
from alembic_lockstep.live.results import Status, joined
from alembic_lockstep.project import chain, models

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

    from alembic_lockstep.project.targets import Target


def status(target: Target) -> Status:
    """Return where a live database is in its chain, and whether the models are in step with the chain.

    Nothing is created or changed. The models are compared with the chain in memory, whatever state the database is in.

    Raises:
        CannotRunError: the chain or the settings are broken.
    """
    script = chain.load(target)
    head = joined(sorted(script.get_heads()))
    url = url_of(target)
    database, in_step = where(target, url), _models(target, script)
    try:
        revisions = _current(target, url)
    except sa.exc.DBAPIError as error:
        note = f"not reachable: {dialects.get(target.dialect).live.reason(error)}"
        return Status(target.name, database, None, head, None, in_step, note, reachable=False)
    at = joined(revisions)
    if not all(knows(script, revision) for revision in revisions):
        return Status(
            target.name, database, at, head, None, in_step, "at a revision that this checkout lacks", reachable=True
        )
    pending = len(compat.upgrade_steps(script, "heads", revisions))
    note = f"invoke upgrade --db {target.name}" if pending else ""
    return Status(target.name, database, at, head, pending, in_step, note, reachable=True)


def _current(target: Target, url: sa.URL) -> tuple[str, ...]:
    dialect = dialects.get(target.dialect)
    if dialect.live.is_missing(url):
        return ()
    with dialect.live.reading_engine(url).connect() as connection:
        return current(connection, context.options(target))


def _models(target: Target, script: ScriptDirectory) -> str:
    """Compare models and chain in memory."""
    try:
        metadata = models.load(target)
        settings = options(target, metadata)
        with replay.replayed(script, target, settings) as connection:
            ahead = compare(connection, metadata, settings)
    except replay.CannotReplayError as error:
        return f"not compared: {error.args[0]}"
    except MigrationError as error:
        return f"broken: {error.headline}"
    return f"ahead: {'; '.join(ahead[:3])}{' …' if len(ahead) > 3 else ''}" if ahead else "in step"
