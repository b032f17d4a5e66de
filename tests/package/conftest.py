"""The wheel, an environment in which it is installed, and a project that has adopted it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.servers.settings import GIVEN
from tests.package import shop as files
from tests.support.adopter import Installation, build_wheel, install
from tests.support.servers import text_of

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.servers.server import Server

SECOND = "feat_email_of_a_customer"


@dataclass(frozen=True)
class Shop:
    """The adopter's project, in which its own environment's programs run."""

    root: Path
    installed: Installation
    env: dict[str, str]

    def __call__(self, *words: str, cwd: Path | None = None, **env: str) -> str:
        """Run a program, which has to succeed, and return all that it prints."""
        return self.installed(*words, cwd=cwd or self.root, **{**self.env, **env})

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program."""
        return self.installed.run(*words, cwd=self.root, **{**self.env, **env})

    def versions(self, dialect: str) -> list[Path]:
        """Return the revisions of a chain."""
        return sorted((self.root / "chains" / dialect).glob("*.py"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(wheel, tmp_path_factory.mktemp("adopter"), "mysql,test")


@pytest.fixture(scope="session")
def with_two_migrations(installed: Installation, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project with a first schema, and with a change of a model behind it. Its path has a blank and a %."""
    made = Shop(tmp_path_factory.mktemp("adopted") / "a shop, 100% ours", installed, {GIVEN: text_of(server)})
    files.write(made.root)
    for message in ("feat: first schema", "feat: email of a customer"):
        twins = () if made.versions("sqlite") else ("--twins", "a text has no limit on SQLite")
        assert "not proven" not in made("invoke", "migration", "--auto", "-m", message, *twins)
        models = made.root / "shop" / "models.py"
        models.write_text(files.MODELS.replace(files.NAME, files.NAME + files.EMAIL), encoding="utf-8")
    for path in made.root.glob(f"chains/*/{SECOND}_*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\n\n\ndef downgrade", f"\n{files.DATA_PART}\n\ndef downgrade"), encoding="utf-8")
    return made


@pytest.fixture
def shop(with_two_migrations: Shop, tmp_path: Path) -> Shop:
    """A copy of that project, for one test."""
    root = tmp_path / "the shop, 100% ours"
    shutil.copytree(with_two_migrations.root, root)
    return Shop(root, with_two_migrations.installed, dict(with_two_migrations.env))


@pytest.fixture
def mariadb() -> str:
    """An image of MariaDB that is there; without it the test is skipped, in CI it fails."""
    image = "mariadb:11.8"
    inspect = [shutil.which("docker") or "false", "image", "inspect", image]
    if subprocess.run(inspect, capture_output=True, check=False).returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs Docker with the image {image}")
    return image
