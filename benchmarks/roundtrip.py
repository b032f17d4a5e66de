"""Compare the round trip with pytest-alembic's up/down test and the stairway test, on one chain of small revisions.

Run from the repository: python benchmarks/roundtrip.py [--revisions 200] [--rounds 3] [--dialect sqlite]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for tests

from alembic_lockstep import dialects
from tests.support import chains
from tests.support.chains import Revision
from tests.zoo import others

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from alembic_lockstep.project.targets import Target

TABLES = 10


def revision(number: int) -> Revision:
    """Return a small revision.

    Seven follow each other on one of ten tables: a column, an index, a new table, a longer type; and the index, the
    column and the new table go again. So the last revision has as much to do as the first, and only the walk can grow.
    """
    name = f"{number:06x}"
    if number == 0:
        made = [
            f'op.create_table("t{each}", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(40)),\n'
            f'    sa.Column("size", sa.Integer(), server_default="1", nullable=False), sa.PrimaryKeyConstraint("id"))'
            for each in range(TABLES)
        ]
        return Revision(name, "\n".join(made), "\n".join(f'op.drop_table("t{each}")' for each in range(TABLES)))
    turn = (number - 1) // 7
    table, column, index, fresh = f"t{turn % TABLES}", f"c{turn}", f"ix_{turn}", f"n{turn}"
    batch = f'with op.batch_alter_table("{table}") as batch:\n    batch.'
    add_column = f'op.add_column("{table}", sa.Column("{column}", sa.Integer(), server_default="0", nullable=False))'
    drop_column = f'{batch}drop_column("{column}")'
    add_index, drop_index = (
        f'op.create_index("{index}", "{table}", ["size", "name"])',
        f'op.drop_index("{index}", "{table}")',
    )
    add_table = (
        f'op.create_table("{fresh}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("text", sa.String(50)))'
    )
    old, new = (f"sa.String({40 + turn // TABLES + step})" for step in (0, 1))
    widen, narrow = (
        f'{batch}alter_column("name", type_={to}, existing_type={of})' for to, of in ((new, old), (old, new))
    )
    bodies = [
        (add_column, drop_column, ""),
        (add_index, drop_index, ""),
        (add_table, f'op.drop_table("{fresh}")', ""),
        (widen, narrow, ""),
        (drop_index, add_index, ""),
        (drop_column, add_column, 'lossy = "the column is not used any more"'),
        (f'op.drop_table("{fresh}")', add_table, 'lossy = "the table is not used any more"'),
    ]
    return Revision(name, *bodies[(number - 1) % 7])


def write(folder: Path, dialect: str, count: int, *, broken: bool = False) -> Target:
    """Write a chain of so many revisions; of a broken one every second downgrade does nothing."""
    made = [revision(number) for number in range(count)]
    if broken:
        made[1::2] = [Revision(each.id, each.up, "pass") for each in made[1::2]]
    return chains.write(folder, dialect, "chain", made)


def ours(target: Target, folder: Path, *, data: bool, broken: int = 0) -> None:
    """Take the whole chain up, down and up, and see that just so many revisions are broken."""
    trip = chains.round_trip(target, folder, data=data)
    if len(trip.bad()) != broken:
        sys.exit(f"{len(trip.bad())} revisions are broken, not {broken}")


def theirs(test: Callable[[Path, sa.Engine], None], target: Target, folder: Path) -> None:
    """Run another test on a scratch database of the same kind."""
    with dialects.get(target.dialect).scratch.database(target.name, folder, lambda _text: None) as scratch:
        test(folder, scratch.engine)


def measure(dialect: str, count: int, rounds: int, *, slow: bool) -> None:
    """Alternate, so that what else the machine does falls on each alike, and print the medians."""
    with tempfile.TemporaryDirectory() as name:
        folder, longer, worse = Path(name) / "once", Path(name) / "twice", Path(name) / "broken"
        target, twice = write(folder, dialect, count), write(longer, dialect, 2 * count)
        broken = write(worse, dialect, count, broken=True)
        kinds: dict[str, Callable[[], None]] = {
            "pytest-alembic, up/down (compares nothing)": lambda: theirs(others.up_down, target, folder),
            "round trip, schema": lambda: ours(target, folder, data=False),
            "round trip, schema and data": lambda: ours(target, folder, data=True),
            f"round trip, schema and data, {2 * count} revisions": lambda: ours(twice, longer, data=True),
            f"round trip, schema, {2 * count} revisions": lambda: ours(twice, longer, data=False),
            "round trip, every second downgrade broken": lambda: ours(broken, worse, data=True, broken=count // 2),
        }
        if slow:
            kinds["stairway, by alembic.command"] = lambda: theirs(others.stairway, target, folder)
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        ours(target, folder, data=True)  # fills caches
        for number in range(rounds):
            for kind, work in kinds.items():
                gc.collect()
                started = time.perf_counter()
                work()
                times[kind].append(time.perf_counter() - started)
            print(f"{dialect}: round {number + 1} of {rounds}", file=sys.stderr)
        show(dialect, count, times)


def show(dialect: str, count: int, times: dict[str, list[float]]) -> None:
    """Print the medians and their ratios."""
    medians = {kind: statistics.median(each) for kind, each in times.items()}
    first = next(iter(medians.values()))
    print(f"\n{dialect}, {count} revisions, medians of {len(next(iter(times.values())))}\n")
    print("| test | seconds | of the up/down test |\n|---|--:|--:|")
    for kind, median in medians.items():
        print(f"| {kind} | {median:.2f} | {median / first:.2f} |")
    schema, data, twice_data, twice_schema, broken, *stairway = list(medians.values())[1:]
    print(f"\nwith data / without: {data / schema:.2f}")
    print(f"twice the revisions: {twice_schema / schema:.2f} without data, {twice_data / data:.2f} with data")
    print(f"every second downgrade broken: {broken / data:.2f}")
    for each in stairway:
        print(f"schema / stairway: {schema / each:.3f}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", type=int, default=200, help="of the chain; 200 if not given")
    parser.add_argument("--rounds", type=int, default=3, help="3 if not given")
    parser.add_argument("--dialect", action="append", choices=["sqlite", "mysql"], help="both if not given")
    parser.add_argument("--no-stairway", action="store_true", help="leave the slowest out")
    arguments = parser.parse_args()
    for dialect in arguments.dialect or ["sqlite", "mysql"]:
        measure(dialect, arguments.revisions, arguments.rounds, slow=not arguments.no_stairway)


if __name__ == "__main__":
    main()
