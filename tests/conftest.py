"""A copy of the repository to work in, and real servers."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep import servers
from alembic_lockstep.servers.errors import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A shell starts its background jobs with Ctrl-C ignored, and so would be all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".nox", ".work", "data", ".env", "__pycache__", ".*_cache", "tests", "alembic_lockstep"
)
FIRST = "6016cfdb426a"
OURS = ("DB_", "SQLITE_", "AGENT_", "OPS_", "MIGRATION_", "MYSQL_", "PYTHONDONTWRITEBYTECODE")


@dataclass
class Project:
    """A copy of the repository, in which commands run as a user would type them."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project's environment."""
        return subprocess.run(
            command,
            cwd=cwd or self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def invoke(self, *words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `invoke …`."""
        return self.run(sys.executable, "-m", "invoke", *words, cwd=cwd, **env)

    def migration(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `invoke migration --auto -m "feat: change" …`."""
        return self.invoke("migration", "--auto", "-m", "feat: change", *words, cwd=None, **env)

    def alembic(
        self, target: str, *words: str, cwd: Path | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run plain `alembic -n alembic_<target> …`."""
        ini = str(self.root / "alembic.ini")
        return self.run(
            sys.executable, "-m", "alembic.config", "-c", ini, "-n", f"alembic_{target}", *words, cwd=cwd, **env
        )

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace `old`, which must be there, in a file."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def add_column(
        self, declaration: str = 'note: Mapped[str | None] = mapped_column(String(20), server_default="x")'
    ) -> None:
        """Add a column to the model of `tag`, in the agent database."""
        self.edit(
            "openjiuwen_studio/models/tag.py", '__tablename__ = "tag"', f'__tablename__ = "tag"\n    {declaration}'
        )

    def versions(self, target: str) -> list[Path]:
        """Return the revisions of a target."""
        dialect, database = target.split("_")
        return sorted((self.root / "upgrade" / dialect / f"alembic_{database}" / "versions").glob("*.py"))

    def files(self) -> dict[str, bytes]:
        """Return every revision file with its content, and what lies in the workspace beside its lock."""
        found = [*self.root.glob("upgrade/*/*/versions/**/*"), *self.root.glob("upgrade/.work/*/**/*")]
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in found
            if path.is_file() and path.suffix != ".pyc"
        }


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with its bytecode: the commands of a test start faster with it."""
    root = tmp_path_factory.mktemp("compiled") / "project"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED)
    compileall.compile_dir(root, quiet=1)
    return root


@pytest.fixture(scope="session")
def squashed(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which each chain is one revision, FIRST: what the tests see is not the application's history."""
    made = copied(compiled, tmp_path_factory.mktemp("squashed"))
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


def copied(source: Path, folder: Path) -> Project:
    """Copy a project, for an environment without settings and without a way to a MySQL server."""
    root = folder / "project"
    shutil.copytree(source, root)
    nothing = folder / "bin"
    nothing.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS) and name != "CI"}
    return Project(root, {**env, "PATH": str(nothing), "NO_COLOR": "1"})


@pytest.fixture
def project(tmp_path: Path, squashed: Path) -> Project:
    """A project to change and break."""
    return copied(squashed, tmp_path)


@pytest.fixture
def application(tmp_path: Path, compiled: Path) -> Project:
    """The application with its whole history."""
    return copied(compiled, tmp_path)


@pytest.fixture(scope="session")
def server() -> servers.Server:
    """A real MySQL or MariaDB server. Without one the test is skipped, in CI it fails."""
    try:
        return servers.find(lambda _text: None)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs a MySQL server: {error}")
        pytest.skip(f"needs a MySQL server: {error}")


@pytest.fixture
def mysql_project(project: Project, server: servers.Server) -> Project:
    """A project whose proofs on MySQL run on the server."""
    project.env["MIGRATION_MYSQL_URL"] = server.url.render_as_string(hide_password=False)
    return project


@pytest.fixture
def live(project: Project, server: servers.Server) -> Iterator[Project]:
    """A project whose settings name MySQL databases of this test alone. They do not exist yet."""
    mark = uuid.uuid4().hex[:8]
    names = {"AGENT_DB_NAME": f"test_{mark}_agent", "OPS_DB_NAME": f"test_{mark}_ops"}
    url = server.url
    project.env |= {**names, "DB_HOST": str(url.host), "DB_PORT": str(url.port), "DB_USER": str(url.username)}
    project.env |= {
        "DB_PASSWORD": str(url.password),
        "MIGRATION_MYSQL_URL": url.render_as_string(hide_password=False),
    }
    yield project
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        for name in names.values():
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
