"""Sessions that check the repository in environments of their own."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

SERVERS = ["mysql:9.7", "mysql:8.4", "mariadb:11.8", "mariadb:11.4", "mariadb:10.11"]
NOTHING_RAN = 10  # tests/migrations/conftest.py


def _targets() -> list[str]:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(Path(__file__).with_name("alembic.ini"), encoding="utf-8")
    return [section.removeprefix("alembic_") for section in ini.sections() if section.startswith("alembic_")]


def _install(session: nox.Session) -> None:
    session.install("--quiet", "-r", "requirements-dev.txt")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff."""
    _install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    _install(session)
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests of the tooling and of the commands."""
    _install(session)
    # As in the workers: Alembic goes over sets, and random examples are to meet the same order each time.
    session.run("python", "-m", "pytest", *session.posargs, env={"PYTHONHASHSEED": "0"})


def _round_trip(session: nox.Session, target: str, *server: str) -> None:
    _install(session)
    name = re.sub(r"[^\w.-]+", "-", session.name).strip("-")
    report = Path(session.cache_dir).parent / "junit" / f"{name}.xml"
    command = ["-p", "no:pytest_alembic", "tests/migrations", f"--target={target}", *server, f"--junitxml={report}"]
    try:
        session.run("python", "-m", "pytest", *command, *session.posargs)
    except CommandFailed as error:
        if error.return_code == NOTHING_RAN:
            session.skip("there is no server to run it on; the tests' output says why")
        raise


@nox.session(default=False)
@nox.parametrize("target", [nox.param(name, id=name) for name in _targets()])
def migrations(session: nox.Session, target: str) -> None:
    """Prove every revision of a chain on a real engine; -- --server IMAGE for any server."""
    _round_trip(session, target)


@nox.session(name="migrations-on", default=False)
@nox.parametrize(
    "server, target",
    [
        nox.param(server, name, id=f"{server}-{name}", tags=[server])
        for server in SERVERS
        for name in _targets()
        if name.startswith("mysql")
    ],
)
def migrations_on(session: nox.Session, server: str, target: str) -> None:
    """The same on this server; all its sessions have its tag."""
    _round_trip(session, target, f"--server={server}")


@nox.session(default=False)
def foreign(session: nox.Session) -> None:
    """Adopt the chains of Optuna and MLflow as they are installed, and compare what is found with what is known."""
    session.install("--quiet", "-r", "requirements-dev.txt", "-r", "requirements-foreign.txt")
    session.run("python", "-m", "pytest", "tests/foreign", *session.posargs)
