"""Operations in words: what differs is named, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects import mysql

from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison import words

TYPES = [
    (sa.String(20), sa.String(30), "String(20) to String(30)"),
    (sa.String(20), sa.String(20, collation="utf8mb4_bin"), "String(20) collation default to utf8mb4_bin"),
    (
        mysql.VARCHAR(20, charset="latin1", collation="latin1_bin"), sa.String(30, collation="utf8mb4_bin"),
        "String(20) to String(30), collation latin1_bin to utf8mb4_bin",
    ),
    (
        mysql.VARCHAR(20), sa.String(20).with_variant(mysql.VARCHAR(20, collation="utf8mb4_bin"), "mysql"),
        "String(20) collation default to utf8mb4_bin",
    ),
    (
        mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin"), sa.String(30, collation="utf8mb4_bin"),
        "String(20) to String(30)",
    ),
    (sa.Text(), mysql.TEXT(charset="utf8mb3"), "Text character set default to utf8mb3"),
    (sa.DateTime(), sa.DateTime(timezone=True), "DateTime time zone no to yes"),
    (DDLType("varchar(39)"), DDLType("VARCHAR(45)"), "VARCHAR(39) to VARCHAR(45)"),
    (DDLType("enum('a')"), sa.Text(), "ENUM('a') to Text"),
    (mysql.DATETIME(), mysql.DATETIME(fsp=6), "DateTime fractional digits default to 6"),
    (sa.Integer(), mysql.INTEGER(unsigned=True), "Integer unsigned no to yes"),
]  # fmt: skip

DEFAULTS = [
    ("x", "'x'"),
    (sa.text("now()"), "now()"),
    (sa.func.now(6), "now(6)"),
    (sa.func.coalesce("a", 1), "coalesce('a', 1)"),
]


@pytest.mark.parametrize(("before", "after", "text"), TYPES, ids=str)
def test_what_differs_between_two_types_is_named(before: Any, after: Any, text: str) -> None:
    op = ops.AlterColumnOp("user", "name", existing_type=before, modify_type=after)
    assert words.line(op) == f"~ column user.name  {text}"


@pytest.mark.parametrize(("default", "text"), DEFAULTS, ids=[text for _, text in DEFAULTS])
def test_default_is_shown_with_its_values(default: Any, text: str) -> None:
    clause = sa.DefaultClause(default)
    op = ops.AlterColumnOp("user", "at", existing_server_default=None, modify_server_default=clause)
    assert words.line(op) == f"~ column user.at  default none to {text}"
    added = ops.AddColumnOp("user", sa.Column("at", sa.DateTime(), server_default=default))
    assert words.line(added) == f"+ column user.at  DateTime default {text}"


def test_generated_column_is_not_called_a_default() -> None:
    column = sa.Column("double", sa.Integer(), sa.Computed("number * 2"))
    assert words.line(ops.AddColumnOp("user", column)) == "+ column user.double  Integer computed as number * 2"


def test_index_that_is_unique_is_called_like_the_constraint_of_another_dialect() -> None:
    table = sa.Table("note", sa.MetaData(), sa.Column("text", sa.Text()))
    constraint = sa.UniqueConstraint(table.c.text, name="uq_note_text")
    index = sa.Index("uq_note_text", table.c.text, unique=True)
    lines = [words.line(kind.from_index(index)) for kind in (ops.CreateIndexOp, ops.DropIndexOp)]
    assert lines == ["+ unique uq_note_text of note", "- unique uq_note_text of note"]
    assert words.line(ops.AddConstraintOp.from_constraint(constraint)) == lines[0]
    assert words.line(ops.CreateIndexOp.from_index(sa.Index("ix", table.c.text))) == "+ index ix"


LATER = "takes {}, too: rows with it stop the downgrade, or keep what the older type does not know"
GONE = "no longer takes {}: rows with it stop the upgrade, or keep what the new type does not know"
SHORTER = "becomes shorter: longer values stop the upgrade or are cut"
LETTERS = sa.Enum("a", "b", "cc", name="letters")
CAUTIONS = [
    (mysql.ENUM("a", "b"), LETTERS, [LATER.format("'cc'")]),
    (
        mysql.ENUM("a", "b"),
        sa.String(9).with_variant(mysql.ENUM("c", "a", "b", "d"), "mysql"),
        [LATER.format("'c', 'd'")],
    ),
    (mysql.ENUM("a", "longer"), sa.Enum("a", "x"), [GONE.format("'longer'"), LATER.format("'x'")]),
    (mysql.ENUM("b", "a"), sa.Enum("a", "b"), []),
    # On SQLite an Enum is a string, which has a length and no values.
    (sa.VARCHAR(1), LETTERS, [LATER.format("'cc'")]),
    (sa.VARCHAR(2), LETTERS, []),
    (sa.VARCHAR(3), LETTERS, [SHORTER]),
    (sa.VARCHAR(), LETTERS, []),
    (sa.VARCHAR(3), sa.String(2), [SHORTER]),
    (sa.VARCHAR(2), sa.String(3), []),
]


@pytest.mark.parametrize(("before", "after", "told"), CAUTIONS)
def test_values_that_only_one_of_two_types_takes_are_a_caution(before: Any, after: Any, told: list[str]) -> None:
    op = ops.AlterColumnOp("t", "c", existing_type=before, modify_type=after)
    found = words.cautions(ops.UpgradeOps([op]))
    assert [str(caution) for caution in found] == [f"! t.c {text}" for text in told]
    assert [caution.step == "downgrade" for caution in found] == ["downgrade" in text for text in told]
