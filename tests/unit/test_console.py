from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.errors import Fault
from alembic_lockstep.project.targets import load
from alembic_lockstep.reports.console import Report
from tests.conftest import ROOT

if TYPE_CHECKING:
    import pytest


def test_cause_that_several_targets_share_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    for target in load(ROOT / "alembic.ini")[:3]:
        report.fault_of(
            target, len(target.label), Fault("no-server", f"{target.name}: nothing to run it on", ("no Docker",))
        )
    first, detail, *others = capsys.readouterr().out.splitlines()
    assert first.endswith(": nothing to run it on")
    assert detail == "    no Docker"
    label = first.removeprefix("✗ ").partition(":")[0]
    assert [line.partition(": ")[2] for line in others] == [f"the same as for {label}"] * 2
