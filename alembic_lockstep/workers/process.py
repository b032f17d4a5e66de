"""One worker process: it is started, asked once, listened to, and ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from alembic_lockstep.errors import Fault
from alembic_lockstep.workers import protocol
from alembic_lockstep.workers.protocol import Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alembic_lockstep.workers.protocol import Event, Request

LAST_LINES = 20
"""So many lines of what a worker has printed are shown if it ends without an answer."""
KILL = 9
POLL_SECONDS = 0.5
"""So often it is asked whether a silent worker still lives; after its end what it wrote arrives within this time."""


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """A worker that runs.

    Attributes:
        process: the child process.
        output: the file with what the worker and the project's models print.
        lines: what the worker has written to its standard output; None at its end.
        strays: lines of it that are no events, written by something that started before the worker's own program.
    """

    process: subprocess.Popen[str]
    output: IO[str]
    lines: SimpleQueue[str | None]
    strays: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def ask(self, request: Request) -> Iterator[tuple[str, Event]]:
        """Send the only request; yield each event with its section until each has its answer or the worker ends."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # another thread has ended the worker before it was asked
            self.process.stdin.write(protocol.encode_request(request))
            self.process.stdin.flush()
        unanswered = len(request.work)
        while unanswered and (line := self._next_line()) is not None:
            try:
                section, event = protocol.decode_event(line)
            except (ValueError, KeyError, TypeError):
                if line.endswith("\n"):  # otherwise the worker was killed while it wrote the line
                    self.strays.append(line[:-1])
                continue
            unanswered -= isinstance(event, (Result, Fault))
            yield section, event

    def _next_line(self) -> str | None:
        """Wait for a line of the worker; None if it has ended.

        A process that a revision or a model has started may outlive the worker and keep its pipe open.
        """
        while True:
            ended = self.process.poll() is not None
            with suppress(Empty):
                return self.lines.get(timeout=POLL_SECONDS)
            if ended:
                return None

    def request_end(self) -> None:
        """Ask the worker to end, which it does after some tidying up."""
        stdin = self.process.stdin
        if stdin is None or stdin.closed:
            return
        with suppress(OSError, ValueError):
            stdin.write(protocol.END)
            stdin.flush()
        with suppress(OSError, ValueError):  # what could not be sent is not needed any more
            stdin.close()

    def wait_or_kill(self, seconds: int | None) -> None:
        """Wait for the end of the worker, and kill it after so many seconds; None waits as long as it takes."""
        try:
            self.process.wait(seconds)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.kill()

    def missing_answer(self, *, live: bool) -> Fault:
        """Wait for the end of the worker; return the fault of each target that it has left without an answer.

        Args:
            live: whether it worked on a live database, which it can have left half-way.
        """
        self.request_end()
        self.process.wait()
        self.output.seek(0)
        last = [*self.strays, *self.output.read().splitlines()][-LAST_LINES:]
        half_way = "A revision that was running may be half-way on a server. Look before you go on: invoke status"
        return Fault("no-answer", _end(self.process.returncode), (*([half_way] if live else []), *last))


def _end(code: int) -> str:
    """Return how a process without an answer has ended; Popen gives a signal as a negative exit code."""
    if code >= 0:
        return f"its process ended without an answer (exit code {code})"
    memory = ", as the system does when memory runs out" if -code == KILL else ""
    return f"its process was killed (signal {-code}){memory}"


@contextmanager
def started(root: Path, environment: Mapping[str, str]) -> Iterator[WorkerProcess]:
    """Start a worker; it is ended when the block is left.

    Args:
        root: the project's root, which is the worker's working directory.
        environment: what its environment has in addition to that of this process.

    Raises:
        OSError: the process cannot be started.
    """
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output,
        _start(root, environment, output) as process,
    ):
        worker = WorkerProcess(process, output, SimpleQueue())
        # The process forgets its pipe: it cannot be closed while a thread waits in it.
        stream, process.stdout = process.stdout, None
        threading.Thread(target=_read, args=[stream, worker.lines], daemon=True).start()
        try:
            yield worker
        finally:
            worker.request_end()
            process.wait()


def _read(stream: IO[str], lines: SimpleQueue[str | None]) -> None:
    """Read all that a worker writes, so that it never waits until it can write."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _start(root: Path, environment: Mapping[str, str], output: IO[str]) -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    # A process group of its own: Ctrl-C reaches the command only, which decides what its workers do.
    group: dict[str, Any] = (
        {"process_group": 0} if os.name == "posix" else {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
    )
    return subprocess.Popen(
        [sys.executable, "-m", "alembic_lockstep.workers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        cwd=root,
        # Alembic iterates over sets: with a fixed hash seed scripts are the same on every machine.
        env={**os.environ, **environment, "PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        encoding="utf-8",
        errors="replace",  # a line that was cut off can end within a character
        **group,
    )
