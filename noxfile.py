"""Sessions that check the repository in environments of their own."""

from __future__ import annotations

import nox

from alembic_lockstep.sessions import migrations, migrations_on

__all__ = ["migrations", "migrations_on"]

nox.needs_version = ">=2025.2.9"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests"]


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


@nox.session(default=False)
def foreign(session: nox.Session) -> None:
    """Adopt the chains of Optuna and MLflow as they are installed, and compare what is found with what is known."""
    session.install("--quiet", "-r", "requirements-dev.txt", "-r", "requirements-foreign.txt")
    session.run("python", "-m", "pytest", "tests/foreign", *session.posargs)
