from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.project.targets import pairs
from alembic_lockstep.roundtrip import twins as comparison
from tests.support.chains import Revision, round_trip, write
from tests.zoo import harness, twins

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.roundtrip.results import ChainResult

NAMES = ("mysql_zoo", "sqlite_zoo")


pytestmark = pytest.mark.usefixtures("given_server")


def trip(folder: Path, dialect: str, *revisions: Revision) -> ChainResult:
    """Write a chain and take it up, down and up again, without rows."""
    return round_trip(write(folder, dialect, "zoo", revisions), folder, data=False)


def compared(pair: twins.Pair, folder: Path) -> comparison.TwinComparison:
    first = Revision("a1", *harness.USER_AND_POST)
    down = 'for name in ("bill", "p"):\n    op.drop_table(name, if_exists=True)'
    top = f"twins = {pair.reason!r}" if pair.reason else ""
    trips = (
        trip(folder / "mysql", "mysql", first, Revision("b2", pair.mysql, down, top), Revision("c3")),
        trip(folder / "sqlite", "sqlite", first, Revision("b2", pair.sqlite, down), Revision("c3")),
    )
    assert [verdict.problems for each in trips for verdict in each.verdicts] == [[]] * 6
    return comparison.compare(NAMES, trips)


@pytest.mark.parametrize("pair", twins.WRONG, ids=lambda pair: pair.name)
def test_difference_is_found_at_its_revision_and_named(pair: twins.Pair, tmp_path: Path) -> None:
    found = compared(pair, tmp_path)
    assert found.compared == 3
    assert [each.verdict.revision for each in found.problems] == ["b2"]
    text = " ".join([*found.problems[0].lines, found.problems[0].reason])
    assert all(word in text for word in pair.finds), text
    assert found.exceptions == []


@pytest.mark.parametrize("pair", twins.RIGHT, ids=lambda pair: pair.name)
def test_what_only_seems_a_difference_is_no_alarm(pair: twins.Pair, tmp_path: Path) -> None:
    found = compared(pair, tmp_path)
    assert [each.lines for each in found.problems] == []
    lines = [line for each in found.exceptions for line in each.lines]
    assert bool(lines) == pair.accepted
    assert all(word in " ".join(lines) for word in pair.finds)


TABLE = (twins.table(twins.NUMBER), 'op.drop_table("bill")')
COLUMN = (
    'op.add_column("bill", sa.Column("x", sa.Text()))',
    'with op.batch_alter_table("bill") as batch:\n    batch.drop_column("x")',
)
LONGER = (
    'op.alter_column("bill", "x", type_=mysql.LONGTEXT(), existing_type=sa.Text())',
    'op.alter_column("bill", "x", type_=sa.Text(), existing_type=mysql.LONGTEXT())',
)


def test_revision_of_one_alone_is_compared_at_the_next_that_both_have(tmp_path: Path) -> None:
    mysql = trip(
        tmp_path / "m",
        "mysql",
        Revision("a1", *TABLE),
        Revision("b2", *COLUMN),
        Revision("c3", *LONGER),
        Revision("d4"),
    )
    sqlite = trip(tmp_path / "s", "sqlite", Revision("a1", *TABLE), Revision("b2", *COLUMN), Revision("d4"))
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert [each.verdict.revision for each in found.problems] == ["d4"]
    mysql.verdicts[2].twins = "SQLite has no limit"
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert found.problems == []
    assert [(each.verdict.revision, each.reason) for each in found.exceptions] == [("c3", "SQLite has no limit")]


def test_what_one_lacks_behind_the_last_shared_revision_is_found_at_the_head(tmp_path: Path) -> None:
    mysql = trip(tmp_path / "m", "mysql", Revision("a1", *TABLE), Revision("b2", *COLUMN))
    sqlite = trip(tmp_path / "s", "sqlite", Revision("a1", *TABLE))
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert [(each.target, each.verdict.revision, each.lines) for each in found.problems] == [
        ("mysql_zoo", "b2", ["column bill.x: only on mysql_zoo"])
    ]


def test_pairs_are_the_first_target_of_a_database_with_each_other(tmp_path: Path) -> None:
    one = write(tmp_path, "mysql", "agent", [])
    names = ["mysql_agent", "mysql_ops", "sqlite_agent", "sqlite_ops", "sqlite_alone", "oracle_agent"]
    parts = [name.split("_") for name in names]
    targets = [replace(one, name=f"{dialect}_{of}", dialect=dialect, database=of) for dialect, of in parts]
    assert [(first.name, second.name) for first, second in pairs(targets)] == [
        ("mysql_agent", "sqlite_agent"), ("mysql_ops", "sqlite_ops"), ("mysql_agent", "oracle_agent"),
    ]  # fmt: skip
