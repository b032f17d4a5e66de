"""A MySQL server in a Docker container that stays warm between commands.

The docker program is used, not its SDK: it knows contexts (Docker Desktop, Colima, Podman), and it answers in a
tenth of the time that the SDK takes to be imported.
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

import sqlalchemy as sa

from upgrade.servers import Server, ping
from upgrade.servers.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "migration-scratch"
DEFAULT_IMAGE = "mysql:9.7"
IDLE_SECONDS = 1800
READY_SECONDS = 120

# Rows are thrown away, so nothing needs to be durable. Doublewrite is not OFF: that makes a table copy 40 times slower.
FLAGS = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF"]
MYSQL_FLAGS = ["--innodb-doublewrite=DETECT_ONLY"]

# Each scratch database is a folder of the data directory, so its time of change tells when the server was last used.
WATCH = f"""
docker-entrypoint.sh "$@" & server=$!
while kill -0 $server && [ $(($(date +%s) - $(stat -c %Y /var/lib/mysql))) -lt {IDLE_SECONDS} ]; do sleep 5; done
kill $server; wait $server
"""


def server(tell: Callable[[str], None]) -> Server:
    """Return the warm server of the image MYSQL_IMAGE (default mysql:9.7), started if it is not there.

    Args:
        tell: called before a start.

    Raises:
        NoServerError: Docker or the image does not serve.
    """
    if shutil.which("docker") is None:
        raise NoServerError("no Docker")
    image = os.environ.get("MYSQL_IMAGE") or DEFAULT_IMAGE
    flags = [*FLAGS, *(MYSQL_FLAGS if image.rpartition("/")[2].startswith("mysql") else [])]
    configuration = json.dumps([image, flags, WATCH])
    name = f"{LABEL}-{hashlib.sha256(configuration.encode()).hexdigest()[:12]}"
    container = _inspect(name)
    if container is None or not container["State"]["Running"]:
        tell(f"starting {image} in Docker")
        _start(name, image, flags)
    return _ready(name, image)


def _start(name: str, image: str, flags: list[str]) -> None:
    """Start the container; where another process was quicker the name is taken, and that is as good."""
    _docker("rm", "--force", name)
    run = ["run", "--detach", "--rm", "--name", name, "--label", f"{LABEL}={image}", "--publish", "127.0.0.1::3306"]
    run += ["--tmpfs", "/var/lib/mysql", "--env", "MYSQL_ROOT_PASSWORD", "--entrypoint", "sh", image, "-c", WATCH, "sh"]
    done = _docker(*run, *flags, password=secrets.token_urlsafe(24))
    if done.returncode and "already in use" not in done.stderr:
        raise NoServerError(f"Docker cannot start {image} ({_last_line(done.stderr)})")


def _ready(name: str, image: str) -> Server:
    """Wait until a query is answered over TCP: the log says 'ready' also of the temporary server of a first start."""
    give_up = time.monotonic() + READY_SECONDS
    url: sa.URL | None = None
    while True:
        if url is None:
            url = _url(_inspect(name))
        try:
            if url is not None:
                ping(url)
                return Server(url, image)
        except sa.exc.DBAPIError:
            if _inspect(name) is None:
                raise NoServerError(f"Docker: {image} stopped while it started") from None
        if time.monotonic() > give_up:
            raise NoServerError(f"Docker: {image} did not answer within {READY_SECONDS} s")
        time.sleep(0.1)


def _url(container: dict[str, Any] | None) -> sa.URL | None:
    ports = container["NetworkSettings"]["Ports"].get("3306/tcp") if container else None
    if not container or not ports:
        return None
    environment = dict(line.split("=", 1) for line in container["Config"]["Env"])
    password = environment["MYSQL_ROOT_PASSWORD"]
    return sa.URL.create("mysql+pymysql", "root", password, "127.0.0.1", int(ports[0]["HostPort"]))


def _inspect(name: str) -> dict[str, Any] | None:
    """Return what Docker knows of a container, None where there is none of that name."""
    done = _docker("container", "inspect", name)
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)[0]
        return found
    if "no such container" in done.stderr.lower():
        return None
    raise NoServerError(f"Docker does not answer ({_last_line(done.stderr)})")


def running() -> list[Server]:
    """Return the warm servers in Docker."""
    servers = []
    for name, image in _ours():
        url = _url(_inspect(name))
        if url is not None:
            servers.append(Server(url, image))
    return servers


def stop() -> list[str]:
    """Remove the containers; return their images."""
    containers = _ours()
    for name, _image in containers:
        _docker("rm", "--force", "--volumes", name)
    return [image for _name, image in containers]


def _ours() -> list[tuple[str, str]]:
    if shutil.which("docker") is None:
        return []
    # The tabulator stands between a name and an image, which hold none.
    done = _docker("ps", "--all", "--filter", f"label={LABEL}", "--format", f'{{{{.Names}}}}\t{{{{.Label "{LABEL}"}}}}')
    return [(name, image) for name, _, image in (line.partition("\t") for line in done.stdout.splitlines())]


def _docker(*arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"MYSQL_ROOT_PASSWORD": password} if password else {})}
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, env=environment, check=False)


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason given")
