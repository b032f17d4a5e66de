"""The package as an adopter has it: a wheel, installed into a virtual environment outside the repository."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.project import ROOT, SERVERS, environment

if TYPE_CHECKING:
    from pathlib import Path

OWN_PYTHON = ("PYTHON", "VIRTUAL_ENV", "NOX_", "PYTEST_", "COLUMNS")
"""How the variables begin that lead back to this checkout or to the tests' own environment."""


@dataclass(frozen=True)
class Installation:
    """A virtual environment in which the package is installed."""

    folder: Path

    def __call__(self, *words: str, cwd: Path, **env: str) -> str:
        """Run a program of the environment, which has to succeed, and return all that it prints."""
        done = self.run(*words, cwd=cwd, **env)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}"
        return done.stdout

    def run(self, *words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment; its two streams are one."""
        plain = environment(*SERVERS, *OWN_PYTHON, "SHOP_")
        programs = self.folder / "bin"
        return subprocess.run(
            [str(programs / words[0]), *words[1:]],
            cwd=cwd,
            env={**plain, "PATH": f"{programs}:{plain['PATH']}", "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder, and return it."""
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, extras: str) -> Installation:
    """Make a virtual environment and install a wheel with extras; versions are those that this repository pins."""
    venv.create(folder / "venv", with_pip=False)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins()), encoding="utf-8")
    python = folder / "venv" / "bin" / "python"
    words = ["-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    words += ["--constraint", str(constraints), f"{wheel}[{extras}]"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Installation(folder / "venv")


def pins() -> list[str]:
    """Return the exact versions of this repository's requirements, as pip takes constraints: without extras."""
    lines = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    return [re.sub(r"\[.*?\]", "", line) for line in lines if "==" in line]
