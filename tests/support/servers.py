"""Real servers, as settings of a project or of this process."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.servers import Server


def text_of(server: Server) -> str:
    """Return a server's URL with its password, as MIGRATION_MYSQL_URL takes it."""
    return server.url.render_as_string(hide_password=False)


@contextmanager
def own_databases(server: Server) -> Iterator[dict[str, str]]:
    """Give settings of the application that name MySQL databases of the caller's own, and drop those afterwards.

    They do not exist yet.
    """
    mark, url = uuid.uuid4().hex[:8], server.url
    names = {"AGENT_DB_NAME": f"test_{mark}_agent", "OPS_DB_NAME": f"test_{mark}_ops"}
    login = {"DB_HOST": str(url.host), "DB_PORT": str(url.port or 3306), "DB_USER": str(url.username)}
    try:
        yield {**names, **login, "DB_PASSWORD": str(url.password or "")}
    finally:
        drop(server, *names.values())


def create(server: Server, *databases: str) -> None:
    """Create empty databases."""
    _run(server, *(f"CREATE DATABASE {name} CHARACTER SET utf8mb4" for name in databases))


def drop(server: Server, *databases: str) -> None:
    """Drop databases, as far as they exist."""
    _run(server, *(f"DROP DATABASE IF EXISTS {name}" for name in databases))


def _run(server: Server, *statements: str) -> None:
    with sa.create_engine(server.url, poolclass=sa.NullPool).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
