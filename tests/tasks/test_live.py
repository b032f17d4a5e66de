from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.dialects import base
from alembic_lockstep.errors import CannotRunError, FailedError, Fault
from alembic_lockstep.live import lock, moves, status
from alembic_lockstep.progress import Notice, Progress
from alembic_lockstep.workers import pool
from tests.support.live import Database, made
from tests.support.project import ROOT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server
    from tests.conftest import Project

FIRST = "6016cfdb426a"
SECRET = "sw0rdfish-%@:/"


def sql(project: Project, database: str, query: str) -> list[Any]:
    """Ask the project's live MySQL server."""
    env = project.env
    url = sa.URL.create(
        "mysql+pymysql", env["DB_USER"], env["DB_PASSWORD"], env["DB_HOST"], int(env["DB_PORT"]), database
    )
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return list(connection.exec_driver_sql(query).scalars())


def statuses(project: Project, pattern: str) -> dict[str, dict[str, Any]]:
    done = project.invoke("status", "--json", "--db", pattern)
    assert done.returncode == 0, done.stderr
    return {status["target"]: status for status in json.loads(done.stdout)}


def answer(project: Project, typed: str, *words: str) -> tuple[int, str]:
    """Run `invoke …` on a terminal where `typed` is typed; return the exit code and the output."""
    ours, theirs = os.openpty()
    try:
        command = [sys.executable, "-m", "invoke", *words]
        with subprocess.Popen(
            command, cwd=project.root, env=project.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            os.write(ours, typed.encode())
            said, _ = process.communicate()
    finally:
        os.close(ours)
        os.close(theirs)
    return process.returncode, said.decode()


# As users type it


def test_sqlite_from_a_missing_folder_up_and_down(project: Project) -> None:
    data = project.root / "data"
    before = statuses(project, "sqlite_*")
    assert {(status["at"], status["pending"]) for status in before.values()} == {(None, 1)}
    assert before["sqlite_ops"]["note"] == "invoke upgrade --db sqlite_ops"
    assert not data.exists(), "status made something"

    done = project.invoke("upgrade")
    assert done.returncode == 0, done.stderr
    assert f"SQLite Agent Database: data/databases/agent.db went from empty to {FIRST}, 1 revision\n" in done.stdout
    assert "MySQL" not in done.stdout
    assert sorted(path.name for path in data.rglob("*.db")) == ["agent.db", "ops.db"]

    table = project.invoke("status", "--db", "sqlite_*").stdout.splitlines()
    assert [line.split() for line in table[1:]] == [
        ["sqlite_agent", "data/databases/agent.db", FIRST, FIRST, "0", "in", "step"],
        ["sqlite_ops", "data/databases/ops.db", FIRST, FIRST, "0", "in", "step"],
    ]

    assert project.invoke("downgrade", "--db", "sqlite_ops", "--yes").returncode == 0
    again = project.invoke("upgrade")
    assert again.returncode == 0
    assert f"data/databases/agent.db is at {FIRST}, nothing to do" in again.stdout
    assert f"data/databases/ops.db went from empty to {FIRST}" in again.stdout


def test_mysql_from_missing_databases_up_and_down(live: Project) -> None:
    names = [live.env["AGENT_DB_NAME"], live.env["OPS_DB_NAME"]]
    refused = live.invoke("upgrade", DB_TYPE="mysql")
    assert refused.returncode == 2
    assert f"the database {names[0]} does not exist on" in refused.stdout
    assert "--create" in refused.stdout
    assert refused.stderr == "Not run after the failure: mysql_ops\n"
    assert not set(names) & set(sql(live, "", "SHOW DATABASES"))

    done = live.invoke("upgrade", "--create", DB_TYPE="mysql")
    assert done.returncode == 0, done.stdout
    assert "SQLite" not in done.stdout
    assert not (live.root / "data").exists()
    query = f"SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name IN {tuple(names)}"
    assert sql(live, "", query) == ["utf8mb4", "utf8mb4"]
    assert sql(live, names[1], "SELECT version_num FROM alembic_version") == [FIRST]

    assert live.invoke("downgrade", "--all", "--revision", "base", "--yes", DB_TYPE="mysql").returncode == 0
    assert sql(live, names[0], "SHOW TABLES") == ["alembic_version"]
    found = statuses(live, "mysql_agent")["mysql_agent"]
    where = f"{live.env['DB_USER']}@{live.env['DB_HOST']}:{live.env['DB_PORT']}/{names[0]}"
    assert found == {
        "target": "mysql_agent",
        "database": where,
        "at": None,
        "head": FIRST,
        "pending": 1,
        "models": "in step",
        "note": "invoke upgrade --db mysql_agent",
        "reachable": True,
        "ahead": [],
        "codes": ["behind"],
        "draft": None,
    }


def test_password_is_never_shown(live: Project) -> None:
    live.env |= {"DB_PASSWORD": SECRET, "DB_TYPE": "mysql"}
    found = live.invoke("status", "--db", "mysql_agent")
    assert "not reachable: Access denied for user" in found.stdout
    done = live.invoke("upgrade")
    assert done.returncode == 2
    assert "cannot connect to" in done.stdout
    assert "Access denied" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert "sw0rdfish" not in done.stdout + done.stderr + found.stdout + found.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "downgrade needs one of --db NAME and --all"),
        (["--db", "sqlite_ops", "--all"], "downgrade needs one of --db NAME and --all"),
        (["--db"], "--db needs the name of a target"),
        (["--db", "sqlite_opps", "--yes"], "sqlite_opps: unknown target. Known: mysql_agent"),
        (["--db", "sqlite_ops"], "nobody can answer here. In scripts use --yes"),
    ],
    ids=["no target", "both ways", "db without a name", "unknown target", "no terminal"],
)
def test_downgrade_refuses(project: Project, words: list[str], told: str) -> None:
    done = project.invoke("downgrade", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_downgrade_asks_at_a_terminal(project: Project) -> None:
    question = "Downgrade sqlite_ops to -1? Data of these revisions can be lost. [y/N] "
    for typed in ("n\n", "\x04"):
        code, said = answer(project, typed, "downgrade", "--db", "sqlite_ops")
        assert code == 1
        assert said.startswith(question)
        assert said.endswith("Nothing was changed.\n")
        assert "Traceback" not in said
    code, said = answer(project, "y\n", "downgrade", "--db", "sqlite_ops")
    assert said == f"{question}✗ SQLite Ops Database: there is no database data/databases/ops.db\n"
    assert code == 2


def test_status_tells_a_revision_that_this_checkout_lacks_and_a_broken_version_table(project: Project) -> None:
    folder = project.root / "data" / "databases"
    folder.mkdir(parents=True)
    for name, rows in (("agent", "('feed')"), ("ops", "('feed'), ('beef')")):
        with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
            connection.executescript(
                f"CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES {rows}"
            )
    done = project.invoke("status", "--db", "sqlite_*", "--json")
    agent, ops = json.loads(done.stdout)
    assert (agent["at"], agent["pending"], agent["reachable"]) == ("feed", None, True)
    assert agent["note"] == "at a revision that this checkout lacks"
    assert (ops["at"], ops["pending"], ops["note"]) == ("beef, feed", None, "at a revision that this checkout lacks")
    assert (agent["codes"], ops["codes"]) == (["unknown-revision"], ["unknown-revision"])
    assert project.invoke("status", "--db", "sqlite_agent").returncode == 0
    assert project.invoke("status", "--db", "sqlite_agent", "--check").returncode == 1


def test_status_check_fails_until_all_is_as_it_should_be(project: Project) -> None:
    check = ("status", "--check", "--db", "sqlite_*")
    assert project.invoke(*check).returncode == 1
    assert project.invoke("upgrade", "--db", "sqlite_*").returncode == 0
    assert project.invoke(*check).returncode == 0
    columns = [f"a{number}: Mapped[str | None] = mapped_column(String(20))" for number in range(5)]
    project.add_column("\n    ".join(reversed(columns)))
    assert project.invoke(*check).returncode == 1
    agent, ops = statuses(project, "sqlite_*").values()
    assert agent["ahead"] == [f"+ column tag.a{number}  String(20)" for number in range(5)]
    assert agent["models"] == f"ahead: {'; '.join(agent['ahead'][:3])} and 2 more"
    assert (agent["codes"], ops["codes"]) == (["models-ahead"], [])
    (project.root / "openjiuwen_studio" / "models" / "tag.py").write_text("nonsense\n", encoding="utf-8")
    assert statuses(project, "sqlite_agent")["sqlite_agent"]["codes"] == ["models-broken"]
    assert project.invoke(*check).returncode == 1


def test_status_check_fails_for_a_database_that_does_not_answer(live: Project) -> None:
    live.env |= {"DB_PORT": "1", "DB_TYPE": "mysql"}
    done = live.invoke("status", "--db", "mysql_agent", "--check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["codes"] == ["not-reachable"]


# What reaches a database


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": SECRET}, "Access denied"),
        ({"port": 0}, "connection refused"),
        ({"host": "no-such-host.invalid"}, "no-such-host.invalid"),
    ],
    ids=["wrong password", "closed port", "unknown host"],
)
def test_server_that_cannot_be_reached_is_told_in_one_line(
    tmp_path: Path, server: Server, change: dict[str, Any], told: str
) -> None:
    if "port" in change:
        with closing(socket.create_server(("127.0.0.1", 0))) as unused:
            change = {"host": "127.0.0.1", "port": unused.getsockname()[1]}
    database = made(tmp_path, "mysql", server.url.set(database="test_none", password=SECRET).set(**change))
    database.revision("one", "pass")
    for move in (database.upgrade, database.downgrade):
        with pytest.raises(CannotRunError, match=told) as refused:
            move()
        text = "\n".join([refused.value.headline, *refused.value.detail])
        assert text.startswith("mysql_shop: cannot connect to ")
        assert "\n" not in text
        assert "sw0rdfish" not in text
        assert refused.value.exit_code == 2


def test_downgrade_does_not_make_a_database(sqlite: Database) -> None:
    sqlite.revision("one", "pass")
    with pytest.raises(CannotRunError, match=r"there is no database live/shop\.db"):
        sqlite.downgrade()
    assert not sqlite.file.parent.exists()


def test_file_that_is_no_database_is_told_and_kept(sqlite: Database) -> None:
    sqlite.revision("one", "pass")
    sqlite.file.parent.mkdir()
    sqlite.file.write_text("a letter, not a database\n" * 100, encoding="utf-8")
    before = sqlite.file.read_bytes()
    for move in (sqlite.upgrade, sqlite.downgrade):
        with pytest.raises(CannotRunError, match=r"live/shop\.db \(file is not a database\)"):
            move()
    assert sqlite.file.read_bytes() == before


def test_folder_that_cannot_be_made_is_told(sqlite: Database) -> None:
    sqlite.revision("one", "pass")
    sqlite.file.parent.write_text("a file in the way", encoding="utf-8")
    with pytest.raises(CannotRunError, match=r"sqlite_shop: cannot make the folder .*live: File exists"):
        sqlite.upgrade()


def test_database_with_two_revisions_is_told_and_kept(database: Database) -> None:
    database.revision("one", "pass")
    database.upgrade()
    database.execute("INSERT INTO alembic_version VALUES ('two')")
    for move in (database.upgrade, database.downgrade):
        with pytest.raises(CannotRunError, match=r"is at revision two, which this checkout does not have") as refused:
            move()
        assert "alembic_version" not in refused.value.text(), "nobody is told to edit it"
    assert sorted(database.at()) == ["one", "two"]


def test_database_at_a_revision_that_this_checkout_lacks_is_left_alone(database: Database) -> None:
    database.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))", "op.drop_table('one')")
    database.upgrade()
    database.execute("UPDATE alembic_version SET version_num = 'feed'")
    for move in (database.upgrade, database.downgrade):
        with pytest.raises(CannotRunError, match="at revision feed, which this checkout does not have"):
            move()
    assert (database.at(), database.tables()) == (["feed"], {"one"})


@pytest.mark.parametrize(
    ("move", "revision", "told"),
    [
        ("upgrade", "nope", "its chain has no revision nope"),
        ("upgrade", "+2", "there are fewer than 2 revisions left to apply. `head` goes to the last one."),
        ("upgrade", "-1", "-1 leads down: that is for invoke downgrade."),
        ("downgrade", "-3", "there are fewer than 3 revisions applied. `base` takes back all of them."),
    ],
)
def test_revision_that_is_not_there_is_refused(sqlite: Database, move: str, revision: str, told: str) -> None:
    sqlite.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))", "op.drop_table('one')")
    sqlite.revision("two", "op.create_table('two', sa.Column('id', sa.Integer))", parent="one")
    sqlite.upgrade("one")
    with pytest.raises(CannotRunError) as refused:
        getattr(sqlite, move)(revision)
    assert refused.value.headline == f"sqlite_shop: {told}"
    assert (sqlite.at(), sqlite.tables()) == (["one"], {"one"})


# Revisions that fail


@pytest.fixture
def broken(database: Database) -> Database:
    """The second of three revisions fails half-way, up and down."""
    database.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))", "op.drop_table('one')")
    database.revision(
        "two",
        "op.create_table('two', sa.Column('id', sa.Integer))\nop.execute('INSERT INTO nowhere VALUES (1)')",
        "op.drop_table('two')\nop.execute('DELETE FROM nowhere')",
        parent="one",
    )
    database.revision("three", "op.create_table('three', sa.Column('id', sa.Integer))", parent="two")
    return database


LEFT = {"sqlite": "It was rolled back as a whole", "mysql": "MySQL commits each DDL statement"}


def test_failed_upgrade_keeps_what_came_before_it(broken: Database) -> None:
    told: list[Progress | Notice] = []
    with pytest.raises(FailedError) as failed:
        moves.upgrade(broken.target, "head", told.append, create=False)
    assert told == [Notice("one  ")], "only what was applied is told"
    assert failed.value.headline.startswith(f"{broken.target.name}: the upgrade of two failed: ")
    assert failed.value.headline.endswith("(versions/two.py:9)")
    assert "nowhere" in failed.value.headline
    assert failed.value.detail[0] == "in: INSERT INTO nowhere VALUES (1)"
    assert failed.value.detail[1].startswith(LEFT[broken.dialect])
    assert broken.at() == ["one"]
    assert broken.tables() == ({"one"} if broken.dialect == "sqlite" else {"one", "two"})


def test_failed_downgrade_keeps_what_came_after_it(broken: Database) -> None:
    broken.upgrade("one")
    broken.execute("CREATE TABLE two (id INTEGER)", "CREATE TABLE three (id INTEGER)")
    broken.execute("UPDATE alembic_version SET version_num = 'three'")
    with pytest.raises(FailedError, match=r"the downgrade of two failed: .*\(versions/two\.py:12\)") as failed:
        broken.downgrade("base")
    assert failed.value.detail[1].startswith(LEFT[broken.dialect])
    assert broken.at() == ["two"]
    assert broken.tables() == ({"one", "two", "three"} if broken.dialect == "sqlite" else {"one", "three"})


def test_mended_revision_can_be_run_again_on_sqlite(sqlite: Database) -> None:
    make = "op.create_table('one', sa.Column('id', sa.Integer))\nop.execute('INSERT INTO one VALUES (1)')\n"
    sqlite.revision("one", make + "raise ValueError('not yet')")
    with pytest.raises(FailedError, match="ValueError: not yet"):
        sqlite.upgrade()
    assert sqlite.tables() == set()
    sqlite.revision("one", make)
    assert sqlite.upgrade() == ["one  "]
    assert sqlite.rows("SELECT id FROM one") == [(1,)]


# Rows of child tables on SQLite

FAMILY = """\
op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(10)))
op.create_table(
    "child",
    sa.Column("code", sa.String(10), primary_key=True),
    sa.Column("parent_id", sa.Integer),
    sa.Column("other_id", sa.Integer),
    sa.ForeignKeyConstraint(["parent_id"], ["parent.id"], name="fk_parent", ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["other_id"], ["parent.id"], name="fk_other", ondelete="CASCADE"),
)
"""
RECREATE = """\
with op.batch_alter_table("{}", recreate="always") as batch:
    batch.alter_column("{}", type_=sa.String({}))
"""


@pytest.fixture
def family(sqlite: Database) -> Database:
    sqlite.revision("one", FAMILY)
    sqlite.upgrade()
    sqlite.execute("INSERT INTO parent VALUES (1, 'a'), (2, 'b')", "INSERT INTO child VALUES ('x', 1, 1), ('y', 2, 1)")
    return sqlite


@pytest.fixture
def foreign_keys_on() -> Iterator[None]:
    """An application that has every SQLite connection of its process guard foreign keys."""

    def guard(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA foreign_keys = ON")

    sa.event.listen(sa.Engine, "connect", guard)
    yield
    sa.event.remove(sa.Engine, "connect", guard)


@pytest.mark.usefixtures("foreign_keys_on")
def test_children_survive_when_their_parent_is_recreated(family: Database) -> None:
    family.revision("two", RECREATE.format("parent", "name", 20), RECREATE.format("parent", "name", 10), parent="one")
    assert family.rows("PRAGMA foreign_keys") == [(1,)]
    family.upgrade()
    family.downgrade()
    assert family.at() == ["one"]
    assert family.rows("SELECT code FROM child ORDER BY code") == [("x",), ("y",)]
    assert family.rows("SELECT id FROM parent ORDER BY id") == [(1,), (2,)]


def test_revision_that_breaks_foreign_keys_is_told_and_rolled_back(family: Database) -> None:
    family.execute("UPDATE child SET other_id = 7 WHERE code = 'x'")  # of old, and not the revision's fault
    family.revision("two", "op.execute('DELETE FROM parent WHERE id = 2')", parent="one")
    with pytest.raises(FailedError, match="the upgrade of two failed: 1 foreign key is broken") as failed:
        family.upgrade()
    assert failed.value.detail == (
        "row 2 of child refers to a row of parent that is gone",
        "It was rolled back as a whole: the database is as it was before this revision.",
    )
    assert family.at() == ["one"]
    assert family.rows("SELECT id FROM parent ORDER BY id") == [(1,), (2,)]


def test_foreign_keys_broken_of_old_do_not_stand_in_the_way_of_a_recreate(family: Database) -> None:
    family.execute("DELETE FROM child WHERE code = 'x'", "UPDATE child SET other_id = 7")
    family.revision("two", RECREATE.format("child", "code", 20), parent="one")
    assert family.upgrade() == ["two  "]
    assert family.rows("SELECT code, parent_id, other_id FROM child") == [("y", 2, 7)]


# Two at a time


def test_two_upgrades_at_the_same_time_apply_each_revision_once(database: Database) -> None:
    make = (
        "op.create_table('one', sa.Column('id', sa.Integer))\ntime.sleep(0.5)\nop.execute('INSERT INTO one VALUES (1)')"
    )
    database.revision("one", make)
    database.revision("two", "op.execute('UPDATE one SET id = id + 1')", parent="one")
    arguments = {"revision": "head", "create": False, "others": []}

    def upgrade(_number: int) -> Any:
        ((_target, answer),) = pool.run([database.target], "upgrade", lambda _: arguments, lambda _, _text: None)
        return answer

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(upgrade, range(2)))
    assert not [answer for answer in answers if isinstance(answer, Fault)]
    assert sorted(answer["steps"] for answer in answers) == [0, 2], answers
    assert {answer["after"] for answer in answers} == {"two"}
    assert database.rows("SELECT id FROM one") == [(2,)]


def test_migration_waits_for_another_and_gives_up_with_a_clear_message(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LOCK_SECONDS", 0)
    database.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))", "op.drop_table('one')")
    dialect = dialects.get(database.dialect)
    dialect.live.prepare(database.url, base.USUAL, create=False)
    with dialect.live.engine(database.url).connect() as other, dialect.live.locked(other, 0):
        with pytest.raises(CannotRunError, match=r"shop.* is in use by another migration or program"):
            database.upgrade()
        with pytest.raises(CannotRunError, match="Run the command again when that is done"):
            database.downgrade()
    assert database.tables() == set()
    assert database.upgrade() == ["one  "]


@pytest.mark.parametrize("statement", ["DELETE FROM one", "SELECT * FROM alembic_version"], ids=["writes", "reads"])
def test_sqlite_file_in_which_a_program_has_a_transaction_is_told(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(lock, "LOCK_SECONDS", 0)
    sqlite.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))", "op.drop_table('one')")
    sqlite.upgrade()
    with closing(sqlite3.connect(sqlite.file, isolation_level=None)) as program:
        program.execute("BEGIN")
        program.execute(statement).fetchone()
        with pytest.raises(CannotRunError, match=r"live/shop\.db is in use by another migration or program"):
            sqlite.downgrade()
        program.execute("ROLLBACK")
    assert sqlite.tables() == {"one"}


# What is chosen, and what is checked before anything is changed


def test_no_target_of_this_installation_is_not_all_of_them(project: Project) -> None:
    text = (project.root / "alembic.ini").read_text(encoding="utf-8")
    only_mysql = re.sub(r"\[alembic_sqlite_\w+\].*?(?=\n\[|\n# Logging)", "", text, flags=re.DOTALL)
    (project.root / "alembic.ini").write_text(only_mysql, encoding="utf-8")
    for words in (["upgrade"], ["downgrade", "--all", "--revision", "base", "--yes"]):
        done = project.invoke(*words)
        assert done.returncode == 2
        assert done.stderr.startswith("No target has the dialect that this installation's settings name")
        assert done.stdout == ""


def test_relative_downgrade_of_several_databases_is_refused(project: Project) -> None:
    assert project.invoke("upgrade").returncode == 0
    done = project.invoke("downgrade", "--all", "--yes")
    assert done.returncode == 2
    assert done.stderr.startswith("-1 means another revision in each database.")
    assert {found["at"] for found in statuses(project, "sqlite_*").values()} == {FIRST}


def test_revision_that_only_one_target_has_changes_none(project: Project) -> None:
    project.add_column()
    assert project.migration("--db", "sqlite_agent").returncode == 0
    (new,) = {path.stem.rpartition("_")[2] for path in project.versions("sqlite_agent")} - {FIRST}
    done = project.invoke("upgrade", "--revision", new)
    assert done.returncode == 2
    assert f"nothing was changed: there is no revision {new} in sqlite_ops" in done.stdout
    assert not (project.root / "data" / "databases" / "agent.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["upgrade", "--revision="],
        ["upgrade", "--revision", "base"],
        ["upgrade", "--revision", "-1"],
        ["downgrade", "--db", "sqlite_ops", "-y", "--revision", "head"],
        ["downgrade", "--db", "sqlite_ops", "-y", "--revision", "+1"],
    ],
    ids=" ".join,
)
def test_revision_that_makes_no_sense_is_refused(project: Project, words: list[str]) -> None:
    done = project.invoke(*words)
    assert done.returncode == 2
    assert f"makes no sense for {words[0]}. It takes an id, " in done.stderr


@pytest.mark.parametrize(
    "url", ["mysql+pymysql://root:sw0rdfish@127.0.0.1:1/x", "mysql://root:a@sw0rdfish@h/x"], ids=["unreachable", "@"]
)
def test_password_of_a_literal_url_is_never_shown(tmp_path: Path, url: str) -> None:
    database = made(tmp_path, "mysql", sa.make_url("mysql://h/x"))
    text = (tmp_path / "alembic.ini").read_text(encoding="utf-8")
    (tmp_path / "alembic.ini").write_text(re.sub(r"url = .*", f"url = {url}", text), encoding="utf-8")
    database.revision("one", "pass")
    with pytest.raises(CannotRunError) as refused:
        database.upgrade()
    assert "sw0rdfish" not in refused.value.headline + "".join(refused.value.detail)
    assert "[alembic_mysql_shop]" in refused.value.headline


# Interrupted


def test_ctrl_c_lets_the_running_revision_finish_and_begins_no_other(database: Database) -> None:
    database.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))\ntime.sleep(3)")
    database.revision("two", "op.create_table('two', sa.Column('id', sa.Integer))", parent="one")
    (database.folder / "tasks.py").write_text((ROOT / "tasks.py").read_text(encoding="utf-8"), encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "invoke", "upgrade", "--db", database.target.name]
    process = subprocess.Popen(
        command, cwd=database.folder, env=env, stderr=subprocess.PIPE, text=True, process_group=0
    )
    give_up = time.monotonic() + 60
    while not _has_table_one(database) and time.monotonic() < give_up:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Waiting for the revision that is running" in err
    assert "Interrupted. To see where each database is now: invoke status" in err
    assert database.tables() == {"one"}
    assert database.at() == ["one"]


def _has_table_one(database: Database) -> bool:
    """Return whether the revision runs; on SQLite its transaction shows nothing but its lock."""
    if database.dialect == "mysql":
        return "one" in database.tables()
    journal = database.file.with_name("shop.db-journal")
    return journal.exists()


@pytest.mark.usefixtures("shop_models")
def test_path_with_odd_characters_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a#b%41?c" / "shop.db"
    database = made(tmp_path, "sqlite", sa.URL.create("sqlite", database=str(file)))
    database.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))")
    assert database.upgrade() == ["one  "]
    assert status.status(database.target).at == "one"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("a")) == ["a#b%41?c", "alembic.ini"]


def test_foreign_keys_broken_of_old_do_not_stand_in_the_way_of_a_renamed_table(family: Database) -> None:
    family.execute("UPDATE child SET other_id = 7")
    family.revision("two", "op.rename_table('child', 'kid')", parent="one")
    assert family.upgrade() == ["two  "]
    assert "kid" in family.tables()


def test_database_at_a_revision_and_the_one_below_is_told(sqlite: Database) -> None:
    sqlite.revision("one", "pass")
    sqlite.revision("two", "pass", parent="one")
    sqlite.upgrade()
    sqlite.execute("INSERT INTO alembic_version VALUES ('one')")
    found = status.status(sqlite.target)
    assert "one of them comes before the other" in found.note
    assert found.codes[0] == "unknown-revision"


def test_socket_of_a_server_is_shown(tmp_path: Path) -> None:
    url = sa.make_url("mysql+pymysql://me:hush@/shop?unix_socket=/run/mysqld/mysqld.sock")
    assert dialects.get("mysql").live.where(url, tmp_path) == "me@/run/mysqld/mysqld.sock/shop"


def test_error_of_a_url_in_python_shows_no_part_of_a_password(sqlite: Database) -> None:
    (sqlite.folder / "shop_urls.py").write_text(
        "import sqlalchemy as sa\ndef url():\n    return sa.make_url('mysql://root:a@b:sw0rdfish@h/x')\n"
        "def missing():\n    raise ValueError('set SHOP_URL')\n",
        encoding="utf-8",
    )
    sqlite.revision("one", "pass")
    ini = sqlite.folder / "alembic.ini"
    text = ini.read_text(encoding="utf-8").splitlines()
    for name, told in (("url", "ValueError"), ("missing", "set SHOP_URL")):
        lines = [f"url = shop_urls:{name}" if line.startswith("url = ") else line for line in text]
        ini.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with pytest.raises(CannotRunError, match=told) as failed:
            status.status(sqlite.target)
        assert "fish" not in failed.value.text()


def test_live_revision_is_finished_though_the_command_was_killed(sqlite: Database) -> None:
    (sqlite.folder / "tasks.py").write_text("from alembic_lockstep.tasks import namespace\n", encoding="utf-8")
    sqlite.revision("one", "op.create_table('one', sa.Column('id', sa.Integer))")
    body = """
        from pathlib import Path
        Path("begun").touch()
        while not Path("go").exists():
            time.sleep(0.01)
        for number in range(3):
            print("still here", number, flush=True)
            op.execute(f"INSERT INTO one VALUES ({number})")
    """
    sqlite.revision("two", body, parent="one")
    command = [sys.executable, "-m", "invoke", "upgrade", "--db", "sqlite_shop"]
    with subprocess.Popen(command, cwd=sqlite.folder, stdout=subprocess.DEVNULL) as process:
        wait_until((sqlite.folder / "begun").exists, "the revision has begun")
        process.kill()
    time.sleep(0.5)  # until the worker has noticed
    (sqlite.folder / "go").touch()

    def is_committed() -> bool:
        with suppress(sa.exc.OperationalError):  # while it is locked
            return sqlite.at() == ["two"]
        return False

    wait_until(is_committed, "the revision is committed")
    assert sqlite.rows("SELECT count(*) FROM one") == [(3,)]


def test_worker_that_ends_in_a_live_revision_says_that_it_may_be_half_way(sqlite: Database) -> None:
    (sqlite.folder / "tasks.py").write_text("from alembic_lockstep.tasks import namespace\n", encoding="utf-8")
    sqlite.revision("one", "import os\nos._exit(3)")
    command = [sys.executable, "-m", "invoke", "upgrade", "--db", "sqlite_shop"]
    done = subprocess.run(command, cwd=sqlite.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "exit code 3" in done.stdout + done.stderr
    assert "may be half-way on a server. Look before you go on: invoke status" in done.stdout + done.stderr
