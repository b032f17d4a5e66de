"""Kinds of columns for the random models: types, own ones among them, and the defaults that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from collections.abc import Callable


class Ip(sa.types.UserDefinedType[str]):
    """A type that only the application knows."""

    cache_ok = True

    def __init__(self, length: int) -> None:
        self.length = length

    def get_col_spec(self, **_options: Any) -> str:
        return f"VARCHAR({self.length})"


class Slug(sa.types.TypeDecorator[str]):
    """A type of the application that is one of SQLAlchemy's to the server."""

    impl = sa.String
    cache_ok = True


class Essay(sa.types.TypeDecorator[str]):
    """A type of the application that is another one on each server."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(mysql.MEDIUMTEXT() if dialect.name == "mysql" else sa.Text())


WORDS = [
    "",
    "x",
    "it's",
    "50%",
    "a:b",
    ":x",
    "back\\slash",
    'say "so"',
    "äöü",
    "two  spaces",
    "a\nb",
    "%s %(a)s",
    "a;b",
    "-- no",
    "()",
]


@dataclass(frozen=True)
class ColumnType:
    """A type of column: how it is made, its defaults, and what can be done with it."""

    make: Callable[[], Any]
    defaults: tuple[Any, ...] = (None,)
    length: int | None = None
    """Characters of a string that an index can hold."""
    indexed: bool = True
    only: str | None = None
    """The dialect that has it."""
    mariadb: bool = True
    """MariaDB makes the same of it as MySQL."""


def _words() -> tuple[Any, ...]:
    return (None, *WORDS)


_NUMBERS = (None, "0", "5", "-1", sa.text("7"), sa.text("-3"), sa.text("(2)"), sa.text("'4'"))
_MOMENTS = (
    None,
    sa.func.now(),
    sa.text("CURRENT_TIMESTAMP"),
    "2020-01-01 00:00:00",
    sa.text("'2020-02-03'"),
)
STRICT = {"integer", "text", "binary"}
KINDS: dict[str, ColumnType] = {
    "integer": ColumnType(sa.Integer, _NUMBERS),
    "bigint": ColumnType(sa.BigInteger, _NUMBERS),
    "smallint": ColumnType(sa.SmallInteger, _NUMBERS),
    "boolean": ColumnType(sa.Boolean, (None, sa.true(), sa.false(), "1", "0", sa.text("1"), sa.text("true"))),
    "string20": ColumnType(lambda: sa.String(20), _words(), 20),
    "string50": ColumnType(lambda: sa.String(50), _words(), 50),
    "string255": ColumnType(lambda: sa.String(255), _words(), 255),
    "unicode": ColumnType(lambda: sa.Unicode(30), _words(), 30),
    "char": ColumnType(lambda: sa.CHAR(5), (None, "x", ""), 5),
    "text": ColumnType(sa.Text, indexed=False),
    "json": ColumnType(sa.JSON, indexed=False),
    "float": ColumnType(sa.Float, (None, "0", "1.5", sa.text("0.25"))),
    "double": ColumnType(sa.Double, (None, "0", "1.5")),
    "numeric": ColumnType(lambda: sa.Numeric(10, 2), (None, "0", "1.5", "-2.25", sa.text("3"))),
    "numeric8": ColumnType(lambda: sa.Numeric(8, 3), (None, "0", "1.5")),
    "decimal": ColumnType(lambda: sa.DECIMAL(12, 4), (None, "1")),
    "datetime": ColumnType(sa.DateTime, _MOMENTS),
    "date": ColumnType(sa.Date, (None, "2020-01-01")),
    "time": ColumnType(sa.Time, (None, "10:00:00")),
    "timestamp": ColumnType(sa.TIMESTAMP, (None, sa.func.now())),
    "enum": ColumnType(lambda: sa.Enum("a", "b", "it's", name="letters"), (None, "a", "it's")),
    "enum2": ColumnType(lambda: sa.Enum("a", "b", "c", "d", name="letters2"), (None, "b")),
    "uuid": ColumnType(sa.Uuid, (None,), mariadb=False),
    "binary": ColumnType(sa.LargeBinary, indexed=False),
    "varbinary": ColumnType(lambda: sa.VARBINARY(30), (None,)),
    "interval": ColumnType(sa.Interval, (None,)),
    "longtext": ColumnType(mysql.LONGTEXT, indexed=False, only="mysql"),
    "mediumtext": ColumnType(mysql.MEDIUMTEXT, indexed=False, only="mysql"),
    "text-expression": ColumnType(sa.Text, (sa.text("('x')"),), indexed=False, only="mysql"),
    "json-expression": ColumnType(sa.JSON, (sa.text("('{}')"), sa.text("(json_array())")), indexed=False, only="mysql"),
    "datetime-now": ColumnType(sa.DateTime, (sa.text("now()"),), only="mysql"),
    "datetime6": ColumnType(
        lambda: mysql.DATETIME(fsp=6), (None, sa.text("now(6)"), sa.text("CURRENT_TIMESTAMP(6)")), only="mysql"
    ),
    "datetime-update": ColumnType(
        sa.DateTime, (sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),), only="mysql"
    ),
    "tinyint": ColumnType(mysql.TINYINT, _NUMBERS, only="mysql"),
    "tinyint1": ColumnType(lambda: mysql.TINYINT(1), (None, "0"), only="mysql"),
    "int-unsigned": ColumnType(lambda: mysql.INTEGER(unsigned=True), (None, "0", "5"), only="mysql"),
    "bigint-unsigned": ColumnType(lambda: mysql.BIGINT(unsigned=True), (None, "0"), only="mysql"),
    "today": ColumnType(sa.Date, (sa.text("(CURRENT_DATE)"), sa.text("(curdate())")), only="mysql"),
    "int11": ColumnType(lambda: mysql.INTEGER(display_width=11), _NUMBERS, only="mysql"),
    "mediumint": ColumnType(mysql.MEDIUMINT, (None, "0"), only="mysql"),
    "mysql-double": ColumnType(lambda: mysql.DOUBLE(asdecimal=False), (None, "1.5"), only="mysql"),
    "bin-collation": ColumnType(lambda: mysql.VARCHAR(20, collation="utf8mb4_bin"), (None, "x"), 20, only="mysql"),
    "latin": ColumnType(lambda: mysql.VARCHAR(20, charset="latin1"), (None, "x"), 20, only="mysql"),
    "set": ColumnType(lambda: mysql.SET("a", "b"), (None, "a"), only="mysql"),
    "year": ColumnType(mysql.YEAR, (None, "2020"), only="mysql"),
    "bit": ColumnType(lambda: mysql.BIT(8), (None,), only="mysql"),
    "mysql-time": ColumnType(lambda: mysql.TIME(fsp=3), (None,), only="mysql"),
    "mysql-timestamp": ColumnType(
        lambda: mysql.TIMESTAMP(fsp=6), (None, sa.text("CURRENT_TIMESTAMP(6)")), only="mysql"
    ),
    "char32": ColumnType(lambda: sa.CHAR(32), (None,), 32, only="mysql"),
    "ip39": ColumnType(lambda: Ip(39), (None, "::1"), 39),
    "ip45": ColumnType(lambda: Ip(45), (None, "::1"), 45),
    "slug": ColumnType(lambda: Slug(30), (None, "a:b"), 30),
    "essay": ColumnType(Essay, indexed=False),
    "variant": ColumnType(lambda: sa.String(20).with_variant(mysql.VARCHAR(40), "mysql"), (None, "x"), 20),
    "checked-boolean": ColumnType(lambda: sa.Boolean(create_constraint=True), (None, sa.true(), sa.false())),
    "checked-enum": ColumnType(lambda: _checked("a", "b", "it's"), (None, "a", "it's"), 9),
    "checked-enum-with-more": ColumnType(lambda: _checked("a", "b", "it's", "a:b", "50%"), (None, "a:b"), 9),
    "nocase": ColumnType(lambda: sa.String(20, collation="NOCASE"), (None, "x"), 20, only="sqlite"),
    "general-collation": ColumnType(
        lambda: sa.String(20, collation="utf8mb4_general_ci"), (None, "x"), 20, only="mysql"
    ),
    "set-with-more": ColumnType(lambda: mysql.SET("a", "b", "c:d"), (None, "a"), only="mysql"),
    "varbinary20": ColumnType(lambda: sa.VARBINARY(20), (None,), only="mysql"),
}


def _checked(*values: str) -> sa.Enum:
    """Return a text with a CHECK for its values, which has the name of its column."""
    return sa.Enum(*values, native_enum=False, create_constraint=True, length=9)


def kinds(dialect: str, *, strict: bool = False) -> list[str]:
    """Return the kinds that a dialect has; a strict table of SQLite has few."""
    return [
        name
        for name, kind in KINDS.items()
        if kind.only in {None, dialect.replace("mariadb", "mysql")}
        and (kind.mariadb or dialect != "mariadb")
        and (not strict or name in STRICT)
    ]
