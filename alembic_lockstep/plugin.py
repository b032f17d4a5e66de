"""The pytest plugin: `pytest alembic.ini` runs every revision of the project up, down and up again, one test each.

`--target NAME` chooses targets, `--server IMAGE` another server. On GitHub each problem is annotated at the line of the
script that causes it, and listed in the job's summary. Without alembic.ini on the command line the plugin does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alembic_lockstep.errors import NOTHING_RAN

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.cli.pytest_items import Project

PROJECTS: pytest.StashKey[list[Project]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("alembic-lockstep", "round trips of migrations: pytest alembic.ini")
    group.addoption("--target", action="append", default=[], help="a target, such as mysql_agent; default all")
    group.addoption("--server", default="", help="an image for the database server, such as mysql:8.4")


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
    """Set the exit code that means that no chain could run."""
    if exitstatus == 0 and any(project.nothing_ran() for project in _projects(session.config)):
        session.exitstatus = NOTHING_RAN


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write annotations and the summary on GitHub."""
    for project in _projects(config):
        project.report(terminalreporter.write_line)


def _projects(config: pytest.Config) -> list[Project]:
    return config.stash.get(PROJECTS, [])
