"""Changes of CHECKs, of generated columns, and of indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import MYSQL, SERVERS, SQLITE, Kind, person


def age(*more: Any, **options: Any) -> Any:
    return lambda _engine: [
        sa.Column("age", sa.Integer, **options),
        sa.Column("note", sa.String(40)),
        *(each() for each in more),
    ]


def check(text: str, name: str | None = "ck_age") -> Any:
    return lambda: sa.CheckConstraint(text, name=name)


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
    return lambda _columns: sa.text(expression)


def partial(condition: str) -> Any:
    return index("note", sqlite_where=sa.text(condition))


row = {"age": 5, "note": "x"}
names = {"first": "Ann", "last": "Lee"}
notes = {"note": "x", "code": "y"}

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
        noted(index(text("(lower(note))"))),
        notes,
        on=(SQLITE, MYSQL),
    ),
    person(
        "an index on an expression that is text changes",
        noted(index(text("(lower(note))"))),
        noted(index(text("(upper(note))"))),
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
