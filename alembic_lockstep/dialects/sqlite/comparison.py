"""Comparison of what SQLite reports with what models declare."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import compat
from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.sqlite import schema
from alembic_lockstep.dialects.sqlite.definition import without_qualifier
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.create_statements import read_index, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.operations.ops import CreateIndexOp
    from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

    from alembic_lockstep.schema.table import Table


class Comparison(base.Comparison):
    """SQLite."""

    def same_default(self, reflected: str, column: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool:
        nothing: Any = None
        compiler: Any = dialect.ddl_compiler(dialect, nothing)
        text = compiler.get_column_default_string(column)
        return text is not None and _bare(text) == _bare(reflected)

    def same_type(self, there: sa.Column[Any], wanted: sa.Column[Any], dialect: SQLAlchemyDialect) -> bool | None:
        # A type that SQLite has not got, such as INET, is reflected as what it has an affinity to.
        reflected = compat.reflected_type(dialect, _without_collation(wanted.type.compile(dialect)))
        return True if reflected.compile(dialect) == _without_collation(there.type.compile(dialect)) else None

    def existing(self, connection: sa.Connection, names: Iterable[str]) -> dict[str, Table]:
        return {name: _comparable(table) for name, table in schema.tables(connection, names).items()}

    def wanted(self, connection: sa.Connection, table: sa.Table, indexes: Iterable[sa.Index]) -> Table | None:
        create = sa.schema.CreateTable(table, include_foreign_key_constraints=[])
        statement = without_qualifier(str(create.compile(dialect=connection.dialect)), table.name)
        made = read_table(statement, backslashes=False)
        statements = {
            str(index.name): str(sa.schema.CreateIndex(index).compile(dialect=connection.dialect)) for index in indexes
        }
        made = replace(made, indexes={name: read_index(statement) for name, statement in statements.items()})
        return _comparable(made)

    def restoring(self, connection: sa.Connection, table: sa.Table, indexes: Iterable[sa.Index]) -> list[str]:
        there = self.existing(connection, [table.name])[table.name]
        restored = self.wanted(connection, table, indexes)
        if restored is not None and not there.triggers and _parts(restored) == _parts(there):
            return []
        return schema.statements(connection, table.name)

    def unreflected_options(self, table: Table) -> dict[str, Any]:
        numbered = any(column.autoincrement for column in table.columns.values())
        return {"sqlite_autoincrement": True} if numbered else {}

    def is_same_index(self, connection: sa.Connection, op: CreateIndexOp) -> bool:
        there = _source(connection, str(op.index_name))
        wanted = str(sa.schema.CreateIndex(op.to_index()).compile(dialect=connection.dialect))
        return there is not None and read_index(there) == read_index(wanted)


def _comparable(table: Table) -> Table:
    """Return a table with its expressions in one way to write them: they are kept as somebody wrote them."""
    checks = tuple(replace(check, condition=_plain(check.condition)) for check in table.checks)
    columns = {
        name: replace(column, computed=_plain(column.computed)) if column.computed is not None else column
        for name, column in table.columns.items()
    }
    indexes = {
        name: replace(index, columns=tuple(map(_plain, index.columns)), where=index.where and _plain(index.where))
        for name, index in table.indexes.items()
    }
    return replace(table, checks=checks, columns=columns, indexes=indexes)


def _parts(table: Table) -> tuple[object, ...]:
    """Return what of a table has to come back, without names of constraints and its foreign keys."""
    columns = {
        name: replace(column, default=column.default and _bare(column.default).strip("'"))
        for name, column in table.columns.items()
    }
    uniques = {(unique.columns, unique.on_conflict) for unique in table.uniques}
    checks = {check.condition for check in table.checks}
    return columns, table.key_columns(), uniques, checks, table.indexes, table.options, table.definition


def _plain(expression: str) -> str:
    """Return an expression without parentheses around all of it, its words in lower case."""
    tokens = sql.tokens(expression, backslashes=False)
    while tokens and tokens[0].text == "(" and len(sql.Cursor(tokens).group()) == len(tokens) - 2:
        tokens = tokens[1:-1]
    return sql.written(sql.Token(token.kind, token.text.lower()) if token.kind == "word" else token for token in tokens)


def _without_collation(type_: str) -> str:
    """Return a type's DDL without its collation, which is compared for itself."""
    return re.sub(r' COLLATE (\w+|"[^"]+")$', "", type_)


def _source(connection: sa.Connection, index: str) -> str | None:
    """Return the statement that made an index."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    statement: str | None = connection.execute(query, {"name": index}).scalar()
    return statement


def _bare(default: str) -> str:
    """Return a default without the parentheses around an expression: SQLite reports it without."""
    return re.sub(r"^\((.*)\)$", r"\1", default, flags=re.DOTALL)
