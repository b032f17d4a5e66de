"""Create scratch databases on a server, lock them while they are in use, and drop them."""

from __future__ import annotations

import re
import secrets
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.servers.server import engine, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.servers.server import Server

PREFIX = "migration_scratch_"
"""The prefix of every database that this tool creates or drops on a server."""
STATEMENT_SECONDS = 600
_OURS = re.compile(rf"{PREFIX}(\w+)_[0-9a-f]{{12}}")
LOCK = sa.text("SELECT GET_LOCK(:name, 0)")
USED = sa.text("SELECT IS_USED_LOCK(:name)")


@contextmanager
def scratch_database(server: Server, name: str, text: str = "CHARACTER SET utf8mb4") -> Iterator[sa.URL]:
    """Create a scratch database on a server and drop it afterwards.

    A session lock with the database's name is held meanwhile. If this process is killed, the server releases the lock,
    and the next command drops the database as a leftover.

    Args:
        server: where.
        name: becomes part of the database's name.
        text: its default character set and collation, as SQL.

    Raises:
        CannotRunError: the server refuses.
    """
    # Of letters, digits and underscores alone, so that it needs no quotes.
    part = re.sub(r"[^a-z0-9]+", "_", name.lower())[:24]
    database = f"{PREFIX}{part}_{secrets.token_hex(6)}"
    with ExitStack() as stack:
        try:
            owner = stack.enter_context(engine(server.url, STATEMENT_SECONDS).connect())
            owner.exec_driver_sql("SET SESSION wait_timeout = 86400, lock_wait_timeout = 10")
            sweep(owner)
            owner.execute(LOCK, {"name": database})
            owner.exec_driver_sql(f"CREATE DATABASE {database} {text}")
        except sa.exc.DBAPIError as error:
            raise CannotRunError(f"{server.label}: cannot make a scratch database: {reason(error)}") from error
        stack.callback(_drop, owner, database)
        yield server.url.set(database=database).update_query_dict({"read_timeout": str(STATEMENT_SECONDS)})


def sweep(connection: sa.Connection) -> int:
    """Drop the scratch databases whose owners are gone; return how many were dropped."""
    dropped = 0
    for database in connection.exec_driver_sql("SHOW DATABASES").scalars().all():
        if _OURS.fullmatch(database) and connection.execute(LOCK, {"name": database}).scalar():
            dropped += _drop(connection, database)
    return dropped


def users(server: Server) -> list[str]:
    """Return what commands use a server for at this moment, such as `mysql_ops`; nothing if it does not answer."""
    try:
        with engine(server.url, STATEMENT_SECONDS).connect() as connection:
            found = map(_OURS.fullmatch, connection.exec_driver_sql("SHOW DATABASES").scalars().all())
            return [ours[1] for ours in found if ours and connection.execute(USED, {"name": ours[0]}).scalar()]
    except sa.exc.DBAPIError:
        return []


def _drop(connection: sa.Connection, database: str) -> bool:
    """Drop a scratch database; leave one that is busy to the next command."""
    try:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {database}")
    except sa.exc.DBAPIError:
        return False
    return True
