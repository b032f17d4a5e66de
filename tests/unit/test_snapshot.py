"""What a snapshot sees of real tables, and that it agrees with what SQLAlchemy reflects."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, targets
from alembic_lockstep.schema.differences import changes, differences, reordered
from alembic_lockstep.schema.snapshot import Snapshot
from alembic_lockstep.schema.sql import tokens, written
from alembic_lockstep.schema.table import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique
from tests.conftest import ROOT

MYSQL = """CREATE TABLE `odd one` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `na``me` varchar(20) CHARACTER SET latin1 NOT NULL DEFAULT 'it''s, (x) \\\\' COMMENT 'a ''b'', c\\nd',
  `at` timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `kind` enum('a,b','c)') DEFAULT 'c)',
  `net` decimal(10,2) DEFAULT -1.50,
  `gross` decimal(11,2) GENERATED ALWAYS AS (`net` + 1) STORED,
  `parent` int unsigned DEFAULT NULL,
  `key` json DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`kind`,`net` DESC),
  KEY `prefix` (`na``me`(5)),
  FULLTEXT KEY `words` (`na``me`),
  CONSTRAINT `fk` FOREIGN KEY (`parent`) REFERENCES `odd one` (`id`) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT `ck` CHECK (`net` <> 13 or `kind` in ('a,b','c)'))
) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4 COMMENT='the ''odd'' one'"""

SQLITE = """CREATE TABLE "odd one" (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- a comment, with a comma
  [na me] VARCHAR(20) COLLATE NOCASE DEFAULT 'it''s, (x) \\' NOT NULL,
  at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  kind VARCHAR(3) CONSTRAINT ck_kind CHECK (kind IN ('a,b', 'c)')) DEFAULT ('c)'),
  net NUMERIC(10,2) DEFAULT -1.5 UNIQUE,
  gross NUMERIC GENERATED ALWAYS AS (net + 1) STORED,
  parent INTEGER REFERENCES "odd one" ON DELETE SET NULL,
  `key` JSON,
  CONSTRAINT u UNIQUE (kind, net),
  CONSTRAINT fk FOREIGN KEY(parent) REFERENCES "odd one" (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
)"""


def snapshot(connection: sa.Connection, before: Snapshot | None = None, *statements: str) -> Snapshot:
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))
    return dialects.get(connection.dialect.name).schema.snapshot(connection, before, statements)


@pytest.mark.parametrize("dialect", ["mysql"])
def test_everything_of_a_mysql_table_is_seen(connection: sa.Connection) -> None:
    table = snapshot(connection, None, MYSQL).tables["odd one"]
    assert table.options["engine"] == "InnoDB"
    assert table.options["comment"] == "the 'odd' one"
    assert "auto_increment" not in table.options
    columns = table.columns
    assert columns["id"].type.replace("(10)", "") == "int unsigned"
    assert columns["id"].autoincrement
    name = columns["na`me"]
    assert (name.type, name.charset, name.nullable) == ("varchar(20)", "latin1", False)
    assert (name.default, name.comment) == ("'it''s, (x) \\\\'", "a 'b', c\\nd")
    assert (columns["at"].on_update or "").lower() == "current_timestamp(3)"
    assert columns["kind"].type == "enum('a,b', 'c)')"
    assert columns["gross"].stored
    assert "net" in (columns["gross"].computed or "")
    assert table.primary_key == PrimaryKey(("id",))
    assert table.indexes["u"] == Index(("kind", "net DESC"), unique=True)
    assert table.indexes["prefix"].columns == ("na`me(5)",)
    assert table.indexes["words"].kind == "FULLTEXT"
    (key,) = table.foreign_keys
    assert (key.name, key.referred_table, key.on_delete, key.on_update) == ("fk", "odd one", "SET NULL", "CASCADE")
    (check,) = (check for check in table.checks if check.name == "ck")
    assert "13" in check.condition


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_everything_of_a_sqlite_table_is_seen(connection: sa.Connection) -> None:
    indexes = [
        'CREATE UNIQUE INDEX i ON "odd one" (lower(kind), net DESC) WHERE net > 0',
        "CREATE VIEW v AS SELECT 1 AS a",
    ]
    snapped = snapshot(connection, None, SQLITE, *indexes)
    table = snapped.tables["odd one"]
    columns = table.columns
    assert columns["id"].autoincrement
    name = columns["na me"]
    assert (name.type, name.collation, name.nullable) == ("varchar(20)", "NOCASE", False)
    assert name.default == "'it''s, (x) \\'"
    assert columns["kind"].default == "'c)'"
    assert table.checks == (Check("ck_kind", "kind IN('a,b', 'c)')"),)
    assert columns["gross"].computed == "net + 1"
    assert table.uniques == (Unique(("net",)), Unique(("kind", "net"), "u"))
    first, second = table.foreign_keys
    assert first == ForeignKey(None, ("parent",), "odd one", ("id",), on_delete="SET NULL")
    assert second.options == "DEFERRABLE INITIALLY DEFERRED"
    assert {"foreign key (parent)", "foreign key (parent) (duplicate)"} <= {str(part) for part in table.parts()}
    assert table.indexes == {"i": Index(("lower(kind)", "net DESC"), unique=True, where="net > 0")}
    assert snapped.tables["v"].view is not None


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_not_null_behind_a_reference_is_no_option_of_it(connection: sa.Connection) -> None:
    statement = """CREATE TABLE t (
      a INTEGER REFERENCES t (b) NOT NULL,
      b INTEGER REFERENCES t (b) NOT DEFERRABLE INITIALLY IMMEDIATE NOT NULL
    )"""
    table = snapshot(connection, None, statement).tables["t"]
    assert [column.nullable for column in table.columns.values()] == [False, False]
    assert [key.options for key in table.foreign_keys] == [None, "NOT DEFERRABLE INITIALLY IMMEDIATE"]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_columns_can_have_names_that_begin_a_key_on_mysql(connection: sa.Connection) -> None:
    statement = "CREATE TABLE t (key VARCHAR(20), fulltext TEXT, spatial TEXT, period TEXT, vector TEXT, UNIQUE (key))"
    table = snapshot(connection, None, statement).tables["t"]
    assert list(table.columns) == ["key", "fulltext", "spatial", "period", "vector"]
    assert table.uniques == (Unique(("key",)),)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
@pytest.mark.parametrize("database", ["agent", "ops"])
def test_snapshot_of_the_application_agrees_with_the_inspector(connection: sa.Connection, database: str) -> None:
    target = targets.load_one(ROOT / "alembic.ini", f"alembic_{connection.dialect.name}_{database}")
    ChainRunner(chain.load(target), connection, target, options(target)).upgrade()
    snapped, inspector = snapshot(connection), sa.inspect(connection)
    assert snapped.tables.keys() == set(inspector.get_table_names()) - {"alembic_version"}
    for name, table in snapped.tables.items():
        known = inspector.get_columns(name)
        assert [(each, column.nullable) for each, column in table.columns.items()] == [
            (each["name"], each["nullable"]) for each in known
        ]
        assert list(table.key_columns()) == inspector.get_pk_constraint(name)["constrained_columns"]
        keys: list[Any] = inspector.get_foreign_keys(name)
        assert {key.name for key in table.foreign_keys} == {key["name"] for key in keys}
        assert table.indexes.keys() == {index["name"] for index in inspector.get_indexes(name)}


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_looking_at_what_was_touched_gives_what_a_full_look_gives(connection: sa.Connection) -> None:
    steps = [
        "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20))",
        "CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY, i INTEGER, CONSTRAINT f FOREIGN KEY (i) REFERENCES a (id))",
        "CREATE INDEX ix ON a (name)",
        "ALTER TABLE a ADD COLUMN size INTEGER DEFAULT 1",
        "CREATE VIEW v AS SELECT id FROM a",
        "DROP VIEW v",
        "ALTER TABLE a RENAME TO c",
        "ALTER TABLE c RENAME COLUMN id TO key_id",
        "INSERT INTO c (key_id) VALUES (1)",
        "DROP TABLE b",
    ]
    before = snapshot(connection)
    for step in steps:
        after = snapshot(connection, before, step)
        assert differences(snapshot(connection), after) == [], step
        assert bool(differences(before, after)) == (not step.startswith("INSERT")), step
        before = after


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("type_", "text", "number"),
    [("INTEGER", "'-1'", "-1"), ("NUMERIC(5, 2)", "'1.50'", "1.50"), ("POINT", "'3'", "3"), ("BOOLEAN", "'0'", "0")],
)
def test_default_of_a_number_is_the_same_in_quotes(
    connection: sa.Connection, type_: str, text: str, number: str
) -> None:
    both = [
        snapshot(connection, None, "DROP TABLE IF EXISTS t", f"CREATE TABLE t (n {type_} DEFAULT {default})")
        for default in (text, number)
    ]
    assert differences(*both) == []


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("type_", ["VARCHAR(5)", "TEXT", "BLOB", ""])
def test_default_of_a_text_is_another_without_quotes(connection: sa.Connection, type_: str) -> None:
    both = [
        snapshot(connection, None, "DROP TABLE IF EXISTS t", f"CREATE TABLE t (n {type_} DEFAULT {default})")
        for default in ("'1'", "1")
    ]
    assert [str(each) for each in differences(*both)] != []


def test_changes_and_another_order_are_told_in_lines() -> None:
    column = Column("integer", nullable=False, default="1")
    before = Snapshot({"t": Table({"a": column, "b": column})})
    nullable = Column("integer", default="1")
    after = Snapshot({"t": Table({"b": column, "a": nullable}), "u": Table()})
    assert changes(before, after) == ["~ column t.a: nullable: no → yes", "+ table u  0 columns"]
    assert changes(Snapshot(), Snapshot({"t": before.tables["t"]})) == ["+ table t  2 columns"]
    assert reordered(before, after) == ["columns of t are in another order: a first, now behind b"]
    added = Snapshot({"t": Table({"a": column, "b": column, "c": column})})
    assert changes(before, added) == ["+ column t.c  integer not null default 1"]
    assert changes(added, before) == ["- column t.c  integer not null default 1"]


def test_differences_are_in_the_order_of_parts_and_named_by_them() -> None:
    key = ForeignKey("fk", ("a", "b"), "p", ("a", "b"))
    one = Table(
        {"b": Column("integer"), "a": Column("text")},
        PrimaryKey(("b",)),
        (Unique(("a",), "u"), Unique(("b",))),
        (key, key, ForeignKey(None, ("a", "b"), "q", ())),
        {"ix": Index(("a DESC",))},
        (Check(None, "a > 0"), Check("ck", "b > 0")),
        {"tr": "x"},
        {"p": "y"},
        {"engine": "InnoDB"},
    )
    other = Table({"b": Column("integer", autoincrement=True), "a": Column("text")}, uniques=(Unique(("a",), "v"),))
    found = differences(Snapshot({"t": one}), Snapshot({"t": other}))
    assert [str(difference) for difference in found] == [
        "table t: engine: expected InnoDB, found none",
        "check a > 0 of t: missing",
        "check ck of t: missing",
        "column t.b: autoincrement: expected none, found yes",
        "foreign key (a, b) of t: missing",
        "foreign key (a, b) (duplicate) of t: missing",
        "foreign key (a, b) to q of t: missing",
        "index ix of t: missing",
        "period p of t: missing",
        "primary key of t: missing",
        "trigger tr of t: missing",
        "unique (a) of t: name: expected u, found v",
        "unique (b) of t: missing",
    ]
    assert [difference.part.word for difference in found[2:5]] == ["ck", "b", "b"]


@pytest.mark.parametrize(
    ("statement", "asks"),
    [
        ("CREATE TABLE `trigger` (id INT)", False),
        ("CREATE TABLE a (id INT COMMENT 'the trigger of it')", False),
        ("CREATE INDEX ix ON `trigger` (id)", False),
        ("CREATE DEFINER=`u`@`h` TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x = 1", True),
        ("/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x = 1 */", True),
        ("drop trigger if exists t", True),
    ],
)
def test_triggers_are_asked_for_when_a_statement_makes_or_drops_one(statement: str, asks: bool) -> None:
    """The server in memory cannot tell of them."""
    dialect = dialects.get("mysql")
    with dialect.scratch.memory() as engine, engine.connect() as connection:
        if asks:
            with pytest.raises(NeedsServerError, match="TRIGGER_NAME"):
                dialect.schema.snapshot(connection, Snapshot(), [statement])
        else:
            assert dialect.schema.snapshot(connection, Snapshot(), [statement]).tables == {}


@pytest.mark.parametrize(
    ("sql", "text"),
    [("-1", "-1"), ("( - 1.5)", "(-1.5)"), ("5 - 1", "5 - 1"), ("a-b", "a - b"), ("a > -1", "a > -1"),
     ("(a) - 1", "(a) - 1"), ("f(1, -2)", "f(1, -2)"), ("+3", "+3")],
)  # fmt: skip
def test_sign_belongs_to_its_number(sql: str, text: str) -> None:
    assert written(tokens(sql, backslashes=True)) == text
