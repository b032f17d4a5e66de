"""The pool with a worker that answers wrongly: every target gets an answer all the same."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.errors import Fault
from alembic_lockstep.project.targets import load
from alembic_lockstep.workers import pool
from tests.support import chains

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

TOP = """
import json
import os
import signal
import sys

request = json.loads(sys.stdin.readline())


def write(text):
    os.write(1, text.encode())


def answer(work):
    section = work["section"]
    write(json.dumps({"section": section, "event": "result", "fields": {"value": section}}) + "\\n")


"""
CUT = 'write(\'{"section": "alembic_sqlite_a", "event": "resu\')\nos.kill(os.getpid(), signal.SIGKILL)'
NONSENSE = "write('nonsense\\n' * 100_000)\nprint('still here', file=sys.stderr)"
ELSEWHERE = 'answer({"section": "alembic_sqlite_elsewhere"})'


@pytest.fixture
def targets(tmp_path: Path) -> list[Target]:
    """Two targets of one project."""
    one = chains.write(tmp_path, "sqlite", "a", [])
    text = one.ini.read_text(encoding="utf-8")
    section = text[text.index("[alembic_sqlite_a]") :]
    one.ini.write_text(text + section.replace("sqlite_a", "sqlite_b"), encoding="utf-8")
    return load(one.ini)


def program(targets: list[Target], body: str) -> None:
    """Write the program of the worker: Python finds it before the real one, since it is in the worker's folder."""
    folder = targets[0].root / "alembic_lockstep" / "workers"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("", encoding="utf-8")
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "worker.py").write_text(TOP + textwrap.dedent(body), encoding="utf-8")


def answers(targets: list[Target], command: str = "roundtrip") -> dict[str, object]:
    return {target.name: answer for target, answer in pool.run(targets, command, lambda _: {}, lambda *_: None)}


@pytest.mark.timeout(60)
def test_line_that_is_cut_off_is_a_fault_with_the_exit_code(targets: list[Target]) -> None:
    program(targets, CUT)
    fault = Fault("no-answer", "its process ended without an answer (exit code -9)")
    assert answers(targets) == {"sqlite_a": fault, "sqlite_b": fault}


@pytest.mark.timeout(60)
def test_answers_before_a_line_that_is_cut_off_count(targets: list[Target]) -> None:
    program(targets, f"answer(request['work'][0])\n{CUT}")
    assert answers(targets) == {"sqlite_a": "alembic_sqlite_a", "sqlite_b": "alembic_sqlite_b"}


@pytest.mark.timeout(60)
def test_first_answer_of_a_live_command_that_is_cut_off_is_a_fault(targets: list[Target]) -> None:
    program(targets, CUT)
    found = answers(targets, "upgrade")
    assert [isinstance(answer, Fault) and answer.kind for answer in found.values()] == ["no-answer", "no-answer"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("body", "error"), [(NONSENSE, "JSONDecodeError"), (ELSEWHERE, "KeyError")])
def test_line_that_is_no_answer_is_a_fault_for_every_target(targets: list[Target], body: str, error: str) -> None:
    program(targets, body)
    for answer in answers(targets).values():
        assert isinstance(answer, Fault)
        assert answer.kind == "unexpected"
        assert answer.headline.startswith(f"unexpected {error}: ")
        assert answer.detail[0].startswith("Traceback")
