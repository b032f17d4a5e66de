"""Changes of primary keys and of unique constraints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import SERVERS, SQLITE, Kind, Models, Row, person


def keyed(*columns: str) -> Models:
    """Return a table with a primary key of these columns."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        own = (sa.Column(name, sa.Integer, nullable=False, autoincrement=False) for name in ("a", "b"))
        sa.Table("place", metadata, *own, *([sa.PrimaryKeyConstraint(*columns)] if columns else []))

    return make


def numbered(*, by_server: bool, kind: Any = sa.Integer) -> Models:
    """Return a table whose keys the server numbers, or does not."""
    return lambda metadata, _engine: sa.Table(
        "place", metadata, sa.Column("id", kind, primary_key=True, autoincrement=by_server)
    )


def email(*more: Any, **options: Any) -> Any:
    return lambda _engine: [
        sa.Column("email", sa.String(40), **options),
        sa.Column("code", sa.String(10)),
        *(each() for each in more),
    ]


def unique(*columns: str, name: str | None = None) -> Any:
    return lambda: sa.UniqueConstraint(*columns, name=name)


def mail(_engine: str) -> list[Any]:
    """Return the columns where `email` is `mail`."""
    columns = [sa.Column("mail", sa.String(40)), sa.Column("code", sa.String(10))]
    return [*columns, sa.UniqueConstraint("mail", name="uq_email")]


place = {"place": [{"a": 1, "b": 1}]}
one = {"place": [{"id": 1}]}
row: Row = {"email": "x", "code": "y"}
by_email = email(unique("email", name="uq_email"))

KINDS = [
    Kind("the primary key gets a second column", keyed("a"), keyed("a", "b"), rows=place),
    Kind("the primary key loses a column", keyed("a", "b"), keyed("a"), rows=place),
    Kind("the primary key moves to another column", keyed("a"), keyed("b"), rows=place),
    Kind("the columns of the primary key change their order", keyed("a", "b"), keyed("b", "a"), rows=place),
    Kind("a table gets a primary key", keyed(), keyed("a"), rows=place),
    Kind("a table loses its primary key", keyed("a"), keyed(), rows=place),
    Kind(
        "a primary key is numbered by the server",
        numbered(by_server=False),
        numbered(by_server=True),
        on=SERVERS,
        rows=one,
    ),
    Kind(
        "a primary key is no longer numbered by the server",
        numbered(by_server=True),
        numbered(by_server=False),
        on=SERVERS,
        rows=one,
    ),
    Kind(
        "a primary key that the server numbers becomes wider",
        numbered(by_server=True),
        numbered(by_server=True, kind=sa.BigInteger().with_variant(sa.Integer, "sqlite")),
        on=SERVERS,
        rows=one,
    ),
    person("a named unique constraint is added", email(), by_email, row),
    person("an unnamed unique constraint is added", email(), email(unique=True), row),
    person("a named unique constraint is dropped", by_email, email(), row),
    person("an unnamed unique constraint is dropped", email(unique=True), email(), row),
    person(
        "a unique constraint gets another column",
        by_email,
        email(unique("email", "code", name="uq_email")),
        row,
    ),
    person(
        "an unnamed unique constraint gets another column",
        email(unique("email")),
        email(unique("email", "code")),
        row,
    ),
    person("a unique constraint is renamed", by_email, email(unique("email", name="uq_person_email")), row),
    person(
        "an unnamed unique constraint gets a name",
        email(unique("email")),
        by_email,
        row,
    ),
    person(
        "a column is dropped with its unique constraint",
        by_email,
        lambda _: [sa.Column("code", sa.String(10))],
        row,
    ),
    person(
        "a column is dropped with its unnamed unique constraint",
        email(unique=True),
        lambda _: [sa.Column("code", sa.String(10))],
        row,
    ),
    person(
        "a column is dropped with a unique constraint on it and another",
        email(unique("email", "code", name="uq_email")),
        lambda _: [sa.Column("code", sa.String(10))],
        row,
    ),
    person("a column with a unique constraint is renamed", by_email, mail, row, rename=("person.email:mail",)),
    person(
        "a unique constraint becomes a unique index",
        by_email,
        email(lambda: sa.Index("uq_email", "email", unique=True)),
        row,
        on=(SQLITE,),
    ),
    person(
        "a column becomes longer beside a new unique constraint on it",
        email(),
        lambda _: [
            sa.Column("email", sa.String(400), nullable=False),
            sa.Column("code", sa.String(10)),
            sa.UniqueConstraint("email", name="uq_email"),
        ],
        row,
    ),
]
