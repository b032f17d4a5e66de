from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.project import chain
from alembic_lockstep.roundtrip import twins as comparison
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.scratch import ScratchDatabase
from alembic_lockstep.schema.twins import pairs
from tests.zoo import harness, twins

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.servers import Server

NAMES = ("mysql_zoo", "sqlite_zoo")


@pytest.fixture(autouse=True)
def engine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_MYSQL_URL", server.url.render_as_string(hide_password=False))


def trip(folder: Path, dialect: str, *revisions: tuple[str, str, str, str]) -> ChainResult:
    """Walk a chain of revisions, each an id, the bodies of its functions, and what stands above them."""
    (folder / "versions").mkdir(parents=True)
    parent = None
    for name, up, down, top in revisions:
        text = harness.script(name, repr(parent) if parent else None, up, down, top)
        (folder / "versions" / f"feat_{name}.py").write_text(text, encoding="utf-8")
        parent = name
    target = harness.target(folder, dialect, "zoo")
    with closing(
        ScratchDatabase(target, chain.load(target), options(target), folder, lambda _text: None, data=False)
    ) as scratch:
        round_trip = RoundTrip(scratch)
        return round_trip.run(round_trip.revisions)


def compared(pair: twins.Pair, folder: Path) -> comparison.TwinComparison:
    first = ("a1", *harness.USER_AND_POST, "")
    down = 'for name in ("bill", "p"):\n    op.drop_table(name, if_exists=True)'
    top = f"twins = {pair.reason!r}" if pair.reason else ""
    trips = (
        trip(folder / "mysql", "mysql", first, ("b2", pair.mysql, down, top), ("c3", "pass", "pass", "")),
        trip(folder / "sqlite", "sqlite", first, ("b2", pair.sqlite, down, ""), ("c3", "pass", "pass", "")),
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
        ("a1", *TABLE, ""),
        ("b2", *COLUMN, ""),
        ("c3", *LONGER, ""),
        ("d4", "pass", "pass", ""),
    )
    sqlite = trip(tmp_path / "s", "sqlite", ("a1", *TABLE, ""), ("b2", *COLUMN, ""), ("d4", "pass", "pass", ""))
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert [each.verdict.revision for each in found.problems] == ["d4"]
    mysql.verdicts[2].twins = "SQLite has no limit"
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert found.problems == []
    assert [(each.verdict.revision, each.reason) for each in found.exceptions] == [("c3", "SQLite has no limit")]


def test_what_one_lacks_behind_the_last_shared_revision_is_found_at_the_head(tmp_path: Path) -> None:
    mysql = trip(tmp_path / "m", "mysql", ("a1", *TABLE, ""), ("b2", *COLUMN, ""))
    sqlite = trip(tmp_path / "s", "sqlite", ("a1", *TABLE, ""))
    found = comparison.compare(NAMES, (mysql, sqlite))
    assert [(each.target, each.verdict.revision, each.lines) for each in found.problems] == [
        ("mysql_zoo", "b2", ["column bill.x: only on mysql_zoo"])
    ]


def test_pairs_are_the_first_target_of_a_database_with_each_other() -> None:
    names = ["mysql_agent", "mysql_ops", "sqlite_agent", "sqlite_ops", "sqlite_alone", "oracle_agent"]
    assert pairs(names) == [
        ("mysql_agent", "sqlite_agent"), ("mysql_ops", "sqlite_ops"), ("mysql_agent", "oracle_agent"),
    ]  # fmt: skip
