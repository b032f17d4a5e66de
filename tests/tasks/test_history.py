"""The history as a user's database lives it: filled at v0.1.2, upgraded release by release or in one go, and back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.execution.batches import SIZE
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.project import chain, targets
from alembic_lockstep.roundtrip import rows
from alembic_lockstep.roundtrip.row_maker import RowMaker, insert_order
from alembic_lockstep.schema.differences import differences
from tests.support.servers import own_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.script import Script

    from alembic_lockstep.schema.snapshot import Snapshot
    from alembic_lockstep.servers.server import Server
    from tests.conftest import Project

FIRST = "feat_v0_1_2_create_initial_database_schema"
RELEASES: dict[str, dict[str, str]] = {
    "agent": {
        "v0.1.3": "feat_quick_experience_environment",
        "v0.1.4": "feat_v0_1_4_memory_base_and_index_manager",
        "v0.1.5": "feat_knowledge_base_weblinks",
        "v0.1.6": "feat_evaluation_runs_and_graders",
        "v0.1.7": "feat_plugin_authentication",
        "v0.1.8": "feat_triggers_and_runtime_information",
    },
    "ops": {"v0.1.5": "feat_prompt_debugging"},
}  # fmt: skip
"""The last change of each release, by database."""
ON_MYSQL = {"v0.1.3": "fix_extend_mysql_long_text_columns"}

FULL = {"model_info": {"model_id": 7, "temperature": 0.7, "top_p": 1, "timeout": 30}}
FURTHER = {"model_info": {"model_id": "gpt", "api_key": "ключ"}, "name": "x"}
MODELS = {1: json.dumps(FULL), 2: json.dumps(FURTHER), 3: "null", 4: None, 5: "[1]"}
LONG = "schema " * 8000
ROWS: dict[str, list[dict[str, Any]]] = {
    "agent": [
        {"id": 700 + number, "agent_id": f"agent-{number}", "agent_version": "draft", "space_id": "s", "model": model}
        for number, model in MODELS.items()
    ],
    "agent_publish": [
        {"id": 700 + number, "agent_id": f"agent-{number}", "agent_version": "v1", "space_id": "s", "model": model}
        for number, model in MODELS.items()
    ],
    "user": [
        {"id": 700 + number, "user_id": f"u{number}", "email": f"{number}@x.org", "user_unique_name": f"n{number}",
         "user_name": "n", "password": "", "session_key": f"key {number}", "role_type": 0, "user_verified": 1,
         "is_active": 1}
        for number in (1, 2)
    ],
    "plugin": [{"id": 701, "plugin_id": "p", "plugin_version": "draft", "plugin_type": 1}],
    "tool": [{"id": 701, "tool_id": "t", "plugin_id": "p", "plugin_version": "draft", "plugin_type": 1}],
    "workflow": [{"id": 701, "workflow_id": "w", "workflow_version": "draft", "schema": LONG}],
    "knowledge_base_document": [
        {"id": 701, "space_id": "s", "kb_id": "k", "doc_id": "d", "name": "n", "file_path": "/f", "status": "indexed",
         "es_index_id": "index 7", "es_index_name": "the index"}
    ],
    "model_configs": [{"id": 701, "name": "m", "space_id": "s", "provider": "openai", "model_type": "gpt"}],
}  # fmt: skip
"""Rows of v0.1.2 in the agent database."""
TODAY = {
    "agent": ("model_id", "agent_model_config", "_rest_"),
    "agent_publish": ("model_id", "agent_model_config", "_rest_"),
    "user": ("session_key", "refresh_token"),
    "tool": ("available",),
    "workflow": ("schema", "object_key"),
    "knowledge_base_document": ("index_id", "index_name", "obs_name", "index_manager_type"),
    "model_configs": ("is_system_model", "system_model_id"),
}
AGENTS = [
    (701, 7, {"temperature": 0.7, "top_p": 1, "timeout": 30}, None),
    (702, None, {}, {"model_v0_1_2": FURTHER}),
    (703, None, None, None),
    (704, None, None, None),
    (705, None, None, {"model_v0_1_2": [1]}),
]
EXPECTED = {
    "agent": AGENTS,
    "agent_publish": AGENTS,
    "user": [(701, "key 1", ""), (702, "key 2", "")],
    "tool": [(701, 1)],
    "workflow": [(701, LONG, None)],
    "knowledge_base_document": [(701, "index 7", "the index", "", None)],
    "model_configs": [(701, 0, None)],
}
"""What has become of these rows at the head, on every dialect."""


@dataclass
class Installation:
    """The databases of one user, on one dialect."""

    project: Project
    dialect: str
    urls: dict[str, sa.URL]
    env: dict[str, str]

    def invoke(self, *words: str) -> None:
        done = self.project.invoke(*words, cwd=None, **self.env)
        assert done.returncode == 0, done.stdout + done.stderr

    def upgrade(self, database: str, slug: str) -> None:
        revision = next(path for path in self.project.versions(f"{self.dialect}_{database}") if slug in path.name)
        words = "upgrade", "--create", "--db", f"{self.dialect}_{database}"
        self.invoke(*words, "-r", revision.stem.removeprefix(f"{slug}_"))

    def connect(self, database: str) -> sa.Connection:
        return sa.create_engine(self.urls[database], poolclass=sa.NullPool).connect()

    def schema(self, database: str) -> Snapshot:
        with self.connect(database) as connection:
            return dialects.get(self.dialect).schema.snapshot(connection)

    def contents(self, database: str) -> dict[str, Any]:
        """Return all rows, in an order of their own; JSON as it is read."""
        schema = self.schema(database)
        with self.connect(database) as connection:
            found = {name: rows.read(connection, name, parts) for name, parts in schema.tables.items()}
        return {
            name: sorted(({c: row[n] for n, c in enumerate(each.columns)} for row in each.values), key=sortable)
            for name, each in found.items()
        }

    def fill(self, database: str) -> None:
        """Put edge-case rows into every table, and those that the test knows."""
        schema = self.schema(database)
        with self.connect(database) as connection:
            for table, some in (ROWS if database == "agent" else {}).items():
                into = sa.table(table, *(sa.column(name) for name in some[0]))
                connection.execute(into.insert(), some)
            for name in insert_order(schema.tables, schema):
                there = rows.read(connection, name, schema.tables[name])
                assert RowMaker(connection, name, schema, None, there).insert() == ""
            connection.commit()

    def copy(self, other: Installation, database: str) -> None:
        """Take the rows of another installation; both have the same schema and this one is empty."""
        with other.connect(database) as source, self.connect(database) as connection:
            if self.dialect == "mysql":
                connection.exec_driver_sql("SET foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
            for name in self.schema(database).tables:
                table = sa.Table(name, sa.MetaData(), autoload_with=source, resolve_fks=False)
                raw = sa.table(name, *(sa.column(column.name) for column in table.columns))
                found = [dict(row) for row in source.execute(sa.select(raw)).mappings()]
                if found:
                    connection.execute(raw.insert(), found)
            connection.commit()


def sortable(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


@pytest.fixture(params=["sqlite", "mysql"])
def two(request: pytest.FixtureRequest, application: Project) -> Iterator[tuple[Installation, Installation]]:
    """Two installations that are to live the same history in two ways."""
    if request.param == "sqlite":
        yield tuple(on_sqlite(application, name) for name in ("by_release", "at_once"))  # type: ignore[misc]
        return
    server: Server = request.getfixturevalue("server")
    with on_mysql(application, server) as by_release, on_mysql(application, server) as at_once:
        yield by_release, at_once


def on_sqlite(project: Project, name: str) -> Installation:
    folder = Path("data") / name
    urls = {each: sa.URL.create("sqlite", database=str(project.root / folder / f"{each}.db")) for each in RELEASES}
    return Installation(project, "sqlite", urls, {"DB_TYPE": "sqlite", "SQLITE_DB_PATH": str(folder)})


@contextmanager
def on_mysql(project: Project, server: Server) -> Iterator[Installation]:
    """An installation on a server, whose databases go with the block."""
    with own_databases(server) as settings:
        urls = {each: server.url.set(database=settings[f"{each.upper()}_DB_NAME"]) for each in RELEASES}
        yield Installation(project, "mysql", urls, {"DB_TYPE": "mysql", **settings})


def test_history_by_release_and_at_once(two: tuple[Installation, Installation]) -> None:
    by_release, at_once = two
    begun = {}
    for database, releases in RELEASES.items():
        for each in two:
            each.upgrade(database, FIRST)
        by_release.fill(database)
        at_once.copy(by_release, database)
        begun[database] = by_release.schema(database), by_release.contents(database)
        assert at_once.contents(database) == begun[database][1]
        assert all(len(some) >= 2 for some in begun[database][1].values())
        for release, last in releases.items():
            by_release.upgrade(database, ON_MYSQL.get(release, last) if by_release.dialect == "mysql" else last)
    at_once.invoke("upgrade", "--db", f"{at_once.dialect}_*")

    for database in RELEASES:
        assert differences(by_release.schema(database), at_once.schema(database)) == []
        assert by_release.contents(database) == at_once.contents(database)
    assert known(at_once) == EXPECTED
    done = at_once.project.invoke("status", "--json", "--db", f"{at_once.dialect}_*", cwd=None, **at_once.env)
    assert [(each["pending"], each["models"]) for each in json.loads(done.stdout)] == [(0, "in step")] * 2

    at_once.invoke("downgrade", "-y", "--all", "-r", "6016cfdb426a")
    for database, (schema, contents) in begun.items():
        assert differences(schema, at_once.schema(database)) == []
        assert at_once.contents(database) == contents


def known(installation: Installation) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is there of ROWS, with JSON as Python has it."""
    found = {}
    with installation.connect("agent") as connection:
        for name, wanted in TODAY.items():
            table = sa.table(name, *(sa.column(column) for column in ("id", *wanted)))
            ids = [row["id"] for row in ROWS[name]]
            query = sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
            found[name] = [
                tuple(json.loads(value) if column in {"agent_model_config", "_rest_"} and value else value
                      for column, value in row.items())
                for row in connection.execute(query).mappings()
            ]  # fmt: skip
    return found


def test_downgrade_that_stops_on_mysql_has_dropped_nothing_and_goes_on_later(
    application: Project, server: Server
) -> None:
    """A session key of v0.1.3 is too long for v0.1.2."""
    down = "downgrade", "-y", "--db", "mysql_agent", "-r", "6016cfdb426a"
    with on_mysql(application, server) as each:
        each.upgrade("agent", "feat_v0_1_3_plugin_inputs_and_tool_availability")
        with each.connect("agent").execution_options(isolation_level="AUTOCOMMIT") as connection:
            user = {**ROWS["user"][0], "session_key": "k" * 300}
            connection.execute(sa.table("user", *map(sa.column, user)).insert(), user)
            workflow = {**ROWS["workflow"][0], "object_key": "kept"}
            connection.execute(sa.table("workflow", *map(sa.column, workflow)).insert(), workflow)
            failed = application.invoke(*down, cwd=None, **each.env)
            assert failed.returncode == 1
            assert "session_key" in failed.stdout
            assert connection.exec_driver_sql("SELECT object_key FROM workflow").scalar_one() == "kept"
            connection.exec_driver_sql("UPDATE user SET session_key = 'short'")
        each.invoke(*down)


COUNT = 20_000


@pytest.mark.serial
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_data_migration_that_was_killed_is_run_again(application: Project, server: Server) -> None:
    """On MySQL, where what was committed stays."""
    with on_mysql(application, server) as each:
        each.upgrade("agent", "feat_v0_1_3_plugin_inputs_and_tool_availability")
        with each.connect("agent") as connection:
            agent = sa.table("agent", *(sa.column(name) for name in ("id", "agent_id", "space_id", "model")))
            models = ((n, json.dumps(FURTHER if n % 3 else FULL)) for n in range(1, COUNT + 1))
            some = [
                {"id": number, "agent_id": f"a{number}", "space_id": "s", "model": model} for number, model in models
            ]
            connection.execute(agent.insert(), some)
            connection.commit()

        command = [sys.executable, "-m", "invoke", "upgrade", "--db", "mysql_agent"]
        process = subprocess.Popen(
            command, cwd=application.root, env={**application.env, **each.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with each.connect("agent").execution_options(isolation_level="AUTOCOMMIT") as connection:
            while process.poll() is None and moved(connection) < 2000:
                time.sleep(0.005)
            for pid in (*children_of(process.pid), process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()
            at_kill = wait_for_rest(connection)
            assert 2000 <= at_kill < COUNT
            assert at_kill % SIZE == 0

            each.invoke("upgrade", "--db", "mysql_agent")
            query = "SELECT model_id, agent_model_config, _rest_ FROM agent ORDER BY id"
            rows_now = connection.exec_driver_sql(query)
            found = [(row[0], json.loads(row[1]), row[2] and json.loads(row[2])) for row in rows_now]
        fits: tuple[Any, ...] = (7, {"temperature": 0.7, "top_p": 1, "timeout": 30}, None)
        odd: tuple[Any, ...] = (None, {}, {"model_v0_1_2": FURTHER})
        assert found == [odd if number % 3 else fits for number in range(1, COUNT + 1)]


def children_of(parent: int) -> list[int]:
    """Return the workers of a command; one that has lost its parent would finish the revision."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def moved(connection: sa.Connection) -> int:
    """Return how many agents have no `model` any more, or none while it is being made."""
    try:
        return int(connection.exec_driver_sql("SELECT COUNT(*) FROM agent WHERE model IS NULL").scalar_one())
    except sa.exc.OperationalError:
        return COUNT  # the column is gone: it was too quick


def wait_for_rest(connection: sa.Connection) -> int:
    """Return how many it are when the server has rolled back what was under way."""
    before = -1
    while (now := moved(connection)) != before:
        before = now
        time.sleep(0.3)
    return now


def test_data_migration_goes_on_wherever_it_was_broken_off(application: Project, server: Server) -> None:
    """Change 3 on MySQL, broken off before each of its statements, up and down, and run again."""
    target = targets.load_one(Path(__file__).parents[2] / "alembic.ini", "alembic_mysql_agent")
    script = chain.load(target)
    change = next(one for one in script.walk_revisions() if "agent_model_configuration" in one.path)
    with on_mysql(application, server) as each:
        each.upgrade("agent", "feat_v0_1_3_plugin_inputs_and_tool_availability")
        with each.connect("agent") as connection:
            for table in ("agent", "agent_publish"):
                connection.execute(sa.table(table, *map(sa.column, ROWS[table][0])).insert(), ROWS[table])
            connection.commit()
            runner = ChainRunner(script, connection, target, options(target))
            states = [each.contents("agent")]
            runner.apply(change)
            states.append(each.contents("agent"))
            runner.revert(change)
            assert each.contents("agent") == states[0]
            for move, state in ((runner.apply, states[1]), (runner.revert, states[0])):
                breaks = 0
                while broken_off(connection, move, change, after=breaks):
                    move(change)
                    assert each.contents("agent") == state
                    (runner.revert if move == runner.apply else runner.apply)(change)
                    breaks += 1
                assert breaks > 15
                assert each.contents("agent") == state


def broken_off(connection: sa.Connection, move: Callable[[Script], None], change: Script, *, after: int) -> bool:
    """Run a move; return whether it was broken off before it was through.

    Args:
        connection: the database.
        move: of a chain runner.
        change: the revision.
        after: so many statements pass that change or lock something.
    """
    left = after

    def stop(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal left
        if not re.match(r"(?i)\s*(ALTER|UPDATE|BEGIN|COMMIT)|SELECT .* FOR UPDATE", " ".join(statement.split())):
            return
        if "alembic_version" in statement:
            return
        if left == 0:
            raise BrokenOffError
        left -= 1

    sa.event.listen(connection, "before_cursor_execute", stop)
    try:
        move(change)
    except RevisionFailedError as error:
        return isinstance(error.__cause__, BrokenOffError)
    finally:
        sa.event.remove(connection, "before_cursor_execute", stop)
    return False


class BrokenOffError(Exception):
    """What stands for a lost connection, at a statement that can be chosen."""
