"""The keeper process of a private server: initialises it, runs it, and removes it when it is idle.

Started by `alembic_lockstep.servers.local` in a process group of its own:
python -m alembic_lockstep.servers.keeper BINARY FOLDER
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from alembic_lockstep.servers.common import FLAGS, IDLE_SECONDS, MYSQL_FLAGS, READY_SECONDS, starting

# Files in the folder of a server.
DATA = "data"
STATE = "state.json"
GROUP = "group"
"""The number of the process group."""
KEPT = "kept"
"""Locked while the keeper lives."""
ALIVE = "alive"
"""Locked while the keeper or its server lives."""


def is_held(path: Path) -> bool:
    """Return whether a living process holds the lock on a file; the system releases the locks of dead ones."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _hold(path: Path) -> IO[bytes]:
    file = path.open("wb")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


class _Keeper:
    """One server in its folder."""

    def __init__(self, binary: str, folder: Path, alive: int) -> None:
        self._binary, self._folder, self._alive = binary, folder, alive
        self._mariadb = "mariadb" in self._run("--version").lower()
        as_root = ["--user=root"] if os.getuid() == 0 else []
        self._common = ["--no-defaults", f"--datadir={folder / DATA}", *as_root]
        self._common += [] if self._mariadb else ["--secure-file-priv=NULL"]

    def _run(self, *words: str, sql: str = "") -> str:
        """Run the program to its end and return what it prints."""
        done = subprocess.run(
            [self._binary, *words],
            input=sql.encode(),
            stdout=subprocess.PIPE,
            check=False,
            timeout=READY_SECONDS,
            pass_fds=(self._alive,),
        )
        if done.returncode:
            sys.exit(f"{self._binary} {words[-1]} ended with exit code {done.returncode}")
        return done.stdout.decode(errors="replace")

    def keep(self) -> None:
        """Run the server until it is idle, then remove it."""
        (self._folder / DATA).mkdir()
        self._initialise()
        command = [self._binary, *self._options()]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(self._alive,))
        try:
            while server.poll() is None:
                time.sleep(1)
                if self._is_idle():
                    with starting(self._folder.name):
                        if self._is_idle():
                            server.kill()
                            server.wait(READY_SECONDS)
                            shutil.rmtree(self._folder)
        finally:
            server.kill()  # also if the folder was removed by someone else

    def _is_idle(self) -> bool:
        # Each scratch database is a folder in the data directory, whose modification time thus shows the last use.
        return time.time() - (self._folder / DATA).stat().st_mtime > IDLE_SECONDS

    def _initialise(self) -> None:
        """Create the system tables.

        MariaDB's own script for it needs a program of another package, so only the SQL file of the tables is run.
        """
        if not self._mariadb:
            self._run(*self._common, "--initialize-insecure")
            return
        found = re.search(
            r"^character-sets-dir\s+(.+)$", self._run("--no-defaults", "--verbose", "--help"), re.MULTILINE
        )
        share = Path(found.group(1).strip()).parent if found else Path()
        tables = next(share.glob("m*_system_tables.sql"), None)
        if tables is None:
            sys.exit(f"MariaDB's file of its system tables is not in {share}")
        sql = tables.read_text(encoding="utf-8")
        self._run(*self._common, "--bootstrap", sql=f"create database mysql;\nuse mysql;\n{sql}")

    def _options(self) -> list[str]:
        """Return the options of the server; write its user, password and port to files."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        password = secrets.token_urlsafe(24)
        start = self._folder / "start.sql"
        start.write_text(
            f"CREATE USER IF NOT EXISTS root@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
            "DROP USER IF EXISTS root@localhost;\n",
            encoding="ascii",
        )
        state = self._folder / "state.draft"
        state.write_text(json.dumps({"port": port, "password": password}), encoding="utf-8")
        state.rename(self._folder / STATE)
        return [
            *self._common,
            *FLAGS,
            "--loose-innodb-flush-method=nosync",  # DDL mostly waits for the disk
            "--loose-debug-no-sync",  # the same for other files, on MariaDB
            *([] if self._mariadb else [*MYSQL_FLAGS, "--loose-mysqlx=OFF"]),
            "--bind-address=127.0.0.1",
            f"--port={port}",
            "--socket=socket",  # relative to the data directory, since the length of the path is limited
            f"--tmpdir={self._folder}",
            f"--init-file={start}",
        ]


def main(binary: str, folder: Path) -> None:
    """Run a server of `binary` in `folder` until it is idle."""
    (folder / GROUP).write_text(str(os.getpgrp()), encoding="ascii")
    with _hold(folder / KEPT), _hold(folder / ALIVE) as alive:
        _Keeper(binary, folder, alive.fileno()).keep()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
