"""One worker process: it is started, asked once, listened to, and ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from alembic_lockstep.errors import Fault
from alembic_lockstep.workers import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alembic_lockstep.workers.protocol import Event, Request

LAST_LINES = 20
"""So many lines of what a worker has printed are shown if it ends without an answer."""


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """A worker that runs.

    Attributes:
        process: the child process.
        output: the file with what the worker and the project's models print.
    """

    process: subprocess.Popen[str]
    output: IO[str]

    def ask(self, request: Request) -> Iterator[tuple[str, Event]]:
        """Send the only request, and yield each event with the section that it is about, until the worker ends.

        Raises:
            ValueError: a line is not an event.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(OSError, ValueError):  # another thread has ended the worker before it was asked
            self.process.stdin.write(protocol.encode_request(request))
            self.process.stdin.flush()
        for line in self.process.stdout:
            if not line.endswith("\n"):  # the worker was killed while it wrote its last line
                return
            yield protocol.decode_event(line)

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

    def drain(self) -> None:
        """Read what nobody has read, so that the worker does not wait for ever until it can write."""
        assert self.process.stdout is not None
        for _line in self.process.stdout:
            pass

    def wait_or_kill(self, seconds: int | None) -> None:
        """Wait for the end of the worker, and kill it after so many seconds; None waits as long as it takes."""
        try:
            self.process.wait(seconds)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.kill()

    def missing_answer(self) -> Fault:
        """Wait for the end of the worker; return the fault of each target that it has left without an answer."""
        self.request_end()
        self.process.wait()
        self.output.seek(0)
        last = self.output.read().splitlines()[-LAST_LINES:]
        headline = f"its process ended without an answer (exit code {self.process.returncode})"
        return Fault("no-answer", headline, tuple(last))


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
        worker = WorkerProcess(process, output)
        try:
            yield worker
        finally:
            worker.request_end()
            worker.drain()
            process.wait()


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
