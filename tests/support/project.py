"""A copy of the repository, and commands that run in it as a user would type them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = ("DB_", "SQLITE_", "AGENT_", "OPS_")
"""How the application's settings begin: they would lead out of a copy, to this user's own databases."""
SERVERS = ("MIGRATION_", "MYSQL_")
"""How the settings of servers for scratch databases begin."""

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".nox", ".work", "data", ".env", "__pycache__", ".*_cache", "tests", "alembic_lockstep"
)
"""What belongs to this checkout; the package is imported from where it is installed, as an adopter does."""


def copy_repository(folder: Path) -> Path:
    """Copy the application, its chains and its alembic.ini into a folder, and return the root of the copy."""
    return Path(shutil.copytree(ROOT, folder / "project", ignore=_LEFT_OUT))


def environment(*without: str) -> dict[str, str]:
    """Return the environment of this process without the application's settings and without CI.

    Args:
        without: how further variables begin that are left out.
    """
    left_out = (*APPLICATION, *without)
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out) and name != "CI"}


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

    def revisions(self) -> dict[str, bytes]:
        """Return every revision file with its content."""
        return {name: content for name, content in self.files().items() if "/.work/" not in name}

    def drafts(self, target: str = "*") -> list[Path]:
        """Return the scripts of the open draft."""
        return sorted(self.root.glob(f"upgrade/.work/draft/{target}/*.py"))

    def files(self) -> dict[str, bytes]:
        """Return every revision file with its content, and what lies in the workspace beside its lock."""
        found = [*self.root.glob("upgrade/*/*/versions/**/*"), *self.root.glob("upgrade/.work/*/**/*")]
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in found
            if path.is_file() and path.suffix != ".pyc"
        }
