"""A private server of the mysqld or mariadbd on PATH, in a temporary folder, that stays warm between commands.

A keeper (`servers.keeper`) runs the server and removes it when it is idle. Should the keeper be killed, at any
moment, the next command kills what is left of its process group and begins anew.
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

from alembic_lockstep.progress import Notice
from alembic_lockstep.servers import Server, answering, own_url
from alembic_lockstep.servers.common import FLAGS, MYSQL_FLAGS, READY_SECONDS, own_folder, starting
from alembic_lockstep.servers.errors import NoServerError
from alembic_lockstep.servers.keeper import ALIVE, DATA, GROUP, KEPT, STATE, is_held

if TYPE_CHECKING:
    from alembic_lockstep.progress import Reporter

NAMES = ("mysqld", "mariadbd")
KILL_SECONDS = 10

_keepers: list[subprocess.Popen[bytes]] = []
"""Those that this process started; they outlive it."""


def server(notify: Reporter) -> Server:
    """Return the warm server of the binary on PATH, started if it is not there.

    Args:
        notify: called before a start.

    Raises:
        NoServerError: there is no binary, or it does not start.
    """
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        raise NoServerError("no mysqld on PATH")
    binary = os.path.realpath(binary)  # from where it finds the files that it needs
    configuration = json.dumps([binary, FLAGS, MYSQL_FLAGS, socket.gethostname()])
    folder = own_folder() / hashlib.sha256(configuration.encode()).hexdigest()[:12]
    found = _warm(folder)
    if found is None:
        with starting(folder.name):
            found = _warm(folder) or _start(binary, folder, notify)
    return found


def _warm(folder: Path) -> Server | None:
    """Return the server in a folder if it answers and is kept."""
    if not is_held(folder / KEPT):
        return None
    try:
        os.utime(folder / DATA)  # it is in use from now on
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    url = own_url(state["password"], state["port"])
    version = answering(url)
    return Server(url, f"{version} (private)") if version else None


def _start(binary: str, folder: Path, notify: Reporter) -> Server:
    """Start a keeper and wait until its server answers; only ever called by one process at a time."""
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
            start_new_session=True,  # Ctrl-C is for the command, not for the server
        )
    _keepers.append(keeper)
    give_up = time.monotonic() + READY_SECONDS
    while keeper.poll() is None and time.monotonic() < give_up:
        found = _warm(folder)
        if found is not None:
            return found
        time.sleep(0.05)
    reason = _reason(log.read_text(encoding="utf-8", errors="replace"))
    _remove(folder)
    raise NoServerError(f"{binary} does not start ({reason})")


def _reason(log: str) -> str:
    """Return the line of a server's log that says what is wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not line.endswith("Aborting")]
    errors = [line for line in lines if "[ERROR]" in line]
    return (errors or lines or ["no reason given"])[-1]


def _remove(folder: Path) -> None:
    """Kill what runs in a folder and remove it. The data are scratch: they are not worth an orderly end.

    Raises:
        NoServerError: it cannot be killed.
    """
    give_up = time.monotonic() + KILL_SECONDS
    while is_held(folder / ALIVE):
        # While one of the group lives, and it does, no other group can have its number.
        with suppress(ProcessLookupError):
            os.killpg(int((folder / GROUP).read_text(encoding="ascii")), signal.SIGKILL)
        if time.monotonic() > give_up:
            raise NoServerError(f"the server in {folder} cannot be killed")
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


def running() -> list[Server]:
    """Return the warm servers."""
    return [found for folder in _folders() if (found := _warm(folder)) is not None]


def stop() -> list[str]:
    """Kill the servers and remove their folders; return the labels of those that answered."""
    stopped = []
    for folder in _folders():
        with starting(folder.name):
            found = _warm(folder)
            _remove(folder)
        stopped += [found.label] if found else []
    return stopped


def _folders() -> list[Path]:
    return [path for path in own_folder().iterdir() if path.is_dir()]
