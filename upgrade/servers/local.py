"""A private server of the mysqld or mariadbd on PATH, in a temporary folder, that stays warm between commands."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock

from upgrade.servers import Server, ping
from upgrade.servers.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Callable

READY_SECONDS = 120
NAMES = ("mysqld", "mariadbd")


def server(tell: Callable[[str], None]) -> Server:
    """Return the warm server of the binary on PATH, started if it is not there.

    Args:
        tell: called before a start.

    Raises:
        NoServerError: there is no binary, or it does not start.
    """
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        raise NoServerError("no mysqld on PATH")
    folder = _folder(binary)
    with FileLock(f"{folder}.lock"):
        found = _warm(folder)
        if found is None:
            tell(f"starting {binary}")
            _start(binary, folder)
            found = _warm(folder)
    if found is None:
        raise NoServerError(f"{binary} started, but does not answer")
    return found


def _folder(binary: str) -> Path:
    tag = hashlib.sha256(os.path.realpath(binary).encode()).hexdigest()[:8]
    return _base().with_name(f"{_base().name}-{tag}")


def _base() -> Path:
    return Path(tempfile.gettempdir()) / f"migration-scratch-{getpass.getuser()}"


def _warm(folder: Path) -> Server | None:
    try:
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        url = sa.URL.create("mysql+pymysql", "root", state["password"], "127.0.0.1", state["port"])
        return Server(url, f"{ping(url)} (private)")
    except (OSError, ValueError, KeyError, sa.exc.DBAPIError):
        return None


def _start(binary: str, folder: Path) -> None:
    """Start a keeper for the server and wait for it; what an earlier one left is thrown away."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    log = folder / "keeper.log"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "upgrade.servers.keeper", binary, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=tempfile.gettempdir(),
            env=environment,
            start_new_session=True,  # Ctrl-C is for the command, not for the server
        )
    give_up = time.monotonic() + READY_SECONDS
    while not (folder / "state.json").exists():
        if keeper.poll() is not None or time.monotonic() > give_up:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
            shutil.rmtree(folder, ignore_errors=True)
            raise NoServerError(f"{binary} does not start ({lines[-1] if lines else 'no reason given'})")
        time.sleep(0.05)


def running() -> list[Server]:
    """Return the warm servers."""
    return [found for folder in _folders() if (found := _warm(folder)) is not None]


def stop() -> list[str]:
    """Shut the servers down; return their labels. The keeper of each removes its folder."""
    stopped = []
    for folder in _folders():
        found = _warm(folder)
        if found is not None:
            with sa.create_engine(found.url, poolclass=sa.NullPool).connect() as connection:
                connection.exec_driver_sql("SHUTDOWN")
            stopped.append(found.label)
        give_up = time.monotonic() + 10
        while folder.exists() and found is not None and time.monotonic() < give_up:
            time.sleep(0.05)
        shutil.rmtree(folder, ignore_errors=True)
    return stopped


def _folders() -> list[Path]:
    return [path for path in _base().parent.glob(f"{_base().name}-*") if path.is_dir()]
