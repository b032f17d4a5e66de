"""Statements that leave the schema as it is."""

from __future__ import annotations

import pytest

NO_SCHEMA_CHANGE = [
    pytest.param("op.execute(\"UPDATE child SET name = 'y'\")", id="update"),
    pytest.param(
        'op.execute("""\n    -- why\n    /* and\n    how */ delete from child""")', id="delete-after-comments"
    ),
    pytest.param('op.execute("INSERT INTO parent SELECT id, name FROM child")', id="insert-select"),
    pytest.param('op.execute("WITH a AS (SELECT 1) UPDATE child SET amount = 2")', id="with"),
    pytest.param('op.execute(sa.text("UPDATE child SET name = :n").bindparams(n="y"))', id="text-with-value"),
    pytest.param('op.execute(sa.table("child", sa.column("name")).update().values(name="y"))', id="core-update"),
    pytest.param("op.execute(sa.select(sa.literal(1)))", id="core-select"),
    pytest.param(
        'op.bulk_insert(sa.table("parent", sa.column("id"), sa.column("code")), [{"id": 1, "code": "a"}])',
        id="bulk-insert",
    ),
    pytest.param('assert sa.inspect(op.get_bind()).has_table("child")', id="look-at-the-schema"),
    pytest.param('assert not sa.inspect(op.get_bind()).has_table("uncle")', id="look-for-what-is-not-there"),
    pytest.param('op.execute("CREATE VIEW v AS SELECT id FROM parent")\nop.execute("DROP VIEW v")', id="view"),
    pytest.param(
        'op.execute("CREATE TRIGGER t BEFORE DELETE ON child FOR EACH ROW BEGIN DELETE FROM child WHERE id = 5; END")',
        id="trigger",
    ),
    pytest.param(
        'for row in op.get_bind().execute(sa.text("SELECT id, name FROM child")):\n    op.drop_table(row.name)',
        id="rows-of-an-empty-table",
    ),
    pytest.param(
        'assert op.get_bind().scalar(sa.text("SELECT max(id) FROM child WHERE id > 5")) is None',
        id="highest-row-of-an-empty-table",
    ),
    pytest.param(
        'child = sa.table("child", sa.column("id"), sa.column("name"))\n'
        "assert op.get_bind().scalar(sa.select(sa.func.coalesce(sa.func.max(child.c.id), 0) + 1)) == 1\n"
        'assert not op.get_bind().scalar(sa.select(sa.exists().where(child.c.name == "x")))\n'
        'none = sa.case((sa.func.count() == 0, "none"), else_="some")\n'
        'assert op.get_bind().scalar(sa.select(none).select_from(child)) == "none"',
        id="next-id-of-an-empty-table",
    ),
    pytest.param(
        'assert op.get_bind().scalar(sa.select(sa.func.count()).select_from(sa.table("child"))) == 0',
        id="count-of-an-empty-table",
    ),
    pytest.param(
        "from sqlalchemy.orm import Session, declarative_base\n"
        "class Child(declarative_base()):\n"
        '    __tablename__ = "child"\n'
        "    id = sa.Column(sa.Integer, primary_key=True)\n"
        "    name = sa.Column(sa.String(20))\n"
        "session = Session(op.get_bind())\n"
        "assert session.query(Child).filter(Child.id > 1).all() == []\n"
        'session.query(Child).update({"name": "x"})\n'
        "session.commit()",
        id="orm-session",
    ),
    pytest.param("assert op.get_bind().dialect.name == op.get_context().dialect.name", id="dialect"),
    pytest.param("with op.get_context().autocommit_block():\n    pass", id="autocommit"),
]
