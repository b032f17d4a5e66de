"""A MySQL server in memory, which keeps schemas but stores no rows.

`dialects.mysql` replays chains on it: revisions send it the SQL that they would send to a server, and it answers SHOW
CREATE TABLE exactly as MySQL 9.7 would, so that Alembic and SQLAlchemy run on it unchanged. It also tells
`dialects.mysql` how a server would write the column or index of a model. What a server refuses raises a
`DatabaseError` with the server's number, what the one in memory does not support `NeedsServerError`.

driver       the DBAPI module through which SQLAlchemy connects
dbapi_errors the exceptions of that module
server       execute a statement
session      session variables, and answers to SHOW, DESCRIBE and SELECT
queries      answer SELECTs as if every table were empty, with `scalars` for the values in them
row_statements  refuse statements on rows
statements   execute statements that change the schema
alter        execute ALTER TABLE
definitions  read the columns, keys and constraints of CREATE TABLE and ALTER TABLE
database     the tables and views, and the foreign keys between them
table        a table, with its `columns` and `constraints`
defaults, column_types, charsets, literals, identifiers   write the parts of a column as MySQL does, and refuse the rest
expressions  write expressions: `expression_reader` with `conditions`, `functions`, `special_calls` and `casts`
table_rules, key_rules, key_parts, column_limits, expression_rules, expression_places, foreign_key_rules   refuse what
             MySQL refuses
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql

from alembic_lockstep import compat
from alembic_lockstep.memory_mysql import driver
from alembic_lockstep.memory_mysql.charsets import charset_of
from alembic_lockstep.memory_mysql.database import COLLATION, NAME
from alembic_lockstep.memory_mysql.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Dialect(MySQLDialect_pymysql):
    """SQLAlchemy's MySQL dialect, preset with what it would query on its first connection."""

    supports_statement_cache = True
    supports_sane_rowcount = False
    server_version_info = (9, 7, 0)
    default_schema_name = NAME
    is_mariadb = False
    default_isolation_level = "REPEATABLE READ"
    server: Server

    def initialize(self, connection: sa.Connection) -> None: ...

    def is_disconnect(self, *_arguments: Any) -> bool:
        return False


@contextmanager
def engine(collation: str = COLLATION) -> Iterator[sa.Engine]:
    """Yield an engine on an empty database in memory, which all its connections share.

    Args:
        collation: the default collation of the database.
    """
    dialect = _Dialect(paramstyle="named")  # with pymysql's own style SQLAlchemy doubles each %
    compat.preset_mysql(dialect, charset_of(COLLATION))
    dialect.dbapi = driver  # type: ignore[assignment]
    server = dialect.server = Server(collation)
    connect: Any = lambda: driver.Connection(server)  # noqa: E731 - the pool looks at how a function is declared
    made = sa.Engine(sa.StaticPool(connect, dialect=dialect), dialect, sa.URL.create("mysql", database=NAME))
    try:
        yield made
    finally:
        made.dispose()
