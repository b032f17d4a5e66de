"""The program of a worker: work on targets of one dialect, whose DB_TYPE is set before anything is imported.

The request is one line on standard input, which stays open as long as the parent lives. Events go to standard output, a
line each. What models and revisions print goes to standard error.
"""

from __future__ import annotations

import _thread
import atexit
import gc
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, Fault, MigrationError, NotInstalledError, SharedModelsError
from alembic_lockstep.execution.interrupt import STOP
from alembic_lockstep.workers import protocol, work

if TYPE_CHECKING:
    from alembic_lockstep.workers.protocol import Event

END_SECONDS = 5
"""So long an interrupted worker may take to tidy up, and one that has answered to end."""
GARBAGE_THRESHOLD = 50_000
"""Imports and models create many objects that live on: Python's default of 700 would search them again and again."""
DRIVERS, DRIVER = {"pymysql", "cryptography"}, '"alembic-lockstep[mysql]"'
"""What an extra of this package brings, and the extra."""
REQUIRED = {"alembic", "sqlalchemy", "mako", *DRIVERS}


def main() -> None:
    """Answer the request on standard input, target by target, up to the first that fails."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    atexit.register(gc.freeze)  # searching for garbage at the end would take 0.3 s
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    request = protocol.decode_request(sys.stdin.readline())
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell start with it ignored
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - a revision that reads it gets nothing
    threading.Thread(target=_end_with_parent, args=[work.COMMANDS[request.command].is_live], daemon=True).start()
    ini = Path(request.ini)
    sys.path.insert(0, str(ini.parent))
    for each in request.work:

        def send(event: Event, section: str = each.section) -> None:
            with suppress(OSError):  # the parent is gone, and a live revision is finished all the same
                events.write(protocol.encode_event(section, event))

        try:
            result = work.do(request.command, ini, each, send)
        except (KeyboardInterrupt, SharedModelsError):  # the parent needs no answer, or asks again in a new process
            break
        except BaseException as error:  # noqa: BLE001 - a worker never ends without an answer
            send(_fault(error))
            break
        send(protocol.Result(result))
    with suppress(OSError):
        events.close()
    # Threads and child processes of the project would keep this process alive.
    end = threading.Timer(END_SECONDS, os._exit, [0])
    end.daemon = True
    end.start()


def _fault(error: BaseException) -> Fault:
    if isinstance(error, MigrationError):
        return Fault.of(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in REQUIRED:
        name = error.name or ""
        return Fault.of(NotInstalledError(name, DRIVER if name.partition(".")[0] in DRIVERS else None))
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return Fault.of(CannotRunError(f"{name}{error.strerror}"))
    return Fault.unexpected(error)


def _end_with_parent(live: bool) -> None:
    """End when the parent asks for it, after a little tidying up, and at once when the parent is gone.

    Args:
        live: finish the revision that is running on a live database first, however long it takes.
    """
    asked = False
    while os.read(0, 1024):  # not sys.stdin: a thread that blocks in it hinders the interpreter's exit
        asked = True
    if live:
        STOP.set()
        return
    if not asked:  # the parent was killed, and the next command already cleans up
        os._exit(1)
    if hasattr(signal, "pthread_kill"):  # a real signal interrupts a sleep, or the wait for a server, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()
    time.sleep(END_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
