"""Comparison of what SQLite reports with what models declare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import compat
from alembic_lockstep.dialects import base
from alembic_lockstep.schema.create_statements import read_index

if TYPE_CHECKING:
    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect


class Comparison(base.Comparison):
    """SQLite."""

    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        nothing: Any = None
        compiler: Any = dialect.ddl_compiler(dialect, nothing)
        text = compiler.get_column_default_string(column)
        return text is not None and _bare(text) == _bare(reflected)

    def same_type(self, there: sa.Column[Any], wanted: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool | None:
        # A type that SQLite has not got, such as INET, is reflected as what it has an affinity to.
        reflected = compat.reflected_type(dialect, wanted.type.compile(dialect))
        return True if reflected.compile(dialect) == there.type.compile(dialect) else None

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        there = _source(connection, str(op.index_name))
        wanted = str(sa.schema.CreateIndex(op.to_index()).compile(dialect=connection.dialect))
        return there is not None and read_index(there) == read_index(wanted)

    def index_parts(self, connection: sa.Connection, table: str, name: str) -> list[str]:
        sql = _source(connection, name)
        parts = read_index(sql).columns if sql else ()
        return list(parts) if any(" " in part or "(" in part for part in parts) else []


def _source(connection: sa.Connection, index: str) -> str | None:
    """Return the statement that made an index."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    sql: str | None = connection.execute(query, {"name": index}).scalar()
    return sql


def _bare(default: str) -> str:
    """Return a default without the parentheses around an expression: SQLite reports it without."""
    return re.sub(r"^\((.*)\)$", r"\1", default, flags=re.DOTALL)
