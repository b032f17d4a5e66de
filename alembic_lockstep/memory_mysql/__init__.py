"""A MySQL server in memory that knows schemas and no rows.

What a migration executes reaches it as SQL text, as it would reach a server, and it answers SHOW CREATE TABLE with the
words of MySQL 9.7; so Alembic and SQLAlchemy run unchanged on both sides of it. `driver` is the DBAPI that SQLAlchemy
talks to, `server` executes statements, `queries` answers for empty tables, `table` is a table and its description,
`columns` reads a column's definition, `expressions` writes expressions as MySQL does. What it does not know for certain
it says: `NeedsServerError`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

from alembic_lockstep.memory_mysql import driver
from alembic_lockstep.memory_mysql.server import COLLATION, DATABASE, Server

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Dialect(MySQLDialect_pymysql):
    """SQLAlchemy's MySQL, told what a first connection to a server would find out."""

    supports_statement_cache = True
    supports_sane_rowcount = False
    server_version_info = (9, 7, 0)
    default_schema_name = DATABASE
    is_mariadb = False
    default_isolation_level = "REPEATABLE READ"
    _connection_charset = COLLATION.partition("_")[0]
    _casing = 0
    server: Server
    _needs_correct_for_88718_96365 = False

    def initialize(self, connection: sa.Connection) -> None: ...

    def is_disconnect(self, *_arguments: Any) -> bool:
        return False


@contextmanager
def engine() -> Iterator[sa.Engine]:
    """Give an engine on an empty database in memory; all its connections are to this one."""
    dialect = _Dialect(paramstyle="named")  # pymysql's own would double each % on its way to the driver
    dialect.dbapi = driver  # type: ignore[assignment]
    server = dialect.server = Server()
    connect: Any = lambda: driver.Connection(server)  # noqa: E731 - the pool looks at how a function is declared
    made = sa.Engine(sa.StaticPool(connect, dialect=dialect), dialect, sa.URL.create("mysql", database=DATABASE))
    try:
        yield made
    finally:
        made.dispose()
