"""Changes of indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import MYSQL, SERVERS, SQLITE, Kind, Row, person


def noted(*more: Any, length: int = 40) -> Any:
    return lambda engine: [
        sa.Column("note", sa.String(length)),
        sa.Column("code", sa.String(40)),
        *(each(engine) for each in more),
    ]


def index(*columns: Any, name: str = "ix_person", **options: Any) -> Any:
    """Return an index; a function is called with the columns of the table."""

    def add(table: sa.Table) -> None:
        sa.Index(name, *(each(table.c) if callable(each) else table.c[each] for each in columns), **options)

    return lambda _engine: add


def lower(column: str = "note") -> Any:
    return lambda columns: sa.func.lower(columns[column])


def desc(column: str) -> Any:
    return lambda columns: columns[column].desc()


def text(expression: str) -> Any:
    """Return an index on an expression in the words of SQL."""
    return lambda _engine: sa.Index("ix_person", sa.text(expression))


def partial(condition: str) -> Any:
    return index("note", sqlite_where=sa.text(condition))


notes: Row = {"note": "x", "code": "y"}

KINDS: list[Kind] = [
    person("an index is added", noted(), noted(index("note")), notes),
    person("an index is dropped", noted(index("note")), noted(), notes),
    person("an index gets another column", noted(index("note")), noted(index("note", "code")), notes),
    person(
        "the columns of an index change their order", noted(index("note", "code")), noted(index("code", "note")), notes
    ),
    person("an index becomes unique", noted(index("note")), noted(index("note", unique=True)), notes),
    person("an index is renamed", noted(index("note")), noted(index("note", name="ix_note")), notes),
    person("an index on an expression is added", noted(), noted(index(lower())), notes, on=(SQLITE, MYSQL)),
    person(
        "an index on an expression that is text is added",
        noted(),
        noted(text("(lower(note))")),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person(
        "an index on an expression that is text changes",
        noted(text("(lower(note))")),
        noted(text("(upper(note))")),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person("an index on an expression is dropped", noted(index(lower())), noted(), notes, on=(SQLITE, MYSQL)),
    person(
        "the expression of an index changes",
        noted(index(lower())),
        noted(index(lower("code"))),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person(
        "a unique index on an expression and a column is added",
        noted(),
        noted(index(lower(), "code", unique=True)),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person(
        "another column changes beside an index on an expression",
        noted(index(lower("code"))),
        noted(index(lower("code")), length=400),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person("a descending index is added", noted(), noted(index(desc("note"), "code")), notes),
    person("an index becomes descending", noted(index("note")), noted(index(desc("note"))), notes),
    person(
        "another column changes beside a descending index",
        noted(index(desc("code"))),
        noted(index(desc("code")), length=400),
        notes,
    ),
    person("a partial index is added", noted(), noted(partial("note <> 'a'")), notes, on=(SQLITE,)),
    person(
        "the condition of a partial index changes",
        noted(partial("note <> 'a'")),
        noted(partial("note <> 'b'")),
        notes,
        on=(SQLITE,),
    ),
    person(
        "another column changes beside a partial index",
        noted(partial("code <> 'a'")),
        noted(partial("code <> 'a'"), length=400),
        notes,
        on=(SQLITE,),
    ),
    person("a partial index is dropped", noted(partial("note <> 'a'")), noted(), notes, on=(SQLITE,)),
    person(
        "an index on the beginning of a column is added",
        noted(),
        noted(index("note", mysql_length=10)),
        notes,
        on=SERVERS,
    ),
    person(
        "the length of an index's prefix changes",
        noted(index("note", mysql_length=10)),
        noted(index("note", mysql_length=20)),
        notes,
        on=SERVERS,
    ),
    person(
        "a prefix is removed from an index",
        noted(index("note", mysql_length=10)),
        noted(index("note")),
        notes,
        on=SERVERS,
    ),
    person("a FULLTEXT index is added", noted(), noted(index("note", mysql_prefix="FULLTEXT")), notes, on=SERVERS),
    person(
        "an index becomes a FULLTEXT index",
        noted(index("note")),
        noted(index("note", mysql_prefix="FULLTEXT")),
        notes,
        on=SERVERS,
    ),
    person(
        "an index named like its column is changed",
        noted(index("note", name="note")),
        noted(index("note", "code", name="note")),
        notes,
    ),
    person("an index named like its column is dropped", noted(index("note", name="note")), noted(), notes),
    person(
        "a column is dropped with its index", noted(index("note")), lambda _: [sa.Column("code", sa.String(40))], notes
    ),
    person(
        "a column is dropped with an index on an expression of it",
        noted(index(lower())),
        lambda _: [sa.Column("code", sa.String(40))],
        notes,
        on=(SQLITE, MYSQL),
    ),
    person(
        "a column with an index is renamed",
        noted(index("note")),
        lambda _: [
            sa.Column("remark", sa.String(40)),
            sa.Column("code", sa.String(40)),
            sa.Index("ix_person", "remark"),
        ],
        notes,
        rename=("person.note:remark",),
    ),
    person(
        "an indexed text becomes unlimited with an index on its beginning",
        noted(index("note")),
        lambda _: [
            sa.Column("note", sa.Text),
            sa.Column("code", sa.String(40)),
            sa.Index("ix_person", "note", mysql_length=20),
        ],
        notes,
        on=SERVERS,
    ),
]
