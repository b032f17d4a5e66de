"""Random models, as plain data, and random edits of them; `built` makes a MetaData of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from collections.abc import Callable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

WORDS = [
    "",
    "x",
    "it's",
    "50%",
    "a:b",
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
}
COMPUTED: dict[str, tuple[Callable[[], Any], str, bool]] = {
    "c_sum": (sa.Integer, "amount + 1", True),
    "c_low": (lambda: sa.String(60), "lower(label)", False),
}
"""Columns that are computed of those that every table has."""


@dataclass(frozen=True)
class Column:
    kind: str
    default: int = 0
    nullable: bool = True
    comment: str | None = None


@dataclass(frozen=True)
class Index:
    columns: tuple[str, ...]
    unique: bool = False
    length: int | None = None
    descending: bool = False
    expression: str | None = None


@dataclass(frozen=True)
class Reference:
    table: str
    ondelete: str | None = None
    onupdate: str | None = None
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    composite: bool = False
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    uniques: frozenset[tuple[str, ...]] = frozenset()
    references: dict[str, Reference] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    checked: bool = False
    comment: str | None = None
    pair: bool = False
    """Refer to the two columns of the table `d_e`."""
    link: str | None = None
    """The table that the column `amount` refers to, which is there before and after."""

    def __hash__(self) -> int:
        return id(self)


Schema = dict[str, Table]
TABLES = {"a": False, "b": False, "order": False, "d_e": True}
"""The tables that there may be, and whether their primary key has two columns, which Alembic does not compare."""
COLUMNS = ["c1", "c2", "Name", "select", "c5"]
ACTIONS = [None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"]


def kinds(dialect: str) -> list[str]:
    return [
        name
        for name, kind in KINDS.items()
        if kind.only in {None, dialect.replace("mariadb", "mysql")} and (kind.mariadb or dialect != "mariadb")
    ]


comments = st.one_of(st.none(), st.sampled_from([word for word in WORDS if word]))


@st.composite
def columns(draw: st.DrawFn, dialect: str) -> Column:
    kind = draw(st.sampled_from(kinds(dialect)))
    default = draw(st.integers(0, len(KINDS[kind].defaults) - 1))
    comment = draw(comments) if dialect != "sqlite" else None
    return Column(kind, default, draw(st.booleans()), comment)


@st.composite
def tables(draw: st.DrawFn, name: str, dialect: str) -> Table:
    own = draw(st.dictionaries(st.sampled_from(COLUMNS), columns(dialect), max_size=4))
    references = draw(st.dictionaries(
        st.sampled_from(["up_id", "other_id"]),
        st.builds(Reference, st.sampled_from([each for each, two in TABLES.items() if not two]), st.sampled_from(ACTIONS), st.sampled_from(ACTIONS)),
        max_size=2,
    ))  # fmt: skip
    names = [*own, *references, "amount", "label"]
    lists = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    prefixes = [None, None, 7] if dialect != "sqlite" else [None]
    # SQLite's are not compared by Alembic, MariaDB has none.
    expressions = [None, None, None, "(lower(label))", "(amount + 1)"] if dialect == "mysql" else [None]
    directions = st.booleans()
    indexes = st.builds(
        Index, lists, st.booleans(), st.sampled_from(prefixes), directions, st.sampled_from(expressions)
    )
    return Table(
        TABLES[name],
        own,
        draw(st.dictionaries(st.sampled_from(["i1", "i2"]), indexes, max_size=2)),
        frozenset(draw(st.lists(lists, max_size=1))),
        references,
        frozenset(draw(st.lists(st.sampled_from(list(COMPUTED)), max_size=2))) if dialect != "sqlite" else frozenset(),
        draw(st.booleans()),
        draw(comments) if dialect != "sqlite" else None,
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([None, None, *(each for each, two in TABLES.items() if not two)])),
    )


@st.composite
def schemas(draw: st.DrawFn, dialect: str) -> Schema:
    names = draw(st.lists(st.sampled_from(list(TABLES)), min_size=1, max_size=3, unique=True))
    return {name: draw(tables(name, dialect)) for name in names}


@st.composite
def edits(draw: st.DrawFn, schema: Schema, dialect: str) -> Schema:
    """Give the schema after a few changes."""
    edited = dict(schema)
    for _number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(list(TABLES)))
        if name not in edited:
            edited[name] = draw(tables(name, dialect))
            continue
        other = draw(tables(name, dialect))
        part = draw(
            st.sampled_from(
                [
                    "table",
                    "column",
                    "column",
                    "column",
                    "indexes",
                    "uniques",
                    "link",
                    "pair",
                    "references",
                    "computed",
                    "comment",
                    "checked",
                ]
            )
        )
        before = edited[name]
        if part == "table":
            del edited[name]
        elif part == "column":
            edited[name] = _with_column(draw, before, dialect)
        elif part == "checked":
            pass  # Alembic does not compare CHECKs
        else:
            edited[name] = replace(before, **{part: getattr(other, part)})
    return edited or schema


def _with_column(draw: st.DrawFn, table: Table, dialect: str) -> Table:
    name = draw(st.sampled_from(COLUMNS))
    changed = dict(table.columns)
    if name not in changed:
        changed[name] = draw(columns(dialect))
        return replace(table, columns=changed)
    part = draw(st.sampled_from(["drop", "kind", "default", "nullable", "comment"]))
    column = changed[name]
    if part == "drop":
        del changed[name]
    elif part == "kind":
        changed[name] = draw(columns(dialect))
    elif part == "default":
        changed[name] = replace(column, default=draw(st.integers(0, len(KINDS[column.kind].defaults) - 1)))
    elif part == "nullable":
        changed[name] = replace(column, nullable=not column.nullable)
    elif dialect != "sqlite":
        changed[name] = replace(column, comment=draw(comments))
    return replace(table, columns=changed)


def built(schema: Schema, *, named: bool = True) -> sa.MetaData:
    """Return the MetaData of a schema; what cannot be is left out, such as an index on a column that is not there.

    Args:
        schema: the schema.
        named: constraints have names, by a naming convention.
    """
    metadata = sa.MetaData(naming_convention=NAMING) if named else sa.MetaData()
    for name, table in schema.items():
        _table(metadata, name, table, schema)
    return metadata


def _table(metadata: sa.MetaData, name: str, table: Table, schema: Schema) -> None:  # noqa: C901, PLR0912 - a part each
    made = sa.Table(name, metadata, comment=table.comment)
    if table.composite:
        made.append_column(sa.Column("one", sa.Integer(), primary_key=True, autoincrement=False))
        made.append_column(sa.Column("two", sa.String(20), primary_key=True))
    else:
        made.append_column(sa.Column("id", sa.Integer(), primary_key=True))
    made.append_column(sa.Column("amount", sa.Integer()))
    made.append_column(sa.Column("label", sa.String(60)))
    lengths: dict[str, int | None] = {"amount": None, "label": 60}
    for column_name, column in table.columns.items():
        kind = KINDS[column.kind]
        default = kind.defaults[column.default % len(kind.defaults)]
        made.append_column(
            sa.Column(
                column_name, kind.make(), nullable=column.nullable, server_default=default, comment=column.comment
            )
        )
        if kind.indexed:
            lengths[column_name] = kind.length
    for column_name, reference in table.references.items():
        if reference.table in schema:
            _reference(made, column_name, reference)
            lengths[column_name] = None
    for column_name in sorted(table.computed):
        type_, text, persisted = COMPUTED[column_name]
        made.append_column(sa.Column(column_name, type_(), sa.Computed(text, persisted=persisted)))
    if table.checked:
        made.append_constraint(sa.CheckConstraint("amount > 0", name="amount"))
    if table.pair and "d_e" in schema:
        made.append_column(sa.Column("p_one", sa.Integer()))
        made.append_column(sa.Column("p_two", sa.String(20)))
        made.append_constraint(sa.ForeignKeyConstraint(["p_one", "p_two"], ["d_e.one", "d_e.two"], ondelete="CASCADE"))
    if table.link in schema:
        made.append_constraint(sa.ForeignKeyConstraint(["amount"], [f"{table.link}.id"]))
    for index_name, index in table.indexes.items():
        if set(index.columns) <= lengths.keys():
            _index(made, f"ix_{name}_{index_name}", index, lengths)
    for names in sorted(table.uniques):
        if set(names) <= lengths.keys():
            made.append_constraint(sa.UniqueConstraint(*names))


def _index(made: sa.Table, name: str, index: Index, lengths: dict[str, int | None]) -> None:
    prefixes = {each: index.length for each in index.columns if index.length and (lengths[each] or 0) > index.length}
    options: dict[str, Any] = {"mysql_length": prefixes} if prefixes else {}
    columns: list[Any] = [made.c[each].desc() if index.descending else made.c[each] for each in index.columns]
    if index.expression:
        columns.append(sa.text(index.expression))
    sa.Index(name, *columns, unique=index.unique, **options)


def _reference(made: sa.Table, name: str, reference: Reference) -> None:
    nulls = "SET NULL" in {reference.ondelete, reference.onupdate}
    made.append_column(sa.Column(name, sa.Integer(), nullable=reference.nullable or nulls))
    made.append_constraint(
        sa.ForeignKeyConstraint(
            [name], [f"{reference.table}.id"], ondelete=reference.ondelete, onupdate=reference.onupdate
        )
    )
