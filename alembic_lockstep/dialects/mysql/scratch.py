"""Scratch databases on MySQL and MariaDB, and the MySQL server in memory."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import ScratchEngine, quoted
from alembic_lockstep.dialects.mysql.rows import Rows
from alembic_lockstep.errors import ServerLostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from alembic_lockstep.errors import NeedsServerError
    from alembic_lockstep.memory_mysql.server import Server
    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.servers.server import Server as GivenServer


class Scratch(base.Scratch):
    """MySQL and MariaDB."""

    def memory(self) -> AbstractContextManager[sa.Engine]:
        from alembic_lockstep import memory_mysql

        return memory_mysql.engine()

    @contextmanager
    def database(self, name: str, folder: Path, notify: Reporter) -> Iterator[ScratchEngine]:
        from alembic_lockstep.servers.finding import find
        from alembic_lockstep.servers.scratch import scratch_database

        server = find(notify)
        with scratch_database(server, name) as url:
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            sa.event.listen(engine, "handle_error", partial(_require, server))
            try:
                yield ScratchEngine(engine, server.label)
            finally:
                engine.dispose()

    def obstacle(self, engine: sa.Engine) -> NeedsServerError | None:
        server = _server(engine)
        return None if server is None else server.obstacle

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        from alembic_lockstep.memory_mysql.database import COLLATION

        server = _server(source.engine)
        tables = server.dump() if server is not None else None
        # The server in memory writes MySQL's statements, for a database with MySQL's own default collation.
        if tables is None or into.exec_driver_sql("SELECT @@collation_database").scalar() != COLLATION:
            return False
        driver: Any = into.connection.driver_connection
        with Rows().without_foreign_key_checks(into), driver.cursor() as cursor:
            try:
                for statement in tables.values():
                    cursor.execute(statement)
            except driver.Error:  # an older server
                for name in tables:
                    cursor.execute(f"DROP TABLE IF EXISTS {quoted(into, name)}")
                return False
        return True


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
