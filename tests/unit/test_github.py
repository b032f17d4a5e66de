from __future__ import annotations

from alembic_lockstep.reports import github
from alembic_lockstep.roundtrip.results import ChainResult, Problem, Verdict
from alembic_lockstep.roundtrip.summary import RoundTripResult
from alembic_lockstep.roundtrip.twins import TwinComparison, TwinDifference


def result() -> RoundTripResult:
    bad = Verdict(
        "b2", "feat: a | b", "versions/a,b.py", "broken", problems=[Problem("downgrade", "50% of\nit: gone", 7)]
    )
    good = Verdict("a1", "feat: first", "versions/first.py", "lossy", declared="<b>old</b>", seconds=[0.1, 0.2, 0.3])
    twins = TwinComparison(
        ("mysql_ops", "sqlite_ops"), 2, problems=[TwinDifference("sqlite_ops", bad, ["column t.a: only on mysql_ops"])]
    )
    return RoundTripResult({"sqlite_ops": ChainResult("SQLite 3", [good, bad])}, twins=[twins])


def test_annotation_escapes_what_github_would_take_for_its_own() -> None:
    first, second = github.errors(result())
    assert first == (
        "::error file=versions/a%2Cb.py,line=7,title=sqlite_ops on SQLite 3::downgrade: 50%25 of%0Ait: gone"
    )
    assert second == (
        "::error file=versions/a%2Cb.py,line=1,title=twins mysql_ops and sqlite_ops::column t.a: only on mysql_ops"
    )


def test_summary_is_a_table_in_which_nothing_breaks_out() -> None:
    lines = github.summary(result()).splitlines()
    assert "### sqlite_ops on SQLite 3: 1 broken" in lines
    assert "| `a1` | feat: first | lossy, declared | 600 | &lt;b>old&lt;/b> |" in lines
    assert "| `b2` | feat: a \\| b | ❌ broken | 0 | downgrade: 50% of<br>it: gone |" in lines
    assert "### twins mysql_ops and sqlite_ops: differ" in lines


def test_models_that_are_ahead_are_not_all_sound() -> None:
    ahead = RoundTripResult({"sqlite_ops": ChainResult("SQLite 3", [result().chains["sqlite_ops"].verdicts[0]])})
    assert "### sqlite_ops on SQLite 3: all sound" in github.summary(ahead).splitlines()
    ahead.chains["sqlite_ops"].models = ["add column t.a"]
    lines = github.summary(ahead).splitlines()
    assert "### sqlite_ops on SQLite 3: the models are ahead of the migrations" in lines
    assert "- ❌ the models are ahead of the migrations: add column t.a" in lines
