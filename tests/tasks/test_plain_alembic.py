from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

FIRST = "6016cfdb426a"
TARGETS = ("mysql_agent", "mysql_ops", "sqlite_agent", "sqlite_ops")
NEW_COLUMN = {
    "agent": ("openjiuwen_studio/models/tag.py", '__tablename__ = "tag"'),
    "ops": ("openjiuwen_studio/ops_models/job.py", '__tablename__ = "job_user_draft"'),
}


def url(project: Project, target: str) -> sa.URL:
    """Return where the live database of a target is."""
    dialect, database = target.split("_")
    if dialect == "sqlite":
        return sa.URL.create("sqlite", database=str(project.root / "data" / "databases" / f"{database}.db"))
    env = project.env
    name = env[f"{database.upper()}_DB_NAME"]
    return sa.URL.create("mysql+pymysql", env["DB_USER"], env["DB_PASSWORD"], env["DB_HOST"], int(env["DB_PORT"]), name)


def tables(where: sa.URL) -> set[str]:
    with sa.create_engine(where, poolclass=sa.NullPool).connect() as connection:
        return set(sa.inspect(connection).get_table_names())


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def checkout(request: pytest.FixtureRequest, target: str) -> Project:
    """A project in which the target's live database may be made."""
    if target.startswith("sqlite"):
        found: Project = request.getfixturevalue("project")
        return found
    found = request.getfixturevalue("live")
    where = url(found, target)
    with sa.create_engine(where.set(database=""), poolclass=sa.NullPool).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {where.database} CHARACTER SET utf8mb4")
    return found


def test_every_command_works_from_another_directory_whatever_db_type_says(
    checkout: Project, target: str, tmp_path: Path
) -> None:
    dialect, database = target.split("_")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    wrong = {"mysql": "sqlite", "sqlite": "mysql"}[dialect]

    def alembic(*words: str, db_type: str | None = None) -> str:
        settings = {"DB_TYPE": db_type} if db_type else {}
        done = checkout.alembic(target, *words, cwd=elsewhere, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    alembic("upgrade", "head", db_type=wrong)
    assert tables(url(checkout, target)) > {"alembic_version"}
    assert "No new upgrade operations detected" in alembic("check")
    assert alembic("current", db_type="oracle") == f"{FIRST} (head)\n"
    assert alembic("history", db_type=dialect) == f"<base> -> {FIRST} (head), feat: first schema\n"

    path, anchor = NEW_COLUMN[database]
    checkout.edit(path, anchor, f"{anchor}\n    note: Mapped[str | None] = mapped_column(String(20))")
    before = {name: checkout.versions(name) for name in TARGETS}
    alembic("revision", "--autogenerate", "-m", "feat: a note", db_type=wrong)
    new = {name: [path for path in checkout.versions(name) if path not in before[name]] for name in TARGETS}
    assert [name for name in TARGETS if new[name]] == [target]
    (script,) = new[target]
    assert re.fullmatch(r"feat_a_note_[0-9a-f]{12}\.py", script.name)
    text = script.read_text(encoding="utf-8")
    assert "sa.Column('note', sa.String(length=20), nullable=True)" in text.replace('"', "'")
    assert text.count("add_column") == text.count("drop_column") == 1, "the other dialect's types were compared"

    alembic("upgrade", "head")
    alembic("downgrade", "base", db_type=dialect)
    assert tables(url(checkout, target)) == {"alembic_version"}


def test_offline_sql_makes_the_same_tables(checkout: Project, target: str, tmp_path: Path) -> None:
    done = checkout.alembic(target, "upgrade", "head", "--sql", cwd=tmp_path, DB_PORT="1")
    assert done.returncode == 0, done.stderr
    where = url(checkout, target)
    if target.startswith("sqlite"):
        assert not (checkout.root / "data").exists(), "a database was made"
        where = where.set(database=str(tmp_path / "offline.db"))
        with closing(sqlite3.connect(str(where.database))) as connection:
            connection.executescript(done.stdout)
    else:
        assert tables(where) == set()
        with sa.create_engine(where, poolclass=sa.NullPool).connect() as connection:
            for statement in filter(str.strip, re.split(r";$", done.stdout, flags=re.MULTILINE)):
                connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.commit()
    declared = set(re.findall(r'create_table\(\s*"(\w+)"', checkout.versions(target)[0].read_text(encoding="utf-8")))
    assert tables(where) == declared | {"alembic_version"}
    with sa.create_engine(where, poolclass=sa.NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [FIRST]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("alembic_sqlite_opps", "No 'script_location' key found in configuration"),
        ("loggers", "[loggers] is no target of alembic.ini. Use alembic -n with one of: alembic_mysql_agent "),
    ],
    ids=["missing section", "section that is no target"],
)
def test_wrong_section_is_told_without_a_traceback(project: Project, tmp_path: Path, section: str, told: str) -> None:
    before = sorted(project.root.rglob("*"))
    ini = str(project.root / "alembic.ini")
    command = (sys.executable, "-m", "alembic.config", "-c", ini, "-n", section, "upgrade", "head")
    done = project.run(*command, cwd=tmp_path)
    assert done.returncode != 0
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(project.root.rglob("*")) == before


def test_missing_mysql_database_is_named_without_a_traceback(live: Project) -> None:
    done = live.alembic("mysql_ops", "upgrade", "head", DB_TYPE="sqlite")
    assert done.returncode != 0
    assert f"the database {live.env['OPS_DB_NAME']} does not exist on" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_connection_that_is_handed_over_is_used(project: Project, tmp_path: Path) -> None:
    program = f"""
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
config = Config({str(project.root / "alembic.ini")!r}, ini_section="alembic_sqlite_ops")
with sa.create_engine("sqlite:///{tmp_path / "handed.db"}").connect() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
with sa.create_engine("sqlite:///{tmp_path / "handed.db"}").connect() as connection:
    config.config_ini_section = "alembic_mysql_ops"
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
"""
    done = project.run(sys.executable, "-c", program)
    assert "mysql_ops: the given connection is to sqlite" in done.stderr
    assert "prompts" in tables(sa.make_url(f"sqlite:///{tmp_path / 'handed.db'}"))
    assert not (project.root / "data").exists()


def test_chain_is_found_from_elsewhere_though_its_location_is_relative(project: Project, tmp_path: Path) -> None:
    place = "version_locations = %(here)s/upgrade/sqlite/alembic_ops/versions"
    project.edit("alembic.ini", place, place.replace("%(here)s/", ""))
    done = project.alembic("sqlite_ops", "upgrade", "head", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "prompts" in tables(url(project, "sqlite_ops"))


def test_foreign_keys_that_a_revision_breaks_are_told_and_rolled_back(project: Project) -> None:
    folder = project.root / "upgrade/sqlite/alembic_ops/versions"
    (folder / "broken.py").write_text(
        f"from alembic import op\nrevision = 'broken'\ndown_revision = {FIRST!r}\n"
        "def upgrade():\n    op.execute('INSERT INTO prompt_versions (prompt_id) VALUES (7)')\n"
        "def downgrade():\n    pass\n",
        encoding="utf-8",
    )
    done = project.alembic("sqlite_ops", "upgrade", "head")
    assert done.returncode != 0
    assert "1 foreign key is broken" in done.stderr
    with closing(sqlite3.connect(project.root / "data" / "databases" / "ops.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(FIRST,)]
        assert connection.execute("SELECT count(*) FROM prompt_versions").fetchone() == (0,)
