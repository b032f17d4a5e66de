"""A private server of the mysqld or mariadbd on PATH, in a temporary folder, that keeps running between commands.

A keeper process (`servers.keeper`) runs the server and removes it when it is idle. If the keeper is killed, the next
command kills the rest of its process group and starts again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.progress import Notice, Reporter
from alembic_lockstep.servers.common import FLAGS, MYSQL_FLAGS, READY_SECONDS, own_folder, starting
from alembic_lockstep.servers.keeper import ALIVE, DATA, GROUP, KEPT, STATE, is_held
from alembic_lockstep.servers.server import Server, own_url, ping_own

if TYPE_CHECKING:
    from collections.abc import Collection

    import sqlalchemy as sa

NAMES = ("mysqld", "mariadbd")
KILL_SECONDS = 10

_keepers: list[subprocess.Popen[bytes]] = []
"""Those that this process has started; they outlive it."""


def server(notify: Reporter) -> Server:
    """Return the running server of the binary on PATH, started if necessary.

    Args:
        notify: called with a message before a start.

    Raises:
        NoServerError: there is no binary, or it does not start.
    """
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        raise NoServerError("no mysqld on PATH")
    binary = os.path.realpath(binary)  # next to which it finds its other files
    configuration = json.dumps([binary, FLAGS, MYSQL_FLAGS, socket.gethostname()])
    folder = own_folder() / hashlib.sha256(configuration.encode()).hexdigest()[:12]
    found = _answering(folder)
    if found is None:
        with starting(folder.name):
            found = _answering(folder) or _start(binary, folder, notify)
    return found


def _answering(folder: Path) -> Server | None:
    """Return the server in a folder if its keeper lives and it answers."""
    if not is_held(folder / KEPT):
        return None
    try:
        os.utime(folder / DATA)  # postpones the removal of an idle server
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    url = own_url(state["password"], state["port"])
    version = ping_own(url)
    return Server(url, f"{version} (private)") if version else None


def _start(binary: str, folder: Path, notify: Reporter) -> Server:
    """Start a keeper and wait until its server answers; the caller holds the lock `starting`."""
    _remove(folder)
    notify(Notice(f"starting {binary}"))
    folder.mkdir(mode=0o700)
    log = folder / "log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "alembic_lockstep.servers.keeper", binary, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            start_new_session=True,  # so that Ctrl-C does not reach the server
        )
    _keepers.append(keeper)
    give_up = time.monotonic() + READY_SECONDS
    while keeper.poll() is None and time.monotonic() < give_up:
        found = _answering(folder)
        if found is not None:
            return found
        time.sleep(0.05)
    reason = _reason(log.read_text(encoding="utf-8", errors="replace"))
    _remove(folder)
    raise NoServerError(f"{binary} does not start ({reason})")


def _reason(log: str) -> str:
    """Return the line of a server's log that names the error."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not line.endswith("Aborting")]
    errors = [line for line in lines if "[ERROR]" in line]
    return (errors or lines or ["no reason given"])[-1]


def _remove(folder: Path) -> None:
    """Kill the processes of a folder and remove it; scratch data need no orderly shutdown.

    Raises:
        NoServerError: the processes cannot be killed.
    """
    give_up = time.monotonic() + KILL_SECONDS
    while is_held(folder / ALIVE):
        # One process of the group is alive, so its number cannot belong to another group.
        with suppress(ProcessLookupError):
            os.killpg(int((folder / GROUP).read_text(encoding="ascii")), signal.SIGKILL)
        if time.monotonic() > give_up:
            raise NoServerError(f"the server in {folder} cannot be killed")
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


def running() -> list[Server]:
    """Return the running servers."""
    return [found for folder in _folders() if (found := _answering(folder)) is not None]


def stop(keep: Collection[sa.URL] = ()) -> list[str]:
    """Kill the servers and remove their folders, except those to keep; return the labels of those that answered."""
    stopped = []
    for folder in _folders():
        with starting(folder.name):
            found = _answering(folder)
            if found and found.url in keep:
                continue
            _remove(folder)
        stopped += [found.label] if found else []
    return stopped


def _folders() -> list[Path]:
    return [path for path in own_folder().iterdir() if path.is_dir()]
