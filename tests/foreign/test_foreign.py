"""Chains that nobody here wrote: they are read and replayed as they are, and what is reported of them is known.

Each line of the lists for Optuna and MLflow in tests/foreign/expected was confirmed by hand; docs/foreign.md tells how,
and which of the others were. The lists of the others hold what is reported today.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.execution.replay import replayed
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, models
from alembic_lockstep.roundtrip import known_findings
from alembic_lockstep.roundtrip.results import LOSSLESS
from tests.foreign.conftest import COMPARED, expected

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from tests.foreign.conftest import Adopted

PASSING = re.compile(r" \(/\S+\)|(?<=#sql)-\w+")
"""What differs from place to place and from run to run: where a package is installed, and a server's working tables."""

LONGEST = 140
"""Characters of a problem that are compared: behind them are names and values that the lists need not have."""

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings("default"),  # the packages' warnings are not ours to fix
]


@pytest.mark.parametrize("target", COMPARED, indirect=True)
def test_every_revision_is_replayed_in_memory(target: Target) -> None:
    script = chain.load(target)
    assert len(list(script.walk_revisions())) == expected(target, target.dialect).revisions
    with replayed(script, target, options(target, models.load(target))) as connection:
        assert sa.inspect(connection).has_table("alembic_version")


@pytest.mark.parametrize("target", COMPARED, indirect=True)
def test_models_differ_from_the_chain_in_memory_as_on_an_engine(target: Target, engine: str, tmp_path: Path) -> None:
    if engine == "mariadb":
        pytest.skip("in memory it is MySQL; MariaDB shows defaults otherwise, and stops at Optuna's v2.4.0.a")
    script, metadata = chain.load(target), models.load(target)
    settings = options(target, metadata)
    with replayed(script, target, settings) as connection:
        in_memory = compare(connection, target, metadata, settings)
    scratch = dialects.get(target.dialect).scratch.database(target.name, tmp_path, lambda _text: None)
    with scratch as made, made.engine.connect() as connection:
        runner = ChainRunner(script, connection, target, settings)
        runner.create_initial_tables()
        assert runner.upgrade() == expected(target, engine).revisions
        on_engine = compare(connection, target, metadata, settings)
    assert sorted(in_memory) == sorted(on_engine)
    assert sorted(on_engine) == sorted(expected(target, engine).models)


def test_round_trip_finds_what_is_wrong(target: Target, engine: str, adopted: Adopted) -> None:
    done = adopted.run("invoke", "roundtrip", "--db", target.name, "--json")
    assert done.returncode == 1, done.stdout
    trip = json.loads(done.stdout)["trips"][target.name]
    known = expected(target, engine)
    assert len(trip["verdicts"]) == known.revisions
    broken = [verdict for verdict in trip["verdicts"] if verdict["status"] != LOSSLESS]
    assert [_line(verdict) for verdict in broken] == known.broken
    if target.name in COMPARED:
        assert sorted(trip["models"]) == sorted(known.models)


def _line(verdict: dict[str, Any]) -> str:
    """Return a revision and the first thing that is wrong with it."""
    first = verdict["problems"][0]
    said = f"{first['step']}: {first['text']}" if first["step"] else first["text"]
    return f"{verdict['revision']}  {PASSING.sub('', known_findings.without_rows(said))[:LONGEST]}".rstrip()


def test_package_is_the_wheel(adopted: Adopted) -> None:
    place = adopted("python", "-c", "import alembic_lockstep; print(alembic_lockstep.__file__)")
    assert "site-packages" in place


@pytest.mark.parametrize("target", COMPARED, indirect=True)
def test_migration_of_what_the_models_are_ahead(target: Target, engine: str, adopted: Adopted) -> None:
    words = ("--auto", "--dry-run", "--allow-drop", "-m", "feat: the models", "--db", target.name)
    done = adopted.run("invoke", "migration", *words)
    if target.database == "mlflow":  # its models have an index without columns
        assert done.returncode == 1
        assert "in: CREATE INDEX index_trace_request_metadata_request_id ON trace_request_metadata ()" in done.stdout
    else:
        assert done.returncode == 0, done.stdout
        assert "def upgrade() -> None:" in done.stdout


@pytest.mark.parametrize("target", ["sqlite_glance", "mysql_glance", "sqlite_keystone"], indirect=True)
def test_migration_follows_the_branch_that_is_named(target: Target, engine: str, adopted: Adopted) -> None:
    words = ("invoke", "migration", "--auto", "--dry-run", "--allow-drop", "-m", "feat: models", "--db", target.name)
    asked = adopted.run(*words)
    assert asked.returncode == 2
    assert "choose the branch with --branch LABEL or --branch ID" in asked.stdout
    head = {"glance": "2024_1_expand01", "keystone": "742c857f1dfb"}[target.database]
    assert f"Revises: {head}" in adopted(*words, "--branch", "expand")


def test_session_runs_a_case_for_each_revision(target: Target, engine: str, adopted: Adopted) -> None:
    done = adopted.run("nox", "-s", f"migrations({target.name})")
    assert done.returncode == 1, done.stdout
    known = expected(target, engine)
    cases = ET.parse(adopted.root / ".nox" / "junit" / f"migrations-{target.name}.xml").getroot().iter("testcase")
    failed = {str(case.get("name")): case.find("failure") is not None for case in cases}
    revisions = {name.split("-")[1]: bad for name, bad in failed.items() if name.startswith(f"{target.name}-")}
    assert revisions.pop("models") == bool(known.models or target.name not in COMPARED)
    assert len(revisions) == known.revisions
    assert {name for name, bad in revisions.items() if bad} == {line.split()[0] for line in known.broken}


def test_live_database_is_upgraded(target: Target, engine: str, live: Adopted) -> None:
    if engine == "mariadb" and target.database == "optuna":
        pytest.skip("MariaDB stops at v2.4.0.a")
    printed = live("invoke", "upgrade", "--db", target.name, "--create")
    assert f"{expected(target, engine).revisions} revisions" in printed
    (row,) = json.loads(live("invoke", "status", "--db", target.name, "--json"))
    assert row["pending"] == 0


def test_plain_alembic_works(target: Target, engine: str, live: Adopted) -> None:
    if engine == "mysql":
        live("invoke", "upgrade", "--db", target.name, "--create", "--revision", "+1")
    live("alembic", "-n", target.section, "upgrade", "+1")
    assert live("alembic", "-n", target.section, "current")
    history = live("alembic", "-n", target.section, "history").splitlines()
    assert sum(" -> " in line for line in history) == expected(target, engine).revisions
