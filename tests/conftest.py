"""A copy of the repository to work in, and real servers."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from alembic_lockstep.commands.roundtrip import server_image
from alembic_lockstep.errors import NoServerError
from alembic_lockstep.servers.finding import find
from alembic_lockstep.servers.settings import GIVEN
from tests.support.project import ROOT, SERVERS, Project, copy_repository, environment
from tests.support.servers import own_databases, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server

__all__ = ["FIRST", "ROOT", "Project"]

# A shell starts its background jobs with Ctrl-C ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FIRST = "6016cfdb426a"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """Return a folder that all processes of a run share; the first that asks for it makes it.

    Args:
        factory: pytest's.
        name: of the folder.
        make: makes a project in an empty folder and returns its root.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with FileLock(base / f"{name}.lock"):
        if not (base / name).is_dir():
            draft = base / f"{name}-draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft).rename(base / name)
    return base / name


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with its bytecode: the commands of a test start faster with it."""

    def make(folder: Path) -> Path:
        root = copy_repository(folder)
        compileall.compile_dir(root, quiet=1)
        return root

    return made_once(tmp_path_factory, "compiled", make)


@pytest.fixture(scope="session")
def squashed(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which each chain is one revision, FIRST: what the tests see is not the application's history."""

    def make(folder: Path) -> Path:
        made = copied(compiled, folder)
        for path in made.root.glob("upgrade/*/alembic_*/versions/*.py"):
            path.unlink()
        done = made.invoke(
            "migration", "--auto", "-m", "feat: first schema", "--twins", "the dialects have types of their own"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for path in made.root.glob("upgrade/*/alembic_*/versions/*.py"):
            drawn = path.stem.rpartition("_")[2]
            text = path.read_text(encoding="utf-8").replace(drawn, FIRST)
            path.with_name(path.name.replace(drawn, FIRST)).write_text(text, encoding="utf-8")
            path.unlink()
        shutil.rmtree(made.root / "upgrade" / ".work")
        compileall.compile_dir(made.root / "upgrade", quiet=1)
        return made.root

    return made_once(tmp_path_factory, "squashed", make)


def copied(source: Path, folder: Path) -> Project:
    """Copy a project, for an environment without settings and without a way to a MySQL server."""
    root = folder / "project"
    shutil.copytree(source, root)
    nothing = folder / "bin"
    nothing.mkdir()
    return Project(root, {**environment(*SERVERS, "PYTHONDONTWRITEBYTECODE"), "PATH": str(nothing), "NO_COLOR": "1"})


@pytest.fixture
def project(tmp_path: Path, squashed: Path) -> Project:
    """A project to change and break."""
    return copied(squashed, tmp_path)


@pytest.fixture
def application(tmp_path: Path, compiled: Path) -> Project:
    """The application with its whole history."""
    return copied(compiled, tmp_path)


@pytest.fixture(scope="session")
def server() -> Server:
    """A real MySQL or MariaDB server. Without one the test is skipped, in CI it fails."""
    try:
        return find(lambda _text: None)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs a MySQL server: {error}")
        pytest.skip(f"needs a MySQL server: {error}")


@pytest.fixture
def given_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, on which scratch databases of this process are made."""
    monkeypatch.setenv(GIVEN, text_of(server))
    return server


@pytest.fixture(scope="session")
def mariadb_server() -> Server:
    """A real MariaDB server in Docker. Without one the test is skipped, in CI it fails."""
    try:
        with server_image(os.environ.get("MARIADB_IMAGE", "mariadb:11.8")):
            return find(lambda _text: None)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs MariaDB: {error}")
        pytest.skip(f"needs MariaDB in Docker: {error}")


@pytest.fixture
def given_mariadb(mariadb_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """MariaDB, on which scratch databases of this process are made."""
    monkeypatch.setenv(GIVEN, text_of(mariadb_server))
    return mariadb_server


@pytest.fixture
def mysql_project(project: Project, server: Server) -> Project:
    """A project whose proofs on MySQL run on the server."""
    project.env[GIVEN] = text_of(server)
    return project


@pytest.fixture
def live(mysql_project: Project, server: Server) -> Iterator[Project]:
    """A project whose settings name MySQL databases of this test alone. They do not exist yet."""
    with own_databases(server) as settings:
        mysql_project.env |= settings
        yield mysql_project
