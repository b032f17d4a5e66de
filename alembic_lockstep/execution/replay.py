"""Replay a chain without a server: SQLite in memory, MySQL on the server in memory of `memory_mysql`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, NeedsServerError, place
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.project import chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa
    from alembic.script import ScriptDirectory

    from alembic_lockstep.execution.conventions import NamedByConvention
    from alembic_lockstep.project.targets import Target


class CannotReplayError(Exception):
    """A revision asks what only a real server knows; the message is file, line and statement."""


class RefusedError(CannotReplayError):
    """A revision fails in memory; on a server it may not."""


@contextmanager
def replayed(
    script: ScriptDirectory, target: Target, options: dict[str, Any], named: NamedByConvention | None = None
) -> Iterator[sa.Connection]:
    """Provide a connection to a database in memory with the schema at the head of a chain.

    Args:
        script: the chain.
        target: whose chain it is.
        options: the options of MigrationContext.configure that a real run has.
        named: notes what today's naming convention names; None where nobody asks.

    Raises:
        CannotReplayError: a revision, or what the section says of the database, needs a server.
        CannotRunError: a revision fails, whatever it runs on.
    """
    dialect = dialects.get(target.dialect)
    try:
        memory = dialect.scratch.memory(target.made_as)
    except NeedsServerError as error:
        raise CannotReplayError(f"[{target.section}] {error}") from error
    with memory as engine, engine.connect() as connection:
        try:
            runner = ChainRunner(script, connection, target, options, named=named)
            runner.create_initial_tables(in_memory=True)
            runner.raise_by(chain.runnable(script, target))
            obstacle = dialect.scratch.obstacle(engine)
        except NeedsServerError as error:
            obstacle = error
        except RevisionFailedError as error:
            obstacle = dialect.scratch.obstacle(engine)
            if obstacle is None:
                kind = CannotRunError if dialect.traits.memory_is_engine else RefusedError
                raise kind(f"{target.name}: {error.location}: {error.cause}", *error.detail) from error
        if obstacle is not None:
            where = place(obstacle, target.root, target.versions) or target.name
            raise CannotReplayError(f"{where} {obstacle}") from obstacle
        yield connection
