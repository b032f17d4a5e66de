"""Measure how the time of migrations grows with the number of tables, where each table refers to the one before.

Run from the repository: python benchmarks/tables.py [--tables 50 100 200] [--rounds 3] [--dialect sqlite] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import pstats
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.servers.finding import find
from tests.support.live import Database, made
from tests.support.servers import create, own_database

if TYPE_CHECKING:
    from collections.abc import Callable

Times = dict[str, float]
"""Seconds by what was done."""


def models(count: int, *, changed: bool = False) -> str:
    """Return the models of so many tables; changed ones have another column and a unique constraint on it."""
    lines = []
    for number in range(count):
        parts = ["Column('id', Integer, primary_key=True)", "Column('name', String(40), nullable=False)"]
        if number:
            key = f"ForeignKey('t{number - 1:03}.id', name='fk_t{number:03}')"
            parts.append(f"Column('previous_id', {key}, nullable=False, index=True)")
        if changed:
            parts += ["Column('code', String(20))", f"UniqueConstraint('code', name='uq_t{number:03}_code')"]
        lines.append(f"Table('t{number:03}', metadata, {', '.join(parts)})")
    return "\n".join(lines)


def measure(dialect: str, count: int, *, profile: bool = False) -> Times:
    """Generate and prove a first migration and a change of all tables, and apply each to a live database."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url = sa.URL.create("sqlite", database=str(folder / "live" / "tables.db"))
        if dialect == "sqlite":
            (folder / "live").mkdir()
        else:
            server = find(lambda _text: None)
            url = stack.enter_context(own_database(server))
            create(server, str(url.database))
        sys.path.insert(0, name)
        database = made(folder, dialect, url)
        database.models(models(count))
        times = {
            "a first migration": _seconds(lambda: _generate(database, "first"), profile=profile),
            "its upgrade": _seconds(database.upgrade, profile=profile),
        }
        database.models(models(count, changed=True))
        return times | {
            "a change of all tables": _seconds(lambda: _generate(database, "change"), profile=profile),
            "upgrade of that": _seconds(database.upgrade, profile=profile),
            "downgrade of that": _seconds(database.downgrade, profile=profile),
        }


def _generate(database: Database, name: str) -> None:
    result = database.generate(name)
    if not result.proven_on or any(line.startswith("!") for line in result.summary):
        sys.exit("\n".join(["not proven, or not without a warning:", *result.summary]))


def _seconds(work: Callable[[], object], *, profile: bool) -> float:
    profiler = cProfile.Profile()
    started = time.perf_counter()
    if profile:
        profiler.runcall(work)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    else:
        work()
    return time.perf_counter() - started


def rounds(dialect: str, counts: list[int], number: int) -> dict[int, Times]:
    """Alternate, so that what else the machine does falls on each alike; return the least of each."""
    least: dict[int, Times] = {}
    for turn in range(number):
        for count in counts:
            # A new process each time, as a command has: with nothing in its caches.
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                times = pool.submit(measure, dialect, count).result()
            known = least.get(count, times)
            least[count] = {kind: min(seconds, known[kind]) for kind, seconds in times.items()}
        print(f"{dialect}: round {turn + 1} of {number}", file=sys.stderr)
    return least


def show(dialect: str, least: dict[int, Times]) -> None:
    """Print the seconds, and what each number of tables takes as a ratio to the one before."""
    counts = list(least)
    steps = list(pairwise(counts))
    print(f"\n{dialect}\n\n| tables | {' | '.join(map(str, counts))} |", *(f" {b} / {a} |" for a, b in steps), sep="")
    print("|---|" + "--:|" * (len(counts) + len(steps)))
    for kind in next(iter(least.values())):
        seconds = [f"{least[count][kind]:.2f} s" for count in counts]
        ratios = [f"{least[after][kind] / least[before][kind]:.2f}" for before, after in steps]
        print(f"| {kind} | {' | '.join(seconds + ratios)} |")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="+", default=[50, 100, 200], help="50 100 200 if not given")
    parser.add_argument("--rounds", type=int, default=3, help="3 if not given")
    parser.add_argument("--dialect", action="append", choices=["sqlite", "mysql"], help="both if not given")
    parser.add_argument("--profile", action="store_true", help="print profiles of the first number of tables instead")
    arguments = parser.parse_args()
    for dialect in arguments.dialect or ["sqlite", "mysql"]:
        try:
            if arguments.profile:
                measure(dialect, arguments.tables[0], profile=True)
            else:
                show(dialect, rounds(dialect, arguments.tables, arguments.rounds))
        except NoServerError as error:
            sys.exit(f"{dialect} needs a server, and there is none: {error}")


if __name__ == "__main__":
    main()
