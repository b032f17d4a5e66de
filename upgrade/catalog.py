"""A database's schema in memory, in the form in which SQLAlchemy reflects one, and a connection that answers from it.

Alembic's comparators, renderer and batch mode ask an inspector. Here the inspector's questions are answered from a
`Catalog`, so they run unchanged where there is no server.
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upgrade.dialects.base import DialectBase

    Reflected = dict[str, Any]


class NeedsServerError(BaseException):
    """Something asked what only a real server knows.

    It is no Exception: neither SQLAlchemy nor an `except Exception` of a revision may make something else of it.
    """


@dataclass(slots=True)
class TableEntry:
    """One table, each part as the inspector's method of the same name returns it."""

    columns: dict[str, Reflected] = field(default_factory=dict)
    pk_constraint: Reflected = field(default_factory=lambda: {"constrained_columns": [], "name": None})
    foreign_keys: list[Reflected] = field(default_factory=list)
    unique_constraints: list[Reflected] = field(default_factory=list)
    indexes: list[Reflected] = field(default_factory=list)
    check_constraints: list[Reflected] = field(default_factory=list)
    implicit: dict[str, list[str]] = field(default_factory=dict)
    """The columns of indexes that the server made for foreign keys, by name."""
    comment: str | None = None
    options: Reflected = field(default_factory=dict)


@dataclass(slots=True)
class Catalog:
    """The tables of one database by name.

    Attributes:
        tables: the tables.
        unique_is_index: a unique constraint is a unique index and is reflected as both, as on MySQL.
    """

    tables: dict[str, TableEntry] = field(default_factory=dict)
    unique_is_index: bool = False

    def implicit(self) -> dict[str, dict[str, list[str]]]:
        """Return the columns of the indexes that the server made for foreign keys, by table and name."""
        return {name: entry.implicit for name, entry in self.tables.items() if entry.implicit}

    def uniques(self, name: str) -> list[Reflected]:
        """Return the unique constraints of a table."""
        if not self.unique_is_index:
            return self.tables[name].unique_constraints
        return [
            {"name": index["name"], "column_names": index["column_names"], "duplicates_index": index["name"]}
            for index in self.tables[name].indexes
            if index["unique"]
        ]


class _NoConnection:
    """What the pool hands out. It can be closed and rolled back; a statement that reaches it needs a server."""

    def __getattr__(self, name: str) -> Any:
        raise NeedsServerError("executes a statement on its connection")

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class _NoDriver:
    Error = sa.exc.DBAPIError


class _AnswersFromCatalog:
    """Mixed in before a dialect of SQLAlchemy's: its reflection, answered from a catalog."""

    catalog: Catalog
    supports_statement_cache = False

    def initialize(self, connection: sa.Connection) -> None: ...

    def do_ping(self, dbapi_connection: Any) -> bool:
        return True

    def get_table_names(self, _connection: Any, _schema: Any = None, **_kw: Any) -> list[str]:
        return list(self.catalog.tables)

    def get_view_names(self, _connection: Any, _schema: Any = None, **_kw: Any) -> list[str]:
        return []

    def has_table(self, _connection: Any, table_name: str, _schema: Any = None, **_kw: Any) -> bool:
        return table_name in self.catalog.tables

    def _entry(self, name: str) -> TableEntry:
        try:
            return self.catalog.tables[name]
        except KeyError:
            raise sa.exc.NoSuchTableError(name) from None

    def get_table_options(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> Reflected:
        return dict(self._entry(table_name).options)

    def get_table_comment(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> Reflected:
        return {"text": self._entry(table_name).comment}

    def get_columns(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> list[Reflected]:
        return [dict(column) for column in self._entry(table_name).columns.values()]

    def get_pk_constraint(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> Reflected:
        return copy.deepcopy(self._entry(table_name).pk_constraint)

    def get_foreign_keys(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> list[Reflected]:
        return copy.deepcopy(self._entry(table_name).foreign_keys)

    def get_unique_constraints(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> list[Any]:
        self._entry(table_name)
        return copy.deepcopy(self.catalog.uniques(table_name))

    def get_indexes(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> list[Reflected]:
        return copy.deepcopy(self._entry(table_name).indexes)

    def get_check_constraints(self, _connection: Any, table_name: str, schema: Any = None, **_kw: Any) -> list[Any]:
        return copy.deepcopy(self._entry(table_name).check_constraints)


@contextmanager
def connect(catalog: Catalog, dialect: DialectBase) -> Iterator[sa.Connection]:
    """Give a connection whose reflection answers from `catalog`; no database and no driver take part.

    Args:
        catalog: what it answers from, also when it changes.
        dialect: which dialect's types, DDL and comparisons apply.
    """
    real = dialect.sqlalchemy_dialect()
    made: Any = type(f"Memory{real.__name__}", (_AnswersFromCatalog, real), {"supports_statement_cache": False})
    memory = made(paramstyle="named")  # some drivers want each % doubled; no driver reads what is compiled here
    for name, value in {"catalog": catalog, "dbapi": _NoDriver, **dialect.memory_settings}.items():
        setattr(memory, name, value)
    connector: Any = _NoConnection
    pool = sa.StaticPool(connector, dialect=memory)
    with sa.Engine(pool, memory, sa.URL.create(dialect.name)).connect() as connection:
        yield connection
