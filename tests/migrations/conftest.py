"""`pytest tests/migrations [--target NAME]…`: a case for each revision of each target. Needs nothing else of tests/."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from upgrade import chain, children, targets
from upgrade.roundtrip import Verdicts

if TYPE_CHECKING:
    from upgrade.targets import Target

INI = Path(__file__).parents[2] / "alembic.ini"
NOTHING_RAN = 10
"""The exit code if every test was skipped; noxfile.py knows it."""

_verdicts: dict[str, Verdicts] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--target", action="append", default=[], help="a target, such as mysql_agent; default all")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = targets.select(targets.load(INI), metafunc.config.getoption("--target"))
    if "revision" in metafunc.fixturenames:
        cases = [
            pytest.param(target, script.revision, id=f"{target.name}-{script.revision}")
            for target in chosen
            for script in reversed(list(chain.load(target).walk_revisions()))
        ]
        metafunc.parametrize(("target", "revision"), cases)
    elif "target" in metafunc.fixturenames:
        metafunc.parametrize("target", chosen, ids=[target.name for target in chosen])


@pytest.fixture
def verdicts(target: Target) -> Verdicts:
    """The round trip of a target's whole chain, made once. Without a server it is skipped, in CI it fails."""
    if target.name not in _verdicts:
        ((_target, answer),) = children.run([target], "roundtrip", lambda _target: {}, lambda _target, _text: None)
        if isinstance(answer, children.Fault):
            without = "nothing to run it on" in answer.headline and not os.environ.get("CI")
            (pytest.skip if without else pytest.fail)("\n".join([answer.headline, *answer.detail]))
        _verdicts[target.name] = Verdicts(**answer)
    return _verdicts[target.name]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Say by the exit code that everything was skipped."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter.stats.get("skipped") and not reporter.stats.get("passed"):
        session.exitstatus = NOTHING_RAN
