"""Kinds of changes: the models before and after, and the rows that are in the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

SQLITE, MYSQL, MARIADB = "sqlite", "mysql", "mariadb"
ENGINES = (SQLITE, MYSQL, MARIADB)
SERVERS = (MYSQL, MARIADB)
LABELS = {SQLITE: "SQLite", MYSQL: "MySQL", MARIADB: "MariaDB"}

Models = Callable[[sa.MetaData, str], object]
"""Fills a MetaData with tables as an engine, one of `ENGINES`, is to have them."""
Parts = Callable[[str], Sequence[Any]]
"""Makes columns and constraints for an engine, and functions that add to a table what needs its columns."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of change.

    Attributes:
        name: what changes.
        before: the models before.
        after: the models after.
        on: the engines that have such a thing.
        rename: the values of --rename.
        sql: what a revision of raw SQL has made between the two.
        rows: rows of the tables before.
        rewritten: the columns, `table.column`, whose values are others after it.
        missed: why it is not found, by engine.
        fails: why its script does not work, by engine.
    """

    name: str
    before: Models
    after: Models
    on: tuple[str, ...] = ENGINES
    rename: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    rewritten: frozenset[str] = frozenset()
    missed: Mapping[str, str] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)


def models(make: Models, engine: str) -> sa.MetaData:
    """Return new models."""
    metadata = sa.MetaData()
    make(metadata, engine)
    return metadata


def person(
    name: str,
    before: Parts,
    after: Parts,
    row: Row | None = None,
    options: tuple[Row, Row] = ({}, {}),
    **more: Any,
) -> Kind:
    """Return a change of the table `person`, which has an id and a name besides.

    Args:
        name: what changes.
        before: the other columns and the constraints before.
        after: those after.
        row: the values of these columns in its row; None for an empty table.
        options: of the table, before and after.
        more: the other attributes of the kind.
    """

    def made(parts: Parts, given: Row) -> Models:
        def make(metadata: sa.MetaData, engine: str) -> None:
            own = sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50), nullable=False)
            items = parts(engine)
            now = [item for item in items if isinstance(item, sa.schema.SchemaItem)]
            table = sa.Table("person", metadata, *own, *now, **given)
            for item in items:
                if not isinstance(item, sa.schema.SchemaItem):
                    item(table)

        return make

    rows = {} if row is None else {"person": [{"id": 1, "name": "Ann", **row}]}
    return Kind(name, made(before, options[0]), made(after, options[1]), rows=rows, **more)


def nothing(_engine: str) -> list[Any]:
    """Return no columns and no constraints."""
    return []
