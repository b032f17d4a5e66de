"""Sessions on MySQL and MariaDB: strict, whatever the server's own mode is.

In a session that is not, a server cuts values off that do not fit a column, and turns others into zeros.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base

STRICT = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES,STRICT_ALL_TABLES')"


def strict(engine: sa.Engine) -> sa.Engine:
    """Make every session of an engine strict from its beginning; return the engine."""

    @sa.event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(STRICT)

    return engine


def defaults(settings: base.DatabaseSettings) -> str:
    """Return the default character set and collation of a database that is made, as SQL for CREATE DATABASE."""
    collation = f" COLLATE {settings.collation}" if settings.collation else ""
    charset = f"CHARACTER SET {settings.charset or 'utf8mb4'}" if settings.charset or not collation else ""
    return charset + collation


class Session(base.Session):
    """MySQL and MariaDB."""

    def keeps_rows(self, connection: sa.Connection) -> bool:
        return not hasattr(connection.dialect, "server")

    def start(self, connection: sa.Connection) -> None:
        if not self.keeps_rows(connection):  # there are no values in memory
            return
        outside = not connection.in_transaction()
        connection.exec_driver_sql(STRICT)  # not by the driver alone: a server that is gone is noticed by its engine
        if outside:
            connection.commit()
