"""Changes of primary keys, foreign keys and unique constraints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import SERVERS, SQLITE, Kind, Models, person


def family(
    name: str,
    before: Models,
    after: Models,
    **more: Any,
) -> Kind:
    """Return a change of the tables `parent` and `child`, with a row in each."""
    rows = more.pop("rows", {"parent": [{"id": 1}], "child": [{"id": 1, "parent_id": 1}]})
    return Kind(name, before, after, rows=rows, **more)


def parent_and_child(
    key: Any = sa.Integer, own: Any = None, child: Any = (), table: Any = (), foreign: bool = True, **options: Any
) -> Models:
    """Return the two tables: the type of the key, constraints of the child, and options of the foreign key."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table("parent", metadata, sa.Column("id", key, primary_key=True, autoincrement=False), *parts(table))
        reference = [sa.ForeignKey("parent.id", **options)] if foreign else []
        sa.Table(
            "child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent_id", own or key, *reference),
            *parts(child),
        )

    return make


def parts(given: Any) -> Any:
    return given() if callable(given) else given


def tree(key: Any, **options: Any) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table(
            "node",
            metadata,
            sa.Column("id", key, primary_key=True, autoincrement=False),
            sa.Column("parent_id", key, sa.ForeignKey("node.id", name="fk_node", **options)),
        )

    return make


def composite(first: Any, second: Any) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        key = [
            sa.Column("a", first, primary_key=True, autoincrement=False),
            sa.Column("b", second, primary_key=True, autoincrement=False),
        ]
        sa.Table("parent", metadata, *key)
        sa.Table(
            "child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent_a", first),
            sa.Column("parent_b", second),
            sa.ForeignKeyConstraint(["parent_a", "parent_b"], ["parent.a", "parent.b"], name="fk_child"),
        )

    return make


def circle(key: Any, there: bool = True, extra: bool = True) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        if not there:
            sa.Table("other", metadata, sa.Column("id", key, primary_key=True))
            return
        sa.Table("other", metadata, sa.Column("id", key, primary_key=True))
        sa.Table(
            "team",
            metadata,
            sa.Column("id", key, primary_key=True, autoincrement=False),
            *(
                [sa.Column("boss_id", key, sa.ForeignKey("member.id", name="fk_team_boss", use_alter=True))]
                if extra
                else []
            ),
        )
        sa.Table(
            "member",
            metadata,
            sa.Column("id", key, primary_key=True, autoincrement=False),
            sa.Column("team_id", key, sa.ForeignKey("team.id", name="fk_member_team")),
        )

    return make


def with_run(*more: Any, column: bool = True) -> Any:
    """Return a child table with a foreign key whose column is the first of another key."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table("run", metadata, sa.Column("id", sa.Integer, primary_key=True))
        own = [sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", name="fk_step_run"))] if column else []
        sa.Table(
            "step",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            *own,
            sa.Column("code", sa.String(20)),
            *(each() for each in more),
        )

    return make


def keyed(*columns: str, name: str | None = None) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table(
            "place",
            metadata,
            sa.Column("a", sa.Integer, nullable=False, autoincrement=False),
            sa.Column("b", sa.Integer, nullable=False, autoincrement=False),
            *([sa.PrimaryKeyConstraint(*columns, name=name)] if columns else []),
        )

    return make


def numbered(auto: bool) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table("place", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=auto))

    return make


def unique_run() -> Any:
    return sa.UniqueConstraint("run_id", "code", name="uq_step")


def index_run() -> Any:
    return sa.Index("ix_step_run", "run_id")


def email(*more: Any, **options: Any) -> Any:
    return lambda _engine: [
        sa.Column("email", sa.String(40), **options),
        sa.Column("code", sa.String(10)),
        *(each() for each in more),
    ]


def unique(*columns: str, name: str | None = None) -> Any:
    return lambda: sa.UniqueConstraint(*columns, name=name)


named = {"name": "fk_child_parent"}
steps = {"run": [{"id": 1}], "step": [{"id": 1, "run_id": 1, "code": "x"}]}
row = {"email": "x", "code": "y"}

KINDS = [
    family("a named foreign key is added", parent_and_child(foreign=False), parent_and_child(**named)),
    family("an unnamed foreign key is added", parent_and_child(foreign=False), parent_and_child()),
    family("a named foreign key is dropped", parent_and_child(**named), parent_and_child(foreign=False)),
    family("an unnamed foreign key is dropped", parent_and_child(), parent_and_child(foreign=False)),
    family(
        "ON DELETE of a named foreign key changes",
        parent_and_child(**named),
        parent_and_child(**named, ondelete="CASCADE"),
    ),
    family("ON DELETE of an unnamed foreign key changes", parent_and_child(), parent_and_child(ondelete="CASCADE")),
    family(
        "ON UPDATE of a named foreign key is removed",
        parent_and_child(**named, onupdate="CASCADE"),
        parent_and_child(**named),
    ),
    family("a foreign key is renamed", parent_and_child(**named), parent_and_child(name="fk_child_to_parent")),
    family(
        "a key and its foreign key: Integer becomes BigInteger",
        parent_and_child(sa.Integer, **named),
        parent_and_child(sa.BigInteger, **named),
    ),
    family(
        "a key and its unnamed foreign key: Integer becomes BigInteger",
        parent_and_child(sa.Integer),
        parent_and_child(sa.BigInteger),
    ),
    family(
        "a key and its foreign key: String becomes longer",
        parent_and_child(sa.String(8), **named),
        parent_and_child(sa.String(16), **named),
        rows={"parent": [{"id": "x"}], "child": [{"id": 1, "parent_id": "x"}]},
    ),
    Kind(
        "a composite key and its foreign key become wider",
        composite(sa.Integer, sa.String(8)),
        composite(sa.BigInteger, sa.String(16)),
        rows={"parent": [{"a": 1, "b": "x"}], "child": [{"id": 1, "parent_a": 1, "parent_b": "x"}]},
    ),
    Kind(
        "a key and the foreign key of its own table become wider",
        tree(sa.Integer),
        tree(sa.BigInteger),
        rows={"node": [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": 1}]},
    ),
    Kind(
        "ON DELETE of a foreign key to its own table changes",
        tree(sa.Integer),
        tree(sa.Integer, ondelete="CASCADE"),
        rows={"node": [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": 1}]},
    ),
    family(
        "a column with a foreign key is added",
        lambda m, _: [
            sa.Table("parent", m, sa.Column("id", sa.Integer, primary_key=True)),
            sa.Table("child", m, sa.Column("id", sa.Integer, primary_key=True)),
        ],
        lambda m, _: [
            sa.Table("parent", m, sa.Column("id", sa.Integer, primary_key=True)),
            sa.Table(
                "child",
                m,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk_child")),
            ),
        ],
        rows={"parent": [{"id": 1}], "child": [{"id": 1}]},
    ),
    Kind("a column with a foreign key is dropped", with_run(), with_run(column=False), rows=steps),
    Kind(
        "a column with a foreign key to its own table is dropped",
        tree(sa.Integer),
        lambda m, _: sa.Table("node", m, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)),
        rows={"node": [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": 1}]},
    ),
    Kind("two tables that refer to each other are added", circle(sa.Integer, there=False), circle(sa.Integer)),
    Kind(
        "two tables that refer to each other are dropped",
        circle(sa.Integer),
        circle(sa.Integer, there=False),
        rows={"team": [{"id": 1}], "member": [{"id": 1, "team_id": 1}]},
    ),
    Kind(
        "the keys of two tables that refer to each other become wider",
        circle(sa.Integer),
        circle(sa.BigInteger),
        rows={"team": [{"id": 1}], "member": [{"id": 1, "team_id": 1}]},
    ),
    Kind(
        "one foreign key of two tables that refer to each other is dropped with its column",
        circle(sa.Integer),
        circle(sa.Integer, extra=False),
        rows={"team": [{"id": 1}], "member": [{"id": 1, "team_id": 1}]},
    ),
    Kind("an index on a foreign key is added", with_run(), with_run(index_run), rows=steps),
    Kind("an index on a foreign key is dropped", with_run(index_run), with_run(), rows=steps),
    Kind(
        "an index on a foreign key is replaced by a unique constraint",
        with_run(index_run),
        with_run(unique_run),
        rows=steps,
    ),
    Kind("a unique constraint that serves a foreign key is dropped", with_run(unique_run), with_run(), rows=steps),
    Kind(
        "a foreign key is dropped with the unique constraint on its column",
        with_run(unique_run),
        with_run(column=False),
        rows=steps,
    ),
    Kind("the primary key gets a second column", keyed("a"), keyed("a", "b"), rows={"place": [{"a": 1, "b": 1}]}),
    Kind("the primary key loses a column", keyed("a", "b"), keyed("a"), rows={"place": [{"a": 1, "b": 1}]}),
    Kind("the primary key moves to another column", keyed("a"), keyed("b"), rows={"place": [{"a": 1, "b": 1}]}),
    Kind(
        "the columns of the primary key change their order",
        keyed("a", "b"),
        keyed("b", "a"),
        rows={"place": [{"a": 1, "b": 1}]},
    ),
    Kind("a table gets a primary key", keyed(), keyed("a"), rows={"place": [{"a": 1, "b": 1}]}),
    Kind("a table loses its primary key", keyed("a"), keyed(), rows={"place": [{"a": 1, "b": 1}]}),
    Kind(
        "a primary key is numbered by the server",
        numbered(False),
        numbered(True),
        on=SERVERS,
        rows={"place": [{"id": 1}]},
    ),
    Kind(
        "a primary key is no longer numbered by the server",
        numbered(True),
        numbered(False),
        on=SERVERS,
        rows={"place": [{"id": 1}]},
    ),
    person("a named unique constraint is added", email(), email(unique("email", name="uq_email")), row),
    person("an unnamed unique constraint is added", email(), email(unique=True), row),
    person("a named unique constraint is dropped", email(unique("email", name="uq_email")), email(), row),
    person("an unnamed unique constraint is dropped", email(unique=True), email(), row),
    person(
        "a unique constraint gets another column",
        email(unique("email", name="uq_email")),
        email(unique("email", "code", name="uq_email")),
        row,
    ),
    person(
        "an unnamed unique constraint gets another column", email(unique("email")), email(unique("email", "code")), row
    ),
    person(
        "a unique constraint is renamed",
        email(unique("email", name="uq_email")),
        email(unique("email", name="uq_person_email")),
        row,
    ),
    person(
        "a column is dropped with its unique constraint",
        email(unique("email", name="uq_email")),
        lambda _: [sa.Column("code", sa.String(10))],
        row,
    ),
    person(
        "a column with a unique constraint is renamed",
        email(unique("email", name="uq_email")),
        lambda _: [
            sa.Column("mail", sa.String(40)),
            sa.Column("code", sa.String(10)),
            sa.UniqueConstraint("mail", name="uq_email"),
        ],
        row,
        rename=("person.email:mail",),
    ),
    person(
        "a unique constraint becomes a unique index",
        email(unique("email", name="uq_email")),
        email(lambda: sa.Index("uq_email", "email", unique=True)),
        row,
        on=(SQLITE,),
    ),
]
