"""A project that adopts the chains of two packages as they are installed, and what is expected of each of them."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.project import targets
from tests.support.project import ROOT, SERVERS, Project, environment

if TYPE_CHECKING:
    from alembic_lockstep.project.targets import Target

HERE = Path(__file__).parent
NAMES = ["sqlite_optuna", "mysql_optuna", "sqlite_mlflow", "mysql_mlflow"]
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".work", "mysql", "sqlite")


@dataclass
class Expected:
    """What a file of tests/foreign/expected says: blocks, each under a line that begins with #.

    Attributes:
        revisions: how many the chain has.
        models: what the models have ahead of the head of the chain.
        broken: the revisions that the round trip does not call lossless, each with the first thing that is wrong.
    """

    revisions: int = 0
    models: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def _folder(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.fail(f"{package} is not installed: pip install -r requirements-foreign.txt")
    return spec.submodule_search_locations[0].replace("%", "%%")


@pytest.fixture(scope="session")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with nothing of its own: the tool without chains, an alembic.ini, and rows for some revisions."""
    root = tmp_path_factory.mktemp("foreign") / "project"
    shutil.copytree(ROOT / "upgrade", root / "upgrade", ignore=NOT_COPIED)
    shutil.copy(ROOT / "tasks.py", root)
    shutil.copytree(HERE / "rows", root / "tests" / "migrations" / "data", ignore=NOT_COPIED)
    text = (HERE / "alembic.ini").read_text(encoding="utf-8")
    folders = {package: _folder(package) for package in ("optuna", "mlflow")}
    (root / "alembic.ini").write_text(Template(text).substitute(folders), encoding="utf-8")
    return Project(root, environment(*SERVERS))


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest, adopted: Project) -> Target:
    return targets.select(targets.load(adopted.root / "alembic.ini"), [request.param])[0]


@pytest.fixture
def engine(request: pytest.FixtureRequest, target: Target, adopted: Project) -> str:
    """The kind of the real engine: sqlite, mysql or mariadb. A target on MySQL needs a server."""
    if target.dialect != "mysql":
        return target.dialect
    server = request.getfixturevalue("server")
    adopted.env["MIGRATION_MYSQL_URL"] = server.url.render_as_string(hide_password=False)
    return "mariadb" if "mariadb" in server.label.lower() else "mysql"


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
