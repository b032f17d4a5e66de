"""Changes of foreign keys and of what they need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.changes.kind import ENGINES, Kind, Models, Row


def family(name: str, before: Models, after: Models, rows: Any = None, **more: Any) -> Kind:
    """Return a change of the tables `parent` and `child`, with a row in each."""
    usual = {"parent": [{"id": 1}], "child": [{"id": 1, "parent_id": 1}]}
    return Kind(name, before, after, rows=rows or usual, **more)


def parent_and_child(key: Any = sa.Integer, **options: Any) -> Models:
    """Return the tables `parent` and `child`: the type of the key, and options of the foreign key."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        parent(metadata, key)
        sa.Table(
            "child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("parent_id", key, sa.ForeignKey("parent.id", **options)),
        )

    return make


def parent(metadata: sa.MetaData, key: Any) -> sa.Table:
    return sa.Table("parent", metadata, sa.Column("id", key, primary_key=True, autoincrement=False))


def strangers(*columns: str) -> Models:
    """Return the two tables without a foreign key; the child has these columns."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        parent(metadata, sa.Integer)
        own = (sa.Column(name, sa.Integer) for name in columns)
        sa.Table("child", metadata, sa.Column("id", sa.Integer, primary_key=True), *own)

    return make


def tree(key: Any = sa.Integer, **options: Any) -> Models:
    """Return a table that refers to itself."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        sa.Table(
            "node",
            metadata,
            sa.Column("id", key, primary_key=True, autoincrement=False),
            sa.Column("parent_id", key, sa.ForeignKey("node.id", name="fk_node", **options)),
        )

    return make


def composite(first: Any = sa.Integer, length: int = 8, **options: Any) -> Models:
    """Return two tables with a key of two columns."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        kinds = {"a": first, "b": sa.String(length)}
        key = (sa.Column(name, kind, primary_key=True, autoincrement=False) for name, kind in kinds.items())
        sa.Table("parent", metadata, *key)
        sa.Table(
            "child",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            *(sa.Column(f"parent_{name}", kind) for name, kind in kinds.items()),
            sa.ForeignKeyConstraint(["parent_a", "parent_b"], ["parent.a", "parent.b"], name="fk_child", **options),
        )

    return make


def other(metadata: sa.MetaData, _engine: str) -> None:
    """Make a table that nothing refers to."""
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))


def circle(key: Any = sa.Integer, *, closed: bool = True) -> Models:
    """Return two tables that refer to each other, or only one to the other."""

    def make(metadata: sa.MetaData, engine: str) -> None:
        other(metadata, engine)
        boss = sa.Column("boss_id", key, sa.ForeignKey("member.id", name="fk_team_boss", use_alter=True))
        own = sa.Column("id", key, primary_key=True, autoincrement=False)
        sa.Table("team", metadata, own, *([boss] if closed else []))
        sa.Table(
            "member",
            metadata,
            sa.Column("id", key, primary_key=True, autoincrement=False),
            sa.Column("team_id", key, sa.ForeignKey("team.id", name="fk_member_team")),
        )

    return make


def with_run(*more: Any, column: bool = True) -> Models:
    """Return a table with a foreign key whose column is the first of another key."""

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


def unique_run() -> sa.UniqueConstraint:
    return sa.UniqueConstraint("run_id", "code", name="uq_step")


def index_run() -> sa.Index:
    return sa.Index("ix_step_run", "run_id")


def by_code(*, foreign: bool = True, length: int = 8) -> Models:
    """Return two tables of which one refers to a unique column of the other."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        code = sa.Column("code", sa.String(length), nullable=False)
        unique = sa.UniqueConstraint("code", name="uq_parent_code")
        sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True), code, unique)
        key = [sa.ForeignKey("parent.code", name="fk_child_code")] if foreign else []
        own = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table("child", metadata, own, sa.Column("Parent Code", sa.String(length), *key))

    return make


def two_keys(*referred: str) -> Models:
    """Return a table with two foreign keys to another."""

    def make(metadata: sa.MetaData, _engine: str) -> None:
        parent(metadata, sa.Integer)
        columns = (
            sa.Column(name, sa.Integer, *([sa.ForeignKey("parent.id", name=f"fk_{name}")] if name in referred else []))
            for name in ("one", "two")
        )
        sa.Table("child", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)

    return make


named: Row = {"name": "fk_child_parent"}
steps: dict[str, list[Row]] = {"run": [{"id": 1}], "step": [{"id": 1, "run_id": 1, "code": "x"}]}
nodes: dict[str, list[Row]] = {"node": [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": 1}]}
members: dict[str, list[Row]] = {"team": [{"id": 1}], "member": [{"id": 1, "team_id": 1}]}
places: dict[str, list[Row]] = {"parent": [{"a": 1, "b": "x"}], "child": [{"id": 1, "parent_a": 1, "parent_b": "x"}]}
codes: dict[str, list[Row]] = {"parent": [{"id": 1, "code": "x"}], "child": [{"id": 1, "Parent Code": "x"}]}
both: dict[str, list[Row]] = {"parent": [{"id": 1}], "child": [{"id": 1, "one": 1, "two": 1}]}
alone: dict[str, list[Row]] = {"parent": [{"id": 1}], "child": [{"id": 1}]}

KINDS = [
    family("a named foreign key is added", strangers("parent_id"), parent_and_child(**named)),
    family("an unnamed foreign key is added", strangers("parent_id"), parent_and_child()),
    family("a named foreign key is dropped", parent_and_child(**named), strangers("parent_id")),
    family("an unnamed foreign key is dropped", parent_and_child(), strangers("parent_id")),
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
    family(
        "a foreign key is renamed",
        parent_and_child(**named),
        parent_and_child(name="fk_child_to_parent"),
        missed=dict.fromkeys(ENGINES, "the names of foreign keys are not compared"),
    ),
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
        {"parent": [{"id": "x"}], "child": [{"id": 1, "parent_id": "x"}]},
    ),
    family(
        "a key and its foreign key: String becomes Integer",
        parent_and_child(sa.String(8), **named),
        parent_and_child(sa.Integer, **named),
        {"parent": [{"id": "1"}], "child": [{"id": 1, "parent_id": "1"}]},
    ),
    family(
        "a key becomes wider while the ON DELETE of its foreign key changes",
        parent_and_child(sa.Integer, **named),
        parent_and_child(sa.BigInteger, **named, ondelete="SET NULL"),
    ),
    Kind(
        "a composite key and its foreign key become wider",
        composite(),
        composite(sa.BigInteger, 16),
        rows=places,
    ),
    Kind(
        "ON DELETE of a composite foreign key changes",
        composite(),
        composite(ondelete="CASCADE"),
        rows=places,
    ),
    Kind("a key and the foreign key of its own table become wider", tree(), tree(sa.BigInteger), rows=nodes),
    Kind("ON DELETE of a foreign key to its own table changes", tree(), tree(ondelete="CASCADE"), rows=nodes),
    Kind(
        "a unique column to which a foreign key refers becomes longer",
        by_code(),
        by_code(length=16),
        rows=codes,
    ),
    Kind("a foreign key to a unique column is added", by_code(foreign=False), by_code(), rows=codes),
    Kind("a foreign key to a unique column is dropped", by_code(), by_code(foreign=False), rows=codes),
    Kind("a second foreign key to the same table is added", two_keys("one"), two_keys("one", "two"), rows=both),
    Kind("one of two foreign keys to the same table is dropped", two_keys("one", "two"), two_keys("two"), rows=both),
    Kind("a foreign key moves to another column", two_keys("one"), two_keys("two"), rows=both),
    Kind("a column with a foreign key is added", strangers(), parent_and_child(**named), rows=alone),
    Kind("a column with an unnamed foreign key is added", strangers(), parent_and_child(), rows=alone),
    Kind("a column with a foreign key is dropped", with_run(), with_run(column=False), rows=steps),
    Kind("a column with an unnamed foreign key is dropped", parent_and_child(), strangers(), rows=alone),
    Kind(
        "a column with a foreign key is renamed",
        parent_and_child(**named),
        lambda metadata, _: (
            parent(metadata, sa.Integer),
            sa.Table(
                "child",
                metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("owner_id", sa.Integer, sa.ForeignKey("parent.id", **named)),
            ),
        ),
        rows={"parent": [{"id": 1}], "child": [{"id": 1, "parent_id": 1}]},
        rename=("child.parent_id:owner_id",),
    ),
    Kind(
        "a column with a foreign key to its own table is dropped",
        tree(),
        lambda metadata, _: sa.Table(
            "node", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
        ),
        rows=nodes,
    ),
    Kind("two tables that refer to each other are added", other, circle()),
    Kind("two tables that refer to each other are dropped", circle(), other, rows=members),
    Kind(
        "the keys of two tables that refer to each other become wider",
        circle(),
        circle(sa.BigInteger),
        rows=members,
    ),
    Kind(
        "one foreign key of two tables that refer to each other is dropped with its column",
        circle(),
        circle(closed=False),
        rows=members,
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
]
