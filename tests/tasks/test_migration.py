"""`invoke migration` from the change of a model to its scripts, in a copy of the repository."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Project

FIRST = "6016cfdb426a"
TAG = "openjiuwen_studio/models/tag.py"
NO_SERVER = "not proven on MySQL yet: no Docker, no mysqld on PATH, no MIGRATION_MYSQL_URL"

BADGE = '''

class Badge(Base):
    """What a tag can be given."""

    __tablename__ = "badge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigId, ForeignKey("tag.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(50), unique=True, server_default="it's 50%")
'''

COLOUR = "    tag_color: Mapped[str | None] = mapped_column(String(20))"


def add_badge(project: Project) -> None:
    with (project.root / TAG).open("a", encoding="utf-8") as models:
        models.write(BADGE)


def drop_association(project: Project) -> None:
    """Take the model of a table with two foreign keys and two indexes away."""
    path = project.root / TAG
    path.write_text(path.read_text(encoding="utf-8").partition("\n\nclass WorkflowTagAssociation")[0], encoding="utf-8")


def rename_column(project: Project, old: str = "tag_color", new: str = "colour") -> None:
    project.edit(TAG, f"    {old}: Mapped", f"    {new}: Mapped")


def made(project: Project, target: str) -> Path:
    """Return the one script that came to the first revision of a target."""
    (script,) = [path for path in project.versions(target) if FIRST not in path.name]
    return script


def revision_of(script: Path) -> str:
    return script.stem.rpartition("_")[2]


def scripts_in(text: str) -> dict[str, str]:
    """Return the scripts that a dry run prints, without what differs from run to run."""
    parts = re.split(r"^# (upgrade/\S+)_([0-9a-f]{12})\.py$", text, flags=re.MULTILINE)[1:]
    return {
        path: re.sub(r"Create Date: .*", "", script.partition("\nDry run:")[0]).replace(revision, "")
        for path, revision, script in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def sqlite_rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(project.root / "data" / "databases" / "agent.db")) as connection, connection:
        return connection.execute(query).fetchall()


class Live:
    """The agent database of one dialect, as its target and by SQL."""

    def __init__(self, project: Project, dialect: str) -> None:
        self.project, self.target = project, f"{dialect}_agent"
        env = project.env
        if dialect == "sqlite":
            self.url = sa.URL.create("sqlite", database=str(project.root / "data" / "databases" / "agent.db"))
        else:
            account = env["DB_USER"], env["DB_PASSWORD"], env["DB_HOST"], int(env["DB_PORT"]), env["AGENT_DB_NAME"]
            self.url = sa.URL.create("mysql+pymysql", *account)

    def invoke(self, task: str, *words: str) -> None:
        done = self.project.invoke(task, "--db", self.target, *words)
        assert done.returncode == 0, done.stdout + done.stderr

    def migrate(self, *flags: str) -> subprocess.CompletedProcess[str]:
        """Make a migration and upgrade to it."""
        return self.project.migration("--db", self.target, *flags, "upgrade", "--db", self.target)

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements and return the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        with sa.create_engine(self.url, poolclass=sa.NullPool).begin() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                rows = [tuple(row) for row in result] if result.returns_rows else []
        return rows

    def inspect(self) -> sa.Inspector:
        return sa.inspect(sa.create_engine(self.url, poolclass=sa.NullPool))


@pytest.fixture(params=["sqlite", "mysql"])
def agent(request: pytest.FixtureRequest) -> Live:
    """The agent database of a project; where it is on MySQL, proofs run on its server, too."""
    project: Project = request.getfixturevalue("project" if request.param == "sqlite" else "live")
    return Live(project, request.param)


# What is written


def test_change_gives_each_twin_a_script_of_one_revision_with_the_types_of_its_dialect(project: Project) -> None:
    project.add_column()
    add_badge(project)
    done = project.migration()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:4] == [
        "Start generating migration scripts: feat: change",
        "Mode: Auto-generate",
        "Databases: MySQL Agent Database, MySQL Ops Database, SQLite Agent Database, SQLite Ops Database",
    ]
    mysql, sqlite = made(project, "mysql_agent"), made(project, "sqlite_agent")
    revision = revision_of(mysql)
    assert mysql.name == sqlite.name == f"feat_change_{revision}.py"
    assert re.fullmatch(r"[0-9a-f]{12}", revision)
    assert f"✓ MySQL Agent Database:  upgrade/mysql/alembic_agent/versions/{mysql.name}\n" in done.stdout
    assert f"✓ SQLite Agent Database: upgrade/sqlite/alembic_agent/versions/{sqlite.name}\n" in done.stdout
    assert done.stdout.count("    + column tag.note  String(20) default 'x'\n") == 2
    assert done.stdout.count("    + table badge\n") == 2
    assert f"    {NO_SERVER}\n" in done.stdout
    assert "    proven on SQLite 3." in done.stdout
    assert "– MySQL Ops Database:    unchanged\n" in done.stdout
    assert "– SQLite Ops Database:   unchanged\n" in done.stdout
    assert f"\n2 scripts, revision {revision}, " in done.stdout
    assert [len(project.versions(target)) for target in ("mysql_ops", "sqlite_ops")] == [1, 1]
    assert 'sa.Column("id", sa.BigInteger(), nullable=False)' in mysql.read_text(encoding="utf-8")
    assert 'sa.Column("id", sa.Integer(), nullable=False)' in sqlite.read_text(encoding="utf-8")
    assert "BigInteger" not in sqlite.read_text(encoding="utf-8")

    before = project.files()
    again = project.migration("--db", "*_agent")
    assert again.returncode == 0
    assert "The chains are in step with the models: nothing to write" in again.stdout
    assert again.stdout.count("unchanged") == 2
    assert project.files() == before


def test_script_proven_on_mysql_applies_to_live_databases_of_both_dialects(live: Project) -> None:
    live.add_column()
    add_badge(live)
    done = live.migration("--require-proof", "--db", "*_agent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^    proven on (MySQL|MariaDB|mysql)", done.stdout, re.MULTILINE)
    types = {}
    for dialect, create in (("mysql", ["--create"]), ("sqlite", [])):
        agent = Live(live, dialect)
        agent.invoke("upgrade", *create)
        assert agent.run("SELECT version_num FROM alembic_version") == [(revision_of(made(live, agent.target)),)]
        agent.run("INSERT INTO tag (space_id, tag_name, is_active, usage_count) VALUES ('s', 't', 1, 0)")
        assert agent.run("INSERT INTO badge (tag_id) SELECT id FROM tag", "SELECT note, title FROM tag, badge") == [
            ("x", "it's 50%")
        ]
        columns = agent.inspect().get_columns("badge")
        types[dialect] = {column["name"]: type(column["type"]).__name__ for column in columns}
    assert types["mysql"] == {"id": "BIGINT", "tag_id": "BIGINT", "title": "VARCHAR"}
    assert types["sqlite"] == {"id": "INTEGER", "tag_id": "INTEGER", "title": "VARCHAR"}
    in_step = live.invoke("status", "--db", "*_agent").stdout
    assert in_step.count("in step") == 2


def require_ready_to_be_filled_in(script: Path) -> None:
    """Run the functions of an empty script, and again with what a developer would type as their last lines."""
    text = script.read_text(encoding="utf-8")
    for more in ("", "    _used = op.execute, sa.text\n"):
        filled = {"__name__": script.stem}
        exec(re.sub(r"(schema\.\"{3}\n)", rf"\1{more}", text), filled)
        for step in ("upgrade", "downgrade"):
            filled[step]()  # type: ignore[operator]


def test_manual_gives_every_chosen_target_an_empty_script_of_one_revision(project: Project) -> None:
    project.add_column()
    done = project.invoke("migration", "--manual", "-m", "fix: mend values", "--db", "*_ops")
    assert done.returncode == 0, done.stderr
    assert "Mode: Manual\nDatabases: MySQL Ops Database, SQLite Ops Database\n" in done.stdout
    scripts = [made(project, "mysql_ops"), made(project, "sqlite_ops")]
    assert scripts[0].name == scripts[1].name == f"fix_mend_values_{revision_of(scripts[0])}.py"
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert f'down_revision: str | tuple[str, ...] | None = "{FIRST}"' in text
        require_ready_to_be_filled_in(script)
        linted = project.run(sys.executable, "-m", "ruff", "check", "--no-cache", str(script))
        assert linted.returncode == 0, linted.stdout
    assert [len(project.versions(target)) for target in ("mysql_agent", "sqlite_agent")] == [1, 1]
    assert "Next: fill in the scripts" in done.stdout


def test_plain_alembic_makes_an_empty_script_too(project: Project) -> None:
    done = project.alembic("sqlite_ops", "revision", "-m", "fix: mend values")
    assert done.returncode == 0, done.stdout + done.stderr
    require_ready_to_be_filled_in(made(project, "sqlite_ops"))


def test_live_databases_settings_and_hash_seed_make_no_difference(project: Project) -> None:
    project.add_column()
    add_badge(project)
    drop_index = "space_id: Mapped[str] = mapped_column(String(100), index=True)\n    tag_name"
    project.edit(TAG, drop_index, drop_index.replace(", index=True", ""))
    file = project.root / "data" / "databases" / "agent.db"
    file.parent.mkdir(parents=True)

    def nothing() -> None: ...

    def elsewhere() -> None:
        env = "DB_TYPE=mysql\nDB_HOST=127.0.0.1\nDB_PORT=1\nDB_PASSWORD=secret\nAGENT_SQLITE_DB=other.db\n"
        (project.root / ".env").write_text(env, encoding="utf-8")

    def behind() -> None:
        (project.root / ".env").unlink()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE tag (id INTEGER PRIMARY KEY, note VARCHAR(20))")

    def unknown_revision() -> None:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.execute("INSERT INTO alembic_version VALUES ('feedfeedfeed')")

    def no_database() -> None:
        file.write_bytes(b"something else\n" * 100)

    def scripts(state: Callable[[], None], db: str, seed: int) -> dict[str, str]:
        state()
        before = file.read_bytes() if file.exists() else None
        done = project.migration("--dry-run", "--db", db, PYTHONHASHSEED=str(seed))
        assert done.returncode == 0, f"{state.__name__}: {done.stdout}{done.stderr}"
        assert "Dry run: nothing was written" in done.stdout
        assert (file.read_bytes() if file.exists() else None) == before
        return scripts_in(done.stdout)

    files = project.files()
    expected = scripts(nothing, "*_agent", 1)
    mysql, sqlite = (f"upgrade/{dialect}/alembic_agent/versions/feat_change" for dialect in ("mysql", "sqlite"))
    assert expected.keys() == {mysql, sqlite}
    assert all("badge" in script and "ix_tag_space_id" in script for script in expected.values())
    assert scripts(elsewhere, "*_agent", 2) == expected
    for seed, state in enumerate((behind, unknown_revision, no_database), 3):
        assert scripts(state, "sqlite_agent", seed) == {sqlite: expected[sqlite]}, state.__name__
    assert project.files() == files


# Drops and renames


def test_drops_are_refused_with_both_ways_out_and_nothing_is_written(project: Project) -> None:
    rename_column(project)
    drop_association(project)
    before = project.revisions()
    done = project.migration("--db", "*_agent")
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()[5:]
    assert sorted(line[:24] for line in lines if line[0] in "✗–✓") == [
        "✗ MySQL Agent Database: ",
        "✗ SQLite Agent Database:",
    ]
    assert "would drop a table and its rows" in done.stdout
    assert "    - table workflow_tag_association" in lines
    assert "    - column tag.tag_color  String(20)" in lines
    assert "    + column tag.colour  String(20)" in lines
    scripts = [str(script.relative_to(project.root)) for script in project.drafts()]
    assert [script.split("/")[3] for script in scripts] == ["mysql_agent", "sqlite_agent"]
    assert lines[-8:] == [
        "If it is a rename: invoke migration --abort, then the same command with",
        "    --rename tag.tag_color:colour",
        "If the values may be lost, or you move them by hand: invoke migration --continue --allow-drop",
        "Nothing was written, so that all databases stay in step.",
        "These scripts are a draft:",
        *(f"    {script}" for script in scripts),
        "Edit them where they are wrong, then: invoke migration --continue. To drop them: invoke migration --abort",
    ]
    assert project.revisions() == before


def test_drop_without_a_like_column_names_the_form_of_a_rename(project: Project) -> None:
    project.edit(TAG, f"{COLOUR}  # such as #FF5733\n", "")
    before = project.files()
    done = project.migration("--db", "sqlite_agent", "--dry-run")
    assert done.returncode == 1
    assert "✗ SQLite Agent Database: would drop a column and its values\n    - column tag.tag_color" in done.stdout
    assert "If it is a rename: keep the values with  --rename TABLE.OLD:NEW\n" in done.stdout
    assert "If the values may be lost, or you move them by hand: --allow-drop\n" in done.stdout
    assert project.files() == before


def test_keep_partial_writes_the_targets_that_lose_nothing(project: Project) -> None:
    project.edit(TAG, f"{COLOUR}  # such as #FF5733\n", "")
    user = "openjiuwen_studio/ops_models/user.py"
    project.edit(user, '__tablename__ = "user"', '__tablename__ = "user"\n    note: Mapped[str | None]')
    before = project.revisions()
    done = project.migration("--db", "sqlite_*", "--keep-partial")
    assert done.returncode == 1
    assert "✗ SQLite Agent Database: would drop a column" in done.stdout
    assert "\n1 script, revision " in done.stdout
    (draft,) = project.drafts()
    assert f"These scripts are a draft:\n    {draft.relative_to(project.root)}\n" in done.stdout
    new = {name: text for name, text in project.revisions().items() if name not in before}
    assert list(new) == [str(made(project, "sqlite_ops").relative_to(project.root))]
    done = project.invoke("migration", "--continue", "--allow-drop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert revision_of(made(project, "sqlite_agent")) == revision_of(made(project, "sqlite_ops"))


def test_allowed_drops_are_written_and_come_back_empty(agent: Live) -> None:
    agent.invoke("upgrade", *(["--create"] if agent.target == "mysql_agent" else []))
    agent.run("INSERT INTO tag (space_id, tag_name, tag_color, is_active, usage_count) VALUES ('s', 't', 'red', 1, 0)")
    agent.project.edit(TAG, f"{COLOUR}  # such as #FF5733\n", "")
    drop_association(agent.project)
    done = agent.migrate("--allow-drop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "    - column tag.tag_color  String(20)\n    - table workflow_tag_association\n    proven on" in done.stdout
    assert "workflow_tag_association" not in agent.inspect().get_table_names()
    agent.invoke("downgrade", "--yes")
    assert agent.run("SELECT tag_name, tag_color FROM tag") == [("t", None)]
    assert agent.run("SELECT * FROM workflow_tag_association") == []


def test_rename_of_a_table_and_a_column_keeps_values_up_and_down(agent: Live) -> None:
    agent.invoke("upgrade", *(["--create"] if agent.target == "mysql_agent" else []))
    row = "(7, 's', 't', 'red', 1, 0)"
    agent.run(f"INSERT INTO tag (id, space_id, tag_name, tag_color, is_active, usage_count) VALUES {row}")
    project = agent.project
    rename_column(project)
    rename_column(project, "tag_name", "word")  # part of a unique constraint
    project.edit(TAG, '"space_id", "tag_name"', '"space_id", "word"')
    project.edit(TAG, '__tablename__ = "tag"', '__tablename__ = "label"')
    project.edit(TAG, 'ForeignKey("tag.id"', 'ForeignKey("label.id"')
    renames = ["tag:label", "label.tag_color:colour", "label.tag_name:word"]
    done = agent.migrate(*(word for name in renames for word in ("--rename", name)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "    ~ table tag is now label\n" in done.stdout
    assert "    ~ column label.tag_color  is now colour\n" in done.stdout
    assert "    proven on" in done.stdout
    assert agent.run("SELECT id, word, colour FROM label") == [(7, "t", "red")]
    agent.invoke("downgrade", "--yes")
    assert agent.run("SELECT id, tag_name, tag_color FROM tag") == [(7, "t", "red")]


# What fails


def test_proof_that_leaves_a_difference_shows_it_and_writes_nothing(project: Project) -> None:
    # The default is another one each time that it is asked for.
    serial = (
        "NUMBERS = iter(range(10, 10000))\n\n\nclass Serial(ColumnElement[str]):\n    inherit_cache = False\n\n\n"
        "@compiles(Serial)\ndef serial(*_arguments: object, **_kw: object) -> str:\n"
    )
    project.edit(TAG, "\n\nclass Tag(Base)", f"\n\n{serial}    return f\"'{{next(NUMBERS)}}'\"\n\n\nclass Tag(Base)")
    imports = "from sqlalchemy.ext.compiler import compiles\nfrom sqlalchemy.sql import ColumnElement\n"
    project.edit(TAG, "from sqlalchemy.orm", f"{imports}from sqlalchemy.orm")
    project.add_column("place: Mapped[str | None] = mapped_column(String(20), server_default=Serial())")
    before = project.revisions()
    done = project.migration("--db", "*_agent")
    assert done.returncode == 1
    assert (
        "✗ SQLite Agent Database: proof on SQLite 3.40.1 failed: after the upgrade the models still differ\n"
        "    ~ column tag.place  default '10' to '10'\n"
    ) in re.sub(r"'\d+'", "'10'", re.sub(r"SQLite 3[.\d]+", "SQLite 3.40.1", done.stdout))
    assert "Nothing was written, so that all databases stay in step." in done.stdout
    assert done.stderr.startswith("⚠️ Warning: 1 database generation failed\n    sqlite_agent: proof on SQLite")
    assert project.revisions() == before
    assert len(project.drafts()) == 2


def test_script_that_mysql_refuses_is_shown_with_its_statement_and_no_twin_is_written(mysql_project: Project) -> None:
    mysql_project.add_column('owner: Mapped[int] = mapped_column(BigId, ForeignKey("user.id", ondelete="SET NULL"))')
    before = mysql_project.revisions()
    done = mysql_project.migration("--db", "*_agent")
    assert done.returncode == 1
    failed = re.search(
        r"^✗ MySQL Agent Database:  the upgrade of \w+ failed: .* \((.*):(\d+)\)\n    at: (.*)$",
        done.stdout,
        re.MULTILINE,
    )
    assert failed is not None, done.stdout
    draft = mysql_project.root / failed.group(1)
    assert [draft] == mysql_project.drafts("mysql_agent")
    assert draft.read_text(encoding="utf-8").splitlines()[int(failed.group(2)) - 1].strip() == failed.group(3)
    key = "fk_tag_owner_user FOREIGN KEY(owner) REFERENCES user (id) ON DELETE SET NULL"
    assert f"    in: ALTER TABLE tag ADD CONSTRAINT {key}\n" in done.stdout
    assert "⚠️ Warning: 1 database generation failed\n" in done.stderr
    assert mysql_project.revisions() == before


def test_keep_partial_writes_what_is_proven_when_another_target_fails(project: Project) -> None:
    project.add_column()
    (project.root / "upgrade/mysql/alembic_agent/versions/broken.py").write_text("revision = (\n", encoding="utf-8")
    before = project.files()
    done = project.migration("--db", "*_agent", "--keep-partial")
    assert done.returncode == 1, "2 would mean that nothing was done"
    assert "⚠️ Warning: 1 database generation failed\n    mysql_agent: " in done.stderr
    assert f"\n1 script, revision {revision_of(made(project, 'sqlite_agent'))}, " in done.stdout
    new = {name: text for name, text in project.files().items() if name not in before}
    assert list(new) == [str(made(project, "sqlite_agent").relative_to(project.root))]


@pytest.mark.parametrize(
    ("words", "env"), [(["--require-proof"], {}), ([], {"CI": "true"})], ids=["require-proof", "CI"]
)
def test_required_proof_fails_where_no_server_serves(project: Project, words: list[str], env: dict[str, str]) -> None:
    project.add_column()
    before = project.files()
    done = project.migration("--db", "mysql_agent", *words, **env)
    assert done.returncode == 1
    reason = NO_SERVER.partition(": ")[2]
    assert f"✗ MySQL Agent Database: not proven: {reason}\n" in done.stdout
    assert project.files() == before


# Revisions that only a server understands

RAW = """
import sqlalchemy as sa
from alembic import op

revision = "abcdefabcdef"
down_revision = "6016cfdb426a"
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE raw (id INTEGER NOT NULL PRIMARY KEY, old VARCHAR(9))")


def downgrade() -> None:
    op.drop_table("raw")
"""

RAW_MODEL = '''

class Raw(Base):
    """Made by SQL text."""

    __tablename__ = "raw"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    new: Mapped[str | None] = mapped_column(String(9))
'''


def write_raw(project: Project, *targets: str, upgrade: str = "") -> None:
    text = RAW.replace("\n\n\ndef downgrade", f"\n    {upgrade}\n\n\ndef downgrade") if upgrade else RAW
    for target in targets:
        (project.versions(target)[0].parent / "raw_abcdefabcdef.py").write_text(text, encoding="utf-8")
    with (project.root / TAG).open("a", encoding="utf-8") as models:
        models.write(RAW_MODEL)


def test_raw_ddl_is_replayed_without_a_server(project: Project) -> None:
    write_raw(project, "mysql_agent", "sqlite_agent")
    done = project.migration("--db", "*_agent", "--rename", "raw.old:new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("    ~ column raw.old  is now new\n") == 2
    assert "scratch" not in done.stdout
    for target in ("mysql_agent", "sqlite_agent"):
        (script,) = [path for path in project.versions(target) if path.name.startswith("feat_change")]
        assert 'down_revision: str | tuple[str, ...] | None = "abcdefabcdef"' in script.read_text(encoding="utf-8")


UNSUPPORTED = {
    'op.execute("ALTER TABLE raw PARTITION BY HASH(id)")': "uses PARTITION on a table",
    'op.execute("CREATE TABLE copy AS SELECT * FROM raw")': "creates a table from a query",
    'op.execute("CALL build()")': "executes SQL that the in-memory MySQL server does not support: CALL build()",
    'op.execute("ALTER TABLE raw ADD place INT4RANGE")': "has the type int4range",
    'op.get_bind().execute(sa.text("SELECT version()")).scalar()': "asks the database: SELECT version()",
    "op.get_bind().connection.driver_connection.ping()": "uses ping of its driver's connection",
}


@pytest.mark.parametrize("statement", UNSUPPORTED)
def test_what_is_not_understood_is_named_and_nothing_is_written(project: Project, statement: str) -> None:
    write_raw(project, "mysql_agent", upgrade=statement)
    before = project.files()
    done = project.migration("--db", "mysql_agent")
    assert done.returncode == 2
    where = "upgrade/mysql/alembic_agent/versions/raw_abcdefabcdef.py:12"
    assert f"✗ MySQL Agent Database: {where} {UNSUPPORTED[statement]}" in done.stdout
    assert "that needs a server to replay the chain on, and there is none: no Docker, no mysqld on PATH" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert project.files() == before


def test_what_is_not_understood_is_replayed_on_the_server(mysql_project: Project) -> None:
    write_raw(mysql_project, "mysql_agent", upgrade='op.get_bind().execute(sa.text("SELECT version()")).scalar()')
    done = mysql_project.migration("--db", "mysql_agent", "--rename", "raw.old:new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "    ~ column raw.old  is now new\n" in done.stdout
    assert "asks the database: SELECT version(): replayed on a scratch database instead\n    proven on" in done.stdout


def test_what_mysql_would_refuse_is_told_without_a_server(project: Project) -> None:
    write_raw(project, "mysql_agent", upgrade='op.drop_column("raw", "nothing")')
    before = project.files()
    done = project.migration("--db", "mysql_agent")
    assert done.returncode == 2
    where = "upgrade/mysql/alembic_agent/versions/raw_abcdefabcdef.py:12"
    assert f"{where}: (1091, \"Can't DROP 'nothing'; check that column/key exists\")" in done.stdout
    assert project.files() == before


# Tasks chain


def test_task_behind_migration_runs_only_if_the_migration_succeeded(project: Project) -> None:
    project.edit(TAG, f"{COLOUR}  # such as #FF5733\n", "")
    refused = project.migration("--db", "sqlite_agent", "upgrade", "--db", "sqlite_agent")
    assert refused.returncode == 1
    assert not (project.root / "data").exists()
    done = project.invoke("migration", "--continue", "--allow-drop", "upgrade", "--db", "sqlite_agent")
    assert done.returncode == 0, done.stdout + done.stderr
    revision = revision_of(made(project, "sqlite_agent"))
    assert f"data/databases/agent.db went from empty to {revision}, 2 revisions" in done.stdout
    assert sqlite_rows(project, "SELECT version_num FROM alembic_version") == [(revision,)]


# Many changes at once

CHANGES = '''

class ColumnType(TypeDecorator[str]):
    """A type of the project's own."""

    impl = String(7)
    cache_ok = True


class Parcel(Base):
    """Whatever a model can hold, in its first state."""

    __tablename__ = "parcel"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigId, ForeignKey("tag.id", ondelete="CASCADE"), unique=True)
    other_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tag.id"), index=True)
    kind: Mapped[str] = mapped_column(ColumnType, server_default="a")
    state: Mapped[str] = mapped_column(Enum("new", "old", name="state"), server_default="new", comment="how it is")
    weight: Mapped[float] = mapped_column(Numeric(10, 2), server_default="1.5")
    note: Mapped[str] = mapped_column(String(20), server_default="it's 50%", comment="what's \\"it\\": 50%")
    sent: Mapped[bool] = mapped_column(Boolean, server_default=false())
    at: Mapped[datetime] = mapped_column(DateTime)
    until: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
'''

NOW = "DateTime, server_default=func.now()"
LATER = {
    'ondelete="CASCADE"), unique=True)\n    other': 'ondelete="RESTRICT"), index=True)\n    other',
    'ForeignKey("tag.id"), index=True)\n    kind': 'ForeignKey("tag.id"), unique=True)\n    kind',
    'Enum("new", "old", name': 'Enum("new", "old", "lost", name',
    'Numeric(10, 2), server_default="1.5"': 'Numeric(12, 3), server_default="2"',
    'String(20), server_default="it\'s 50%"': 'String(40), server_default=""',
    "(DateTime)\n    until": f'({NOW}, comment="when")\n    until',
    f"({NOW})\n": "(DateTime)\n",
    'mapped_column(ColumnType, server_default="a")': "mapped_column(ColumnType, index=True)",
}


def test_many_changes_at_once_are_proven_there_and_back(mysql_project: Project) -> None:
    project = mysql_project
    names = "DateTime, Enum, Numeric, TypeDecorator, false, func"
    project.edit(TAG, "from sqlalchemy import", f"from datetime import datetime\n\nfrom sqlalchemy import {names},")
    first = (project.root / TAG).read_text(encoding="utf-8")
    with (project.root / TAG).open("a", encoding="utf-8") as models:
        models.write(CHANGES)
    second = (project.root / TAG).read_text(encoding="utf-8")
    for old, new in LATER.items():
        project.edit(TAG, old, new)
    third = (project.root / TAG).read_text(encoding="utf-8")
    for state in (second, third, second, first):
        (project.root / TAG).write_text(state, encoding="utf-8")
        done = project.migration("--db", "*_agent", "--allow-drop")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("    proven on ") == 2


def test_targets_with_one_metadata_are_compared_each_with_its_own_tables(project: Project) -> None:
    shop = project.root / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n", encoding="utf-8")
    for name in ("one", "two"):
        (shop / f"{name}.py").write_text(
            "import sqlalchemy as sa\nfrom shop import metadata\n"
            f"sa.Table('t_{name}', metadata, sa.Column('id', sa.Integer))\n",
            encoding="utf-8",
        )
        (project.root / "upgrade" / "sqlite" / name / "versions").mkdir(parents=True)
    sections = [
        f"[alembic_sqlite_{name}]\nversion_locations = %(here)s/upgrade/sqlite/{name}/versions\n"
        f"models = shop.{name}:metadata\nurl = sqlite:///{name}.db\n"
        for name in ("one", "two")
    ]
    text = (project.root / "alembic.ini").read_text(encoding="utf-8")
    (project.root / "alembic.ini").write_text(text + "\n" + "\n".join(sections), encoding="utf-8")
    done = project.migration("--db", "sqlite_one,sqlite_two")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("    + table")] == [
        "+ table t_one",
        "+ table t_two",
    ]


def test_output_that_nobody_reads_does_not_hang_the_command(project: Project) -> None:
    project.add_column()
    process = subprocess.Popen(
        [sys.executable, "-m", "invoke", "migration", "--auto", "-m", "feat: x", "--db", "sqlite_agent"],
        cwd=project.root,
        env=project.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) != 0


def test_date_that_becomes_a_datetime_keeps_its_value_on_sqlite(project: Project) -> None:
    project.edit("openjiuwen_studio/models/tag.py", "import BigInteger", "import Date, DateTime, BigInteger")
    project.add_column("day: Mapped[object] = mapped_column(Date, nullable=True)")
    assert project.migration("--db", "sqlite_agent", "upgrade", "--db", "sqlite_agent").returncode == 0
    file = project.root / "data" / "databases" / "agent.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO tag (space_id, tag_name, is_active, usage_count, day) VALUES ('s', 't', 1, 0, '2020-01-02')"
        )
    project.edit("openjiuwen_studio/models/tag.py", "mapped_column(Date,", "mapped_column(DateTime,")
    assert project.migration("--db", "sqlite_agent", "upgrade", "--db", "sqlite_agent").returncode == 0
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT day FROM tag").fetchall() == [("2020-01-02",)]


def test_column_with_a_default_is_renamed(mysql_project: Project) -> None:
    old = "created_at: Mapped[datetime] = mapped_column(DateTime, server_default"
    mysql_project.edit("openjiuwen_studio/ops_models/prompt.py", old, old.replace("created_at", "born_at"))
    done = mysql_project.migration("--db", "*_ops", "--rename", "prompt_commit.created_at:born_at")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("~ column prompt_commit.created_at  is now born_at") == 2
    assert mysql_project.migration("--db", "*_ops").stdout.count("unchanged") == 2


def test_index_that_mysql_made_for_a_foreign_key_goes_with_it(mysql_project: Project) -> None:
    mysql_project.edit("openjiuwen_studio/ops_models/prompt.py", ', ForeignKey("prompt_basic.id")', "")
    mysql_project.edit("openjiuwen_studio/ops_models/prompt.py", "ForeignKey, ", "")
    done = mysql_project.migration("--db", "mysql_ops")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "- index fk_prompt_versions_prompt_id_prompt_basic\n" in done.stdout
    assert "unchanged" in mysql_project.migration("--db", "mysql_ops").stdout


def test_collation_is_kept_by_a_copy_of_its_table(project: Project) -> None:
    project.add_column('note: Mapped[str | None] = mapped_column(String(20, collation="NOCASE"))')
    assert project.migration("--db", "sqlite_agent").returncode == 0
    project.edit("openjiuwen_studio/models/tag.py", "mapped_column(String(100))", "mapped_column(String(120))")
    done = project.migration("--db", "sqlite_agent", "--require-proof")
    assert done.returncode == 0, done.stdout + done.stderr


def test_cause_that_several_targets_share_is_told_once(project: Project) -> None:
    (project.root / "openjiuwen_studio" / "models" / "tag.py").write_text("nonsense\n", encoding="utf-8")
    done = project.migration("--db", "*_agent")
    assert done.returncode == 2
    told = "openjiuwen_studio/models/tag.py:1: NameError: name 'nonsense' is not defined"
    assert done.stdout.count(told) == 1
    assert done.stderr == f"⚠️ Warning: 2 database generation failed\n    mysql_agent, sqlite_agent: {told}\n"


def test_proof_that_fails_with_rows_is_called_one_with_empty_tables(project: Project) -> None:
    project.edit("openjiuwen_studio/models/tag.py", "tag_color: Mapped[str | None]", "tag_color: Mapped[str]")
    done = project.migration("--db", "sqlite_agent", "--dry-run")
    assert done.returncode == 0
    told = r"^    ! tag.tag_color becomes not null: .*\n    proven on SQLite 3[.\d]+, with empty tables only$"
    assert re.search(told, done.stdout, re.MULTILINE)
