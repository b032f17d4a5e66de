"""Alembic's MySQL."""

from __future__ import annotations

import re
from typing import Any

from alembic.ddl.mysql import MySQLImpl

from alembic_lockstep import compat

INTRODUCER = re.compile(r"_utf8mb[34] ?(?=')")
"""The character set that MySQL puts before a string of an expression."""


class _Impl(MySQLImpl):
    """Alembic's MySQL, which takes this for its own by the name of the dialect."""

    __dialect__ = "mysql"

    def render_ddl_sql_expr(self, expr: Any, *arguments: Any, **options: Any) -> str:
        text = super().render_ddl_sql_expr(expr, *arguments, **options)
        return text if options.get("is_index") else compat.with_escaped_colons(text)

    def autogen_column_reflect(self, inspector: Any, table: Any, column_info: Any) -> None:
        # MySQL puts the connection's character set before each string of an expression, which nobody has written;
        # a MariaDB that is given it reports a default that SQLAlchemy cannot read.
        for holder, name in ((column_info, "default"), (column_info.get("computed", {}), "sqltext")):
            if holder.get(name):
                holder[name] = INTRODUCER.sub("", holder[name])
