"""A MySQL server in a Docker container that keeps running between commands.

It uses the docker program, not the SDK: the program supports contexts (Docker Desktop, Colima, Podman) and answers in a
tenth of the time that importing the SDK takes.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.progress import Notice, Reporter
from alembic_lockstep.servers.common import FLAGS, IDLE_SECONDS, MYSQL_FLAGS, READY_SECONDS, starting, user
from alembic_lockstep.servers.server import Server, own_url, ping_own

if TYPE_CHECKING:
    from collections.abc import Collection

    import sqlalchemy as sa

LABEL = "migration-scratch"
DEFAULT_IMAGE = "mysql:9.7"
DOCKER_SECONDS = 60
PULL_SECONDS = 900

# Each scratch database is a folder in the data directory, whose modification time thus shows the last use.
# The container ends with its first process, which is this script.
WATCH = f"""
docker-entrypoint.sh "$@" & server=$!
while [ $(($(date +%s) - $(stat -c %Y /var/lib/mysql))) -lt {IDLE_SECONDS} ]; do sleep 5; done && kill $server &
wait $server
"""


def server(notify: Reporter, image: str = "") -> Server:
    """Return the running server of an image, started if necessary.

    Args:
        notify: called with a message before anything that takes long.
        image: by default MYSQL_IMAGE or mysql:9.7.

    Raises:
        NoServerError: Docker or the image cannot be used.
    """
    if shutil.which("docker") is None:
        raise NoServerError("no Docker")
    image = image or os.environ.get("MYSQL_IMAGE") or DEFAULT_IMAGE
    flags = [*FLAGS, *(MYSQL_FLAGS if image.rpartition("/")[2].startswith("mysql") else [])]
    configuration = json.dumps([image, flags, WATCH, user()])
    name = f"{LABEL}-{hashlib.sha256(configuration.encode()).hexdigest()[:12]}"
    found = _answering(_inspect(name))
    if found is None:
        with starting(name):
            found = _answering(_inspect(name)) or _start(name, image, flags, notify)
    return found


def _start(name: str, image: str, flags: list[str], notify: Reporter) -> Server:
    """Start the container and wait until it answers; the caller holds the lock `starting`."""
    if _docker("image", "inspect", image).returncode:
        notify(Notice(f"pulling {image}"))
        pulled = _docker("pull", "--quiet", image, seconds=PULL_SECONDS)
        if pulled.returncode:
            raise NoServerError(f"Docker cannot pull {image} ({_reason(pulled.stderr)})")
    notify(Notice(f"starting {image} in Docker"))
    _remove([name])  # a container that was interrupted while it started, or no longer answers
    run = ["run", "--detach", "--rm", "--name", name, "--label", f"{LABEL}={user()}", "--publish", "127.0.0.1::3306"]
    run += ["--stop-signal", "KILL", "--tmpfs", "/var/lib/mysql", "--env", "MYSQL_ROOT_PASSWORD"]
    run += ["--entrypoint", "sh", image, "-c", WATCH, "sh", *flags]
    done = _docker(*run, password=secrets.token_urlsafe(24))
    if done.returncode:
        raise NoServerError(f"Docker cannot start {image} ({_reason(done.stderr)})")
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        container = _inspect(name)
        if container is None:
            raise NoServerError(f"Docker: {image} stopped while it started")
        found = _answering(container)
        if found is not None:
            return found
        time.sleep(0.1)
    _remove([name])
    raise NoServerError(f"Docker: {image} did not answer within {READY_SECONDS} s")


def _answering(container: dict[str, Any] | None) -> Server | None:
    """Return the server in a container if it answers.

    It answers over TCP only when it is ready; its log also says 'ready' for the temporary server of a first start.
    """
    url = _url(container) if container else None
    return Server(url, container["Config"]["Image"]) if container and url and ping_own(url) else None


def _url(container: dict[str, Any]) -> sa.URL | None:
    ports = (container["NetworkSettings"]["Ports"] or {}).get("3306/tcp")
    if not ports:
        return None
    environment = dict(line.split("=", 1) for line in container["Config"]["Env"])
    return own_url(environment["MYSQL_ROOT_PASSWORD"], int(ports[0]["HostPort"]))


def _inspect(name: str) -> dict[str, Any] | None:
    """Return what `docker inspect` says of a container, None if there is no such container."""
    done = _docker("container", "inspect", name)
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)[0]
        return found
    if "no such container" in done.stderr.lower():
        return None
    raise NoServerError(f"Docker does not answer ({_reason(done.stderr)})")


def running() -> list[Server]:
    """Return the running servers in Docker."""
    return [Server(url, each["Config"]["Image"]) for each in _ours() if (url := _url(each)) is not None]


def stop(keep: Collection[sa.URL] = ()) -> list[str]:
    """Remove the containers, except those of servers to keep; return their images."""
    containers = [each for each in _ours() if _url(each) not in keep]
    _remove([each["Id"] for each in containers])
    return [each["Config"]["Image"] for each in containers]


def _ours() -> list[dict[str, Any]]:
    """Return what `docker inspect` says of this user's containers; nothing without Docker."""
    if shutil.which("docker") is None:
        return []
    names = _docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}={user()}").stdout.split()
    found: list[dict[str, Any]] = json.loads(_docker("container", "inspect", *names).stdout) if names else []
    return found


def _remove(names: list[str]) -> None:
    if names:
        _docker("rm", "--force", "--volumes", *names)


def _docker(*words: str, password: str = "", seconds: int = DOCKER_SECONDS) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"MYSQL_ROOT_PASSWORD": password} if password else {})}
    try:
        return subprocess.run(
            ["docker", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise NoServerError(f"docker {words[0]} took more than {seconds} s") from error
    except OSError as error:
        raise NoServerError(f"docker cannot be run ({error.strerror})") from error


def _reason(text: str) -> str:
    """Return the line of Docker's output that names the error; hints follow it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no reason given")
