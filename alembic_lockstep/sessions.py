"""The Nox sessions.

A project's noxfile.py: from alembic_lockstep.sessions import migrations, migrations_on

They run in the environment that Nox itself runs in, where the project and this package are installed: a noxfile that
imports them has both.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

from alembic_lockstep.dialects import IMAGES
from alembic_lockstep.errors import NOTHING_RAN, NotInstalledError
from alembic_lockstep.project.targets import INI, dialect_by_name

TARGETS = dialect_by_name(Path(INI))  # Nox runs in the folder of noxfile.py


def _round_trip(session: nox.Session, target: str, *server: str) -> None:
    if importlib.util.find_spec("pytest") is None:
        session.error(NotInstalledError("pytest", '"alembic-lockstep[test]"').headline)
    name = re.sub(r"[^\w.-]+", "-", session.name).strip("-")
    report = Path(session.cache_dir).parent / "junit" / f"{name}.xml"
    words = [INI, f"--migrations-target={target}", *server, f"--junitxml={report}", *session.posargs]
    try:
        session.run(sys.executable, "-m", "pytest", *words)
    except CommandFailed as error:
        if error.return_code == NOTHING_RAN:
            session.skip("there is no server to run it on; the tests' output says why")
        raise


_ON_SERVERS = [
    nox.param(image, name, id=f"{image}-{name}", tags=[image])
    for name, dialect in TARGETS.items()
    for image in IMAGES.get(dialect, ())
]

if TARGETS:

    @nox.session(default=False, venv_backend="none")
    @nox.parametrize("target", [nox.param(name, id=name) for name in TARGETS])
    def migrations(session: nox.Session, target: str) -> None:
        """Prove every revision of a chain on a real database; choose another server with -- --server IMAGE."""
        _round_trip(session, target)

else:

    @nox.session(default=False, venv_backend="none")
    def migrations(session: nox.Session) -> None:
        """Prove every revision of every chain: not possible without a target."""
        session.error(
            f"{Path(INI).resolve()} is missing, cannot be read, or has no target such as [alembic_mysql_shop]"
        )


if _ON_SERVERS:

    @nox.session(name="migrations-on", default=False, venv_backend="none")
    @nox.parametrize("server, target", _ON_SERVERS)
    def migrations_on(session: nox.Session, server: str, target: str) -> None:
        """Prove every revision of a chain on this server; all sessions of a server have its image as tag."""
        _round_trip(session, target, f"--migrations-server={server}")

else:  # Nox would run a session with an empty list of parameters by default

    @nox.session(name="migrations-on", default=False, venv_backend="none")
    def migrations_on(session: nox.Session) -> None:
        """Prove every revision on several servers: no target has a server."""
        session.skip("no target has a dialect with servers")
