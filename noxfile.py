"""Sessions that check the repository in environments of their own."""

from __future__ import annotations

from pathlib import Path

import nox

from alembic_lockstep.sessions import migrations, migrations_on

__all__ = ["migrations", "migrations_on"]

nox.needs_version = ">=2025.2.9"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests", "package"]
nox.options.error_on_missing_interpreters = False

LINT = ("ruff check", "ruff format --check", "lint-imports --no-logo --no-cache")
"""What .pre-commit-config.yaml runs as well."""

# As in the workers: Alembic goes over sets, and random examples are to meet the same order each time.
SEED = {"PYTHONHASHSEED": "0"}

OLDEST = (
    "alembic==1.18.5",
    "filelock==3.12.0",
    "invoke==2.2.0",
    "nox==2025.2.9",
    "PyMySQL[rsa]==1.1.0",
    "pytest==8.2.0",
    "rich==13.7.0",
    "ruff==0.6.0",
    "SQLAlchemy==2.0.58",
    "tzdata==2024.1",
)
"""The lower bounds of pyproject.toml."""


def _pins(file: str) -> dict[str, str]:
    """Return the exact requirements of a file by the names of the packages."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return {line.partition("==")[0]: line for line in lines if "==" in line}


def _install(session: nox.Session) -> None:
    session.install("--quiet", "-r", "requirements-dev.txt")


def _pytest(session: nox.Session, *words: str) -> None:
    session.run("python", "-m", "pytest", "-q", *words, env=SEED)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the layers of the package."""
    _install(session)
    for command in LINT:
        session.run(*command.split(), silent=True)  # what fails is printed


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    _install(session)
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests of the tooling and of the commands; arguments after -- go to pytest."""
    _install(session)
    if session.posargs:
        _pytest(session, *session.posargs)
        return
    _pytest(session, "-m", "not serial", "--numprocesses=2", "--dist=worksteal")
    _pytest(session, "-m", "serial")


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, install it outside the repository, and adopt it in another project."""
    _install(session)
    _pytest(session, "tests/package", *session.posargs)


@nox.session(default=False)
@nox.parametrize(
    "python, versions",
    [
        *(nox.param(python, (), id=f"newest-{python}") for python in ("3.11", "3.12", "3.13", "3.14")),
        nox.param("3.11", ("SQLAlchemy==2.0.58",), id="sqlalchemy-2.0"),
        nox.param("3.11", OLDEST, id="oldest"),
    ],
)
def supported(session: nox.Session, versions: tuple[str, ...]) -> None:
    """Run the unit tests at both ends of what is supported; a Python that is not here is skipped."""
    development = _pins("requirements-dev.txt")
    pins = _pins("requirements.txt") | {
        name: development[name] for name in ("nox", "pytest", "pytest-timeout", "pytest-xdist")
    }
    pins |= {version.partition("==")[0]: version for version in versions}
    session.install("--quiet", "-e", ".[mysql,test]", *pins.values())
    _pytest(session, "--numprocesses=2", "tests/unit", *session.posargs)


@nox.session(default=False)
def foreign(session: nox.Session) -> None:
    """Adopt the chains of other projects as they are installed, and compare what is found with what is known."""
    session.install("--quiet", "-r", "requirements-dev.txt", "-r", "requirements-foreign.txt")
    session.install("--quiet", "--no-deps", "-r", "requirements-foreign-no-deps.txt")
    folder = Path(session.virtualenv.location) / "wheel"
    session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), silent=True)
    wheel = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    session.install("--quiet", "--no-deps", "--force-reinstall", str(wheel))
    _pytest(session, "tests/foreign", *session.posargs)
