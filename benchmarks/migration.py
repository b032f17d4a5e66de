"""Compare `invoke migration` over all targets with plain Alembic, a target after the other, in one run.

Run from the repository: python benchmarks/migration.py [--runs 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.project import targets
from alembic_lockstep.servers.finding import find
from alembic_lockstep.servers.settings import GIVEN
from tests.support.project import copy_repository, environment
from tests.support.servers import create, own_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.servers.server import Server

PROGRAMS = Path(sys.executable).parent
MESSAGE = "feat: a column for the benchmark"
COLUMN = "    benchmark: Mapped[str | None] = mapped_column(String(20))\n"
MODELS = ("openjiuwen_studio/models/tag.py", "openjiuwen_studio/ops_models/user.py")


@dataclass(frozen=True)
class Project:
    """A copy of the repository whose live databases are of this run alone."""

    root: Path
    settings: dict[str, str]
    targets: list[Target]

    def run(self, *words: str, **env: str) -> str:
        """Run a program of this Python's environment and return what it prints."""
        done = subprocess.run(
            [PROGRAMS / words[0], *words[1:]],
            cwd=self.root,
            env={**environment("MIGRATION_"), "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            sys.exit(f"{' '.join(words)} ended with exit code {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def alembic(self, target: Target, *words: str) -> None:
        """Run plain Alembic on a live database."""
        self.run("alembic", "-n", target.section, *words, **self.settings)

    def migration(self, **env: str) -> str:
        """Run the one command for all targets."""
        return self.run("invoke", "migration", "--auto", "--dry-run", "-m", MESSAGE, **env)

    def revisions(self) -> set[Path]:
        """Return the revisions of all targets."""
        return {path for target in self.targets for path in target.versions.glob("*.py")}


@contextmanager
def project(server: Server) -> Iterator[Project]:
    """Make a copy of the repository and databases at its heads, then add a column to a model of each database."""
    with tempfile.TemporaryDirectory() as folder, own_databases(server) as settings:
        root = copy_repository(Path(folder))
        made = Project(root, settings, targets.load(root / "alembic.ini"))
        create(server, settings["AGENT_DB_NAME"], settings["OPS_DB_NAME"])
        for target in made.targets:
            made.alembic(target, "upgrade", "head")
        for model in MODELS:
            path = root / model
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            place = next(number for number, line in enumerate(lines) if "__tablename__" in line)
            path.write_text("".join([*lines[: place + 1], COLUMN, *lines[place + 1 :]]), encoding="utf-8")
        yield made


def plain(made: Project) -> None:
    """Run Alembic's own command for a target after the other; take back what it writes."""
    before = made.revisions()
    for target in made.targets:
        made.alembic(target, "revision", "--autogenerate", "-m", MESSAGE)
    written = made.revisions() - before
    if len(written) != len(made.targets):
        sys.exit(f"plain Alembic wrote {len(written)} scripts for {len(made.targets)} targets")
    for path in written:
        path.unlink()


def without_server(made: Project) -> None:
    """Run ours where there is no way to a MySQL server."""
    said = made.migration(PATH=str(PROGRAMS.parent / "nothing"))
    expect(said, "✓", len(made.targets))
    expect(said, "not proven on MySQL yet", sum(target.dialect == "mysql" for target in made.targets))


def with_server(made: Project, server: Server) -> None:
    """Run ours where a warm server gives the proof."""
    given = os.environ.get(GIVEN)
    said = made.migration(**({GIVEN: given} if given else {}))
    expect(said, "✓", len(made.targets))
    expect(said, f"proven on {server.label}", sum(target.dialect == "mysql" for target in made.targets))


def expect(text: str, part: str, times: int) -> None:
    """End with what was printed if it does not hold `part` so many times."""
    if text.count(part) != times:
        sys.exit(f"expected {part!r} {times} times in:\n{text}")


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(made: Project, server: Server, runs: int) -> None:
    """Alternate, so that what else the machine does falls on each alike, and print the medians."""
    kinds: dict[str, Callable[[], object]] = {
        "plain alembic, one target after the other": lambda: plain(made),
        "invoke migration, no server": lambda: without_server(made),
        f"invoke migration, proven on {server.label}": lambda: with_server(made, server),
        "invoke --list": lambda: made.run("invoke", "--list"),
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(-1, runs):  # the first round fills caches and does not count
        for name, work in kinds.items():
            taken = seconds(work)
            if number >= 0:
                times[name].append(taken)
        print(f"round {number + 1} of {runs}", file=sys.stderr)
    medians = {name: statistics.median(each) for name, each in times.items()}
    baseline = next(iter(medians.values()))
    print(f"\n{len(made.targets)} targets, {runs} rounds, {os.cpu_count()} CPUs, Python {sys.version.split()[0]}\n")
    print("| command | median | least | most | ratio of the medians |\n|---|--:|--:|--:|--:|")
    for name, each in times.items():
        ratio = "" if name == "invoke --list" else f"{medians[name] / baseline:.2f}"
        print(f"| {name} | {medians[name]:.2f} s | {min(each):.2f} s | {max(each):.2f} s | {ratio} |")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="rounds that count; 7 if not given")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs is at least 1")
    try:
        server = find(lambda text: print(text, file=sys.stderr))
    except NoServerError as error:
        sys.exit(f"Plain Alembic needs MySQL databases to compare with, and there is no server: {error}")
    with project(server) as made:
        measure(made, server, arguments.runs)


if __name__ == "__main__":
    main()
