import json

from alembic_lockstep.errors import Fault
from alembic_lockstep.live.results import Status
from alembic_lockstep.reports.json import round_trips, statuses
from alembic_lockstep.roundtrip.results import ChainResult, Problem, Verdict
from alembic_lockstep.roundtrip.summary import RoundTripResult
from alembic_lockstep.roundtrip.twins import TwinComparison, TwinDifference


def test_keys_of_round_trips_are_those_that_programs_know() -> None:
    verdict = Verdict("b2", "feat: b", "versions/b.py", "broken", problems=[Problem("downgrade", "gone", 7)])
    result = RoundTripResult(
        {"sqlite_ops": ChainResult("SQLite 3", [verdict], schemas={"b2": {"t": None}}, cases=["b2.py"])},
        {"mysql_ops": Fault("no-server", "nothing to run it on", ("no Docker",), 2)},
        [TwinComparison(("mysql_ops", "sqlite_ops"), 1, problems=[TwinDifference("sqlite_ops", verdict, ["a"])])],
        ["c3.py"],
        1.5,
    )
    data = json.loads(round_trips(result))
    assert list(data) == ["trips", "faults", "twins", "strays", "seconds"]
    assert list(data["trips"]["sqlite_ops"]) == [
        "server", "verdicts", "models", "cases", "seconds", "models_error", "named_today",
    ]  # fmt: skip
    assert list(data["trips"]["sqlite_ops"]["verdicts"][0]) == [
        "revision", "message", "path", "status", "declared", "twins", "problems", "lost", "notes", "changes", "rows",
        "tables", "seconds",
    ]  # fmt: skip
    assert data["trips"]["sqlite_ops"]["verdicts"][0]["problems"] == [
        {"step": "downgrade", "text": "gone", "line": 7, "known": None}
    ]
    assert data["faults"] == {
        "mysql_ops": {"kind": "no-server", "headline": "nothing to run it on", "detail": ["no Docker"], "code": 2}
    }
    assert list(data["twins"][0]) == ["names", "compared", "agreeing", "exceptions", "problems"]
    assert list(data["twins"][0]["problems"][0]) == ["target", "verdict", "lines", "reason"]
    assert data["strays"] == ["c3.py"]


def test_keys_of_statuses_are_those_that_programs_know() -> None:
    (data,) = json.loads(statuses([Status("sqlite_ops", "ops.db", None, "a1", 1, "in step", "✓", reachable=True)]))
    assert list(data) == [
        "target",
        "database",
        "at",
        "head",
        "pending",
        "models",
        "note",
        "reachable",
        "ahead",
        "codes",
        "draft",
    ]
    assert data["note"] == "✓"
    assert data["draft"] is None
