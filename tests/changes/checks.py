"""Changes of CHECKs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import MYSQL, SQLITE, Kind, Row, person


def age(*more: Any, **options: Any) -> Any:
    return lambda _engine: [
        sa.Column("age", sa.Integer, **options),
        sa.Column("note", sa.String(40)),
        *(each() for each in more),
    ]


def check(text: str, name: str | None = "ck_age") -> Any:
    return lambda: sa.CheckConstraint(text, name=name)


row: Row = {"age": 5, "note": "x"}

KINDS: list[Kind] = [
    person("a named CHECK is added", age(), age(check("age > 0")), row),
    person("an unnamed CHECK is added", age(), age(check("age > 0", None)), row),
    person("a named CHECK is dropped", age(check("age > 0")), age(), row),
    person("an unnamed CHECK is dropped", age(check("age > 0", None)), age(), row),
    person("the condition of a named CHECK changes", age(check("age > 0")), age(check("age > 1")), row),
    person("the condition of an unnamed CHECK changes", age(check("age > 0", None)), age(check("age > 1", None)), row),
    person(
        "a CHECK is added to a column",
        age(),
        lambda _: [
            sa.Column("age", sa.Integer, sa.CheckConstraint("age > 0", name="ck_age")),
            sa.Column("note", sa.String(40)),
        ],
        row,
        on=(SQLITE, MYSQL),
    ),
    person(
        "an unnamed CHECK of a column changes",
        lambda _: [sa.Column("age", sa.Integer, sa.CheckConstraint("age > 0")), sa.Column("note", sa.String(40))],
        lambda _: [sa.Column("age", sa.Integer, sa.CheckConstraint("age > 1")), sa.Column("note", sa.String(40))],
        row,
    ),
    person(
        "one of two unnamed CHECKs changes",
        age(check("age > 0", None), check("age < 99", None)),
        age(check("age > 0", None), check("age < 199", None)),
        row,
    ),
    person("a CHECK is renamed", age(check("age > 0")), age(check("age > 0", "ck_person_age")), row),
    person("a CHECK with quotes, colons and percents is added", age(), age(check("note <> 'it''s a:b 100%'")), row),
    person("a CHECK with quotes, colons and percents is dropped", age(check("note <> 'it''s a:b 100%'")), age(), row),
    person(
        "a CHECK with LIKE changes", age(check("note LIKE 'x%'")), age(check("note LIKE '%x' AND age IN (1, 5)")), row
    ),
    person(
        "a column is dropped with its CHECK", age(check("age > 0")), lambda _: [sa.Column("note", sa.String(40))], row
    ),
    person(
        "a column is dropped with its unnamed CHECK",
        age(check("age > 0", None)),
        lambda _: [sa.Column("note", sa.String(40))],
        row,
    ),
    person(
        "a column that a CHECK names is renamed",
        age(check("age > 0")),
        lambda _: [
            sa.Column("years", sa.Integer),
            sa.Column("note", sa.String(40)),
            sa.CheckConstraint("years > 0", name="ck_age"),
        ],
        row,
        rename=("person.age:years",),
    ),
    person(
        "a column that a CHECK names changes its type",
        age(check("age > 0")),
        lambda _: [
            sa.Column("age", sa.BigInteger),
            sa.Column("note", sa.String(40)),
            sa.CheckConstraint("age > 0", name="ck_age"),
        ],
        row,
    ),
    person(
        "a column with a CHECK on it is added",
        lambda _: [sa.Column("note", sa.String(40))],
        age(check("age > 0")),
        {"note": "x"},
    ),
    person(
        "a CHECK on a reserved word changes",
        lambda e: [
            sa.Column("order", sa.Integer),
            sa.CheckConstraint('"order" > 0' if e == SQLITE else "`order` > 0", name="ck_order"),
        ],
        lambda e: [
            sa.Column("order", sa.Integer),
            sa.CheckConstraint('"order" > 1' if e == SQLITE else "`order` > 1", name="ck_order"),
        ],
        {"order": 5},
    ),
]
