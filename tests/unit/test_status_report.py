"""What `invoke status` prints on terminals of different widths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.live.results import Status
from alembic_lockstep.reports import status
from alembic_lockstep.reports.console import Report

if TYPE_CHECKING:
    import pytest

ID = "6016cfdb426a"
FOUND = [
    Status("sqlite_agent", "data/agent.db", ID, ID, 0, "in step", "", reachable=True),
    Status("sqlite_ops", "data/ops.db", None, ID, 1, "in step", "invoke upgrade --db sqlite_ops", reachable=True),
]


def printed(capsys: pytest.CaptureFixture[str], width: int) -> str:
    report = Report()
    report.out.width = width
    status.overview(report, FOUND)
    return capsys.readouterr().out


def test_wide_terminal_gets_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, 120).splitlines()
    assert lines[0].split() == ["target", "database", "at", "head", "pending", "models", "note"]
    assert len(lines) == 3


def test_narrow_terminal_gets_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(capsys, 60)
        == f"""\
sqlite_agent
    database  data/agent.db
    at  {ID}
    head  {ID}
    pending  0
    models  in step
sqlite_ops
    database  data/ops.db
    at  –
    head  {ID}
    pending  1
    models  in step
    note  invoke upgrade --db sqlite_ops
"""
    )
