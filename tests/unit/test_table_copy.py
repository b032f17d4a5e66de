"""Batch blocks on SQLite: what they change, what they take along, and what they refuse."""

from __future__ import annotations

import re
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.dialects.sqlite import definition, table_copy
from alembic_lockstep.errors import FailedError
from alembic_lockstep.schema import default_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Batch = Any


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with dialects.get("sqlite").scratch.memory() as engine, engine.connect() as made:
        yield made


@contextmanager
def block(connection: sa.Connection, table: str = "item", **options: Any) -> Iterator[Batch]:
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table(table, **options) as batch:
        yield batch


def run(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def body(connection: sa.Connection, table: str = "item") -> str:
    """Return what CREATE TABLE has behind the table's name, in one line."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    text = connection.execute(query, {"name": table}).scalar_one()
    return re.sub(r"\s+", " ", text[text.index("(") :])


def rows(connection: sa.Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query)]


TYPE = sa.Enum("a", "b", create_constraint=True, native_enum=False, length=10)
CHANGES: list[tuple[str, str, Callable[[Batch], Any], str]] = [
    ("unnamed unique", "(a INT, b INT, UNIQUE (a, b))", lambda b: b.drop_constraint("uq_item_a_b"), "(a INT, b INT)"),
    ("unnamed unique of a column", "(a INT UNIQUE)",
     lambda b: b.drop_constraint("uq_item_a", type_="unique"), "(a INT)"),
    ("unnamed foreign key", "(a INT REFERENCES other ON DELETE CASCADE NOT NULL)",
     lambda b: b.drop_constraint("fk_item_a", type_="foreignkey"), "(a INT NOT NULL)"),
    ("unnamed check", "(a INT CHECK (a > 1), CHECK (a < 9))",
     lambda b: b.drop_constraint("ck_item_2", type_="check"), "(a INT CHECK (a > 1))"),
    ("two unnamed checks", "(a INT CHECK (a > 1), CHECK (a < 9), CHECK (a <> 5))",
     lambda b: [b.drop_constraint(f"ck_item_{n}", type_="check") for n in (1, 2)], "(a INT, CHECK (a <> 5))"),
    ("unnamed primary key", "(a INT PRIMARY KEY, b INT)", lambda b: b.drop_constraint("pk_item", type_="primary"),
     "(a INT, b INT)"),
    ("constraint without a comma", "(a INT, PRIMARY KEY (a) UNIQUE (a))", lambda b: b.drop_constraint("pk_item"),
     "(a INT, UNIQUE (a))"),
    ("a name before a default name", "(a INT UNIQUE, b INT CONSTRAINT uq_item_a UNIQUE)",
     lambda b: b.drop_constraint("uq_item_a", type_="unique"), "(a INT UNIQUE, b INT)"),
    ("check of a column", "(a INT CONSTRAINT ck CHECK (a > 1) NOT NULL)",
     lambda b: b.drop_constraint("ck", type_="check"), "(a INT NOT NULL)"),
    ("renamed in the same block", "(a INT UNIQUE, b INT)",
     lambda b: (b.alter_column("a", new_column_name="c"), b.drop_constraint("uq_item_a", type_="unique")),
     "(c INT, b INT)"),
    ("column with its constraints", "(a INT, b INT REFERENCES other, CHECK (b > 1), UNIQUE (a, b), UNIQUE (a))",
     lambda b: b.drop_column("b"), "(a INT, UNIQUE (a))"),
    ("column of a composite key", "(a INT, b INT, CONSTRAINT pk PRIMARY KEY (a DESC, b) ON CONFLICT FAIL)",
     lambda b: b.drop_column("b"), "(a INT, CONSTRAINT pk PRIMARY KEY (a DESC) ON CONFLICT FAIL)"),
    ("column and check of two", "(a INT, b INT, CONSTRAINT ck CHECK (a < b))",
     lambda b: (b.drop_column("b"), b.drop_constraint("ck", type_="check")), "(a INT)"),
    ("another primary key", "(a INTEGER PRIMARY KEY AUTOINCREMENT, b INT NOT NULL)",
     lambda b: b.create_primary_key("pk", ["a", "b"]), "(a INTEGER, b INT NOT NULL, CONSTRAINT pk PRIMARY KEY (a, b))"),
    ("the same primary key", "(a INTEGER PRIMARY KEY AUTOINCREMENT, b INT)",
     lambda b: b.create_primary_key("pk", ["a"]), "(a INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT, b INT)"),
    ("a key without a name", "(a INT, b INT)", lambda b: b.create_foreign_key(None, "other", ["a"], ["id"]),
     "(a INT, b INT, FOREIGN KEY(a) REFERENCES other (id))"),
    ("column with an unnamed key", "(a INT)",
     lambda b: b.add_column(sa.Column("b", sa.Integer(), sa.ForeignKey("other.id"))),
     "(a INT, b INTEGER, FOREIGN KEY(b) REFERENCES other (id))"),
    ("values of an enum", "(a VARCHAR(10) NOT NULL, CHECK (a IN ('a', 'b')))",
     lambda b: b.alter_column("a", existing_type=TYPE, type_=sa.String(10)), "(a VARCHAR(10) NOT NULL)"),
    ("other values of an enum", "(a VARCHAR(10), CONSTRAINT ck CHECK (a IN ('a', 'b')))",
     lambda b: b.alter_column("a", existing_type=TYPE,
                              type_=sa.Enum("a", "c", name="ck", create_constraint=True, length=10)),
     "(a VARCHAR(10), CONSTRAINT ck CHECK (a IN ('a', 'c')))"),
    ("renamed column of a checked type", "(a BOOLEAN, CONSTRAINT ck CHECK (a IN (0, 1)))",
     lambda b: b.alter_column("a", new_column_name="c", existing_type=sa.Boolean(name="ck", create_constraint=True)),
     "(c BOOLEAN, CONSTRAINT ck CHECK (c IN (0, 1)))"),
    ("a type with a collation", "(a TEXT COLLATE RTRIM)",
     lambda b: b.alter_column("a", type_=sa.String(9, collation="NOCASE")), '(a VARCHAR(9) COLLATE "NOCASE")'),
    ("a collation that is dropped", "(a TEXT COLLATE NOCASE)",
     lambda b: b.alter_column("a", type_=sa.String(9), existing_type=sa.String(collation="NOCASE")), "(a VARCHAR(9))"),
    ("another expression", "(a INT, b INT AS (a + 1) STORED)",
     lambda b: b.alter_column("b", server_default=sa.Computed("a + 2", persisted=False)),
     "(a INT, b INT GENERATED ALWAYS AS (a + 2) VIRTUAL)"),
    ("computed no more", "(a INT, b INT AS (a + 1))",
     lambda b: b.alter_column("b", server_default=None), "(a INT, b INT)"),
    ("AUTOINCREMENT of another type", "(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)",
     lambda b: b.alter_column("id", type_=sa.BigInteger()), "(id BIGINT PRIMARY KEY, a INT)"),
    ("AUTOINCREMENT of another type, apart", "(id INTEGER, PRIMARY KEY (id AUTOINCREMENT))",
     lambda b: b.alter_column("id", type_=sa.BigInteger()), "(id BIGINT, PRIMARY KEY (id))"),
    ("a constraint by its kind", "(a INT, b INT CONSTRAINT x REFERENCES other, CONSTRAINT x UNIQUE (a))",
     lambda b: b.drop_constraint("x", type_="unique"), "(a INT, b INT CONSTRAINT x REFERENCES other)"),
    ("the same constraint again", "(a INT REFERENCES other, CONSTRAINT x FOREIGN KEY (a) REFERENCES other)",
     lambda b: b.create_foreign_key("x", "other", ["a"], ["id"], ondelete="CASCADE"),
     "(a INT REFERENCES other, CONSTRAINT x FOREIGN KEY(a) REFERENCES other (id) ON DELETE CASCADE)"),
    ("values of one of two enums",
     "(a VARCHAR(10), b INT, CONSTRAINT ck CHECK (b IN ('a')), CONSTRAINT ck CHECK (a IN ('a')))",
     lambda b: b.alter_column("a", existing_type=sa.Enum("a", name="ck", create_constraint=True, length=10),
                              type_=sa.Enum("a", "c", name="ck", create_constraint=True, length=10)),
     "(a VARCHAR(10), b INT, CONSTRAINT ck CHECK (b IN ('a')), CONSTRAINT ck CHECK (a IN ('a', 'c')))"),
    ("a name that SQLite carries over", "(a INT CONSTRAINT \"x y\" NOT NULL DEFAULT 2 CHECK (a > 1) UNIQUE)",
     lambda b: (b.alter_column("a", nullable=True), b.drop_constraint("x y", type_="check")),
     "(a INT DEFAULT 2 CONSTRAINT \"x y\" UNIQUE)"),
    ("NULL and NOT NULL", "(a INT NOT NULL ON CONFLICT IGNORE, b CHARACTER VARYING(9))",
     lambda b: (b.alter_column("a", nullable=True), b.alter_column("b", nullable=False)),
     "(a INT, b CHARACTER VARYING(9) NOT NULL)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "change", "after"), [pytest.param(*each[1:], id=each[0]) for each in CHANGES])
def test_block_changes_the_definition(
    connection: sa.Connection, before: str, change: Callable[[Batch], Any], after: str
) -> None:
    run(connection, "CREATE TABLE other (id INTEGER PRIMARY KEY)", f"CREATE TABLE item {before}")
    with block(connection) as batch:
        change(batch)
    assert body(connection) == after


REFUSED: list[tuple[str, Callable[[Batch], Any], type[Exception], str]] = [
    ("constraint", lambda b: b.drop_constraint("nope"), ValueError, "No such constraint: 'nope' in table item"),
    ("column", lambda b: b.drop_column("nope"), ValueError, "No such column: 'nope' in table item"),
    ("renamed column", lambda b: b.alter_column("nope", new_column_name="b"), ValueError, "No such column: 'nope'"),
    ("index", lambda b: (b.drop_index("nope"), b.drop_column("d")), ValueError, "No such index: 'nope'"),
    ("constraint of another kind", lambda b: b.drop_constraint("ck", type_="unique"), ValueError,
     "No such constraint: 'ck' in table item"),
    ("name of another kind", lambda b: b.create_unique_constraint("ck", ["g2"]), FailedError,
     "table item cannot get CONSTRAINT ck UNIQUE (g2): its name is taken by CONSTRAINT ck CHECK (a < b)"),
    ("name of another check", lambda b: b.create_check_constraint("ck", "a <> b"), FailedError,
     "table item cannot get CONSTRAINT ck CHECK (a <> b): its name is taken by CONSTRAINT ck CHECK (a < b)"),
    ("check of two columns", lambda b: b.drop_column("b"), FailedError,
     "column item.b cannot be dropped: CHECK ck names it together with a. Drop or change that in the same block."),
    ("computed",
     lambda b: b.drop_column("c"), FailedError, "column item.c cannot be dropped: column d is computed from it."),
    ("view and triggers", lambda b: b.drop_column("e f"), FailedError,
     "column item.e f cannot be dropped: it is used by trigger on_other, trigger on_item, view v. Drop that before"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error", "text"), [pytest.param(*each[1:], id=each[0]) for each in REFUSED])
def test_refused_block_changes_nothing(
    connection: sa.Connection, change: Callable[[Batch], Any], error: type[Exception], text: str
) -> None:
    run(
        connection,
        "CREATE TABLE other (id INTEGER PRIMARY KEY)",
        'CREATE TABLE item (a INT, b INT, c INT, d INT AS (c + 1), "e f" TEXT, g INT, CONSTRAINT ck CHECK (a < b))',
        "CREATE TRIGGER on_other AFTER DELETE ON other BEGIN UPDATE item SET \"e f\" = 'x' WHERE a = old.id; END",
        'CREATE TRIGGER on_item AFTER UPDATE OF "e f" ON item BEGIN SELECT 1; END',
        'CREATE VIEW v AS SELECT "e f" AS text FROM item',
        "CREATE VIEW harmless AS SELECT text FROM v",
        "CREATE VIEW everything AS SELECT * FROM item",
    )
    before = rows(connection, "SELECT * FROM sqlite_master")
    with pytest.raises(error, match=re.escape(text)), block(connection) as batch:  # noqa: PT012 - its end fails
        batch.alter_column("g", new_column_name="g2")
        change(batch)
    assert rows(connection, "SELECT * FROM sqlite_master") == before


def test_column_is_not_renamed_while_a_view_is_broken(connection: sa.Connection) -> None:
    run(
        connection,
        "CREATE TABLE item (a INT)",
        "CREATE TABLE other (id INT)",
        'CREATE VIEW "v w" AS SELECT 1 FROM other',
    )
    run(connection, "DROP TABLE other")
    text = "column item.a cannot be renamed: view v w does not work (no such table: main.other). Repair it or drop it"
    with pytest.raises(FailedError, match=re.escape(text)), block(connection) as batch:
        batch.alter_column("a", new_column_name="b")


def test_columns_change_names_with_each_other(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE item (a INT, b INT, c INT CHECK (c > a))", "CREATE VIEW v AS SELECT a, c FROM item")
    run(connection, "INSERT INTO item VALUES (1, 2, 3)")
    with block(connection) as batch:
        for old, new in (("a", "b"), ("b", "c"), ("c", "a")):
            batch.alter_column(old, new_column_name=new)
        batch.create_index("ix", ["a"])
    assert body(connection) == "(b INT, c INT, a INT CHECK (a > b))"
    assert rows(connection, "SELECT * FROM v") == [(1, 3)]
    assert "(b)" in rows(connection, "SELECT sql FROM sqlite_master WHERE name = 'ix'")[0][0]


def test_column_takes_the_name_of_one_that_is_dropped(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE item (a INT, b INT)", "CREATE INDEX ix ON item (b)", "INSERT INTO item VALUES (1, 2)")
    with block(connection) as batch:
        batch.drop_column("b")
        batch.alter_column("a", new_column_name="b", nullable=False)
        batch.add_column(sa.Column("a", sa.String(3), server_default="x", nullable=False))
    assert body(connection) == "(b INT NOT NULL, a VARCHAR(3) DEFAULT 'x' NOT NULL)"
    assert rows(connection, "SELECT * FROM item") == [(1, "x")]
    assert rows(connection, "SELECT * FROM sqlite_master WHERE name = 'ix'") == []


INDEXES = [
    ("desc", "CREATE INDEX ix ON item (a DESC)"),
    ("code", "CREATE INDEX code ON item (a)"),
    ("on", "CREATE UNIQUE INDEX ix ON item (a COLLATE NOCASE) WHERE a IS NOT NULL"),
]
"""Columns that are dropped, and indexes that name no such column though they have the word."""


@pytest.mark.parametrize(("column", "index"), INDEXES)
def test_index_stays_that_has_a_word_like_a_dropped_column(connection: sa.Connection, column: str, index: str) -> None:
    run(connection, f'CREATE TABLE item (a TEXT, "{column}" TEXT)', index)
    with block(connection) as batch:
        batch.drop_column(column)
    assert rows(connection, "SELECT sql FROM sqlite_master WHERE type = 'index'") == [(index,)]


@pytest.mark.parametrize("few", [0, 5000])
@pytest.mark.parametrize("new", [{"primary_key": True}, {"server_default": "7"}], ids=["rowid", "plain"])
def test_rows_stay_where_no_column_does(
    connection: sa.Connection, new: dict[str, Any], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_copy, "FEW_ROWS", few)
    run(connection, "CREATE TABLE item (a TEXT)", "INSERT INTO item VALUES ('x'), ('y'), ('z')")
    run(connection, "DELETE FROM item WHERE a = 'y'")
    with block(connection) as batch:
        batch.drop_column("a")
        batch.add_column(sa.Column("id", sa.Integer(), **new))
    assert rows(connection, "SELECT rowid, id FROM item") == (
        [(1, 1), (3, 3)] if new.get("primary_key") else [(1, 7), (3, 7)]
    )


@pytest.mark.parametrize("last", [1, 7, None])
def test_next_number_is_as_before(connection: sa.Connection, last: int | None) -> None:
    run(connection, "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)")
    if last:
        run(connection, f"INSERT INTO item (id) VALUES ({last})", "DELETE FROM item WHERE id > 1")
    before = rows(connection, "SELECT * FROM sqlite_sequence")
    with block(connection) as batch:
        batch.alter_column("a", nullable=True, type_=sa.Text())
    assert rows(connection, "SELECT * FROM sqlite_sequence") == before == ([("item", last)] if last else [])


def test_convention_names_the_keys_without_a_name(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE other (id INTEGER PRIMARY KEY)")
    run(connection, "CREATE TABLE item (a INT REFERENCES other (id), b INT UNIQUE, c INT CONSTRAINT own UNIQUE)")
    names = {"fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s", "uq": "uq_%(column_0_name)s"}
    with block(connection, naming_convention=names) as batch:
        batch.drop_constraint("fk_item_a_other", type_="foreignkey")
    assert body(connection) == "(a INT, b INT CONSTRAINT uq_b UNIQUE, c INT CONSTRAINT own UNIQUE)"


def test_what_alembic_is_told_of_a_table_is_known_already(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b INT, CHECK (a > 0))")
    told = (sa.CheckConstraint("a > 0"), sa.CheckConstraint("b > 0", name="new"))
    with block(connection, table_args=told, table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("b")
        batch.add_column(sa.Column("b", sa.Integer()))
    assert body(connection) == (
        "(id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b INTEGER, CHECK (a > 0), CONSTRAINT new CHECK (b > 0))"
    )


def test_views_and_triggers_stay_where_alembic_copies_by_itself(connection: sa.Connection) -> None:
    run(
        connection,
        "CREATE TABLE item (a INTEGER PRIMARY KEY, b INT)",
        "CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM item WHERE a = 9; END",
        "CREATE VIEW v AS SELECT b FROM item",
    )
    with block(connection, partial_reordering=[("b", "a")]) as batch:
        batch.alter_column("b", nullable=True, type_=sa.Text())
    names = rows(connection, "SELECT name FROM sqlite_master ORDER BY name")
    assert (names, body(connection)[:7]) == ([("item",), ("t",), ("v",)], "( b TEX")


def test_children_keep_their_rows_where_foreign_keys_are_enforced(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE item (id INTEGER PRIMARY KEY, a INT)")
    run(connection, "CREATE TABLE child (id INT, item_id INT REFERENCES item ON DELETE CASCADE)")
    run(connection, "INSERT INTO item VALUES (1, 1)", "INSERT INTO child VALUES (5, 1)")
    connection.commit()
    free = connection.execution_options(isolation_level="AUTOCOMMIT")
    run(free, "PRAGMA foreign_keys = ON")
    with block(free) as batch:
        batch.alter_column("a", nullable=False)
    assert rows(free, "SELECT * FROM child") == [(5, 1)]
    assert rows(free, "PRAGMA foreign_keys") == [(1,)]


ENFORCED: list[tuple[str, Callable[[Batch], Any], str]] = [
    ("item", lambda b: b.add_column(sa.Column("b", sa.Integer())), "(id INTEGER PRIMARY KEY, a INT, b INTEGER)"),
    ("item", lambda b: b.create_index("ix", ["a"]), "(id INTEGER PRIMARY KEY, a INT)"),
    ("child", lambda b: b.alter_column("id", nullable=False),
     "(id INT NOT NULL, item_id INT REFERENCES item ON DELETE CASCADE)"),
    ("item", lambda b: b.alter_column("a", nullable=False), "table child refers to it, where rows would be lost"),
    ("tree", lambda b: b.alter_column("a", nullable=False), "table tree refers to it, where rows would be lost"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "outcome"), ENFORCED)
def test_a_transaction_that_enforces_foreign_keys_goes_on_where_no_rows_are_lost(
    connection: sa.Connection, table: str, change: Callable[[Batch], Any], outcome: str
) -> None:
    run(connection, "CREATE TABLE item (id INTEGER PRIMARY KEY, a INT)", "INSERT INTO item VALUES (1, 1)")
    run(connection, "CREATE TABLE child (id INT, item_id INT REFERENCES item ON DELETE CASCADE)")
    run(connection, "CREATE TABLE tree (id INTEGER PRIMARY KEY, a INT REFERENCES Tree ON DELETE CASCADE)")
    connection.commit()
    free = connection.execution_options(isolation_level="AUTOCOMMIT")
    run(free, "PRAGMA foreign_keys = ON", "BEGIN", "INSERT INTO child VALUES (5, 1)")
    refused = pytest.raises(FailedError, match=outcome) if "refers" in outcome else nullcontext(None)
    with refused as error, block(free, table) as batch:
        change(batch)
    assert error or body(free, table) == outcome
    assert rows(free, "SELECT * FROM child") == [(5, 1)]


def test_a_revision_can_go_on_after_a_block_that_failed(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE item (a INT, b INT)", "INSERT INTO item (b) VALUES (2)")
    with suppress(sa.exc.IntegrityError), block(connection) as batch:
        batch.alter_column("b", new_column_name="c")
        batch.alter_column("a", nullable=False)
    with block(connection) as batch:
        batch.alter_column("b", type_=sa.Text(), existing_type=sa.Integer())
    assert rows(connection, "SELECT a, b FROM item") == [(None, "2")]


def test_tables_that_refer_to_each_other_are_not_read(connection: sa.Connection) -> None:
    """Reflection follows foreign keys to their end, which is deeper than Python's stack."""
    run(connection, "CREATE TABLE item0 (id INTEGER PRIMARY KEY)")
    for number in range(1, 1200):
        run(connection, f"CREATE TABLE item{number} (id INTEGER PRIMARY KEY, a INT REFERENCES item{number - 1})")
    with block(connection, "item1199") as batch:
        batch.create_unique_constraint("uq", ["a"])
    assert body(connection, "item1199").endswith("a INT REFERENCES item1198, CONSTRAINT uq UNIQUE (a))")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t(a,b)",
        "CREATE TABLE \"t\" (a INT -- first, it's\n, /* b */ [b c] VARCHAR(20) DEFAULT 'x,)' , PRIMARY KEY (a))",
        "CREATE TABLE t (`a` INT CONSTRAINT x NOT NULL ON CONFLICT FAIL DEFAULT (1 + (2)), CHECK (a IN (1))) STRICT",
    ],
)
def test_definition_is_kept_as_it_is_written(text: str) -> None:
    read = definition.read(text)
    assert read.sql("t").partition("(")[2] == text.partition("(")[2]


def test_default_names_are_cut_and_still_differ() -> None:
    long, other = (default_names.unique("t" * 40, ["a" * 30, last]) for last in ("x", "y"))
    assert len(long) == len(other) == default_names.LONGEST
    assert long != other
    assert default_names.foreign_key("t", ["a", "b"]) == "fk_t_a_b"
