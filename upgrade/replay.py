"""Replay a chain without a server: SQLite in memory, MySQL on the server in memory of `upgrade.memory`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from upgrade import dialects
from upgrade.errors import CannotRunError, place
from upgrade.memory.driver import NeedsServerError
from upgrade.walk import RevisionFailedError, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import ScriptDirectory

    from upgrade.targets import Target


class CannotReplayError(Exception):
    """A revision does what only a real server can answer; the message is file, line and operation."""


class RefusedError(CannotReplayError):
    """A revision fails in memory. A server may know better."""


@contextmanager
def replayed(script: ScriptDirectory, target: Target, options: dict[str, Any]) -> Iterator[sa.Connection]:
    """Give a connection to a database in memory with the schema at the head of a chain.

    Args:
        script: the chain.
        target: whose chain it is.
        options: the options of MigrationContext.configure that a real run has.

    Raises:
        CannotReplayError: a revision needs a server.
        CannotRunError: a revision fails, whatever it runs on.
    """
    with dialects.get(target.dialect).memory() as engine, engine.connect() as connection:
        try:
            walk = Walk(script, connection, target, options)
            walk.prepare()
            walk.upgrade()
        except NeedsServerError as error:
            raise CannotReplayError(f"{place(error, target.root, target.versions) or target.name} {error}") from error
        except RevisionFailedError as error:
            headline = f"{target.name}: {error.where}: {error.cause}"
            if isinstance(error.__cause__, sa.exc.DBAPIError) and engine.dialect.name != "sqlite":
                raise RefusedError(headline, *error.detail) from error
            raise CannotRunError(headline, *error.detail) from error
        yield connection
