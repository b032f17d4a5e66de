"""Run workers side by side, each for targets of one dialect, and hand on what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from alembic_lockstep.errors import Fault, MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target

PARTING_SECONDS = 8
LET_GO = "end\n"


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
            if self.over:
                _let_go(process)

    def remove(self, process: subprocess.Popen[str]) -> None:
        """Remove one that has ended."""
        with self.lock:
            self.running.discard(process)

    def end(self, seconds: int | None) -> None:
        """Let the workers tidy up after themselves; end those that take longer than `seconds`."""
        with self.lock:
            self.over = True
            running = list(self.running)
        for process in running:
            _let_go(process)
        for process in running:
            try:
                process.wait(seconds)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.kill()


def _let_go(process: subprocess.Popen[str]) -> None:
    """Tell a worker to end, and close its standard input. Without the word it knows that its parent was killed."""
    if process.stdin is None or process.stdin.closed:
        return
    with suppress(OSError, ValueError):
        process.stdin.write(LET_GO)
        process.stdin.flush()
    with suppress(OSError, ValueError):  # what was not sent is not needed any more
        process.stdin.close()


def run(
    targets: list[Target],
    command: str,
    arguments: Callable[[Target], dict[str, Any]],
    tell: Callable[[Target, str], None],
    *,
    in_turn: bool = False,
) -> Iterator[tuple[Target, Any]]:
    """Have the targets worked on, and yield each with its result or a Fault as it finishes.

    The targets of one dialect share a process, since most of its time goes into imports; what cannot be done together
    is done again in a process for each.

    Args:
        targets: the targets; each is worked on in a process whose DB_TYPE is its dialect.
        command: what `alembic_lockstep.workers.worker` should do.
        arguments: what it needs for a target.
        tell: called with what a worker says while it works.
        in_turn: for live databases. A process for each, in this order, begun only when it is asked for; an
            interrupted one finishes the revision that is running.
    """
    processes = _Processes()
    events: SimpleQueue[tuple[Target, str | None, Any]] = SimpleQueue()
    dialects = dict.fromkeys(target.dialect for target in targets)
    groups = [[other for other in targets if other.dialect == dialect] for dialect in dialects]
    if in_turn:
        groups = [[target] for target in targets]

    def finished(number: int) -> Iterator[tuple[Target, Any]]:
        while number:
            target, text, answer = events.get()
            if text is not None:
                tell(target, text)
            else:
                number -= 1
                yield target, answer

    pool = ThreadPoolExecutor(len(groups))
    try:
        for group in groups:
            pool.submit(_work, [(target, arguments(target)) for target in group], command, events, processes)
            if in_turn:
                yield from finished(1)
        if not in_turn:
            yield from finished(len(targets))
    except KeyboardInterrupt:
        if in_turn:
            print("Waiting for the revision that is running; Ctrl-C again breaks it off.", file=sys.stderr)
        raise
    finally:
        # Also when the caller stops early or is interrupted.
        processes.end(None if in_turn else PARTING_SECONDS)
        pool.shutdown()


def _work(
    work: list[tuple[Target, dict[str, Any]]],
    command: str,
    events: SimpleQueue[tuple[Target, str | None, Any]],
    processes: _Processes,
) -> None:
    """Have targets of one dialect worked on by one process; there is an answer for each, whatever becomes of it."""
    waiting = {target.section: target for target, _arguments in work}
    request = {
        "ini": str(work[0][0].ini),
        "command": command,
        "work": [{"section": target.section, "arguments": given} for target, given in work],
    }

    def hear(event: dict[str, Any]) -> None:
        target = waiting[event["section"]]
        if event["event"] == "tell":
            events.put((target, event["text"], None))
        else:
            del waiting[target.section]
            events.put((target, None, _answer(event)))

    try:
        end = _ask(request, {"DB_TYPE": work[0][0].dialect}, hear, processes)
    except OSError as error:
        end = Fault(f"its process cannot be started: {error.strerror}", (), 2)
    left = [(target, given) for target, given in work if target.section in waiting]
    for target, given in left:
        if len(work) > 1 and not processes.over:
            _work([(target, given)], command, events, processes)
        else:
            events.put((target, None, end))


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
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(OSError, ValueError):  # it was ended before it was asked
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
            for line in process.stdout:
                hear(json.loads(line))
        finally:
            _let_go(process)
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
        [sys.executable, "-m", "alembic_lockstep.workers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        cwd=root,
        # Alembic goes over sets: with one seed for their order scripts are the same on every machine.
        env={**os.environ, **environment, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        encoding="utf-8",
        **group,
    )
