"""Sessions that check the repository in environments of their own."""

from __future__ import annotations

import configparser
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]

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
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(default=False)
@nox.parametrize("target", [nox.param(name, id=name) for name in _targets()])
def migrations(session: nox.Session, target: str) -> None:
    """Take every revision of a chain up, down and up on a real engine."""
    _install(session)
    try:
        session.run("python", "-m", "pytest", "tests/migrations", f"--target={target}", *session.posargs)
    except CommandFailed as error:
        if error.return_code == NOTHING_RAN:
            session.skip("there is no server to run it on; the tests' output says why")
        raise
