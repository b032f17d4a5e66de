"""What the summary says of a generated script that was proven with rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.live import Database

TREE = """
Table("node", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)),
      Column("parent_id", Integer, ForeignKey("node.id", name="fk_node_parent")))
"""
CIRCLE = """
Table("a", metadata, Column("id", Integer, primary_key=True),
      Column("b_id", Integer, ForeignKey("b.id", name="fk_a_b")))
Table("b", metadata, Column("id", Integer, primary_key=True),
      Column("a_id", Integer, ForeignKey("a.id", name="fk_b_a")))
"""


def test_column_of_a_tree_is_lost_with_its_rows(database: Database, given_server: object) -> None:
    database.models(TREE)
    database.generate("one")
    database.models(TREE.replace('Column("parent_id", Integer, ForeignKey("node.id", name="fk_node_parent"))', ""))
    result = database.generate("two", allow_drop=True)
    assert "- column node.parent_id  Integer" in result.summary
    assert [line for line in result.summary if line.startswith("! with rows")] == []
    assert "empty tables" not in result.proven_on


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
def test_declaration_of_a_generated_script_needs_no_row(database: Database, given_server: object) -> None:
    database.models(CIRCLE)
    database.generate("one")
    database.models(CIRCLE.replace('Column("b_id", Integer, ForeignKey("b.id", name="fk_a_b"))', ""))
    result = database.generate("two", allow_drop=True)  # there is no row whose value is lost: those of a came first
    assert [line for line in result.summary if line.startswith("! with rows")] == []
    assert "empty tables" not in result.proven_on


def test_what_a_server_says_about_rows_is_a_sentence(database: Database, given_server: object) -> None:
    database.models(TREE)
    database.generate("one")
    database.models(TREE.replace("String(20)", "String(20), unique=True"))
    (line,) = [line for line in database.generate("two").summary if line.startswith("! with rows")]
    said = {"sqlite": "UNIQUE constraint failed: ", "mysql": "Duplicate entry '"}
    assert line.startswith("! with rows, upgrade: fails: ")
    assert said[database.dialect] in line
    assert '"' not in line
    assert "(1062, " not in line
