"""Run workers side by side, each for targets of one dialect, and hand on what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from upgrade.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upgrade.targets import Target

PARTING_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a worker has no result.

    Attributes:
        headline: in one line.
        detail: further lines.
        code: the exit code that it asks for.
    """

    headline: str
    detail: tuple[str, ...]
    code: int


@dataclass(slots=True)
class _Processes:
    """The workers that run now, so that all of them can be ended."""

    running: set[subprocess.Popen[str]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: bool = False

    def add(self, process: subprocess.Popen[str]) -> None:
        """Add one; where the others were ended while it started, let it end before it is asked anything."""
        with self.lock:
            self.running.add(process)
            if self.over and process.stdin is not None:
                process.stdin.close()

    def remove(self, process: subprocess.Popen[str]) -> None:
        """Remove one that has ended."""
        with self.lock:
            self.running.discard(process)

    def end(self) -> None:
        """Let the workers tidy up after themselves; end those that do not."""
        with self.lock:
            self.over = True
            running = list(self.running)
        for process in running:
            if process.stdin is not None:
                process.stdin.close()
        for process in running:
            try:
                process.wait(PARTING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def run(
    targets: list[Target],
    command: str,
    arguments: Callable[[Target], dict[str, Any]],
    tell: Callable[[Target, str], None],
    *,
    in_turn: bool = False,
) -> Iterator[tuple[Target, Any]]:
    """Have the targets worked on, and yield each with its result or a Fault as it finishes.

    Args:
        targets: the targets; each is worked on in a process whose DB_TYPE is its dialect.
        command: what `upgrade.worker` should do.
        arguments: what it needs for a target.
        tell: called from other threads with what a worker says while it works.
        in_turn: keep the order, and begin the next only when it is asked for.
    """
    processes = _Processes()
    answers: SimpleQueue[tuple[Target, Any]] = SimpleQueue()
    groups = [[target] for target in targets] if in_turn else _groups(targets)
    pool = ThreadPoolExecutor(len(groups))
    try:
        for group in groups:
            work = [(target, arguments(target)) for target in group]
            pool.submit(_work, work, command, tell, lambda *answer: answers.put(answer), processes)
            if in_turn:
                yield answers.get()
        for _target in [] if in_turn else targets:
            yield answers.get()
    finally:
        # Also when the caller stops early or is interrupted.
        processes.end()
        pool.shutdown()


def _groups(targets: list[Target]) -> list[list[Target]]:
    """Share the targets out: a process sees one dialect, and costs a second of imports, so no more than processors."""
    dialects = {target.dialect: [other for other in targets if other.dialect == target.dialect] for target in targets}
    each = max(1, (os.cpu_count() or 1) // len(dialects))
    shares = [same[start::each] for same in dialects.values() for start in range(each)]
    return [share for share in shares if share]


def _work(
    work: list[tuple[Target, dict[str, Any]]],
    command: str,
    tell: Callable[[Target, str], None],
    answer: Callable[[Target, Any], None],
    processes: _Processes,
) -> None:
    """Have targets of one dialect worked on by one process; answer for each, whatever becomes of it."""
    waiting = {target.section: target for target, _arguments in work}
    first = work[0][0]
    request = {
        "ini": str(first.ini),
        "command": command,
        "work": [{"section": target.section, "arguments": given} for target, given in work],
    }

    def hear(event: dict[str, Any]) -> None:
        target = waiting[event["section"]]
        if event["event"] == "tell":
            tell(target, event["text"])
        else:
            answer(waiting.pop(target.section), _answer(event))

    try:
        end = _ask(request, {"DB_TYPE": first.dialect}, hear, processes)
    except OSError as error:
        end = Fault(f"its process cannot be started: {error.strerror}", (), 2)
    for target in waiting.values():
        answer(target, end)


def _answer(event: dict[str, Any]) -> Any:
    if event["event"] == "result":
        return event["result"]
    return Fault(event["headline"], tuple(event["detail"]), event["code"])


def installation(ini: Path) -> list[str]:
    """Return the names of the targets whose live database this installation's settings name.

    Raises:
        MigrationError: the settings cannot be read.
    """
    answers: list[Any] = []
    request = {"ini": str(ini), "command": "installation", "work": [{"section": "", "arguments": {}}]}
    end = _ask(request, {}, lambda event: answers.append(_answer(event)), _Processes())
    answer = answers[0] if answers else end
    if isinstance(answer, Fault):
        raise MigrationError(answer.headline, *answer.detail)
    names: list[str] = answer
    return names


def _ask(
    request: dict[str, Any],
    environment: dict[str, str],
    hear: Callable[[dict[str, Any]], None],
    processes: _Processes,
) -> Fault:
    """Start a worker, hand it a request, and hand on its events; return what to say where it left one out."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        _start(Path(request["ini"]).parent, environment, said) as process,
    ):
        processes.add(process)
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                hear(json.loads(line))
        except (BrokenPipeError, ValueError):
            pass  # it was ended; that is told below
        finally:
            process.wait()
            processes.remove(process)
        said.seek(0)
        last = said.read().splitlines()[-20:]
        return Fault(f"its process ended without an answer (exit code {process.returncode})", tuple(last), 2)


def _start(root: Path, environment: dict[str, str], said: IO[str]) -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), str(root), os.environ.get("PYTHONPATH")]))
    # A group of its own: Ctrl-C is the parent's to handle.
    group: dict[str, Any] = (
        {"process_group": 0} if os.name == "posix" else {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
    )
    return subprocess.Popen(
        [sys.executable, "-m", "upgrade.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        cwd=root,
        # Alembic goes over sets: with one seed for their order scripts are the same on every machine.
        env={**os.environ, **environment, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        encoding="utf-8",
        **group,
    )
