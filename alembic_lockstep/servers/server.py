"""A MySQL or MariaDB server for scratch databases, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.servers import urls

CONNECT_SECONDS = 5
NOT_REACHED = {2003, 2006, 2013}
"""The driver's error codes for: cannot connect, server gone, connection lost."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that may be used for scratch databases.

    Attributes:
        url: its address, as a user that may create databases.
        label: what people read, such as `mysql:9.7`.
    """

    url: sa.URL
    label: str


def own_url(password: str, port: int) -> sa.URL:
    """Return the URL of a server that this tool has started; TLS on the same machine would only cost time."""
    return sa.URL.create(urls.PYMYSQL, "root", password, "127.0.0.1", port, query={"ssl_disabled": "true"})


def engine(url: sa.URL, seconds: int) -> sa.Engine:
    """Return an engine in autocommit mode.

    Args:
        url: the server's.
        seconds: the longest wait for an answer.
    """
    waits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds, "write_timeout": seconds}
    return urls.engine(url, isolation_level="AUTOCOMMIT", connect_args=waits)


def ping(url: sa.URL) -> str:
    """Return the product and version that a server reports to a real query over TCP.

    Raises:
        sqlalchemy.exc.DBAPIError: it cannot be reached.
    """
    with engine(url, CONNECT_SECONDS).connect() as connection:
        version = str(connection.exec_driver_sql("SELECT VERSION()").scalar())
    number = version.split("-", maxsplit=1)[0]
    return f"MariaDB {number}" if "mariadb" in version.lower() else f"MySQL {number}"


def is_gone(url: sa.URL) -> bool:
    """Return whether a server cannot be reached."""
    try:
        ping(url)
    except sa.exc.DBAPIError:
        return True
    return False


def ping_own(url: sa.URL) -> str | None:
    """Return the product and version of a server that this tool has started, None if nothing answers.

    Raises:
        NoServerError: something answers, but refuses the connection.
    """
    try:
        return ping(url)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "args", (None,))[0] in NOT_REACHED:
            return None
        raise NoServerError(f"the server at port {url.port} refuses ({reason(error)})") from error


def reason(error: sa.exc.DBAPIError) -> str:
    """Return why a connection failed, in a few words and without a password."""
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    text = str(arguments[1] if len(arguments) > 1 else error.orig)  # behind the number
    _, found, inner = text.partition("([Errno")
    return inner.partition("] ")[2].rstrip(")").lower() if found else text
