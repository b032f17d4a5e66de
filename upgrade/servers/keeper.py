"""Keep a private server: initialise it, run it, and take it down when nobody has used it for a while.

Started by `upgrade.servers.local` as a process of its own: python -m upgrade.servers.keeper BINARY FOLDER
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from upgrade.servers import ping
from upgrade.servers.docker import FLAGS, IDLE_SECONDS, MYSQL_FLAGS, READY_SECONDS


def main(binary: str, folder: Path) -> None:
    """Keep a server in `folder` until it is idle or stopped, and remove the folder."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    process: subprocess.Popen[bytes] | None = None
    try:
        mariadb = "mariadb" in subprocess.check_output([binary, "--version"], text=True).lower()
        common = [f"--datadir={folder / 'data'}", *(["--user=root"] if os.name == "posix" and os.getuid() == 0 else [])]
        _initialise(binary, common, mariadb=mariadb)
        password, port = secrets.token_urlsafe(24), _free_port()
        process = subprocess.Popen(_command(binary, common, folder, password, port, mariadb=mariadb))
        _wait(sa.URL.create("mysql+pymysql", "root", password, "127.0.0.1", port), process)
        state = folder / "state.tmp"
        state.touch(mode=0o600)
        state.write_text(json.dumps({"port": port, "password": password}), encoding="utf-8")
        state.rename(folder / "state.json")
        # Each scratch database is a folder of the data directory: its time of change tells of the last use.
        while process.poll() is None and time.time() - (folder / "data").stat().st_mtime < IDLE_SECONDS:
            time.sleep(1)
    finally:
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
        if (folder / "state.json").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _initialise(binary: str, common: list[str], *, mariadb: bool) -> None:
    if mariadb:
        program = next(filter(None, map(shutil.which, ("mariadb-install-db", "mysql_install_db"))), None)
        if program is None:
            sys.exit("mariadb-install-db is not on PATH")
        command = [program, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", *common]
    else:
        command = [binary, "--no-defaults", "--initialize-insecure", *common]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"initialising failed: {' '.join((done.stderr or done.stdout).split())[-300:]}")


def _command(binary: str, common: list[str], folder: Path, password: str, port: int, *, mariadb: bool) -> list[str]:
    grant = "CREATE USER IF NOT EXISTS root@'127.0.0.1'; GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;"
    users = [f"ALTER USER root@'{host}' IDENTIFIED BY '{password}';" for host in ("127.0.0.1", "localhost")]
    start = folder / "start.sql"
    start.touch(mode=0o600)
    start.write_text("\n".join([grant, *users]), encoding="utf-8")
    return [
        binary,
        "--no-defaults",
        *common,
        *FLAGS,
        *([] if mariadb else [*MYSQL_FLAGS, "--mysqlx=OFF", "--secure-file-priv="]),
        "--bind-address=127.0.0.1",
        f"--port={port}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={start}",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: sa.URL, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            ping(url)
        except sa.exc.DBAPIError:
            if process.poll() is not None or time.monotonic() > give_up:
                sys.exit("the server did not answer")
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
