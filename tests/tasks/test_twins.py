"""`invoke migration` where one database would come to differ on two dialects."""

from __future__ import annotations

import runpy
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

BOTH = ("--db", "*_agent")
DIFFERS = 'note: Mapped[str | None] = mapped_column(String(20 if BigId is BigInteger else 30), default="x")'
JOB = "openjiuwen_studio/ops_models/job.py"


def made(project: Project, target: str) -> list[Path]:
    return [path for path in project.versions(target) if "feat_change" in path.name]


def test_difference_is_refused_and_told(project: Project) -> None:
    project.add_column(DIFFERS)
    before = project.revisions()
    done = project.migration(*BOTH)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line.endswith(" (draft)") for line in lines if line.startswith("✓")] == [True, True]
    assert lines[-8:-3] == [
        "✗ twins mysql_agent and sqlite_agent would differ",
        "    column tag.note: type string(20) on mysql_agent, string(30) on sqlite_agent",
        (
            'If that is intended, give the reason: invoke migration --continue --twins "…". '
            "Otherwise make both dialects produce the same schema."
        ),
        "Nothing was written, so that all databases stay in step.",
        "These scripts are a draft:",
    ]
    assert project.revisions() == before


def test_reason_stands_in_the_script_of_one_and_no_round_trip_complains(mysql_project: Project) -> None:
    mysql_project.add_column(DIFFERS)
    reason = 'weil\nes "so" \\ ist 🙂' + " and so it is" * 20
    done = mysql_project.migration(*BOTH, "--twins", reason)
    assert done.returncode == 0, done.stdout
    assert "twins mysql_agent and sqlite_agent differ from here on: weil" in done.stdout
    (mysql,), (sqlite,) = (made(mysql_project, target) for target in ("mysql_agent", "sqlite_agent"))
    assert runpy.run_path(str(mysql))["twins"] == reason
    assert "twins" not in runpy.run_path(str(sqlite))
    for words in (["check"], ["format", "--check"]):
        looked = mysql_project.run(sys.executable, "-m", "ruff", *words, str(mysql), str(sqlite))
        assert looked.returncode == 0, looked.stdout
    tried = mysql_project.invoke("roundtrip", *BOTH)
    assert tried.returncode == 0, tried.stdout
    assert "the same at 2 of 2 places, 2 declared" in tried.stdout


def test_index_of_one_alone_is_a_difference_and_its_script_has_the_reason(project: Project) -> None:
    project.edit(
        "openjiuwen_studio/models/tag.py",
        '__table_args__ = (UniqueConstraint("space_id", "tag_name"),)',
        '__table_args__ = (UniqueConstraint("space_id", "tag_name"), *(\n'
        '        () if BigId is BigInteger else (Index(None, "tag_color"),)\n'
        "    ))",
    )
    refused = project.migration(*BOTH)
    assert "    index (tag_color) of tag: only on sqlite_agent" in refused.stdout.splitlines()
    assert project.invoke("migration", "--continue", "--twins", "why not").returncode == 0
    (script,) = made(project, "sqlite_agent")
    assert 'twins: str = "why not"' in script.read_text(encoding="utf-8")
    assert made(project, "mysql_agent") == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [("for nothing", "--twins 'for nothing' is not needed"), (" ", "--twins must be a reason in words")],
)
def test_reason_without_a_difference_is_refused(project: Project, reason: str, told: str) -> None:
    project.add_column()
    before = project.files()
    done = project.migration(*BOTH, "--twins", reason)
    assert done.returncode == 2
    assert told in done.stderr
    assert project.files() == before


def test_one_target_alone_is_compared_with_nobody_and_says_so(project: Project) -> None:
    project.add_column(DIFFERS)
    refused = project.migration("--db", "mysql_agent", "--twins", "why not")
    assert refused.returncode == 2
    assert "is not needed: no two targets of one database are compared" in refused.stderr
    done = project.migration("--db", "mysql_agent")
    assert done.returncode == 0, done.stdout
    assert "    not compared with its twin sqlite_agent, which was not chosen" in done.stdout.splitlines()


def test_difference_beside_a_rename_is_seen(project: Project) -> None:
    project.edit(
        "openjiuwen_studio/models/tag.py",
        "    tag_color: Mapped[str | None] = mapped_column(String(20))",
        f"    {DIFFERS}\n    colour: Mapped[str | None] = mapped_column(String(20))",
    )
    done = project.migration(*BOTH, "--rename", "tag.tag_color:colour")
    assert done.returncode == 1, done.stdout
    assert [line for line in done.stdout.splitlines() if " on sqlite_agent" in line] == [
        "    column tag.note: type string(20) on mysql_agent, string(30) on sqlite_agent"
    ]


def test_other_databases_are_kept_if_that_is_wanted(project: Project) -> None:
    project.add_column(DIFFERS)
    name = '    __tablename__ = "job_user_info"\n'
    project.edit(JOB, name, f"{name}    x: Mapped[int | None]\n")
    done = project.migration("--keep-partial")
    assert done.returncode == 1
    assert len(project.drafts("*_agent")) == len(project.drafts()) == 2
    assert [len(made(project, f"{dialect}_ops")) for dialect in ("mysql", "sqlite")] == [1, 1]
    assert [len(made(project, f"{dialect}_agent")) for dialect in ("mysql", "sqlite")] == [0, 0]
