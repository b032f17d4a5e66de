from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep import dialects
from alembic_lockstep.roundtrip import rows
from alembic_lockstep.roundtrip.edge_values import LARGEST, ODD, SMALLEST, TEXTS, distinct_value, edge_value
from alembic_lockstep.roundtrip.row_diff import losses
from alembic_lockstep.roundtrip.row_maker import RowMaker, insert_order
from alembic_lockstep.roundtrip.rows import Rows
from alembic_lockstep.schema.neutral import NeutralTable, neutral
from alembic_lockstep.schema.table import Column, ForeignKey, Index, PrimaryKey, Table, Unique
from alembic_lockstep.schema.types import ColumnType, column_type

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from alembic_lockstep.schema.snapshot import Snapshot


def fill(connection: sa.Connection, *tables: str, older: Snapshot | None = None) -> dict[str, Rows]:
    snapshot = dialects.get(connection.dialect.name).schema.snapshot(connection)
    for table in insert_order(tables, snapshot):
        assert RowMaker(connection, table, snapshot, older, None).insert() == ""
    return {table: rows.read(connection, table, snapshot.tables[table]) for table in tables}


both = pytest.mark.parametrize("dialect", ["mysql", "sqlite"])


@both
def test_rows_are_edge_cases(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(30) NOT NULL, nick VARCHAR(10), size SMALLINT, "
        "price NUMERIC(6, 2), extra JSON, status VARCHAR(9) DEFAULT 'new' NOT NULL)"
    )
    made = fill(connection, "t")["t"]
    assert len(made.values) == 6
    assert max(len(name) for name in made.of("name")) == 30
    assert "" in made.of("name")
    assert any("\U0001f600" in name for name in made.of("name"))
    assert None in made.of("nick")
    assert any("'" in (nick or "") for nick in made.of("nick"))
    assert max(size for size in made.of("size") if size is not None) > 32_750
    assert any(float(price) > 9999 for price in made.of("price") if price is not None)
    assert {str(extra) for extra in made.of("extra")} >= {"null", "None"}
    assert "new" in made.of("status")
    assert len(set(made.of("nick"))) < 6, "nothing forbids duplicates"


@both
def test_uniques_keys_and_checks_are_kept(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE p (a VARCHAR(20) NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b))")
    connection.exec_driver_sql(
        "CREATE TABLE c (id INTEGER NOT NULL PRIMARY KEY, a VARCHAR(20) NOT NULL, b INTEGER NOT NULL, "
        "mail VARCHAR(50) NOT NULL, stars INTEGER NOT NULL, "
        "CONSTRAINT u UNIQUE (mail), CONSTRAINT ck CHECK (stars BETWEEN 3 AND 5), "
        "CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p (a, b))"
    )
    made = fill(connection, "c", "p")
    assert len(set(made["c"].of("mail"))) == len(made["c"].values) >= 3
    assert {3, 4} <= set(made["c"].of("stars")) <= {3, 4, 5}
    parents = set(made["p"].values)
    assert {tuple(row) for row in zip(made["c"].of("a"), made["c"].of("b"), strict=True)} <= parents


@both
def test_rows_of_a_tree_have_parents_among_those_before_them(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE node (id INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER, twin INTEGER UNIQUE, "
        "FOREIGN KEY (parent_id) REFERENCES node (id), FOREIGN KEY (twin) REFERENCES node (id))"
    )
    made = fill(connection, "node")["node"]
    assert len(made.values) == 6
    keys, parents = made.of("id"), made.of("parent_id")
    assert None in parents
    assert len(set(parents) - {None}) > 1
    for column in ("parent_id", "twin"):
        assert all(each is None or keys.index(each) < place for place, each in enumerate(made.of(column)))
    assert set(made.of("twin")) > {None}


@both
def test_rows_of_a_tree_that_may_have_no_parent_have_none(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE node (id INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER, CHECK (parent_id IS NULL), "
        "FOREIGN KEY (parent_id) REFERENCES node (id))"
    )
    assert fill(connection, "node")["node"].of("parent_id") == [None] * 6


@both
def test_rows_fit_an_older_schema_too(connection: sa.Connection) -> None:
    dialect = dialects.get(connection.dialect.name)
    create = "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR({}) {}, size {})"
    connection.exec_driver_sql(create.format(10, "NOT NULL", "SMALLINT"))
    older = dialect.schema.snapshot(connection)
    connection.exec_driver_sql("DROP TABLE t")
    connection.exec_driver_sql(create.format(99, "", "BIGINT"))
    made = fill(connection, "t", older=older)["t"]
    assert None not in made.of("name")
    assert max(len(name) for name in made.of("name")) == 10
    assert max(size for size in made.of("size") if size is not None) > 32_750


@both
def test_same_schema_gives_the_same_rows(connection: sa.Connection) -> None:
    columns = "(id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(30), at DATETIME, size FLOAT, extra JSON)"
    for name in ("one", "two"):
        connection.exec_driver_sql(f"CREATE TABLE {name} {columns}")
    made = fill(connection, "one", "two")
    assert made["one"].values == made["two"].values


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("varchar(20)", ColumnType("string", "varchar", 20)),
        ("int unsigned", ColumnType("integer", "int", 32, unsigned=True)),
        ("bigint(20)", ColumnType("integer", "bigint", 64)),
        ("tinyint(1)", ColumnType("boolean", "tinyint")),
        ("tinyint(4)", ColumnType("integer", "tinyint", 8)),
        ("decimal(12, 4)", ColumnType("decimal", "decimal", 12, 4)),
        ("enum('a', 'it''s')", ColumnType("enum", "enum", 4, values=("a", "it's"))),
        ("double precision", ColumnType("float", "double_precision")),
        ("longtext", ColumnType("text", "longtext", 4_294_967_295)),
        ("geometry", ColumnType("unknown", "geometry")),
        ("", ColumnType("unknown", "")),
    ],
)
def test_meaning_of_a_type(type_: str, expected: ColumnType) -> None:
    assert column_type(type_) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'1'", "1"), ("'1.50'", "1.5"), ("CURRENT_TIMESTAMP", "now()"),
        ("current_timestamp(6)", "CURRENT_TIMESTAMP"),
        ("(now())", "CURRENT_TIMESTAMP"), ("false", "'0'"), ("'it''s'", "'it\\'s'"),
        ("_utf8mb4'x'", "'x'"), ("('x')", "'x'"), ("(-(1))", "-1"), ("((1 + 1))", "1+1"), ("(abs(-(5)))", "abs(-5)"),
        ("(lower(_utf8mb4'A'))", "lower('A')"), ("(curdate())", "CURRENT_DATE"), ("'a\\nb'", "'a\nb'"),
    ],
)  # fmt: skip
def test_defaults_that_mean_the_same(one: str, other: str) -> None:
    first, second = (
        neutral(Table({"a": Column("x", default=default)})).columns["a"].default for default in (one, other)
    )
    assert first == second


@pytest.mark.parametrize("one", ["b'101'", "(0x05)", "0b101", "x'05'"])
def test_default_of_a_bit_is_a_number(one: str) -> None:
    bits, number = (
        neutral(Table({"a": Column(type_, default=default)})).columns["a"].default
        for type_, default in (("bit(8)", one), ("integer", "5"))
    )
    assert bits == number


@pytest.mark.parametrize(
    ("one", "other"), [("'1'", "'2'"), ("'null'", None), ("'now'", "now()"), ("''", None), ("'a '", "'a'")]
)
def test_defaults_that_do_not(one: str, other: str | None) -> None:
    first, second = (
        neutral(Table({"a": Column("x", default=default)})).columns["a"].default for default in (one, other)
    )
    assert first != second


def test_losses_are_told_by_the_key_where_there_is_one() -> None:
    before = Rows(["id", "name", "size"], [(1, "a", 1), (2, "b", None), (3, "c", 3)])
    after = Rows(["id", "size", "name"], [(3, 3, "x"), (1, 1, "a"), (9, 9, "new")])
    found = [str(loss) for loss in losses("t", before, after, ["id", "name", "size"], ["id"])]
    assert found == [
        "t: 1 of 3 rows are gone",
        "t.name: 1 of 3 rows have another value: expected 'c', found 'x' (id=3)",
    ]
    assert losses("t", before, before, ["id", "name", "size"], ["id"]) == []
    assert [str(loss) for loss in losses("t", before, None, ["id"], ["id"])] == ["t: its 3 rows are gone"]


def test_losses_without_a_key_are_told_by_column() -> None:
    before = Rows(["name", "size"], [("a", 1), ("a", 1), ("b", 2)])
    after = Rows(["name", "size"], [("a", 1), ("a", None), ("b", 2), ("c", 3)])
    assert [str(loss) for loss in losses("t", before, after, ["name", "size"], [])] == [
        "t.size: 1 of 3 rows lost their value, such as 1"
    ]
    assert losses("t", before, after, ["name"], []) == []
    swapped = Rows(["name", "size"], [("a", 2), ("a", 1), ("b", 1)])
    assert [str(loss) for loss in losses("t", before, swapped, ["name", "size"], [])] == [
        "t: 2 of 3 rows have other values"
    ]


def test_number_that_became_text_is_a_loss() -> None:
    before, after = Rows(["id", "a"], [(1, 7)]), Rows(["id", "a"], [(1, "7")])
    assert len(losses("t", before, after, ["id", "a"], ["id"])) == 1


@pytest.mark.parametrize(
    "type_", ["varchar(12)", "int", "decimal(9, 2)", "date", "datetime", "char(6)", "binary(4)", "bigint unsigned"]
)
def test_distinct_values_differ_and_fit(type_: str) -> None:
    of = column_type(type_)
    made = [distinct_value(of, number, "utf8mb4") for number in range(1, 41)]
    assert len({str(value) for value in made}) == 40
    assert all(len(value) <= (of.size or 99) for value in made if isinstance(value, (str, bytes)))


def test_edge_values_are_at_the_ends() -> None:
    assert edge_value(column_type("smallint"), LARGEST, 0, "utf8mb4") == 32767
    assert edge_value(column_type("smallint"), SMALLEST, 0, "utf8mb4") == -32768
    assert edge_value(column_type("bigint unsigned"), LARGEST, 0, "utf8mb4") == 2**64 - 1
    assert edge_value(column_type("decimal(5, 2)"), LARGEST, 0, "utf8mb4") == Decimal("999.99")
    assert edge_value(column_type("date"), LARGEST, 0, "utf8mb4") == date(9999, 12, 31)
    assert len(edge_value(column_type("varchar(3)"), LARGEST, 0, "utf8mb4")) == 3
    assert TEXTS["utf8mb4"][0] in edge_value(column_type("varchar(3)"), LARGEST, 0, "utf8mb4")
    assert edge_value(column_type("varchar(9)"), LARGEST, 0, "latin1").encode("latin1")
    assert edge_value(column_type("varchar(9)"), LARGEST, 0, "ascii").isascii()
    assert len(edge_value(column_type("longtext"), LARGEST, 0, "utf8mb4").encode()) > 65_535
    assert 65_500 < len(edge_value(column_type("text"), LARGEST, 0, "utf8mb4").encode()) <= 65_535
    assert len(edge_value(column_type("longblob"), LARGEST, 0, "utf8mb4")) < 100_000


@pytest.mark.parametrize("type_", ["varchar(9)", "int", "decimal(9, 2)", "date", "datetime", "json", "text"])
def test_columns_of_one_type_have_different_values(type_: str) -> None:
    for row in (LARGEST, ODD):
        assert edge_value(column_type(type_), row, 1, "utf8mb4") != edge_value(column_type(type_), row, 2, "utf8mb4")


SAME = [
    ('{"a": 1, "b": "é"}', '{"b":"\\u00e9","a":1}'),
    ("[0.1, 1e2]", "[ 1e-1,100.0 ]"),
    ("gpt", "gpt"),
    (None, None),
]
OTHERS = [
    ('{"a": 1}', '{"a": 2}'),
    ('{"a": 1, "a": 2}', '{"a": 2}'),
    ("[0.1]", "[0.10000000000000000001]"),
    ("[1, 2]", "[2, 1]"),
    ("null", None),
    ('{"a": "1"}', '{"a": 1}'),
    ("gpt ", "gpt"),
]


@pytest.mark.parametrize(
    ("one", "other", "same"), [*((*each, True) for each in SAME), *((*each, False) for each in OTHERS)]
)
def test_json_is_compared_by_what_it_says(tmp_path: Path, one: str | None, other: str | None, same: bool) -> None:
    """And text by its letters. SQLite keeps both as they come in."""
    with (
        dialects.get("sqlite").scratch.database("t", tmp_path, lambda _text: None) as scratch,
        scratch.engine.connect() as connection,
    ):
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, said JSON, written TEXT)")
        read = []
        for value in (one, other):
            connection.exec_driver_sql("INSERT OR REPLACE INTO t VALUES (1, ?, ?)", (value, value))
            table = dialects.get("sqlite").schema.snapshot(connection).tables["t"]
            read.append(rows.read(connection, "t", table))
    found = losses("t", read[0], read[1], ["id", "said", "written"], ["id"])
    assert [loss.column for loss in found] == ([] if same else ["said"]) + ([] if one == other else ["written"])


@pytest.mark.parametrize(("type_", "same"), [("int", True), ("varchar(9)", False)])
def test_default_of_a_text_is_no_number(type_: str, same: bool) -> None:
    first, second = (
        neutral(Table({"a": Column(type_, default=default)})).columns["a"].default for default in ("'007'", "'7'")
    )
    assert (first == second) is same


def test_neutral_form_comes_back_from_json() -> None:
    table = Table(
        {"a": Column("varchar(9)", nullable=False), "b": Column("int unsigned", default="(1)")},
        PrimaryKey(("a",)),
        (Unique(("b",)),),
        (ForeignKey("fk", ("b",), "p", ("id",), on_delete="RESTRICT"),),
        {"fk": Index(("b",)), "ix": Index(("a(3)", "b DESC"), where="b > 0")},
    )
    for made in (neutral(table), neutral(Table(view="SELECT 1"))):
        assert NeutralTable.from_data(json.loads(json.dumps(asdict(made)))) == made
    assert [str(part) for part in neutral(table).parts()] == [
        "", "column a", "column b", "primary key", "foreign key (b)", "unique (b)", "index (a, b DESC) where b > 0",
    ]  # fmt: skip
