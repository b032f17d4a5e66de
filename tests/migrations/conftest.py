"""`pytest tests/migrations [--target NAME]… [--server IMAGE]`: a case for each revision. Needs nothing else of tests/.

On GitHub what is wrong stands at the line of the script that is to blame, and in the job's summary.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from upgrade import cases, chain, github, source, targets, trial, twins
from upgrade.errors import NO_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upgrade.targets import Target
    from upgrade.verdict import Trip

INI = Path(__file__).parents[2] / "alembic.ini"
NOTHING_RAN = 10
"""The exit code if no chain was walked, for want of a server; noxfile.py knows it."""

_trials: dict[str, trial.Trial] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--target", action="append", default=[], help="a target, such as mysql_agent; default all")
    parser.addoption("--server", default="", help="an image for the MySQL server, such as mysql:8.4")


@pytest.fixture(scope="session", autouse=True)
def server(pytestconfig: pytest.Config) -> Iterator[None]:
    """The server that --server names."""
    with trial.served_from(pytestconfig.getoption("--server")):
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    known = targets.load(INI)
    chosen = targets.select(known, metafunc.config.getoption("--target"))
    if "revision" in metafunc.fixturenames:
        revisions = [
            pytest.param(
                target,
                script.revision,
                id=f"{target.name}-{script.revision}-{source.slug(script.path, script.revision)}",
            )
            for target in chosen
            for script in reversed(list(chain.load(target).walk_revisions()))
        ]
        metafunc.parametrize(("target", "revision"), revisions)
    elif "twin" in metafunc.fixturenames:
        by_name = {target.name: target for target in known}
        pairs = [(by_name[one], by_name[other]) for one, other in twins.pairs(list(by_name)) if by_name[one] in chosen]
        ids = [f"{target.name}-{twin.name}" for target, twin in pairs]
        metafunc.parametrize(("target", "twin"), pairs, ids=ids)
    elif "target" in metafunc.fixturenames:
        metafunc.parametrize("target", chosen, ids=[target.name for target in chosen])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out a test that has no case: a target whose twin stands before it in alembic.ini is compared there."""
    items[:] = [item for item in items if not item.name.endswith("[NOTSET]")]
    for item in items:  # the first one of a target walks the whole chain, and may have to pull an image before
        item.add_marker(pytest.mark.timeout(3600))


def trip_of(target: Target) -> Trip:
    """Return the round trip of a target's whole chain, made once. Without a server it is skipped, in CI it fails."""
    if target.name not in _trials:
        _trials[target.name] = trial.run([target], lambda _target, _text: None, lambda _target, _found: None)
    made = _trials[target.name]
    fault = made.faults.get(target.name)
    if fault is not None:
        without = NO_SERVER in fault.headline and not os.environ.get("CI")
        (pytest.skip if without else pytest.fail)("\n".join([fault.headline, *fault.detail]))
    return made.trips[target.name]


@pytest.fixture
def trip(target: Target) -> Trip:
    return trip_of(target)


@pytest.fixture
def pair(target: Target, twin: Target) -> twins.Twins:
    """Two targets of one database, compared."""
    found = twins.compare((target.name, twin.name), (trip_of(target), trip_of(twin)))
    _trials[target.name].twins.append(found)
    return found


@pytest.fixture
def strays() -> list[str]:
    """The data cases that belong to no revision of any target."""
    scripts = [script for target in targets.load(INI) for script in chain.load(target).walk_revisions()]
    return cases.strays(INI.parent, {name for script in scripts for name in cases.names(script)})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Say by the exit code that no chain was walked."""
    if exitstatus == 0 and _trials and all(made.faults for made in _trials.values()):
        session.exitstatus = NOTHING_RAN


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    chosen = targets.select(targets.load(INI), config.getoption("--target"))  # a twin's own session tells of the twin
    told = [_trials[target.name] for target in chosen if target.name in _trials]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for made in told:
            for line in github.errors(made):
                terminalreporter.write_line(line)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.writelines(github.summary(made) for made in told)
