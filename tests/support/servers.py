"""Real servers, as settings of a project or of this process."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.servers.server import Server


def text_of(server: Server) -> str:
    """Return a server's URL with its password, as MIGRATION_MYSQL_URL takes it."""
    return server.url.render_as_string(hide_password=False)


@contextmanager
def own_database(server: Server) -> Iterator[sa.URL]:
    """Give the URL of a database of the caller's own, which does not exist yet, and drop it afterwards."""
    url = server.url.set(database=f"test_{uuid.uuid4().hex[:8]}")
    try:
        yield url
    finally:
        _run(server, f"DROP DATABASE IF EXISTS {url.database}")


@contextmanager
def own_databases(server: Server) -> Iterator[dict[str, str]]:
    """Give settings of the application that name MySQL databases as `own_database` does."""
    with own_database(server) as agent, own_database(server) as ops:
        yield {
            "DB_HOST": str(server.url.host),
            "DB_PORT": str(server.url.port or 3306),
            "DB_USER": str(server.url.username),
            "DB_PASSWORD": str(server.url.password or ""),
            "AGENT_DB_NAME": str(agent.database),
            "OPS_DB_NAME": str(ops.database),
        }


def create(server: Server, *databases: str) -> None:
    """Create empty databases."""
    _run(server, *(f"CREATE DATABASE {name} CHARACTER SET utf8mb4" for name in databases))


def _run(server: Server, *statements: str) -> None:
    with sa.create_engine(server.url, poolclass=sa.NullPool).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
