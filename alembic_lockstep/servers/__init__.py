"""MySQL servers for scratch databases: a given one, Docker, or mysqld on PATH, the first that serves."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.servers.errors import NoServerError
from alembic_lockstep.servers.urls import literal_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.progress import Reporter

PREFIX = "migration_scratch_"
"""Every database that this tooling creates or drops on a server begins so."""

GIVEN = "MIGRATION_MYSQL_URL"
IMAGE = "MIGRATION_SERVER_IMAGE"
"""The environment variable by which a command tells its workers of the one image that is meant."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 600
LOCK = sa.text("SELECT GET_LOCK(:name, 0)")
NOBODY_ANSWERS = {2003, 2006, 2013}
"""The driver's codes for: not reached, gone, lost."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that may be used for scratch databases.

    Attributes:
        url: where it is, as somebody who may create databases.
        label: what it is, for people, such as `mysql:9.7`.
    """

    url: sa.URL
    label: str


class _Way(Protocol):
    """A module that keeps servers."""

    def server(self, notify: Reporter) -> Server: ...

    def running(self) -> list[Server]: ...

    def stop(self) -> list[str]: ...


def _ways() -> Iterator[_Way]:
    """Give the ways to a server of ours, each imported when it is its turn."""
    from alembic_lockstep.servers import docker

    yield docker
    if os.name == "posix":
        from alembic_lockstep.servers import local

        yield local


def find(notify: Reporter) -> Server:
    """Return the first server that serves; start one if that is the way to it. A demanded image is the only way.

    Args:
        notify: called with what takes long.

    Raises:
        CannotRunError: MIGRATION_MYSQL_URL names a server that cannot be used.
        NoServerError: there is no way to a server; the error names each.
    """
    demanded, given = os.environ.get(IMAGE), os.environ.get(GIVEN)
    if demanded:
        from alembic_lockstep.servers import docker

        return docker.server(notify, demanded)
    if given:
        return _given(given)
    reasons = []
    for way in _ways():
        try:
            return way.server(notify)
        except NoServerError as error:
            reasons.append(str(error))
    raise NoServerError(", ".join([*reasons, f"no {GIVEN}"]))


def _given(text: str) -> Server:
    try:
        url = literal_url(text)
    except ValueError as error:
        raise CannotRunError(f"{GIVEN}: {error}") from None
    if url.get_backend_name() not in {"mysql", "mariadb"}:
        raise CannotRunError(f"{GIVEN} names {url.get_backend_name()}, not MySQL or MariaDB")
    url = url.set(drivername="mysql+pymysql", database="")
    where = f"{url.host or 'localhost'}:{url.port or 3306}"
    try:
        version = ping(url)
    except sa.exc.DBAPIError as error:
        raise CannotRunError(f"{GIVEN}: cannot connect to {url.username}@{where} ({reason(error)})") from error
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as error:
        # The driver takes each part of the query for an argument of its own.
        hint = f": look at {', '.join(url.query)} behind its ?" if url.query else ""
        raise CannotRunError(f"{GIVEN}: the driver cannot use this URL{hint}") from error
    return Server(url, f"{version} at {where}")


def own_url(password: str, port: int) -> sa.URL:
    """Return the URL of a server of ours. Without TLS: on this machine it would only make each connection slow."""
    return sa.URL.create("mysql+pymysql", "root", password, "127.0.0.1", port, query={"ssl_disabled": "true"})


def ping(url: sa.URL) -> str:
    """Return the product and version that a server gives, by a real query over TCP.

    Raises:
        sqlalchemy.exc.DBAPIError: it cannot be reached.
    """
    with _engine(url, CONNECT_SECONDS).connect() as connection:
        version = str(connection.exec_driver_sql("SELECT VERSION()").scalar())
    number = version.split("-", maxsplit=1)[0]
    return f"MariaDB {number}" if "mariadb" in version.lower() else f"MySQL {number}"


def answering(url: sa.URL) -> str | None:
    """Return the product and version of a server of ours, None where nobody answers.

    Raises:
        NoServerError: somebody answers, but refuses.
    """
    try:
        return ping(url)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "args", (None,))[0] in NOBODY_ANSWERS:
            return None
        raise NoServerError(f"the server at port {url.port} refuses ({reason(error)})") from error


def reason(error: sa.exc.DBAPIError) -> str:
    """Return why a connection failed, in a few words and without a password."""
    arguments = getattr(error.orig, "args", ())
    text = str(arguments[-1] if arguments else error.orig)
    _, found, inner = text.partition("([Errno")
    return inner.partition("] ")[2].rstrip(")").lower() if found else text


def _engine(url: sa.URL, seconds: int) -> sa.Engine:
    """Return an engine for short statements, which wait at most so long for an answer."""
    waits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds, "write_timeout": seconds}
    return sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=waits)


@contextmanager
def scratch_database(server: Server, name: str) -> Iterator[sa.URL]:
    """Make a scratch database on a server and drop it afterwards.

    A lock with the database's name is held meanwhile. Should this process be killed the server lets go of it, and the
    next one takes the database for what it is: a left-over.

    Args:
        server: where.
        name: becomes part of the database's name.

    Raises:
        CannotRunError: the server does not allow it.
    """
    part = re.sub(r"[^a-z0-9]+", "_", name.lower())[:24]
    database = f"{PREFIX}{part}_{secrets.token_hex(6)}"
    with ExitStack() as stack:
        try:
            guard = stack.enter_context(_engine(server.url, STATEMENT_SECONDS).connect())
            guard.exec_driver_sql("SET SESSION wait_timeout = 86400, lock_wait_timeout = 10")
            sweep(guard)
            guard.execute(LOCK, {"name": database})
            guard.exec_driver_sql(f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4")
        except sa.exc.DBAPIError as error:
            raise CannotRunError(f"{server.label}: cannot make a scratch database: {reason(error)}") from error
        stack.callback(_drop, guard, database)
        yield server.url.set(database=database).update_query_dict({"read_timeout": str(STATEMENT_SECONDS)})


def sweep(guard: sa.Connection) -> int:
    """Drop the scratch databases whose owner is gone; return how many those were."""
    dropped = 0
    for database in guard.exec_driver_sql("SHOW DATABASES").scalars().all():
        if re.fullmatch(rf"{PREFIX}\w+_[0-9a-f]{{12}}", database) and guard.execute(LOCK, {"name": database}).scalar():
            dropped += _drop(guard, database)
    return dropped


def _drop(guard: sa.Connection, database: str) -> bool:
    """Drop a scratch database; one that is gone or busy is left to the next command."""
    try:
        guard.exec_driver_sql(f"DROP DATABASE IF EXISTS `{database}`")
    except sa.exc.DBAPIError:
        return False
    return True


def running() -> list[Server]:
    """Return the servers of ours that are warm.

    Raises:
        CannotRunError: one of the ways cannot be asked.
    """
    with _told():
        return [server for way in _ways() for server in way.running()]


def stop() -> list[str]:
    """Remove every server of ours; return their labels.

    Raises:
        CannotRunError: one of the ways cannot be asked.
    """
    with _told():
        return [label for way in _ways() for label in way.stop()]


@contextmanager
def _told() -> Iterator[None]:
    """Make an error for users of a NoServerError."""
    try:
        yield
    except NoServerError as error:
        raise CannotRunError(str(error)) from error
