"""Alembic's MySQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic.ddl.mysql import MySQLImpl
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    import sqlalchemy as sa

from alembic_lockstep import compat

INTRODUCER = re.compile(r"_utf8mb[34] ?(?=')")
"""The character set that MySQL puts before a string of an expression."""

_BITS = re.compile(r" DEFAULT (b'[01]+')")
_COMMENT = re.compile(r" COMMENT '((?:[^']|'')*)',?$")


class _Impl(MySQLImpl):
    """Alembic's MySQL, which takes this for its own by the name of the dialect."""

    __dialect__ = "mysql"

    def render_ddl_sql_expr(self, expr: Any, *arguments: Any, **options: Any) -> str:
        text = super().render_ddl_sql_expr(expr, *arguments, **options)
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
        if isinstance(column_info["type"], mysql.BIT) and column_info.get("default") is None:
            self._complete_bit(table.name, column_info)

    def _complete_bit(self, table: str, column_info: Any) -> None:
        """Read what SQLAlchemy does not find behind a default such as b'1': the default itself, and the comment."""
        connection = self.connection
        if connection is None:
            return
        quoted = connection.dialect.identifier_preparer.quote_identifier
        text = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(table)}").one()[1])
        start = f"  {quoted(column_info['name'])} "
        line = next((line for line in text.splitlines() if line.startswith(start)), "")
        if default := _BITS.search(line):
            comment = _COMMENT.search(line)
            column_info["default"] = default[1]
            column_info["comment"] = comment[1].replace("''", "'") if comment else None


def _is_called_like_a_column(index: sa.Index) -> bool:
    return not index.unique and index.name in {column.name for column in index.columns}


def _serves_foreign_key(index: sa.Index) -> bool:
    """Return whether the server may have made an index for a foreign key."""
    columns = [column.name for column in index.columns]
    keys = index.table.foreign_key_constraints if index.table is not None else set()
    return any(list(key.column_keys) == columns for key in keys)
