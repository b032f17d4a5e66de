"""What docker, local and keeper share: flags, time limits, a private folder, the lock for a start."""

from __future__ import annotations

import getpass
import os
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE_SECONDS = 1800
READY_SECONDS = 120
WAIT_SECONDS = 1200

# Rows are thrown away, so nothing needs to be durable. Doublewrite OFF would make copying a table 40 times slower.
FLAGS = [
    "--skip-log-bin",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--performance-schema=OFF",
]
MYSQL_FLAGS = ["--innodb-doublewrite=DETECT_ONLY"]


def user() -> str:
    """Return what identifies this user on the machine."""
    return str(os.getuid()) if os.name == "posix" else getpass.getuser()


def own_folder() -> Path:
    """Return this user's folder for servers, created if necessary.

    Raises:
        NoServerError: it cannot be created, or other users could read or change it.
    """
    folder = Path(tempfile.gettempdir()) / f"migration-scratch-{user()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise NoServerError(f"{folder} cannot be used ({error.strerror})") from error
    # Any user could have created it in a folder for temporary files, and passwords are read from it.
    if os.name == "posix" and (stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077):
        raise NoServerError(f"{folder} is not this user's alone: remove it")
    return folder


@contextmanager
def starting(name: str) -> Iterator[None]:
    """Hold the lock for starting or removing a server.

    Args:
        name: the server's name.

    Raises:
        NoServerError: another process holds it for too long.
    """
    from filelock import FileLock, Timeout  # not needed for a running server

    lock = FileLock(own_folder() / f"{name}.lock")
    try:
        lock.acquire(timeout=WAIT_SECONDS)
    except Timeout as error:
        raise NoServerError(f"another command has been starting a server for {WAIT_SECONDS} s") from error
    try:
        yield
    finally:
        lock.release()
