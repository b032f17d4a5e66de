"""Scratch databases on MySQL and MariaDB, and the MySQL server in memory."""

from __future__ import annotations

import importlib.util
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import USUAL, DatabaseSettings, ScratchEngine, quoted
from alembic_lockstep.dialects.mysql import copying
from alembic_lockstep.dialects.mysql.rows import Rows
from alembic_lockstep.dialects.mysql.session import defaults, strict
from alembic_lockstep.errors import ServerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from alembic_lockstep.errors import NeedsServerError
    from alembic_lockstep.memory_mysql.server import Server
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.servers.server import Server as GivenServer


DRIVERS = {
    "mysqldb": ("MySQLdb", "ssl_disabled"),
    "mysqlconnector": ("mysql.connector", "read_timeout"),
}
"""Drivers that a project may use instead of PyMySQL: their modules, and options of PyMySQL that they do not have."""


class Scratch(base.Scratch):
    """MySQL and MariaDB."""

    def memory(self, settings: DatabaseSettings = USUAL) -> AbstractContextManager[sa.Engine]:
        from alembic_lockstep import memory_mysql
        from alembic_lockstep.memory_mysql import charsets

        return memory_mysql.engine(charsets.of_database(settings.charset, settings.collation))

    @contextmanager
    def database(
        self, name: str, folder: Path, notify: Reporter, settings: DatabaseSettings = USUAL
    ) -> Iterator[ScratchEngine]:
        from alembic_lockstep.servers.finding import find
        from alembic_lockstep.servers.scratch import scratch_database

        server = find(notify)
        with scratch_database(server, name, defaults(settings)) as url:
            engine = strict(_engine(url, settings.driver))
            sa.event.listen(engine, "handle_error", partial(_require, server))
            try:
                yield ScratchEngine(engine, server.label)
            finally:
                engine.dispose()

    def obstacle(self, engine: sa.Engine) -> NeedsServerError | None:
        server = _server(engine)
        return None if server is None else server.obstacle

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        server = _server(source.engine)
        if server is None:
            return copying.copy(source, into)
        tables = server.dump()
        # The server in memory writes MySQL's statements, for a database with the default collation that it has.
        if tables is None or into.exec_driver_sql("SELECT @@collation_database").scalar() != server.collation:
            return False
        driver: Any = into.connection.driver_connection
        errors: Any = into.dialect.loaded_dbapi.Error
        with Rows().without_foreign_key_checks(into), driver.cursor() as cursor:
            try:
                for statement in tables.values():
                    cursor.execute(statement)
            except errors:  # an older server
                for name in tables:
                    cursor.execute(f"DROP TABLE IF EXISTS {quoted(into, name)}")
                return False
        return True

    def repair(self, source: sa.Connection, into: sa.Connection, touched: set[str]) -> set[str] | None:
        return copying.repair(source, into, touched)


def _engine(url: sa.URL, driver: str) -> sa.Engine:
    """Return an engine with the driver that a project names, with PyMySQL where that one cannot reach the server."""
    module, *foreign = DRIVERS.get(driver, ("",))
    with suppress(ImportError, sa.exc.DBAPIError):
        if module and importlib.util.find_spec(module):
            named = url.set(drivername=f"mysql+{driver}").difference_update_query(foreign)
            engine = sa.create_engine(named, poolclass=sa.NullPool)
            engine.connect().close()
            return engine
    return sa.create_engine(url, poolclass=sa.NullPool)


def _require(server: GivenServer, context: sa.engine.ExceptionContext) -> None:
    """Raise ServerLostError if a connection has failed since its server is gone, whoever wanted what of it."""
    from alembic_lockstep.servers.server import NOT_REACHED, is_gone

    code = getattr(context.original_exception, "args", None) or (0,)
    if (context.is_disconnect or code[0] in NOT_REACHED) and is_gone(server.url):
        raise ServerLostError(server.label)


def _server(engine: sa.Engine) -> Server | None:
    """Return the server in memory that an engine is connected to, None for any other server."""
    server: Server | None = getattr(engine.dialect, "server", None)
    return server
