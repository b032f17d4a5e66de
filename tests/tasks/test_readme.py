from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tasks import namespace
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.conftest import Project

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block.split("\n") for block in re.findall(r"^ *```sh\n(.*?)\n *```", README, re.DOTALL | re.MULTILINE)]
ROWS = re.findall(r"^\| `((?:python|\./migrate).*?)` \| `(.*?)` \|$", README, re.MULTILINE)


@pytest.fixture
def installed(project: Project) -> Project:
    programs = Path(sys.executable).parent
    project.env["PATH"] = f"{programs}:/usr/bin:/bin"
    project.env["MYSQL_IMAGE"] = "there.is/no-such-image"
    return project


def run(project: Project, line: str) -> None:
    words = shlex.split(line.strip().rpartition("&& .venv/bin/")[2])
    if words[0] == "nox":
        words.append("--list")  # what it does is what runs this test
    if "downgrade" in words:
        words.append("--yes")  # nobody can answer here
    done = project.run(*words)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("block", BLOCKS, ids=[block[0].strip()[-40:] for block in BLOCKS])
def test_block_runs(installed: Project, block: list[str]) -> None:
    for line in block:
        run(installed, line)


def test_old_and_new_commands_run(installed: Project, live: Project) -> None:
    assert len(ROWS) == 5
    assert installed.invoke("upgrade", "--db", "mysql_*", "--create").returncode == 0
    for before, now in ROWS:
        run(installed, before)
        run(installed, now)


@pytest.mark.parametrize("name", sorted(namespace.tasks))
def test_task_is_told_with_every_flag(project: Project, name: str) -> None:
    assert f"`invoke {name}`" in README
    text = project.invoke("--help", name).stdout
    for line in text.partition("Options:")[2].splitlines():
        flag = re.match(r"  (?:-\w(?: \w+)?, )?(--[a-z-]+)(?:=\w+)?   .*\w", line)
        if line.startswith("  -"):
            assert flag, f"no help: {line}"
            assert flag.group(1) in README


def test_ci_calls_the_test_command_of_the_readme() -> None:
    command = next(line for line in README.splitlines() if line.endswith("&& .venv/bin/nox"))
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
