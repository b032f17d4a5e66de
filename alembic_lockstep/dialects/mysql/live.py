"""Live databases on MySQL and MariaDB servers."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.dialects.mysql.session import defaults, strict
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.servers import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

READ_SECONDS = 30
"""So long a server may take to answer where nothing is changed."""
PORT = 3306
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
UNKNOWN_DATABASE = 1049
HINTS = {
    UNKNOWN_DATABASE: "; invoke upgrade --create makes it",
    # Also where there is no such database: to a user without rights on its name the server does not tell which it is.
    1044: "; the user needs rights on this database (GRANT)",
    1045: "; the password is wrong, or the user may not connect from here",
    1142: "; the user needs this right (GRANT)",
}
"""What is added to errors of the server, by number."""


class Live(base.Live):
    """MySQL and MariaDB."""

    def located(self, url: sa.URL, root: Path) -> sa.URL:
        if not url.database:
            raise CannotRunError("its URL names no database.")
        return url

    def identity(self, url: sa.URL) -> object:
        socket = url.query.get("unix_socket")
        if socket and not url.host:
            return socket, url.database
        host = (url.host or "localhost").lower()
        return "localhost" if host in THIS_MACHINE else host, url.port or PORT, url.database

    def engine(self, url: sa.URL) -> sa.Engine:
        return self._engine(url, {})

    def _engine(self, url: sa.URL, limits: dict[str, Any]) -> sa.Engine:
        arguments: dict[str, Any] = {"connect_timeout": 10, **limits}
        if url.drivername == urls.PYMYSQL:  # it would encode a password as Latin-1
            arguments["password"] = str(url.password or "").encode()
        return strict(urls.engine(url, connect_args=arguments))

    def reading_engine(self, url: sa.URL) -> sa.Engine:
        # A server that accepts a connection and then says nothing would be waited for without end.
        limits = {"read_timeout": READ_SECONDS} if url.drivername == urls.PYMYSQL else {}
        return self._engine(url, limits)

    def prepare(self, url: sa.URL, settings: base.DatabaseSettings, *, create: bool) -> None:
        try:
            with self.reading_engine(url).connect():
                return
        except sa.exc.DBAPIError as error:
            if _code(error) != UNKNOWN_DATABASE:
                raise
        if not create:
            raise CannotRunError(
                f"the database {url.database} does not exist on {_server(url)}; invoke upgrade --create makes it"
            )
        with self.engine(url.set(database="")).connect() as connection:
            name = quoted(connection, url.database or "")
            connection.exec_driver_sql(f"CREATE DATABASE {name} {defaults(settings)}")

    def is_missing(self, url: sa.URL) -> bool:
        return False

    @contextmanager
    def locked(self, connection: sa.Connection, seconds: int) -> Iterator[Callable[[], bool]]:
        # On a connection of its own: the migration's may be closed by its server, or by a revision, at any time.
        name = f"migration:{hashlib.sha256(str(connection.engine.url.database).encode()).hexdigest()[:40]}"
        lock_connection = connection.engine.connect()
        try:
            lock_connection.exec_driver_sql("SET SESSION wait_timeout = 86400")
            query = sa.text("SELECT GET_LOCK(:name, :seconds)")
            if lock_connection.execute(query, {"name": name, "seconds": seconds}).scalar() != 1:
                raise TimeoutError
            yield partial(_has_lock, lock_connection, name)
        finally:
            with suppress(sa.exc.DBAPIError):  # the server lets go of the lock by itself when the connection is gone
                lock_connection.close()

    def where(self, url: sa.URL, root: Path) -> str:
        return f"{_server(url)}/{url.database}"

    def reason(self, error: sa.exc.DBAPIError) -> str:
        from alembic_lockstep.servers.server import reason

        return reason(error) + HINTS.get(_code(error), "")

    def after_failure(self, *, committed: bool) -> str:
        return (
            "MySQL commits each DDL statement and each batch: what this revision did up to the last of them is "
            "committed, and rows that it changed since then were rolled back. If the revision can be run again "
            "(docs/data.md), run the same command; otherwise undo its statements by hand first. Do not drop anything "
            "that may hold moved values."
        )


def _server(url: sa.URL) -> str:
    socket = url.query.get("unix_socket")
    place = str(socket) if socket and not url.host else f"{url.host or 'localhost'}:{url.port or PORT}"
    return f"{url.username}@{place}" if url.username else place


def _code(error: sa.exc.DBAPIError) -> int:
    """Return the server's number of an error."""
    code: int = getattr(error.orig, "args", [0])[0]
    return code


def _has_lock(connection: sa.Connection, name: str) -> bool:
    """Return whether a connection still has a lock; one that was cut, or ended by its server, has none."""
    query = sa.text("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()")
    try:
        return connection.execute(query, {"name": name}).scalar() == 1
    except sa.exc.SQLAlchemyError:
        return False
