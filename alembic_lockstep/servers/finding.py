"""Choose a server: the one that the user provides, one in Docker, or a private mysqld; list and stop running ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, NoServerError
from alembic_lockstep.servers import scratch
from alembic_lockstep.servers.server import Server, ping, reason
from alembic_lockstep.servers.settings import GIVEN, IMAGE
from alembic_lockstep.servers.urls import PYMYSQL, parsed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from alembic_lockstep.progress import Reporter


class _Provider(Protocol):
    """A module that starts servers and keeps them running."""

    def server(self, notify: Reporter) -> Server: ...

    def running(self) -> list[Server]: ...

    def stop(self, keep: Collection[sa.URL] = ()) -> list[str]: ...


def _providers() -> Iterator[_Provider]:
    """Yield the providers in order of preference, each imported only when it is needed."""
    from alembic_lockstep.servers import docker

    yield docker
    if os.name == "posix":
        from alembic_lockstep.servers import local

        yield local


def find(notify: Reporter) -> Server:
    """Return the first server that can be used, started if necessary.

    Args:
        notify: called with a message before anything that takes long.

    Raises:
        CannotRunError: MIGRATION_MYSQL_URL names a server that cannot be used.
        NoServerError: there is none; the error says why for each way to get one.
    """
    image, url = os.environ.get(IMAGE), os.environ.get(GIVEN)
    if image:
        from alembic_lockstep.servers import docker

        return docker.server(notify, image)
    if url:
        return _given(url)
    reasons = []
    for provider in _providers():
        try:
            return provider.server(notify)
        except NoServerError as error:
            reasons.append(str(error))
    raise NoServerError(", ".join([*reasons, f"no {GIVEN}"]))


def _given(text: str) -> Server:
    """Return the server of MIGRATION_MYSQL_URL."""
    try:
        url = parsed(text)
    except ValueError as error:
        raise CannotRunError(f"{GIVEN}: {error}") from None
    if url.get_backend_name() != "mysql":
        raise CannotRunError(f"{GIVEN} is a URL of {url.get_backend_name()}; it must be one of MySQL or MariaDB")
    url = url.set(drivername=PYMYSQL, database="")  # the driver that proofs are made for
    where = f"{url.host or 'localhost'}:{url.port or 3306}"
    try:
        version = ping(url)
    except sa.exc.DBAPIError as error:
        raise CannotRunError(f"{GIVEN}: cannot connect to {url.username}@{where} ({reason(error)})") from error
    except CannotRunError as error:
        raise CannotRunError(f"{GIVEN}: {error.headline}", kind=error.kind) from error
    return Server(url, f"{version} at {where}")


def running() -> list[Server]:
    """Return the servers that this tool has started and that are still running.

    Raises:
        NoServerError: a provider cannot be asked.
    """
    return [server for provider in _providers() for server in provider.running()]


def used() -> dict[Server, list[str]]:
    """Return what commands use running servers for at this moment.

    Raises:
        NoServerError: a provider cannot be asked.
    """
    return {server: names for server in running() if (names := scratch.users(server))}


def stop(keep: Collection[Server] = ()) -> list[str]:
    """Stop and remove the servers that this tool has started, except those to keep; return their labels.

    Raises:
        NoServerError: a provider cannot be asked.
    """
    urls = [server.url for server in keep]
    return [label for provider in _providers() for label in provider.stop(urls)]
