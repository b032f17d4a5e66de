"""Alembic's MySQL."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic.ddl.mysql import MySQLImpl
from sqlalchemy.dialects import mysql
from sqlalchemy.types import NullType

from alembic_lockstep import compat
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.dialects.mysql.schema import described

INTRODUCER = re.compile(r"_utf8mb[34] ?(?=')")
"""The character set that MySQL puts before a string of an expression."""


class _Impl(MySQLImpl):
    """Alembic's MySQL, which takes this for its own by the name of the dialect."""

    __dialect__ = "mysql"

    def render_ddl_sql_expr(self, expr: Any, *arguments: Any, **options: Any) -> str:
        if isinstance(expr, sa.TextClause):
            expr = sa.text(compat.with_escaped_colons(compat.as_text(expr)))
        text = super().render_ddl_sql_expr(expr, *arguments, **options)
        text = INTRODUCER.sub("", text)
        return text if options.get("is_index") else compat.with_escaped_colons(text)

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: set[Any],
        conn_indexes: set[Any],
        metadata_unique_constraints: set[Any],
        metadata_indexes: set[Any],
    ) -> None:
        # Alembic takes each index that is called like one of its columns for one that MySQL made for a foreign key.
        declared = {index.name for index in metadata_indexes}
        own = {index for index in conn_indexes if _is_called_like_a_column(index)}
        own = {index for index in own if index.name in declared or not _serves_foreign_key(index)}
        wanted = {index for index in metadata_indexes if index.name in {each.name for each in own}}
        conn_indexes -= own
        metadata_indexes -= wanted
        alembic: Any = super()
        alembic.correct_for_autogen_constraints(
            conn_unique_constraints, conn_indexes, metadata_unique_constraints, metadata_indexes
        )
        conn_indexes |= own
        metadata_indexes |= wanted

    def autogen_column_reflect(self, inspector: Any, table: Any, column_info: Any) -> None:
        # MySQL puts the connection's character set before each string of an expression, which nobody has written;
        # a MariaDB that is given it reports a default that SQLAlchemy cannot read.
        for holder, name in ((column_info, "default"), (column_info.get("computed", {}), "sqltext")):
            if holder.get(name):
                holder[name] = INTRODUCER.sub("", holder[name])
        no_default = column_info.get("default") is None and not column_info.get("computed")
        hidden = NullType if not no_default else (NullType, mysql.BIT, mysql.TIMESTAMP, mysql.DATETIME)
        if self.connection is not None and isinstance(column_info["type"], hidden):
            _complete(self.connection, table.name, column_info)


class _Unreflected(NullType):
    """A type that SQLAlchemy does not know, whatever stands in its parentheses."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        super().__init__()


class _Types(dict[str, Any]):
    """The types by their names; for one that SQLAlchemy does not know it would fail if it has arguments."""

    def __missing__(self, name: str) -> type[NullType]:
        return _Unreflected


mysql.dialect.ischema_names = _Types(mysql.dialect.ischema_names)


def _complete(connection: sa.Connection, table: str, column_info: Any) -> None:
    """Read what SQLAlchemy does not: types that it does not know, what is behind b'1', DEFAULT NULL ON UPDATE."""
    text = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, table)}").one()[1])
    is_moment = isinstance(column_info["type"], (mysql.TIMESTAMP, mysql.DATETIME))
    if is_moment and " ON UPDATE " not in text:
        return
    found = described(text).columns[column_info["name"]]
    if is_moment:
        if found.on_update and found.nullable:
            column_info["default"] = f"NULL ON UPDATE {found.on_update}"
        return
    if isinstance(column_info["type"], NullType):
        column_info["type"] = DDLType(found.type)
    column_info["default"], column_info["comment"] = found.default, found.comment


def _is_called_like_a_column(index: sa.Index) -> bool:
    return not index.unique and index.name in {column.name for column in index.columns}


def _serves_foreign_key(index: sa.Index) -> bool:
    """Return whether the server may have made an index for a foreign key."""
    columns = [column.name for column in index.columns]
    keys = index.table.foreign_key_constraints if index.table is not None else set()
    return any(list(key.column_keys) == columns for key in keys)
