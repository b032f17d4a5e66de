"""The pytest plugin: `pytest alembic.ini` runs every revision of the project up, down and up again, one test each.

`--target NAME` chooses targets, `--server IMAGE` another server. Where the project has options of these names, they are
left to it; `--migrations-target` and `--migrations-server` always work. On GitHub each problem is annotated at the
line of the script that causes it, and listed in the job's summary. Without alembic.ini on the command line the plugin
does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alembic_lockstep.errors import NOTHING_RAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.cli.pytest_items import Project

OPTIONS: dict[str, dict[str, Any]] = {
    "target": {"action": "append", "default": [], "help": "a target, such as mysql_agent; default all"},
    "server": {"default": "", "help": "an image for the database server, such as mysql:8.4"},
}
PROJECTS: pytest.StashKey[list[Project]] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser, args: list[str]) -> Iterator[None]:
    """Add the options to a run that names an alembic.ini, after those of the project, whose names are left to it."""
    yield
    if not any(_is_ini(word) for word in args):
        return
    group = parser.getgroup("alembic-lockstep", "round trips of migrations: pytest alembic.ini")
    for name, attributes in OPTIONS.items():
        options = [f"--migrations-{name}", *([f"--{name}"] if _is_free(parser, f"--{name}") else [])]
        group.addoption(*options, dest=f"migrations_{name}", **attributes)


def _is_free(parser: pytest.Parser, option: str) -> bool:
    """Return whether the project has no option of this name."""
    word = f"{option}=x"
    try:
        _known, unknown = parser.parse_known_and_unknown_args([word])
    except (pytest.UsageError, SystemExit):  # it is known, and takes other values
        return False
    return word in unknown


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run in one process: the tests of a target share one walk through its chain."""
    if config.args and all(_is_ini(word) for word in config.args) and config.pluginmanager.hasplugin("xdist"):
        config.option.numprocesses, config.option.dist, config.option.tx = 0, "no", []


def _is_ini(word: str) -> bool:
    return word.partition("::")[0].replace("\\", "/").rpartition("/")[2] == "alembic.ini"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect an alembic.ini that the command line names."""
    if file_path.name != "alembic.ini" or not parent.session.isinitpath(file_path):
        return None
    from alembic_lockstep.cli.pytest_items import Project

    project: Project = Project.from_parent(parent, path=file_path)
    parent.config.stash.setdefault(PROJECTS, []).append(project)
    return project


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Set the exit code that means that no chain could run, for a run of nothing else."""
    projects = _projects(session.config)
    alone = all(any(item.parent is project for project in projects) for item in session.items)
    if exitstatus == 0 and alone and any(project.nothing_ran() for project in projects):
        session.exitstatus = NOTHING_RAN


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write annotations and the summary on GitHub."""
    for project in _projects(config):
        project.report(terminalreporter.write_line)


def _projects(config: pytest.Config) -> list[Project]:
    return config.stash.get(PROJECTS, [])
