"""Put the zoo of tests/zoo through the round trip and through the tests that others use, and print what each finds.

python docs/zoo.py > docs/zoo.md     takes some minutes; without a MySQL server it ends with an error
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for tests.zoo

from alembic_lockstep import (
    dialects,
    servers,
)
from tests.support.chains import round_trip
from tests.support.servers import text_of
from tests.zoo import others, right, wrong
from tests.zoo.harness import DIALECTS, Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target

HEAD = """# The zoo

Revisions that are wrong, and revisions that are right, each of another kind, under the round trip and under the tests that
are in common use: the [stairway test](https://github.com/alvassin/alembic-quickstart) and two tests of
[pytest-alembic](https://pytest-alembic.readthedocs.io). Made by `python docs/zoo.py`; the revisions are in `tests/zoo`.

A wrong one should be found (●); ○ is one that was missed. A right one should pass (✓); ✗ is a false alarm.
A blank is a kind that the dialect does not have. On MySQL `downgrade leaves no trace` fails on every revision, right or wrong:
it rolls DDL back, and MySQL commits it.
"""


def ours(case: Case, target: Target, folder: Path) -> bool:
    """Return whether the round trip finds fault with the last revision, and with no other."""
    bad = [verdict.revision for verdict in round_trip(target, folder).bad()]
    if set(bad) - {case.last}:
        sys.exit(f"{case.name}: {bad}")
    return bool(bad)


def alarms(case: Case, dialect: str) -> list[bool]:
    """Return for ours and each of the others whether it finds fault with a case."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = case.write(folder, dialect)
        found.append(ours(case, target, folder))
        for test in others.TESTS.values():
            with engine(target, folder) as made:
                found.append(bool(others.alarm(test, folder, made)))
    return found


@contextmanager
def engine(target: Target, folder: Path) -> Iterator[sa.Engine]:
    """Give an ordinary engine to an empty database."""
    with dialects.get(target.dialect).scratch(target.name, folder, lambda _text: None) as scratch:
        made = sa.create_engine(scratch.engine.url, poolclass=sa.NullPool)
        yield made
        made.dispose()


def table(title: str, cases: list[Case], marks: tuple[str, str]) -> None:
    """Print a table of cases, and how many alarms there were."""
    names = ["round trip", *(name.replace("_", " ") for name in others.TESTS)]
    counts = {dialect: [0] * len(names) for dialect in DIALECTS}
    sizes = dict.fromkeys(DIALECTS, 0)
    rows = []
    for number, case in enumerate(cases):
        print(f"{title} {number + 1}/{len(cases)}", file=sys.stderr)
        cells = []
        for dialect in DIALECTS:
            with redirect_stdout(sys.stderr):  # a revision that asks prints its question
                found = alarms(case, dialect) if dialect in case.dialects else []
            sizes[dialect] += bool(found)
            counts[dialect] = [
                count + alarm for count, alarm in zip(counts[dialect], found or [False] * len(names), strict=True)
            ]
            cells += [marks[not alarm] for alarm in found] or [""] * len(names)
        rows.append(f"| {case.name} | {' | '.join(cells)} |")
    print(f"\n## {title}\n")
    print("| | " + " | ".join(f"{name}, {dialects.LABELS[dialect]}" for dialect in DIALECTS for name in names) + " |")
    print("|---|" + ":-:|" * (len(names) * len(DIALECTS)))
    totals = " | ".join(f"**{count} of {sizes[dialect]}**" for dialect in DIALECTS for count in counts[dialect])
    print(f"| **alarms** | {totals} |")
    print("\n".join(rows))


def main() -> None:
    """Print the page."""
    logging.disable()
    server = servers.find(lambda text: print(text, file=sys.stderr))
    os.environ[servers.GIVEN] = text_of(server)
    print(HEAD)
    print(
        f"Run on {server.label} and SQLite {sa.create_engine('sqlite://').connect().exec_driver_sql('SELECT sqlite_version()').scalar()}."
    )
    table("Wrong revisions", wrong.CASES, ("●", "○"))
    table("Right revisions", right.CASES, ("✗", "✓"))


if __name__ == "__main__":
    main()
