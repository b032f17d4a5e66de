"""One target's work, in a process of its own that has the target's DB_TYPE before anything is imported.

The request is one line of JSON on standard input; while that is open the parent lives. Events go to standard output, a
line of JSON each: `tell` for what takes long, `result` or `error` as the last one. What models print goes to standard
error.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from upgrade import targets
from upgrade.errors import CannotRunError, MigrationError, first_line

PARTING_SECONDS = 5
REQUIRED = {"alembic", "sqlalchemy", "mako", "pymysql", "cryptography"}


def main() -> None:
    """Answer the one request on standard input."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def send(**event: Any) -> None:
        events.write(json.dumps(event) + "\n")

    try:
        result = _answer(request, lambda text: send(event="tell", text=text))
    except MigrationError as error:
        send(event="error", headline=error.headline, detail=error.detail, code=error.exit_code)
    except BaseException as error:  # noqa: BLE001 - a worker never ends without an answer
        send(event="error", **_unexpected(error))
    else:
        send(event="result", result=result)


def _answer(request: dict[str, Any], tell: Any) -> Any:
    ini = Path(request["ini"])
    sys.path.insert(0, str(ini.parent))
    if request["command"] == "installation":
        from upgrade import live

        return live.installation(targets.load(ini))
    target = targets.load_one(ini, request["section"])
    arguments = request["arguments"]
    if request["command"] == "generate":
        from upgrade import generate
        from upgrade.change import Order

        return asdict(generate.generate(target, Order(**arguments), tell))
    if request["command"] == "roundtrip":
        from upgrade import roundtrip
        from upgrade.servers.errors import NoServerError

        try:
            return asdict(roundtrip.roundtrip(target, tell))
        except NoServerError as error:
            raise CannotRunError(f"{target.name}: nothing to run it on: {error}") from error
    from upgrade import live

    match request["command"]:
        case "upgrade":
            return live.upgrade(target, arguments["revision"], tell, create=arguments["create"])
        case "downgrade":
            return live.downgrade(target, arguments["revision"], tell)
        case "status":
            return asdict(live.status(target))
        case command:
            raise ValueError(command)


def _unexpected(error: BaseException) -> dict[str, Any]:
    if isinstance(error, KeyboardInterrupt):
        return {"headline": "interrupted", "detail": [], "code": 130}
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in REQUIRED:
        fault = CannotRunError(f"{error.name} is not installed for {sys.executable}: pip install -r requirements.txt")
        return {"headline": fault.headline, "detail": [], "code": fault.exit_code}
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return {"headline": f"{name}{error.strerror}", "detail": [], "code": 2}
    lines = "".join(traceback.format_exception(error)).splitlines()
    return {"headline": f"unexpected {first_line(error)}", "detail": lines, "code": 2}


def _end_with_parent() -> None:
    """End when the parent has let go or is gone: tidily at first, at once if that takes long."""
    while os.read(0, 1024):  # not sys.stdin: a thread that waits in it breaks the end of the interpreter
        pass
    _thread.interrupt_main()
    time.sleep(PARTING_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
