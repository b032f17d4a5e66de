"""MySQL servers for scratch databases: a given one, Docker, or mysqld on PATH, the first that serves."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from upgrade.errors import CannotRunError
from upgrade.servers.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "migration_scratch_"
"""Every database that this tooling creates or drops on a server begins so."""

GIVEN = "MIGRATION_MYSQL_URL"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that may be used for scratch databases.

    Attributes:
        url: where it is, as somebody who may create databases.
        label: what it is, for people, such as `mysql:9.7`.
    """

    url: sa.URL
    label: str


def find(tell: Callable[[str], None]) -> Server:
    """Return the first server that serves; start one if that is the way to it.

    Args:
        tell: called with what takes long.

    Raises:
        CannotRunError: MIGRATION_MYSQL_URL names a server that cannot be used.
        NoServerError: there is no way to a server; the error names all three.
    """
    from upgrade.servers import docker, local

    given = os.environ.get(GIVEN)
    if given:
        return _given(given)
    reasons = []
    for way in (docker.server, local.server):
        try:
            return way(tell)
        except NoServerError as error:
            reasons.append(str(error))
    raise NoServerError(", ".join([*reasons, f"no {GIVEN}"]))


def _given(text: str) -> Server:
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        # The text may hold a password: it is not repeated.
        raise CannotRunError(f"{GIVEN} is no URL such as mysql://user:password@host:3306/") from None
    if url.get_backend_name() not in {"mysql", "mariadb"}:
        raise CannotRunError(f"{GIVEN} names {url.get_backend_name()}, not MySQL or MariaDB")
    url = url.set(drivername="mysql+pymysql", database="")
    try:
        version = ping(url)
    except sa.exc.DBAPIError as error:
        who = f"{url.username}@{url.host}:{url.port or 3306}"
        raise CannotRunError(f"{GIVEN}: cannot connect to {who} ({reason(error)})") from error
    return Server(url, f"{version} at {url.host}:{url.port or 3306}")


def ping(url: sa.URL) -> str:
    """Return the product and version that a server gives, by a real query over TCP.

    Raises:
        sqlalchemy.exc.DBAPIError: it cannot be reached.
    """
    with _engine(url).connect() as connection:
        version = str(connection.exec_driver_sql("SELECT VERSION()").scalar())
    number = version.split("-", maxsplit=1)[0]
    return f"MariaDB {number}" if "mariadb" in version.lower() else f"MySQL {number}"


def reason(error: sa.exc.DBAPIError) -> str:
    """Return why a connection failed, in a few words and without a password."""
    arguments = getattr(error.orig, "args", ())
    text = str(arguments[-1] if arguments else error.orig)
    _, found, inner = text.partition("([Errno")
    return inner.partition("] ")[2].rstrip(")").lower() if found else text


def _engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10}
    )


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
    database = f"{PREFIX}{name[:24]}_{secrets.token_hex(6)}"
    with _engine(server.url).connect() as guard:
        try:
            guard.exec_driver_sql("SET SESSION wait_timeout = 86400")
            sweep(guard)
            guard.execute(sa.text("SELECT GET_LOCK(:name, 0)"), {"name": database})
            guard.exec_driver_sql(f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4")
        except sa.exc.DBAPIError as error:
            raise CannotRunError(f"{server.label}: cannot make a scratch database: {reason(error)}") from error
        try:
            yield server.url.set(database=database)
        finally:
            guard.exec_driver_sql(f"DROP DATABASE IF EXISTS `{database}`")


def sweep(guard: sa.Connection) -> int:
    """Drop the scratch databases whose owner is gone; return how many those were."""
    dropped = 0
    pattern = PREFIX.replace("_", r"\_") + "%"
    for database in guard.execute(sa.text("SHOW DATABASES LIKE :pattern"), {"pattern": pattern}).scalars().all():
        if guard.execute(sa.text("SELECT GET_LOCK(:name, 0)"), {"name": database}).scalar() == 1:
            guard.exec_driver_sql(f"DROP DATABASE IF EXISTS `{database}`")
            guard.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": database})
            dropped += 1
    return dropped


def running() -> list[Server]:
    """Return the servers of ours that are warm."""
    from upgrade.servers import docker, local

    return [*docker.running(), *local.running()]


def stop() -> list[str]:
    """Remove every server of ours; return their labels."""
    from upgrade.servers import docker, local

    return [*docker.stop(), *local.stop()]
