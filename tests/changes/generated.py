"""Changes of generated columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import MYSQL, SQLITE, Kind, Row, person


def full(
    expression: str = "concat(first, last)",
    *,
    stored: bool = True,
    length: int = 80,
    names: Any = ("first", "last"),
    more: Any = (),
    there: bool = True,
    kind: Any = None,
) -> Any:
    def make(engine: str) -> Any:
        text = expression
        if engine == SQLITE and text.startswith("concat("):
            text = " || ".join(text[7:-1].split(", "))
        own = [sa.Column("full", kind or sa.String(length), sa.Computed(text, persisted=stored))] if there else []
        return [*(sa.Column(name, sa.String(40)) for name in names), *own, *(each() for each in more)]

    return make


names: Row = {"first": "Ann", "last": "Lee"}

KINDS: list[Kind] = [
    person("a stored generated column is added", full(there=False), full(), names),
    person("a virtual generated column is added", full(there=False), full(stored=False), names),
    person("a generated column is dropped", full(), full(there=False), names),
    person(
        "the expression of a stored generated column changes",
        full(),
        full("concat(last, first)"),
        names,
        rewritten=frozenset({"person.full"}),
    ),
    person(
        "the expression of a virtual generated column changes",
        full(stored=False),
        full("concat(last, first)", stored=False),
        names,
        rewritten=frozenset({"person.full"}),
    ),
    person("a stored generated column becomes virtual", full(), full(stored=False), names),
    person("a virtual generated column becomes stored", full(stored=False), full(), names),
    person("a generated column becomes longer", full(), full(length=100), names),
    person(
        "a generated column becomes an ordinary one",
        full(),
        lambda _: [
            sa.Column("first", sa.String(40)),
            sa.Column("last", sa.String(40)),
            sa.Column("full", sa.String(80)),
        ],
        names,
        rewritten=frozenset({"person.full"}),
    ),
    person(
        "an ordinary column becomes a generated one",
        lambda _: [
            sa.Column("first", sa.String(40)),
            sa.Column("last", sa.String(40)),
            sa.Column("full", sa.String(80)),
        ],
        full(),
        names,
        rewritten=frozenset({"person.full"}),
    ),
    person(
        "a generated column becomes NOT NULL",
        full(),
        lambda engine: [
            *full(there=False)(engine),
            sa.Column(
                "full",
                sa.String(80),
                sa.Computed("first || last" if engine == SQLITE else "concat(first, last)", persisted=True),
                nullable=False,
            ),
        ],
        names,
        on=(SQLITE, MYSQL),
    ),
    person(
        "a column that a generated one uses is renamed",
        full(),
        full("concat(given, last)", names=("given", "last")),
        names,
        rename=("person.first:given",),
    ),
    person(
        "a column that a generated one uses becomes longer",
        full(),
        lambda engine: [sa.Column("first", sa.String(60)), *full()(engine)[1:]],
        names,
    ),
    person(
        "a column is dropped with the generated one that uses it",
        full(),
        lambda _: [sa.Column("first", sa.String(40))],
        names,
    ),
    person(
        "the expression of a generated column with an index changes",
        full(more=[lambda: sa.Index("ix_full", "full")]),
        full("concat(last, first)", more=[lambda: sa.Index("ix_full", "full")]),
        names,
        rewritten=frozenset({"person.full"}),
    ),
    person(
        "an index on a generated column is added",
        full(stored=False),
        full(stored=False, more=[lambda: sa.Index("ix_full", "full")]),
        names,
    ),
    person(
        "another column changes beside a generated one",
        full(),
        lambda engine: [sa.Column("note", sa.String(20), nullable=False, server_default="a"), *full()(engine)],
        names,
    ),
    person(
        "a CHECK and the generated column that it names are dropped",
        full(more=[lambda: sa.CheckConstraint("full <> 'x'", name="ck_full")]),
        full(there=False),
        names,
    ),
    person(
        "a generated column whose source is a reserved word is added",
        lambda _: [sa.Column("order", sa.Integer)],
        lambda e: [
            sa.Column("order", sa.Integer),
            sa.Column(
                "twice", sa.Integer, sa.Computed('"order" * 2' if e == SQLITE else "`order` * 2", persisted=True)
            ),
        ],
        {"order": 5},
    ),
]
