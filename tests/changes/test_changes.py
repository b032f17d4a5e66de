"""The tool writes a script for each kind of change, which works with rows and in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.changes.kind import ENGINES, MARIADB, MYSQL, Kind
from tests.changes.kinds import ALL
from tests.changes.migrations import Tool
from tests.changes.outcome import Mark, outcome

if TYPE_CHECKING:
    from pathlib import Path

# Of circles that SQLAlchemy cannot sort, and of indexes that Alembic does not compare on SQLite.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sqlalchemy.exc.SAWarning")

SERVERS = {MYSQL: "given_server", MARIADB: "given_mariadb"}


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        pytest.param(kind, engine, id=f"{engine}: {kind.name}")
        for engine in ENGINES
        for kind in ALL
        if engine in kind.on
    ],
)
def test_change(kind: Kind, engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if engine in SERVERS:
        request.getfixturevalue(SERVERS[engine])
    found = outcome(kind, engine, Tool(kind, engine, tmp_path / "project"), tmp_path)
    assert found.mark is kind_mark(kind, engine), found.reason


def kind_mark(kind: Kind, engine: str) -> Mark:
    """Return what is known of the tool."""
    if engine in kind.missed:
        return Mark.MISSED
    return Mark.FAILS if engine in kind.fails else Mark.WORKS


def test_names_are_unique_and_reasons_are_given() -> None:
    assert len({kind.name for kind in ALL}) == len(ALL)
    assert all(reason for kind in ALL for reason in (*kind.missed.values(), *kind.fails.values()))
