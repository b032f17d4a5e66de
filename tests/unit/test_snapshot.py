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
from alembic_lockstep.schema.snapshot import Snapshot, changes, columns, differences, reordered
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
    parts = snapshot(connection, None, MYSQL).tables["odd one"]
    assert parts[""]["engine"] == "InnoDB"
    assert parts[""]["comment"] == "the 'odd' one"
    assert "auto_increment" not in parts[""]
    assert parts["column id"]["type"].replace("(10)", "") == "int unsigned"
    assert parts["column id"]["autoincrement"]
    name = parts["column na`me"]
    assert (name["type"], name["charset"], name["nullable"]) == ("varchar(20)", "latin1", False)
    assert (name["default"], name["comment"]) == ("'it''s, (x) \\\\'", "a 'b', c\\nd")
    assert parts["column at"]["on_update"].lower() == "current_timestamp(3)"
    assert parts["column kind"]["type"] == "enum('a,b', 'c)')"
    assert parts["column gross"]["stored"]
    assert "net" in parts["column gross"]["computed"]
    assert parts["primary key"]["columns"] == ["id"]
    assert parts["index u"] == {"unique": True, "columns": ["kind", "net DESC"]}
    assert parts["index prefix"]["columns"] == ["na`me(5)"]
    assert parts["index words"]["kind"] == "FULLTEXT"
    key = parts["foreign key (parent)"]
    assert (key["name"], key["refers_to"], key["on_delete"], key["on_update"]) == (
        "fk",
        "odd one",
        "SET NULL",
        "CASCADE",
    )
    assert "13" in parts["check ck"]["condition"]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_everything_of_a_sqlite_table_is_seen(connection: sa.Connection) -> None:
    indexes = [
        'CREATE UNIQUE INDEX i ON "odd one" (lower(kind), net DESC) WHERE net > 0',
        "CREATE VIEW v AS SELECT 1 AS a",
    ]
    snapped = snapshot(connection, None, SQLITE, *indexes)
    parts = snapped.tables["odd one"]
    assert parts["column id"]["autoincrement"]
    name = parts["column na me"]
    assert (name["type"], name["collation"], name["nullable"]) == ("varchar(20)", "NOCASE", False)
    assert name["default"] == "'it''s, (x) \\'"
    assert parts["column kind"]["default"] == "'c)'"
    assert parts["check ck_kind"]["condition"] == "kind IN('a,b', 'c)')"
    assert parts["column gross"]["computed"] == "net + 1"
    assert parts["unique (net)"] == {"name": None}
    assert parts["unique (kind, net)"] == {"name": "u"}
    assert parts["foreign key (parent)"]["refers_to_columns"] == ["id"]
    assert parts["foreign key (parent) to odd one"]["options"] == "DEFERRABLE INITIALLY DEFERRED"
    assert parts["index i"] == {"unique": True, "columns": ["lower(kind)", "net DESC"], "where": "net > 0"}
    assert "view" in snapped.tables["v"][""]


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
@pytest.mark.parametrize("database", ["agent", "ops"])
def test_snapshot_of_the_application_agrees_with_the_inspector(connection: sa.Connection, database: str) -> None:
    target = targets.load_one(ROOT / "alembic.ini", f"alembic_{connection.dialect.name}_{database}")
    ChainRunner(chain.load(target), connection, target, options(target)).upgrade()
    snapped, inspector = snapshot(connection), sa.inspect(connection)
    assert snapped.tables.keys() == set(inspector.get_table_names()) - {"alembic_version"}
    for table, parts in snapped.tables.items():
        known = inspector.get_columns(table)
        assert [(name, each["nullable"]) for name, each in columns(parts).items()] == [
            (each["name"], each["nullable"]) for each in known
        ]
        assert parts["primary key"]["columns"] == inspector.get_pk_constraint(table)["constrained_columns"]
        keys: list[Any] = inspector.get_foreign_keys(table)
        assert {each["name"] for part, each in parts.items() if part.startswith("foreign key")} == {
            key["name"] for key in keys
        }
        indexes = {part.removeprefix("index ") for part in parts if part.startswith("index ")}
        assert indexes == {index["name"] for index in inspector.get_indexes(table)}


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


def test_changes_and_another_order_are_told_in_lines() -> None:
    column = {"type": "integer", "nullable": False, "default": "1", "position": 1}
    before = Snapshot({"t": {"": {}, "column a": column, "column b": {**column, "position": 2}}})
    after = Snapshot(
        {"t": {"": {}, "column a": {**column, "position": 2, "nullable": True}, "column b": column}, "u": {"": {}}}
    )
    assert changes(before, after) == ["~ column t.a: nullable: no → yes", "+ table u  0 columns"]
    assert changes(Snapshot(), Snapshot({"t": before.tables["t"]})) == ["+ table t  2 columns"]
    assert reordered(before, after) == ["columns of t are in another order: a first, now behind b"]
    added = Snapshot({"t": {**before.tables["t"], "column c": {**column, "position": 3}}})
    assert changes(before, added) == ["+ column t.c  integer not null default 1"]
    assert changes(added, before) == ["- column t.c  integer not null default 1"]


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
