"""Changes of tables: new and dropped ones, their options, own types, naming conventions, views and triggers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.changes.kind import SERVERS, SQLITE, Kind, Models, person

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def table(name: str, *more: Any, note: Any = None, **options: Any) -> Models:
    def make(metadata: sa.MetaData, engine: str) -> None:
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("note", note or sa.String(40)),
            *(each(engine) for each in more),
            **options,
        )

    return make


def all_of(*makes: Models) -> Models:
    def make(metadata: sa.MetaData, engine: str) -> None:
        for each in makes:
            each(metadata, engine)

    return make


def option(name: str, before: dict[str, Any], after: dict[str, Any], **more: Any) -> Kind:
    return Kind(name, table("person", **before), table("person", **after), rows=ann, **more)


def kept(name: str, *more: Any, sql: tuple[str, ...] = (), **options: Any) -> Kind:
    on = options.pop("on", (SQLITE,))
    rewritten = options.pop("rewritten", frozenset())
    return Kind(
        name,
        table("person", *more, **options),
        table("person", *more, lambda _: sa.UniqueConstraint("note", name="uq_note"), note=sa.String(400), **options),
        rows=ann,
        on=on,
        sql=sql,
        rewritten=rewritten,
    )


def conventional(convention: dict[str, str] | None, **options: Any) -> Models:
    def make(metadata: sa.MetaData, _engine: str) -> None:
        if convention:
            metadata.naming_convention = convention
        sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
        sa.Table(
            "person",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("note", sa.String(40), unique=options.get("unique", True)),
            sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete=options.get("ondelete"))),
            sa.CheckConstraint("note <> 'a'", name="short"),
        )

    return make


class Ip(sa.types.UserDefinedType[str]):
    """A type that only the application knows."""

    cache_ok = True

    def __init__(self, length: int) -> None:
        self.length = length

    def get_col_spec(self, **_kw: Any) -> str:
        return f"VARCHAR({self.length})"


class Short(sa.types.TypeDecorator[str]):
    """A text of the application's."""

    impl = sa.String
    cache_ok = True


class Wide(sa.types.TypeDecorator[str]):
    """A text that each dialect stores in another way."""

    impl = sa.String
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__(40)
        self.kind = kind

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(self.kind)


def typed(name: str, before: Any, after: Any, **more: Any) -> Kind:
    return person(
        name, lambda _: [sa.Column("what", before)], lambda _: [sa.Column("what", after)], {"what": "x"}, **more
    )


NOT_COMPARED = "this option is not compared"
ann = {"person": [{"id": 1, "note": "x"}]}
VIEW = "CREATE VIEW noted AS SELECT id, note FROM person"
NESTED = "CREATE VIEW noted_more AS SELECT id, note FROM noted"
OTHER = "CREATE TRIGGER stamp AFTER UPDATE ON person FOR EACH ROW SET @seen = NEW.id"
TRIGGER = "CREATE TRIGGER stamp AFTER UPDATE ON person BEGIN UPDATE log SET note = NEW.note; END"
log = table("log")
guarded = (
    lambda _: sa.CheckConstraint("note <> 'a'", name="ck_note"),
    lambda _: sa.UniqueConstraint("note", name="uq_note"),
    lambda _: sa.Index("ix_note", "note", "id"),
)


def between(metadata: sa.MetaData, _engine: str) -> None:
    keys = (sa.Column(f"{name}_id", sa.Integer, sa.ForeignKey(f"{name}.id"), primary_key=True) for name in ("a", "b"))
    sa.Table("a_and_b", metadata, *keys)


KINDS: list[Kind] = [
    Kind("a table is added", log, all_of(log, table("person", lambda _: sa.Index("ix_note", "note")))),
    Kind("a table is dropped", all_of(log, table("person", lambda _: sa.Index("ix_note", "note"))), log, rows=ann),
    Kind(
        "two tables of which one refers to the other are dropped",
        all_of(
            log,
            table("a"),
            lambda m, _: sa.Table("b", m, sa.Column("id", sa.Integer, sa.ForeignKey("a.id"), primary_key=True)),
        ),
        log,
        rows={"a": [{"id": 1}], "b": [{"id": 1}]},
    ),
    Kind("a table is renamed", table("person"), table("human"), rows=ann, rename=("person:human",)),
    Kind("a table gets another case", table("person"), table("Person"), rows=ann, rename=("person:Person",)),
    Kind(
        "a table that another refers to is renamed",
        all_of(
            table("person"),
            table("pet", lambda _: sa.Column("owner", sa.Integer, sa.ForeignKey("person.id", name="fk_owner"))),
        ),
        all_of(
            table("human"),
            table("pet", lambda _: sa.Column("owner", sa.Integer, sa.ForeignKey("human.id", name="fk_owner"))),
        ),
        rows={**ann, "pet": [{"id": 1, "note": "y", "owner": 1}]},
        rename=("person:human",),
    ),
    Kind(
        "a table and a column of it are renamed",
        table("person"),
        lambda metadata, _: sa.Table(
            "human", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("remark", sa.String(40))
        ),
        rows=ann,
        rename=("person:human", "human.note:remark"),
    ),
    Kind(
        "a table with an index, a CHECK and a unique constraint is renamed",
        table("person", *guarded),
        table("human", *guarded),
        rows=ann,
        rename=("person:human",),
    ),
    Kind(
        "a table with an index, a CHECK and a unique constraint is dropped",
        all_of(log, table("person", *guarded)),
        log,
        rows=ann,
    ),
    Kind(
        "a table between two others is added",
        all_of(table("a"), table("b")),
        all_of(table("a"), table("b"), between),
        rows={"a": [{"id": 1}], "b": [{"id": 1}]},
    ),
    Kind(
        "a table with a reserved word as its name changes",
        table("order"),
        table("order", note=sa.String(400)),
        rows={"order": [{"id": 1, "note": "x"}]},
    ),
    Kind(
        "a table with blanks and capitals in its name changes",
        table("My Table"),
        table("My Table", lambda _: sa.Index("My Index", "note"), note=sa.String(400)),
        rows={"My Table": [{"id": 1, "note": "x"}]},
    ),
    option("a comment of a table is added", {}, {"comment": "it's: 100%"}, on=SERVERS),
    option("a comment of a table is removed", {"comment": "a"}, {}, on=SERVERS),
    option("the engine changes", {"mysql_engine": "InnoDB"}, {"mysql_engine": "MyISAM"}, on=SERVERS),
    option("the row format changes", {"mysql_row_format": "DYNAMIC"}, {"mysql_row_format": "COMPRESSED"}, on=SERVERS),
    option(
        "the collation of a table changes",
        {"mysql_collate": "utf8mb4_bin"},
        {"mysql_collate": "utf8mb4_unicode_ci"},
        on=SERVERS,
    ),
    option(
        "the character set of a table changes", {"mysql_charset": "latin1"}, {"mysql_charset": "utf8mb4"}, on=SERVERS
    ),
    option(
        "KEY_BLOCK_SIZE is added",
        {},
        {"mysql_key_block_size": "8"},
        on=SERVERS,
        missed=dict.fromkeys(SERVERS, NOT_COMPARED),
    ),
    option(
        "the start of AUTO_INCREMENT changes",
        {},
        {"mysql_auto_increment": "1000"},
        on=SERVERS,
        missed=dict.fromkeys(SERVERS, NOT_COMPARED),
    ),
    option("AUTOINCREMENT is added", {}, {"sqlite_autoincrement": True}, on=(SQLITE,), missed={SQLITE: NOT_COMPARED}),
    Kind(
        "a table becomes STRICT",
        table("person", note=sa.Text()),
        table("person", note=sa.Text(), sqlite_strict=True),
        rows=ann,
        on=(SQLITE,),
        missed={SQLITE: NOT_COMPARED},
    ),
    kept("a table with AUTOINCREMENT changes", sqlite_autoincrement=True),
    kept("a table WITHOUT ROWID changes", sqlite_with_rowid=False),
    Kind(
        "a STRICT table changes",
        lambda m, _: sa.Table(
            "person", m, sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text), sqlite_strict=True
        ),
        lambda m, _: sa.Table(
            "person",
            m,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("note", sa.Text, nullable=False),
            sqlite_strict=True,
        ),
        rows=ann,
        on=(SQLITE,),
    ),
    kept(
        "a table with a collated column changes",
        lambda _: sa.Column("code", sa.String(20, collation="NOCASE"), server_default="a"),
    ),
    kept(
        "a table with ON CONFLICT changes",
        lambda _: sa.Column("code", sa.String(20)),
        lambda _: sa.UniqueConstraint("code", name="uq_code", sqlite_on_conflict="IGNORE"),
    ),
    kept(
        "a table with a foreign key that is DEFERRABLE changes",
        lambda _: sa.Column(
            "up", sa.Integer, sa.ForeignKey("person.id", name="fk_up", deferrable=True, initially="DEFERRED")
        ),
    ),
    kept("a table with a view on it changes", sql=(VIEW,), on=(SQLITE, *SERVERS)),
    kept("a table with a view on a view on it changes", sql=(VIEW, NESTED), on=(SQLITE, *SERVERS)),
    Kind(
        "a table with a trigger changes",
        all_of(log, table("person")),
        all_of(log, table("person", lambda _: sa.UniqueConstraint("note", name="uq_note"), note=sa.String(400))),
        rows={**ann, "log": [{"id": 1, "note": "y"}]},
        on=(SQLITE,),
        sql=(TRIGGER,),
    ),
    kept("a table with a trigger on a server changes", sql=(OTHER,), on=SERVERS),
    Kind(
        "a column is added to a table with a view on it",
        table("person"),
        table("person", lambda _: sa.Column("more", sa.Integer)),
        rows=ann,
        sql=(VIEW,),
    ),
    typed("a type of the application changes", Ip(39), Ip(45)),
    typed("a type of the application becomes one of SQLAlchemy's", Ip(39), sa.String(45)),
    typed("a TypeDecorator becomes longer", Short(20), Short(40)),
    typed("a TypeDecorator with a type for each dialect changes", Wide(sa.String(40)), Wide(sa.Text())),
    typed(
        "a variant changes",
        sa.String(40).with_variant(mysql.VARCHAR(60), "mysql"),
        sa.String(40).with_variant(mysql.VARCHAR(80), "mysql"),
        on=SERVERS,
    ),
    typed(
        "a variant of a type of the application changes",
        sa.String(40).with_variant(Ip(39), "mysql"),
        sa.String(40).with_variant(Ip(45), "mysql"),
        on=SERVERS,
    ),
    Kind(
        "a naming convention is added, and a unique constraint dropped",
        conventional(None),
        conventional(CONVENTION, unique=False),
        rows=ann,
    ),
    Kind(
        "a naming convention is added, and ON DELETE of a foreign key changes",
        conventional(None),
        conventional(CONVENTION, ondelete="CASCADE"),
        rows=ann,
    ),
    Kind(
        "under a naming convention an unnamed unique constraint is dropped",
        conventional(CONVENTION),
        conventional(CONVENTION, unique=False),
        rows=ann,
    ),
    Kind(
        "under a naming convention ON DELETE of an unnamed foreign key changes",
        conventional(CONVENTION),
        conventional(CONVENTION, ondelete="CASCADE"),
        rows=ann,
    ),
]
