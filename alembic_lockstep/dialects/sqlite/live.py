"""Live databases in SQLite files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.sqlite.engine import engine as make_engine
from alembic_lockstep.errors import CannotRunError, shown
from alembic_lockstep.servers import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRIMARY_CODE = 0xFF
"""The bits of an error code that give its kind; the others give details."""


class Live(base.Live):
    """SQLite."""

    def located(self, url: sa.URL, root: Path) -> sa.URL:
        name, query = url.database or ":memory:", url.query
        if query.get("uri") and name.startswith("file:"):
            name, url = unquote(urlsplit(name).path), url.set(query={})
        if name == ":memory:" or query.get("mode") == "memory":
            raise CannotRunError("its URL names a database in memory, which is gone when a command ends.")
        return url.set(database=str(root / name))

    def identity(self, url: sa.URL) -> object:
        return os.path.normcase(_path(url).resolve())

    def engine(self, url: sa.URL) -> sa.Engine:
        urls.require_driver(url)
        return make_engine(url, ())

    def reading_engine(self, url: sa.URL) -> sa.Engine:
        read_only = sa.URL.create("sqlite", database=_path(url).resolve().as_uri(), query={"mode": "ro", "uri": "true"})
        return sa.create_engine(read_only, poolclass=sa.NullPool)

    def prepare(self, url: sa.URL, settings: base.DatabaseSettings, *, create: bool) -> None:
        try:
            _path(url).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRunError(f"cannot make the folder {_path(url).parent}: {error.strerror}") from error

    def is_missing(self, url: sa.URL) -> bool:
        return not _path(url).exists()

    @contextmanager
    def locked(self, connection: sa.Connection, seconds: int) -> Iterator[Callable[[], bool]]:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
        # In this mode the lock of the first transaction stays until the connection is closed.
        driver.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            driver.execute("BEGIN EXCLUSIVE")
            driver.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
            if code not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise sa.exc.DatabaseError("BEGIN EXCLUSIVE", None, error) from error
            raise TimeoutError from error
        yield lambda: True  # nobody can take it away

    def where(self, url: sa.URL, root: Path) -> str:
        return shown(_path(url), root)

    def reason(self, error: sa.exc.DBAPIError) -> str:
        if getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_ROLLBACK:
            return "a program was ended in the middle of a transaction; the next upgrade rolls it back"
        return str(error.orig)

    def after_failure(self, *, committed: bool) -> str:
        if committed:
            return "It has committed by itself: what it did until then is in the database. The rest was rolled back."
        return "It was rolled back as a whole: the database is as it was before this revision."


def _path(url: sa.URL) -> Path:
    return Path(str(url.database))
