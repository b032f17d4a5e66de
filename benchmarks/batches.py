"""Time, memory and largest transaction of a data migration: change 3 of the application's history, on a million rows.

Run from the repository: python benchmarks/batches.py [--rows 1000000] [--dialect sqlite] [--some 20000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.execution.batches import SIZE, rewrite
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import (
    chain,
    targets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.project.targets import Target

SLUG = "feat_agent_model_configuration_in_columns"
FITS = '{"model_info": {"model_id": %d, "temperature": 0.7, "top_p": 1, "timeout": 60}}'
ODD = ['{"model_info": {"model_id": "gpt", "api_key": "x"}}', "null", "[]", '{"name": "x"}']
MIB = 1024**2
MEASURED = "MEASURED_DATABASE"
"""The variable that tells the other process where the database is; its URL may hold a password."""


def change_of(dialect: str) -> tuple[Target, ScriptDirectory, Script]:
    """Return the target of the agent database, its chain, and change 3."""
    target = targets.load_one(ROOT / "alembic.ini", f"alembic_{dialect}_agent")
    script = chain.load(target)
    return target, script, next(each for each in script.walk_revisions() if SLUG in each.path)


def fill(connection: sa.Connection, count: int) -> None:
    """Put in agents, one of ten with a model that no column takes whole: a thousand, doubled until it is enough."""
    models = [ODD[number // 10 % len(ODD)] if number % 10 == 0 else FITS % number for number in range(min(count, 1000))]
    agent = sa.table("agent", *(sa.column(name) for name in ("id", "agent_id", "agent_version", "space_id", "model")))
    rows = [
        {"id": number, "agent_id": f"a{number}", "agent_version": "draft", "space_id": "s", "model": model}
        for number, model in enumerate(models, start=1)
    ]
    connection.execute(agent.insert(), rows)
    there = len(rows)
    while there < count:
        more = min(there, count - there)
        name = f"CONCAT('a', id + {there})" if connection.dialect.name == "mysql" else f"'a' || (id + {there})"
        columns = "agent_version, space_id, model"
        connection.exec_driver_sql(
            f"INSERT INTO agent (id, agent_id, {columns}) "
            f"SELECT id + {there}, {name}, {columns} FROM agent WHERE id <= {more}"
        )
        connection.commit()
        there += more
    connection.commit()


@contextmanager
def filled(dialect: str, count: int) -> Iterator[sa.URL]:
    """A database of the state before the change, with so many agents."""
    target, script, change = change_of(dialect)
    with (
        tempfile.TemporaryDirectory(prefix="migration-") as folder,
        dialects.get(dialect).scratch.database("batches", Path(folder), print) as scratch,
    ):
        with scratch.engine.connect() as connection:
            ChainRunner(script, connection, target, options(target)).upgrade(str(change.down_revision))
            fill(connection, count)
        yield scratch.engine.url


def measure(dialect: str) -> None:
    """Take the change up and down on a filled database, and print what that took as JSON. A process of its own."""
    target, script, change = change_of(dialect)
    seconds = []
    with dialects.get(dialect).live.engine(sa.make_url(os.environ[MEASURED])).connect() as connection:
        runner = ChainRunner(script, connection, target, options(target), live=True)
        before = highest_memory()
        for move in (runner.apply, runner.revert):
            started = time.perf_counter()
            move(change)
            seconds.append(time.perf_counter() - started)
    print(json.dumps({"up": seconds[0], "down": seconds[1], "before": before, "most": highest_memory()}))


def highest_memory() -> int:
    """Return the most memory that this process has had, in bytes; on Linux alone."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def watched(process: subprocess.Popen[str], dialect: str, url: sa.URL) -> int:
    """Return the largest transaction while a process runs: in rows on MySQL, in bytes of the journal on SQLite."""
    largest = 0
    if dialect == "mysql":
        engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        here = "SELECT id FROM information_schema.processlist WHERE db = DATABASE()"
        query = (
            "SELECT COALESCE(MAX(trx_rows_modified), 0) FROM information_schema.innodb_trx "
            f"WHERE trx_mysql_thread_id IN ({here})"
        )
        with engine.connect() as connection:
            while process.poll() is None:
                with suppress(sa.exc.OperationalError):  # it stumbles over statements of others in utf8mb4
                    largest = max(largest, int(connection.exec_driver_sql(query).scalar_one()))
                time.sleep(0.11)  # InnoDB tells of its transactions ten times a second
        return largest
    journal = Path(f"{url.database}-journal")
    while process.poll() is None:
        with suppress(FileNotFoundError):
            largest = max(largest, journal.stat().st_size)
        time.sleep(0.001)
    return largest


def sizes(dialect: str, count: int) -> dict[int, float]:
    """Return the seconds that it takes to write a column of so many rows, by the size of a batch."""
    found = {}
    with filled(dialect, count) as url, dialects.get(dialect).live.engine(url).connect() as connection:
        for size in (1, SIZE):
            settings = {"transactional_ddl": dialect == "sqlite", "transaction_per_migration": True}
            context = MigrationContext.configure(connection, opts=settings)
            with Operations.context(context), context.begin_transaction(_per_migration=True):
                started = time.perf_counter()
                rewrite("agent", ["model"], lambda row: {"description": row["model"]}, size=size)
                found[size] = time.perf_counter() - started
    return found


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="agents")
    parser.add_argument("--some", type=int, default=20_000, help="agents for the comparison with batches of one row")
    parser.add_argument("--dialect", choices=["sqlite", "mysql"], help="one alone")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.dialect)
        return
    for dialect in [given.dialect] if given.dialect else ["sqlite", "mysql"]:
        with filled(dialect, given.rows) as url:
            env = {**os.environ, MEASURED: url.render_as_string(hide_password=False)}
            command = [sys.executable, __file__, "--dialect", dialect, "--measure"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
                largest = watched(process, dialect, url)
                assert process.stdout is not None
                found: dict[str, Any] = json.loads(process.stdout.read())
        print(f"{dialect}, {given.rows} rows")
        for way in ("up", "down"):
            print(f"  {way} {found[way]:.0f} s, {given.rows / found[way]:.0f} rows a second")
        print(f"  memory: {found['before'] / MIB:.0f} MiB before, {found['most'] / MIB:.0f} MiB at the most")
        size = f"{largest} rows" if dialect == "mysql" else f"the whole revision, {largest / MIB:.0f} MiB of journal"
        print(f"  largest transaction: {size}")
        taken = sizes(dialect, given.some)
        print(f"  {given.some} rows in batches of {SIZE}: {taken[SIZE] / taken[1]:.2f} of the time of batches of one")


if __name__ == "__main__":
    main()
