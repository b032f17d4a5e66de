"""The project as one of its commits has it, exported into a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import PACKAGE, CannotRunError, shown
from alembic_lockstep.project.data_cases import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target


def commit_that_added(path: Path, root: Path) -> str:
    """Return the commit in which a file came, also if it was renamed since.

    Raises:
        CannotRunError: git does not know.
    """
    found = _git(root, "log", "--follow", "--diff-filter=A", "--format=%H", "--", str(path)).split()
    if not found:
        raise _unknown(f"{shown(path, root)} is in no commit")
    return found[-1]


def resolved(commit: str, root: Path) -> str:
    """Return the full id of a commit.

    Raises:
        CannotRunError: git has no such commit.
    """
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}").strip()


@contextmanager
def exported(commit: str, targets: list[Target]) -> Iterator[Path]:
    """Provide an alembic.ini in a folder with the application of a commit, and with the migrations of today.

    Args:
        commit: the commit.
        targets: targets of one alembic.ini.

    Raises:
        CannotRunError: git cannot export it.
    """
    ini, root = targets[0].ini, targets[0].root
    prefix = _git(root, "rev-parse", "--show-prefix").strip()
    with tempfile.TemporaryDirectory(prefix="migration-") as name:
        folder, index = Path(name, "files"), {"GIT_INDEX_FILE": str(Path(name, "index"))}
        top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
        _git(top, "read-tree", commit, **index)
        _git(top, "checkout-index", "--all", f"--prefix={folder}{os.sep}", **index)
        made = folder / prefix
        made.mkdir(parents=True, exist_ok=True)
        shutil.copy(ini, made / ini.name)
        for path in {*(target.versions for target in targets), root / FOLDER, *_files(targets), PACKAGE}:
            if path.exists() and path.is_relative_to(root):
                _replace(made / path.relative_to(root), path)
        yield made / ini.name


def _files(targets: list[Target]) -> list[Path]:
    return [target.initial_file for target in targets if target.initial_file]


def _replace(path: Path, by: Path) -> None:
    if by.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(by, path)
        return
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(by, path, ignore=shutil.ignore_patterns("__pycache__"))


def _git(folder: Path, *words: str, **environment: str) -> str:
    """Run git in a folder and return what it prints.

    Raises:
        CannotRunError: there is no git, no repository, or no such commit.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            env={**os.environ, **environment}, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
    except OSError as error:
        raise _unknown(f"git cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise _unknown(said[-1] if said else f"git has no commit {words[-1].removesuffix('^{commit}')}")
    return done.stdout


def _unknown(what: str) -> CannotRunError:
    return CannotRunError(
        f"{what}. Say whose models the revision stood for: --at COMMIT, or --at . for those of today",
        kind="unknown-commit",
    )
