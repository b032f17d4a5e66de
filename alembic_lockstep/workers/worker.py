"""The work for targets of one dialect, in a process that has their DB_TYPE before anything is imported.

The request is one line of JSON on standard input; while that is open the parent lives. Events go to standard output, a
line of JSON each with the section that it is about: `tell` for what takes long, then a `result` or an `error`. What
models print goes to standard error.
"""

from __future__ import annotations

import _thread
import atexit
import gc
import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NO_SERVER, CannotRunError, MigrationError, SharedModelsError, first_line
from alembic_lockstep.execution.interrupt import STOP
from alembic_lockstep.project import targets

if TYPE_CHECKING:
    from collections.abc import Callable

PARTING_SECONDS = 5
GARBAGE_THRESHOLD = 50_000
"""Imports and models make many objects and drop few: Python's own 700 would search them again and again."""
MOVES = {"upgrade", "downgrade"}
"""What changes live databases."""
REQUIRED = {"alembic", "sqlalchemy", "mako", "pymysql", "cryptography"}


def main() -> None:
    """Answer the request on standard input, one target after the other, up to the first that fails."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    atexit.register(gc.freeze)  # all that is there goes with the process: to search it for garbage takes 0.3 s
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.readline())
    patient = request["command"] in MOVES
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs have it ignored
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - a revision that asks gets no answer
    threading.Thread(target=_end_with_parent, args=[patient], daemon=True).start()
    ini = Path(request["ini"])
    sys.path.insert(0, str(ini.parent))
    for work in request["work"]:

        def send(section: str = work["section"], **event: Any) -> None:
            events.write(json.dumps({"section": section, **event}) + "\n")

        def tell(text: str, send: Callable[..., None] = send) -> None:
            send(event="tell", text=text)

        try:
            result = _result(request["command"], ini, work["section"], work["arguments"], tell)
        except MigrationError as error:
            send(event="error", headline=error.headline, detail=error.detail, code=error.exit_code)
            break
        except (KeyboardInterrupt, SharedModelsError):  # the parent has let go, or asks again in a new process
            break
        except BaseException as error:  # noqa: BLE001 - a worker never ends without an answer
            send(event="error", **_unexpected(error))
            break
        send(event="result", result=result)
    events.close()  # should a thread of the application keep this process from ending, the parent does not wait for it


def _result(command: str, ini: Path, section: str, arguments: dict[str, Any], tell: Callable[[str], None]) -> Any:
    """Import what the command needs, and nothing else, and run it."""
    if command == "installation":
        from alembic_lockstep.live import location

        return location.installation(targets.load(ini))
    target = targets.load_one(ini, section)
    match command:
        case "generate":
            from alembic_lockstep.autogenerate import generate
            from alembic_lockstep.autogenerate.change import GenerationRequest

            return asdict(generate.generate(target, GenerationRequest(**arguments), tell))
        case "roundtrip":
            from alembic_lockstep.roundtrip import run
            from alembic_lockstep.servers.errors import NoServerError

            try:
                return asdict(run.roundtrip(target, tell, arguments["revision"]))
            except NoServerError as error:
                raise CannotRunError(f"{target.name}: {NO_SERVER}: {error}") from error
        case "upgrade":
            from alembic_lockstep.live import moves

            return moves.upgrade(target, arguments["revision"], tell, arguments["others"], create=arguments["create"])
        case "downgrade":
            from alembic_lockstep.live import moves

            return moves.downgrade(target, arguments["revision"], tell, arguments["others"])
        case "status":
            from alembic_lockstep.live import status

            return asdict(status.status(target))
        case _:
            raise ValueError(command)


def _unexpected(error: BaseException) -> dict[str, Any]:
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in REQUIRED:
        fault = CannotRunError(f"{error.name} is not installed for {sys.executable}: pip install {error.name}")
        return {"headline": fault.headline, "detail": [], "code": fault.exit_code}
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return {"headline": f"{name}{error.strerror}", "detail": [], "code": 2}
    lines = "".join(traceback.format_exception(error)).splitlines()
    return {"headline": f"unexpected {first_line(error)}", "detail": lines, "code": 2}


def _end_with_parent(patient: bool) -> None:
    """End when the parent has let go, tidily if that is quick, and at once when it is gone.

    Args:
        patient: the revision that is running on a live database is finished first, however long it takes.
    """
    told = False
    while os.read(0, 1024):  # not sys.stdin: a thread that waits in it breaks the end of the interpreter
        told = True
    if patient:
        STOP.set()
        return
    if not told:  # the parent was killed, and the next command is already clearing up
        os._exit(1)
    if hasattr(signal, "pthread_kill"):  # a real signal ends a wait for a server or a sleep, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()
    time.sleep(PARTING_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
