"""Run a command for several targets, in one worker process for each dialect."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import Fault
from alembic_lockstep.workers.process import started
from alembic_lockstep.workers.protocol import Request, Result, Work
from alembic_lockstep.workers.work import COMMANDS, INSTALLATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.progress import Notice, Progress
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.workers.process import WorkerProcess
    from alembic_lockstep.workers.protocol import Event

END_SECONDS = 8
"""So long a worker may take to tidy up."""


def run(
    targets: list[Target],
    command: str,
    arguments: Callable[[Target], dict[str, Any]],
    notify: Callable[[Target, Progress | Notice], None],
    *,
    on_interrupt: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Target, Any]]:
    """Run a command for targets, and yield each target with its result or a Fault as soon as it is finished.

    The targets of one dialect share a process, since imports take most of its time. Targets that cannot be worked on
    in the same process are tried again, each in a process of its own.
    Live databases are worked on one after another, each in a process of its own that is started when the caller asks
    for the next result; if interrupted, the revision that is running is finished first.

    Args:
        targets: the targets; each is worked on in a process whose DB_TYPE is its dialect.
        command: the name of one of `alembic_lockstep.workers.work.COMMANDS`.
        arguments: returns what the command needs for a target.
        notify: called with what a worker reports while it works on a target.
        on_interrupt: called after Ctrl-C, before the workers are waited for.
    """
    is_live = COMMANDS[command].is_live
    workers = _Workers(command, {target.name: arguments(target) for target in targets})
    executor = ThreadPoolExecutor(len(targets))
    groups = [[target] for target in targets] if is_live else _by_dialect(targets)
    try:
        for together in [[group] for group in groups] if is_live else [groups]:
            for group in together:
                executor.submit(workers.work_on, group)
            yield from workers.results(sum(len(group) for group in together), notify)
    except KeyboardInterrupt:
        on_interrupt()
        raise
    finally:  # also when the caller needs no more results, or is interrupted
        workers.end(None if is_live else END_SECONDS)
        executor.shutdown()


def _by_dialect(targets: list[Target]) -> list[list[Target]]:
    dialects = dict.fromkeys(target.dialect for target in targets)
    return [[target for target in targets if target.dialect == dialect] for dialect in dialects]


class _Workers:
    """The worker processes of one command, each with a thread that listens to it.

    Args:
        command: what they do.
        arguments: what they need, by target.
    """

    def __init__(self, command: str, arguments: dict[str, dict[str, Any]]) -> None:
        self._command, self._arguments = command, arguments
        self._events: SimpleQueue[tuple[Target, Event]] = SimpleQueue()
        self._running: set[WorkerProcess] = set()
        self._lock = threading.Lock()
        self._ended = False

    def results(self, count: int, notify: Callable[[Target, Progress | Notice], None]) -> Iterator[tuple[Target, Any]]:
        """Wait for so many targets, and yield each with its result or a Fault."""
        while count:
            target, event = self._events.get()
            if isinstance(event, (Result, Fault)):
                count -= 1
                yield target, event.value if isinstance(event, Result) else event
            else:
                notify(target, event)

    def work_on(self, targets: list[Target]) -> None:
        """Have targets of one dialect worked on; each gets a result or a fault, whatever happens."""
        unanswered = self._ask(targets)
        for target, fault in unanswered.items():
            alone = self._ask([target]) if len(targets) > 1 and not self._ended else {target: fault}
            for each, final in alone.items():
                self._events.put((each, final))

    def _ask(self, targets: list[Target]) -> dict[Target, Fault]:
        """Have targets worked on in one process; return those without an answer, with the reason."""
        waiting = {target.section: target for target in targets}
        ini = targets[0].ini
        try:
            work = [Work(target.section, self._arguments[target.name]) for target in targets]
            request = Request(str(ini), self._command, work)
            with started(ini.parent, {"DB_TYPE": targets[0].dialect}) as worker:
                self._add(worker)
                try:
                    for section, event in worker.ask(request):
                        self._events.put((waiting[section], event))
                        if isinstance(event, (Result, Fault)):
                            del waiting[section]
                    fault = worker.missing_answer(live=COMMANDS[self._command].is_live)
                finally:
                    self._remove(worker)
        except OSError as error:
            fault = Fault("cannot-run", f"its process cannot be started: {error.strerror}")
        except Exception as error:  # noqa: BLE001 - `results` waits for an answer, whatever happens in this thread
            fault = Fault.unexpected(error)
        return dict.fromkeys(waiting.values(), fault)

    def _add(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._running.add(worker)
            if self._ended:  # while this one was being started
                worker.request_end()

    def _remove(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._running.discard(worker)

    def end(self, seconds: int | None) -> None:
        """End the workers; kill those that take longer than `seconds` to tidy up."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for worker in running:
            worker.request_end()
        for worker in running:
            worker.wait_or_kill(seconds)


def installation(targets: list[Target]) -> list[Target]:
    """Return the targets whose live database this installation's settings name, as its own DB_TYPE has it.

    Args:
        targets: all targets of the project.

    Raises:
        MigrationError: the settings cannot be read.
    """
    ini = targets[0].ini
    request = Request(str(ini), INSTALLATION.name, [Work(target.section) for target in targets])
    with started(ini.parent, {}) as worker:
        events = [event for _section, event in worker.ask(request)]
        fault = worker.missing_answer(live=False)
    fault = next((event for event in events if isinstance(event, Fault)), fault)
    answers = [event.value for event in events if isinstance(event, Result)]
    if len(answers) < len(targets):
        raise fault.error()
    return [target for target, is_here in zip(targets, answers, strict=True) if is_here]
