"""Statements that only a MySQL server understands."""

from __future__ import annotations

import pytest

NOT_UNDERSTOOD = [
    pytest.param('op.execute("ALTER TABLE child CONVERT TO CHARACTER SET binary")', "converts text to binary", id="convert"),
    pytest.param('op.execute("ALTER TABLE child PARTITION BY HASH(id)")', "uses PARTITION", id="partition"),
    pytest.param('op.execute("ALTER TABLE child ADD z WEIRD")', "the type weird", id="unknown-type"),
    pytest.param('op.execute("ALTER TABLE child ADD z INT SRID 4")', "uses SRID in the column z", id="unknown-word"),
    pytest.param('op.execute("CREATE TABLE x AS SELECT 1")', "creates a table from a query", id="table-of-a-query"),
    pytest.param('op.execute("CALL build()")', "SQL that the in-memory MySQL server does not support", id="routine"),
    pytest.param('op.execute("-- why\\nGRANT ALL ON *.* TO me")', "SQL that the in-memory MySQL server does not support", id="grant"),
    pytest.param('op.get_bind().execute(sa.text("SELECT 1")).scalar()', "asks the database: SELECT 1", id="query"),
    pytest.param('op.get_bind().exec_driver_sql("SELECT 1").all()', "asks the database", id="driver-sql"),
    pytest.param('op.get_bind().connection.driver_connection.ping()', "uses ping of its driver", id="driver"),
    pytest.param(
        'op.get_bind().scalar(sa.text("SELECT count(*) FROM information_schema.tables"))',
        "asks the database", id="information-schema",
    ),
    pytest.param(
        "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
        'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
        "asks the database: SELECT id FROM parent", id="rows-of-the-chain-itself",
    ),
    pytest.param(
        "op.execute(\"INSERT IGNORE parent VALUES (1, 'a')\")\n"
        'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
        "asks the database: SELECT id FROM parent", id="rows-without-into",
    ),
    pytest.param(
        'op.get_bind().execute(sa.text("SELECT concat(count(*)) FROM child")).scalar()',
        "asks the database: SELECT concat(count(*))", id="more-than-a-count",
    ),
    pytest.param(
        'op.execute("CREATE TRIGGER t AFTER UPDATE ON child FOR EACH ROW INSERT INTO parent VALUES (1, 1)")\n'
        'op.execute("INSERT INTO child VALUES (1, 1, 1, 1)")\n'
        'op.execute("UPDATE child SET amount = 1")\n'
        'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
        "asks the database: SELECT id FROM parent", id="rows-of-a-trigger",
    ),
    pytest.param(
        'op.execute("CREATE VIEW v AS SELECT id FROM child")\nsa.inspect(op.get_bind()).get_columns("v")',
        "asks the database: SHOW CREATE TABLE `v`", id="view",
    ),
    pytest.param(
        'op.get_bind().execute(sa.text("ALTER TABLE child ALTER amount SET DEFAULT :d"), {"d": 5})',
        "changes the schema by a statement with parameters", id="parameters",
    ),
    pytest.param('op.execute("CREATE TABLE other.t (a INT)")', "a table of another database, other", id="database"),
    pytest.param(
        "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
        'if op.get_bind().execute(sa.text("UPDATE parent SET id = 2")).rowcount == 1:\n    op.drop_table("child")',
        "asks for the number of changed rows", id="rowcount",
    ),
    pytest.param(
        "parent = sa.table('parent', sa.column('id'), sa.column('code'))\n"
        'print(op.get_bind().execute(sa.insert(parent).values(code="a")).lastrowid + 1)',
        "asks for the key of a new row", id="lastrowid",
    ),
    pytest.param(
        "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
        'from sqlalchemy.orm import Session, declarative_base\n'
        'class Parent(declarative_base()):\n'
        '    __tablename__ = "parent"\n'
        '    id = sa.Column(sa.Integer, primary_key=True)\n'
        'Session(op.get_bind()).query(Parent).all()',
        "asks the database: SELECT parent.id", id="orm-session",
    ),
    pytest.param('op.execute("SET sql_mode = ANSI_QUOTES")', "sets what may change the meaning", id="mode"),
    pytest.param(
        "op.get_bind().execute(sa.text(\"SHOW FULL TABLES LIKE 'x'\")).all()", "asks the database", id="like"
    ),
    pytest.param('op.execute("DROP INDEX IF EXISTS ix_child ON child")', "uses IF where MySQL", id="if-exists"),
    pytest.param('op.execute("CREATE TABLE x (a INT, b INT DEFAULT")', "does not support", id="unbalanced"),
    pytest.param('op.execute("USE other")', "SQL that the in-memory MySQL server does not support: USE other", id="use"),
    pytest.param('op.execute("ALTER TABLE child ADD z DOUBLE DEFAULT 1e20")', "whose form only a server", id="float"),
    pytest.param('op.execute("ALTER TABLE child ADD z INT DEFAULT 0x41")', "the default 0x41, which the in-memory MySQL server does not support", id="hex"),
    pytest.param(
        'op.execute("ALTER TABLE child CHANGE name amount INT, CHANGE amount name INT")',
        "gives a column the name of another in one statement", id="swap",
    ),
    pytest.param(
        "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\nop.rename_table('parent', 'p')\n"
        'op.execute("INSERT INTO child (parent_id) SELECT id FROM p")\n'
        'op.get_bind().execute(sa.text("SELECT id FROM child")).all()',
        "asks the database: SELECT id FROM child", id="rows-out-of-rows",
    ),
]  # fmt: skip
