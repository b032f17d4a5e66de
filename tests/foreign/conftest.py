"""A project that adopts the chains of several packages as they are installed, and what is expected of each of them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.project import targets
from alembic_lockstep.servers.settings import GIVEN
from tests.support.adopter import Installation
from tests.support.servers import own_database, text_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target

HERE = Path(__file__).parent
COMPARED = ["sqlite_optuna", "mysql_optuna", "sqlite_mlflow", "mysql_mlflow"]
"""The targets whose models are complete: every difference between them and the chain was looked at."""

NAMES = [
    *COMPARED,
    "sqlite_aim",
    "sqlite_airflow",
    "mysql_octavia",
    "sqlite_glance",
    "mysql_glance",
    "sqlite_keystone",
]
PACKAGES = ("optuna", "mlflow", "aim", "airflow", "octavia", "glance", "keystone")
LIVE = "FOREIGN_MYSQL_URL"
"""The variable from which the adopter's settings take the live database of a target on MySQL."""

FILES = {
    "tasks.py": "from alembic_lockstep.tasks import namespace\n",
    "noxfile.py": "from alembic_lockstep.sessions import migrations, migrations_on\n",
    "settings.py": f'import os\n\n\ndef mysql_url() -> str:\n    return os.environ["{LIVE}"]\n',
}


@dataclass
class Expected:
    """What a file of tests/foreign/expected says: blocks, each under a line that begins with #.

    Attributes:
        revisions: how many the chain has.
        models: what the models have ahead of the head of the chain; none for a target that is not in COMPARED.
        broken: the revisions that the round trip does not call lossless, each with the first thing that is wrong.
    """

    revisions: int = 0
    models: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Adopted:
    """The adopter's project; the programs of the session's environment run in it."""

    root: Path
    installed: Installation
    env: dict[str, str]

    def __call__(self, *words: str) -> str:
        """Run a program, which has to succeed, and return all that it prints."""
        return self.installed(*words, cwd=self.root, **self.env)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program."""
        return self.installed.run(*words, cwd=self.root, **self.env)


def _folder(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.fail(f"{package} is not installed: nox -s foreign installs it")
    return spec.submodule_search_locations[0].replace("%", "%%")


@pytest.fixture
def adopted(tmp_path: Path) -> Adopted:
    """A project with nothing of its own but what an adopter writes: settings, and rows for some revisions."""
    root = tmp_path / "adopted"
    shutil.copytree(HERE / "rows", root / "tests" / "migrations" / "data", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    shutil.copytree(HERE / "modules", root, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    text = (HERE / "alembic.ini").read_text(encoding="utf-8")
    folders = {package: _folder(package) for package in PACKAGES}
    (root / "alembic.ini").write_text(Template(text).substitute(folders), encoding="utf-8")
    return Adopted(root, Installation(Path(sys.prefix)), {"AIRFLOW_HOME": str(tmp_path / "airflow")})


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest, adopted: Adopted) -> Target:
    return targets.select(targets.load(adopted.root / "alembic.ini"), [request.param])[0]


@pytest.fixture
def engine(request: pytest.FixtureRequest, target: Target, adopted: Adopted) -> str:
    """The kind of the real engine: sqlite, mysql or mariadb. A target on MySQL needs a server."""
    if target.dialect != "mysql":
        return target.dialect
    server = request.getfixturevalue("given_server")
    adopted.env[GIVEN] = text_of(server)
    return "mariadb" if "mariadb" in server.label.lower() else "mysql"


@pytest.fixture
def live(request: pytest.FixtureRequest, target: Target, adopted: Adopted, engine: str) -> Iterator[Adopted]:
    """The project with a live database of the target, which does not exist yet."""
    if engine == "sqlite":
        yield adopted
        return
    with own_database(request.getfixturevalue("server")) as url:
        adopted.env[LIVE] = url.render_as_string(hide_password=False)
        yield adopted


def expected(target: Target, engine: str) -> Expected:
    """Return what is expected of a target on an engine."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    path = HERE / "expected" / f"{engine}_{target.database}.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lines = blocks.setdefault(line[2:], [])
        elif line:
            lines.append(line)
    return Expected(int(blocks["revisions"][0]), blocks["models"], blocks["broken"])
