"""The pool with a worker that answers wrongly: every target gets an answer all the same."""

from __future__ import annotations

import os
import signal
import textwrap
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.errors import Fault
from alembic_lockstep.project.targets import load
from alembic_lockstep.workers import pool
from tests.support import chains

if TYPE_CHECKING:
    from collections.abc import Iterator
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
LONG = """
write('{"section": "alembic_sqlite_a", "event": "result", "fields": {"value": "' + "x" * 1_000_000)
os.kill(os.getpid(), signal.SIGKILL)
"""
# A process of the project that has the worker's pipe, too, and lives on.
HEIR = """
import time
from pathlib import Path

heir = os.fork()
if not heir:
    with Path(request["ini"]).with_name("heirs").open("a") as file:
        print(os.getpid(), file=file)
    time.sleep(300)
while str(heir) not in Path(request["ini"]).with_name("heirs").read_text().split():
    time.sleep(0.01)
"""
KILLED = "its process was killed (signal 9), as the system does when memory runs out"
NONSENSE = "write('nonsense\\n{}\\n[5]\\n' * 100_000)\nprint('still here', file=sys.stderr)\n"
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


@pytest.fixture
def heirs(targets: list[Target]) -> Iterator[Path]:
    """The file with the processes that HEIR starts; they are ended afterwards."""
    file = targets[0].root / "heirs"
    file.touch()
    yield file
    for heir in file.read_text(encoding="utf-8").split():
        os.kill(int(heir), signal.SIGKILL)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("body", [CUT, LONG], ids=["short", "long"])
def test_line_that_is_cut_off_is_a_fault_with_the_signal(targets: list[Target], body: str) -> None:
    program(targets, body)
    fault = Fault("no-answer", KILLED)
    assert answers(targets) == {"sqlite_a": fault, "sqlite_b": fault}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", ["roundtrip", "upgrade"])
def test_killed_worker_is_not_waited_for_while_its_children_live(
    targets: list[Target], heirs: Path, command: str
) -> None:
    program(targets, f"{HEIR}\n{CUT}")
    detail = ("A revision that was running may be half-way on a server. Look before you go on: invoke status",)
    fault = Fault("no-answer", KILLED, detail if command == "upgrade" else ())
    assert answers(targets, command) == {"sqlite_a": fault, "sqlite_b": fault}
    assert heirs.read_text(encoding="utf-8")


@pytest.mark.timeout(60)
def test_children_that_live_on_do_not_hold_up_answers(targets: list[Target], heirs: Path) -> None:
    program(targets, f"{HEIR}\nfor work in request['work']: answer(work)")
    assert answers(targets) == {"sqlite_a": "alembic_sqlite_a", "sqlite_b": "alembic_sqlite_b"}
    assert heirs.read_text(encoding="utf-8")


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
def test_lines_that_are_no_events_are_shown_if_there_is_no_answer(targets: list[Target]) -> None:
    program(targets, NONSENSE)
    for answer in answers(targets).values():
        assert isinstance(answer, Fault)
        assert answer.headline == "its process ended without an answer (exit code 0)"
        assert {"nonsense", "{}", "[5]", "still here"} == set(answer.detail)


@pytest.mark.timeout(60)
def test_lines_that_are_no_events_do_not_hide_answers(targets: list[Target]) -> None:
    program(targets, f"{NONSENSE}for work in request['work']: answer(work)")
    assert answers(targets) == {"sqlite_a": "alembic_sqlite_a", "sqlite_b": "alembic_sqlite_b"}


@pytest.mark.timeout(60)
def test_answer_about_another_target_is_a_fault_for_every_target(targets: list[Target]) -> None:
    program(targets, ELSEWHERE)
    for answer in answers(targets).values():
        assert isinstance(answer, Fault)
        assert answer.kind == "unexpected"
        assert answer.headline.startswith("unexpected KeyError: ")
        assert answer.detail[0].startswith("Traceback")
