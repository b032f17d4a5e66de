"""Changes of columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.changes.kind import ENGINES, MARIADB, MYSQL, SERVERS, SQLITE, Kind, nothing, person


class Raw(sa.types.UserDefinedType[str]):
    """A type that SQLAlchemy does not know."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_kw: Any) -> str:
        return self.text


def column(name: str, before: Any, after: Any, value: Any = None, **more: Any) -> Kind:
    """Return a change of the column `what`: a type, or a type with the options of the column."""

    def parts(given: Any) -> Any:
        type_, options = given if isinstance(given, tuple) else (given, {})
        return lambda engine: [
            sa.Column("what", type_(engine) if callable(type_) and not isinstance(type_, type) else type_, **options)
        ]

    return person(name, parts(before), parts(after), {"what": value}, **more)


def default(before: Any, after: Any, type_: Any = None) -> tuple[Any, Any]:
    type_ = type_ or sa.String(20)
    return (type_, {"server_default": before}), (type_, {"server_default": after})


def collated(sqlite: str, mysql_: str) -> Any:
    return lambda engine: sa.String(40, collation=sqlite if engine == SQLITE else mysql_)


def longer(sqlite: Any, server: Any) -> Any:
    return lambda engine: sqlite if engine == SQLITE else server


def flag(**given: Any) -> Any:
    return lambda _engine: [sa.Column("active", sa.Boolean(**given), server_default=sa.false(), nullable=False)]


def colour(*members: str, **given: Any) -> Any:
    return sa.Enum(*members, name="ck_person_what", **given)


checked: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 20}
now = sa.text("CURRENT_TIMESTAMP")
moment = dt.datetime(2026, 1, 2, 3, 4, 5)
on_update = sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")

KINDS = [
    person("a nullable column is added", nothing, lambda _: [sa.Column("note", sa.String(40))], {}),
    person(
        "a NOT NULL column with a default is added",
        nothing,
        lambda _: [sa.Column("note", sa.String(40), server_default="none", nullable=False)],
        {},
    ),
    person(
        "a NOT NULL column without a default is added to an empty table",
        nothing,
        lambda _: [sa.Column("note", sa.String(40), nullable=False)],
    ),
    person("a nullable column is dropped", lambda _: [sa.Column("note", sa.String(40))], nothing, {"note": "x"}),
    person(
        "a NOT NULL column is dropped",
        lambda _: [sa.Column("note", sa.String(40), nullable=False)],
        nothing,
        {"note": "x"},
    ),
    person(
        "a column is renamed",
        lambda _: [sa.Column("nick", sa.String(40), server_default="none", nullable=False)],
        lambda _: [sa.Column("alias", sa.String(40), server_default="none", nullable=False)],
        {"nick": "x"},
        rename=("person.nick:alias",),
    ),
    person(
        "a column gets another case",
        lambda _: [sa.Column("nick", sa.String(40))],
        lambda _: [sa.Column("Nick", sa.String(40))],
        {"nick": "x"},
        rename=("person.nick:Nick",),
    ),
    column("a text becomes longer", sa.String(40), sa.String(400), "x"),
    column("a text becomes shorter", sa.String(400), sa.String(40), "x"),
    column("a text becomes unlimited", sa.String(40), sa.Text(), "x"),
    column("Integer becomes BigInteger", sa.Integer(), sa.BigInteger(), 5),
    column("Integer becomes SmallInteger", sa.Integer(), sa.SmallInteger(), 5),
    column("Integer becomes String", sa.Integer(), sa.String(20), 5),
    column("Numeric gets more digits", sa.Numeric(8, 2), sa.Numeric(12, 4), 5, rewritten=frozenset({"person.what"})),
    column("Float becomes Double", sa.Float(), sa.Double(), 1.5),
    column(
        "Date becomes DateTime",
        sa.Date(),
        sa.DateTime(),
        dt.date(2026, 1, 2),
        rewritten=frozenset({"person.what"}),
    ),
    column("DATETIME gets fractions of seconds", sa.DateTime(), mysql.DATETIME(fsp=6), moment, on=SERVERS),
    column("an integer becomes unsigned", sa.Integer(), mysql.INTEGER(unsigned=True), 5, on=SERVERS),
    column("a TEXT becomes a LONGTEXT", sa.Text(), mysql.LONGTEXT(), "x", on=SERVERS),
    column("a BLOB becomes a MEDIUMBLOB", mysql.BLOB(), mysql.MEDIUMBLOB(), b"x", on=SERVERS),
    column("a VARBINARY becomes longer", sa.VARBINARY(20), sa.VARBINARY(40), b"x", on=SERVERS),
    column("a BIT becomes wider", mysql.BIT(1), mysql.BIT(8), 1, on=SERVERS),
    column("a text becomes JSON", sa.Text(), sa.JSON(), "{}"),
    column("a column becomes NOT NULL", sa.String(20), (sa.String(20), {"nullable": False}), "x"),
    column("a column becomes nullable", (sa.String(20), {"nullable": False}), sa.String(20), "x"),
    column("a default is added", *default(None, "new"), value="x"),
    column("a default is removed", *default("old", None), value="x"),
    column("a default text changes", *default("old", 'it\'s 100% new: "yes"'), value="x"),
    column("a default number changes", *default("1", "2", sa.Integer()), value=5),
    column("a default of true becomes false", *default(sa.true(), sa.false(), sa.Boolean()), value=True),
    column("a default becomes the time", *default(None, sa.func.now(), sa.DateTime()), value=moment),
    column("a default becomes an expression", *default("1", sa.text("(1 + 2)"), sa.Integer()), value=5),
    column("a default expression changes", *default(sa.text("(1 + 1)"), sa.text("(1 + 2)"), sa.Integer()), value=5),
    column("a TEXT gets a default", *default(None, sa.text("('none')"), sa.Text()), value="x"),
    column("ON UPDATE is added", *default(now, on_update, sa.DateTime()), value=moment, on=SERVERS),
    column("ON UPDATE is removed", *default(on_update, now, sa.DateTime()), value=moment, on=SERVERS),
    column("a comment is added", sa.String(20), (sa.String(20), {"comment": "it's: 100%"}), "x", on=SERVERS),
    column("a comment is removed", (sa.String(20), {"comment": "a"}), sa.String(20), "x", on=SERVERS),
    column(
        "a commented column with a default changes its type",
        (sa.String(20), {"comment": "a", "server_default": "b", "nullable": False}),
        (sa.String(400), {"comment": "a", "server_default": "b", "nullable": False}),
        "x",
    ),
    column("a collation is added", sa.String(40), collated("NOCASE", "utf8mb4_bin"), "x"),
    column(
        "a collation is removed",
        collated("NOCASE", "utf8mb4_bin"),
        sa.String(40),
        "x",
        missed=dict.fromkeys(SERVERS, "a column may have a collation that the models do not name"),
    ),
    column(
        "a character set changes",
        mysql.VARCHAR(40, charset="latin1"),
        mysql.VARCHAR(40, charset="utf8mb4"),
        "x",
        on=SERVERS,
    ),
    column("a native Enum gets a value", colour("a", "b"), colour("a", "b", "c"), "a", on=SERVERS),
    column("a native Enum gets a value in the middle", colour("a", "c"), colour("a", "b", "c"), "c", on=SERVERS),
    column("a native Enum loses a value", colour("a", "b", "c"), colour("a", "b"), "a", on=SERVERS),
    column("a native Enum's values change their order", colour("a", "b"), colour("b", "a"), "a", on=SERVERS),
    column("a checked Enum gets a value", colour("a", "b", **checked), colour("a", "b", "c", **checked), "a"),
    column(
        "a checked Enum gets a longer value",
        colour("a", "b", native_enum=False, create_constraint=True),
        colour("a", "b", "longer", native_enum=False, create_constraint=True),
        "a",
    ),
    column("a checked Enum loses a value", colour("a", "b", "c", **checked), colour("a", "b", **checked), "a"),
    column("a value of a checked Enum is renamed", colour("a", "b", **checked), colour("a", "d", **checked), "a"),
    column("an unchecked Enum becomes checked", colour("a", native_enum=False, length=20), colour("a", **checked), "a"),
    column("a checked Enum becomes a String", colour("a", "b", **checked), sa.String(20), "a"),
    column("a native Enum becomes a String", colour("a", "b"), sa.String(20), "a", on=SERVERS),
    column("a SET gets a member", mysql.SET("a", "b"), mysql.SET("a", "b", "c"), {"a"}, on=SERVERS),
    column("a SET loses a member", mysql.SET("a", "b", "c"), mysql.SET("a", "b"), {"a"}, on=SERVERS),
    person(
        "a Boolean with a CHECK is added beside another change",
        lambda _: [sa.Column("note", sa.String(20))],
        lambda engine: [*flag(create_constraint=True, name="ck_active")(engine), sa.Column("note", sa.String(400))],
        {"note": "x"},
    ),
    person(
        "a Boolean with a CHECK becomes an Integer",
        flag(create_constraint=True, name="ck_active"),
        lambda _: [sa.Column("active", sa.Integer, server_default=sa.false(), nullable=False)],
        {"active": True},
    ),
    person(
        "a Boolean with a CHECK is renamed",
        flag(create_constraint=True, name="ck_active"),
        lambda _: [
            sa.Column(
                "enabled",
                sa.Boolean(create_constraint=True, name="ck_active"),
                server_default=sa.false(),
                nullable=False,
            )
        ],
        {"active": True},
        rename=("person.active:enabled",),
    ),
    person(
        "a Boolean with an unnamed CHECK is dropped",
        flag(create_constraint=True),
        nothing,
        {"active": True},
    ),
    person(
        "a column with a reserved word as its name changes",
        lambda _: [sa.Column("order", sa.String(20), nullable=False)],
        lambda _: [sa.Column("order", sa.String(400), server_default="a", nullable=False)],
        {"order": "x"},
    ),
    person(
        "a column with blanks and capitals in its name changes",
        lambda _: [sa.Column("Last Name", sa.String(20), nullable=False)],
        lambda _: [sa.Column("Last Name", sa.String(400), server_default="a")],
        {"Last Name": "x"},
    ),
    person(
        "a column with a quote and a percent in its name is dropped",
        lambda _: [sa.Column("it's 100%", sa.String(20))],
        nothing,
    ),
    column("a String becomes a native Enum", sa.String(20), colour("a", "b"), "a", on=SERVERS),
    column("a native Enum becomes a checked one", colour("a", "b"), colour("a", "b", **checked), "a", on=SERVERS),
    column("a text becomes binary", sa.String(20), sa.LargeBinary(20), "x", rewritten=frozenset({"person.what"})),
    column("a Boolean becomes an Integer", sa.Boolean(), sa.Integer(), True),
    column("a text becomes a Uuid", sa.String(40), sa.Uuid(native_uuid=False), rewritten=frozenset({"person.what"})),
    column("TIME gets fractions of seconds", mysql.TIME(), mysql.TIME(fsp=3), dt.timedelta(hours=1), on=SERVERS),
    column("DATETIME becomes TIMESTAMP", mysql.DATETIME(), mysql.TIMESTAMP(), moment, on=SERVERS),
    column("a JSON column gets a default", *default(None, sa.text("('{}')"), sa.JSON()), value={"a": 1}),
    column("a default with a quote, a colon and a backslash is removed", *default("it's a:b \\", None), value="x"),
    column(
        "type, default, comment and NOT NULL change at once",
        (sa.Integer(), {"comment": "a", "server_default": "1"}),
        (sa.BigInteger(), {"comment": "b: 100%", "server_default": "2", "nullable": False}),
        5,
    ),
    person(
        "a column with a default and a comment is dropped",
        lambda _: [sa.Column("note", sa.String(40), server_default="it's", nullable=False, comment="a: 100%")],
        nothing,
        {"note": "x"},
    ),
    person(
        "a column is renamed and becomes longer",
        lambda _: [sa.Column("nick", sa.String(40), nullable=False, comment="a", server_default="b")],
        lambda _: [sa.Column("alias", sa.String(400), nullable=False, comment="a", server_default="b")],
        {"nick": "x"},
        rename=("person.nick:alias",),
    ),
    person(
        "a column gets a reserved word as its name",
        lambda _: [sa.Column("rank_", sa.String(40))],
        lambda _: [sa.Column("rank", sa.String(40), nullable=False, server_default="b")],
        {"rank_": "x"},
        rename=("person.rank_:rank",),
    ),
    person(
        "two columns are renamed",
        lambda _: [sa.Column("first", sa.String(40)), sa.Column("last", sa.String(40))],
        lambda _: [sa.Column("given", sa.String(40)), sa.Column("family", sa.String(40))],
        {"first": "x", "last": "y"},
        rename=("person.first:given", "person.last:family"),
    ),
    person(
        "the columns change their order",
        lambda _: [sa.Column("first", sa.String(40)), sa.Column("last", sa.String(40))],
        lambda _: [sa.Column("last", sa.String(40)), sa.Column("first", sa.String(40))],
        {"first": "x", "last": "y"},
        missed=dict.fromkeys(ENGINES, "the order of columns is not compared"),
    ),
    column(
        "a VARCHAR becomes an INET6",
        sa.String(39),
        Raw("INET6"),
        "::1",
        on=(MARIADB,),
        missed={MARIADB: "a type that MySQL does not have is not compared"},
    ),
    column("a VARCHAR becomes a VECTOR", sa.VARBINARY(8), Raw("VECTOR(2)"), None, on=(MYSQL,)),
]
