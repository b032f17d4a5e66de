"""The URLs that users write: parsed, with a driver that is there, and with errors that say what is wrong with them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, NotInstalledError

PYMYSQL = "mysql+pymysql"
SYNCHRONOUS = {"mysql+aiomysql": PYMYSQL, "mysql+asyncmy": PYMYSQL, "sqlite+aiosqlite": "sqlite"}
"""The driver that does the work of an asynchronous one."""
PACKAGES = {
    "pymysql": '"alembic-lockstep[mysql]"',
    "mysqldb": "mysqlclient",
    "mysqlconnector": "mysql-connector-python",
    "mariadbconnector": "mariadb",
    "pysqlcipher": "sqlcipher3",
}
"""What to install for a driver, where it is not called like the driver."""
FILES = ("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key")
"""The options of a URL that name a file or a folder."""
OF_THE_URL = (AttributeError, OSError, OverflowError, RuntimeError, TypeError, ValueError, sa.exc.ArgumentError)
"""What drivers raise for options that they cannot use; failures to connect are errors of their own."""


class NoUrlError(ValueError):
    """A value is no URL; the message says why without repeating it."""


def parsed(value: object) -> sa.URL:
    """Return a URL, with the driver by which the tool connects.

    MariaDB is a server of the dialect mysql. Where no driver of MySQL is named, it is PyMySQL, unless SQLAlchemy's own
    choice is installed. An asynchronous driver is replaced by the one of the same dialect that is not.

    Args:
        value: a URL, or its text.

    Raises:
        NoUrlError: it is neither. The message does not repeat the value, which may contain a password.
    """
    if not isinstance(value, str | sa.URL):
        raise NoUrlError(f"a {type(value).__name__} is neither a URL of SQLAlchemy nor its text")
    url = _of_text(value) if isinstance(value, str) else value
    backend, _, driver = url.drivername.partition("+")
    backend = "mysql" if backend == "mariadb" else backend
    if backend == "mysql" and not driver and not importlib.util.find_spec("MySQLdb"):
        driver = "pymysql"
    name = f"{backend}+{driver}" if driver else backend
    return url.set(drivername=SYNCHRONOUS.get(name, name))


def _of_text(text: str) -> sa.URL:
    if text.count("@") > 1:  # what follows the first @ would be shown as the host
        raise NoUrlError("a @ in a name or password is written as %40")
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise NoUrlError("no URL such as mysql://user:password@host:3306/") from None


def require_driver(url: sa.URL) -> None:
    """Raise CannotRunError if the driver of a URL is none that SQLAlchemy knows, or is not installed."""
    try:
        url.get_dialect().import_dbapi()
    except sa.exc.NoSuchModuleError as error:
        raise CannotRunError(f"{url.drivername} is no driver that SQLAlchemy knows") from error
    except ModuleNotFoundError as error:
        name = url.get_driver_name()
        raise NotInstalledError(name, PACKAGES.get(name)) from error


def engine(url: sa.URL, **options: Any) -> sa.Engine:
    """Return an engine without a pool.

    Args:
        url: the server's or the database's.
        options: further ones of `sqlalchemy.create_engine`.

    Raises:
        CannotRunError: the driver is not installed, or cannot use the URL; the latter also when it connects.
    """
    require_driver(url)
    try:
        made = sa.create_engine(url, poolclass=sa.NullPool, **options)
    except OF_THE_URL as error:
        raise CannotRunError(_fault(url, error)) from error

    @sa.event.listens_for(made, "do_connect")
    def _(dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        try:
            return dialect.connect(*arguments, **named)
        except OF_THE_URL as error:
            raise CannotRunError(_fault(url, error)) from error

    return made


def _fault(url: sa.URL, error: Exception) -> str:
    """Return what is wrong with a URL that a driver cannot use, without values other than names of files."""
    files = {name: str(url.query[name]) for name in FILES if name in url.query}
    if isinstance(error, OSError) and files:
        missing = {name: file for name, file in files.items() if not Path(file).exists()}
        shown = ", ".join(f"{name} = {file}" for name, file in (missing or files).items())
        return f"{shown}: {error.strerror or type(error).__name__}"
    if isinstance(error, RuntimeError):  # PyMySQL asks for a package that this server's passwords need
        return str(error)
    # The driver takes each part of the query string as an argument of its own.
    hint = f": look at {', '.join(url.query)} behind its ?" if url.query else ""
    return f"the driver cannot use this URL{hint}"
