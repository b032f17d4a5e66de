"""Chains that nobody here wrote: they are read and replayed as they are, and what is reported of them is known.

Each line of the lists in tests/foreign/expected was confirmed by hand; docs/foreign.md tells how.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from upgrade import chain, dialects, models
from upgrade.options import options
from upgrade.proof import compare
from upgrade.replay import replayed
from upgrade.walk import Walk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project
    from tests.foreign.conftest import Expected
    from upgrade.targets import Target

LONGEST = 140
"""Characters of a problem that are compared: behind them are the values of rows."""

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("default"),  # the packages' warnings are not ours to mend
]


def test_every_revision_is_replayed_in_memory(target: Target, expected: Expected) -> None:
    script = chain.load(target)
    assert len(list(script.walk_revisions())) == expected.revisions
    with replayed(script, target, options(target, models.load(target))) as connection:
        assert sa.inspect(connection).has_table("alembic_version")


def test_models_differ_from_the_chain_in_memory_as_on_an_engine(
    target: Target, expected: Expected, on_server: Project, tmp_path: Path
) -> None:
    script, metadata = chain.load(target), models.load(target)
    settings = options(target, metadata)
    with replayed(script, target, settings) as connection:
        in_memory = compare(connection, metadata, settings)
    scratch = dialects.get(target.dialect).scratch(target.name, tmp_path, lambda _text: None)
    with scratch as made, made.engine.connect() as connection:
        walk = Walk(script, connection, target, settings)
        walk.prepare()
        assert walk.upgrade() == expected.revisions
        on_engine = compare(connection, metadata, settings)
    assert sorted(in_memory) == sorted(on_engine)
    assert sorted(on_engine) == sorted(expected.models)


def test_round_trip_finds_what_is_wrong(target: Target, expected: Expected, on_server: Project) -> None:
    done = on_server.invoke("roundtrip", "--db", target.name, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    trip = json.loads(done.stdout)["trips"][target.name]
    assert len(trip["verdicts"]) == expected.revisions
    broken = [verdict for verdict in trip["verdicts"] if verdict["status"] != "lossless"]
    assert [_line(verdict) for verdict in broken] == expected.broken


def _line(verdict: dict[str, object]) -> str:
    """Return a revision, its status where that is not `broken`, and the first thing that is wrong, on one line."""
    problems = verdict["problems"]
    assert isinstance(problems, list)
    first = f"{problems[0]['step']}: {problems[0]['text']}" if problems else str(verdict["status"])
    return f"{verdict['revision']}  {first[:LONGEST]}".rstrip()
