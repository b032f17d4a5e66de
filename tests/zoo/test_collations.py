"""Character sets and collations by their effect: written out or inherited, on MySQL and MariaDB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.chains import round_trip
from tests.zoo.harness import Case

if TYPE_CHECKING:
    from pathlib import Path

MYSQL = "from sqlalchemy.dialects import mysql"
RIGHT = [
    Case(
        "a character set that the table has, written out on the way down",
        'op.alter_column("user", "name", type_=sa.String(60), existing_type=sa.String(50), existing_nullable=False,\n'
        '    existing_server_default="x", existing_comment="what it is called")',
        'op.alter_column("user", "name", type_=mysql.VARCHAR(50, charset="utf8mb4"), existing_type=sa.String(60),\n'
        '    existing_nullable=False, existing_server_default="x", existing_comment="what it is called")',
        top=MYSQL,
    ),
    Case(
        "a collation that the table has, written out on the way down",
        'op.execute("ALTER TABLE post MODIFY title VARCHAR(220) NOT NULL")',
        'names = op.get_bind().execute(sa.text("SELECT @@collation_database")).scalar()\n'
        'op.execute(f"ALTER TABLE post MODIFY title VARCHAR(200) COLLATE {names} NOT NULL")',
    ),
    Case(
        "another default of the table and back, which MySQL writes out in its columns",
        'op.execute("ALTER TABLE post DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")',
        'op.execute("ALTER TABLE post DEFAULT CHARACTER SET utf8mb4")',
    ),
    Case(
        "a whole table converted and back",
        'op.execute("ALTER TABLE plain CONVERT TO CHARACTER SET utf8mb4")',
        'op.execute("ALTER TABLE plain CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_bin")',
        before=(
            (
                'op.create_table("plain", sa.Column("id", sa.Integer(), primary_key=True),\n'
                '    sa.Column("a", sa.String(20), nullable=False), sa.Column("b", sa.String(20)),\n'
                '    mysql_charset="utf8mb3", mysql_collate="utf8mb3_bin")',
                'op.drop_table("plain")',
            ),
        ),
    ),
]
WRONG = [
    Case(
        "another collation on the way down",
        'op.execute("ALTER TABLE post MODIFY title VARCHAR(220) NOT NULL")',
        'op.execute("ALTER TABLE post MODIFY title VARCHAR(200) COLLATE utf8mb4_bin NOT NULL")',
        ("downgrade", "column post.title", "collation", "utf8mb4_bin"),
    ),
    Case(
        "another default of the table, and no way back",
        'op.execute("ALTER TABLE post DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")',
        "pass",
        ("downgrade", "table post: default collation, that of new columns", "utf8mb4_bin"),
    ),
    Case(
        "a conversion that makes a long text longer",
        'op.execute("ALTER TABLE post CONVERT TO CHARACTER SET utf8mb3")',
        'op.execute("ALTER TABLE post CONVERT TO CHARACTER SET utf8mb4")',
        ("downgrade", "column post.body", "text", "mediumtext"),
    ),
]


@pytest.fixture(params=["given_server", "given_mariadb"])
def _server(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_what_has_the_same_effect_is_no_difference(case: Case, tmp_path: Path) -> None:
    found = round_trip(case.write(tmp_path, "mysql"), tmp_path).verdicts
    assert [problem for verdict in found for problem in verdict.problems] == []
    assert found[-1].status == "lossless"


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_what_has_another_effect_is_found_and_named(case: Case, tmp_path: Path) -> None:
    *_, last = round_trip(case.write(tmp_path, "mysql"), tmp_path).verdicts
    assert any(all(word in str(problem) for word in case.finds) for problem in last.problems), last.problems
    assert not any("column post.title" in str(problem) for problem in last.problems if "title" not in case.finds[1])


@pytest.mark.usefixtures("_server")
def test_scratch_database_has_the_character_set_of_the_section(tmp_path: Path) -> None:
    case = Case(
        "a new table",
        'op.create_table("late", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.String(20)))\n'
        'assert "latin1_bin" in str(op.get_bind().execute(sa.text("SHOW CREATE TABLE late")).one())',
        'op.drop_table("late")',
    )
    target = replace(case.write(tmp_path, "mysql"), charset="latin1", collation="latin1_bin")
    assert [verdict.status for verdict in round_trip(target, tmp_path).verdicts] == ["lossless", "lossless"]
