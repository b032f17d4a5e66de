"""Run workers, a process a target, side by side, and hand on what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from upgrade.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upgrade.targets import Target

PARTING_SECONDS = 8
MOST_AT_ONCE = max(4, os.cpu_count() or 1)


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
    at_once: int = MOST_AT_ONCE,
) -> Iterator[tuple[Target, Any]]:
    """Have each target worked on, and yield each with its result or a Fault as it finishes.

    Args:
        targets: the targets; each gets a process whose DB_TYPE is its dialect.
        command: what `upgrade.worker` should do.
        arguments: what it needs for a target.
        tell: called from other threads with what a worker says while it works.
        at_once: how many run side by side; with 1 the order is kept.
    """
    processes = _Processes()
    pool = ThreadPoolExecutor(at_once)

    def ask(target: Target, given: dict[str, Any]) -> Any:
        request = {"command": command, "ini": str(target.ini), "section": target.section, "arguments": given}
        return _ask(request, {"DB_TYPE": target.dialect}, lambda text: tell(target, text), processes)

    try:
        futures = {pool.submit(ask, target, arguments(target)): target for target in targets}
        for future in as_completed(futures) if at_once > 1 else futures:
            yield futures[future], future.result()
    finally:
        # Also when the caller stops early or is interrupted.
        pool.shutdown(wait=False, cancel_futures=True)
        processes.end()
        pool.shutdown()


def installation(ini: Path) -> list[str]:
    """Return the names of the targets whose live database this installation's settings name.

    Raises:
        MigrationError: the settings cannot be read.
    """
    names: list[str] = checked(_ask({"command": "installation", "ini": str(ini)}, {}, lambda _text: None, _Processes()))
    return names


def _ask(
    request: dict[str, Any], environment: dict[str, str], tell: Callable[[str], None], processes: _Processes
) -> Any:
    answer: Any = None
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
                event = json.loads(line)
                if event["event"] == "tell":
                    tell(event["text"])
                elif event["event"] == "result":
                    answer = event["result"]
                else:
                    answer = Fault(event["headline"], tuple(event["detail"]), event["code"])
        except (BrokenPipeError, ValueError):
            pass  # it was ended; that is told below
        finally:
            process.wait()
            with processes.lock:
                processes.running.discard(process)
        if answer is None:
            said.seek(0)
            last = said.read().splitlines()[-20:]
            return Fault(f"its process ended without an answer (exit code {process.returncode})", tuple(last), 2)
    return answer


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


def checked(answer: Any) -> Any:
    """Return an answer, or raise the Fault that it is.

    Raises:
        MigrationError: with the Fault's exit code.
    """
    if isinstance(answer, Fault):
        error = MigrationError(answer.headline, *answer.detail)
        error.exit_code = answer.code
        raise error
    return answer
