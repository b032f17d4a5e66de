"""Revisions that fail, in memory as on an engine: dialect, body and what the message names."""

from __future__ import annotations

import pytest

FAILING = [
    pytest.param("mysql", 'op.drop_table("nothing")', "(1051, \"Unknown table 'scratch.nothing'\")", id="drop-table"),
    pytest.param("mysql", 'op.rename_table("nothing", "x")', "1146, \"Table 'scratch.nothing'", id="rename-table"),
    pytest.param(
        "mysql", 'op.create_table("child", sa.Column("x", sa.Integer))', "Table 'child' already exists",
        id="create-table",
    ),
    pytest.param(
        "mysql", 'op.add_column("nothing", sa.Column("x", sa.Integer))', "1146, \"Table 'scratch.nothing'",
        id="add-column",
    ),
    pytest.param("mysql", 'op.drop_column("child", "nothing")', "Can't DROP 'nothing'", id="drop-column"),
    pytest.param("mysql", 'op.drop_index("nothing", table_name="child")', "Can't DROP 'nothing'", id="drop-index"),
    pytest.param("mysql", 'op.drop_column("child", "parent_id")', "(1828, ", id="column-of-foreign-key"),
    pytest.param("mysql", 'op.drop_index("ix_child", "child")', "(1553, ", id="index-of-foreign-key"),
    pytest.param("mysql", 'op.drop_table("parent")', "(3730, ", id="table-of-foreign-key"),
    pytest.param("mysql", 'op.drop_column("child", "amount")\nop.drop_column("child", "amount")', "1091", id="twice"),
    pytest.param(
        "mysql", 'op.add_column("child", sa.Column("t", sa.Text(), server_default="x"))', "(1101, ",
        id="default-of-a-text",
    ),
    pytest.param(
        "mysql", 'op.execute("UPDATE child SET amount = 1; UPDATE child SET amount = 2")',
        "several statements in one text; give each an op.execute of its own", id="several-statements",
    ),
    pytest.param("mysql", "op.execute('op = 1')", "(1064, ", id="no-sql"),
    pytest.param(
        "mysql", 'op.execute("ALTER TABLE child ADD z VARCHAR(9) COLLATE nope_ci")', "(1273, ", id="collation"
    ),
    pytest.param("mysql", 'op.execute("UPDATE nobody SET a = 1")', "(1146, ", id="rows-of-no-table"),
    pytest.param(
        "mysql", 'op.alter_column("child", "parent_id", type_=sa.BigInteger(), existing_type=sa.Integer())', "(3780, ",
        id="type-of-foreign-key",
    ),
    pytest.param("mysql", "raise ZeroDivisionError", "ZeroDivisionError", id="mysql-own-error"),
    pytest.param("sqlite", "raise ZeroDivisionError", "ZeroDivisionError", id="sqlite-own-error"),
    pytest.param("sqlite", 'op.drop_table("nobody")', "no such table: nobody", id="sqlite-drop-table"),
]  # fmt: skip
