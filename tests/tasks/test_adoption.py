"""What surprised people who adopted the package: their own options, folders, settings and tools beside ours."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tests.conftest import FIRST

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.conftest import Project

OWN_OPTIONS = """
def pytest_addoption(parser):
    parser.addoption("--server", choices=["a", "b"])
    parser.addoption("--target", default="mine")
"""


def pytest_(project: Project, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return project.run(sys.executable, "-m", "pytest", "-p", "no:pytest_alembic", *words, cwd=None, **env)


def nox_(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    return project.run(sys.executable, "-m", "nox", *words)


def literal_urls(project: Project) -> None:
    """Let both targets of `ops` have literal URLs, to SQLite files and to a server that nobody has."""
    for dialect, url in (("sqlite", "sqlite:///%(here)s/ops.db"), ("mysql", "mysql+pymysql://nobody@127.0.0.1:1/ops")):
        project.edit(
            "alembic.ini",
            f"[alembic_{dialect}_ops]\nversion_locations = %(here)s/upgrade/{dialect}/alembic_ops/versions\n"
            "models = openjiuwen_studio.ops_models:Base\nurl = openjiuwen_studio.settings:ops_url",
            f"[alembic_{dialect}_ops]\nversion_locations = %(here)s/upgrade/{dialect}/alembic_ops/versions\n"
            f"models = openjiuwen_studio.ops_models:Base\nurl = {url}",
        )


def sqlite_tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


# pytest


def test_options_of_the_project_keep_their_names(project: Project) -> None:
    (project.root / "conftest.py").write_text(OWN_OPTIONS, encoding="utf-8")
    (project.root / "test_own.py").write_text(
        "def test_own(request): assert request.config.getoption('--target') == 'mine'\n", encoding="utf-8"
    )
    assert pytest_(project, "test_own.py").returncode == 0
    done = pytest_(project, "alembic.ini", "--migrations-target", "sqlite_ops")
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_sessions_choose_target_and_server_where_the_project_has_such_options(project: Project) -> None:
    (project.root / "conftest.py").write_text(OWN_OPTIONS.replace(', choices=["a", "b"]', ""), encoding="utf-8")
    done = nox_(project, "-s", "migrations(sqlite_ops)")
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    done = nox_(project, "-s", "migrations(mysql_ops)", "--", "--migrations-server", "nobody/has:this")
    assert done.returncode == 1, "the server was asked for"


def test_chain_is_walked_once_although_the_project_runs_tests_side_by_side(project: Project) -> None:
    done = pytest_(project, "alembic.ini", "--target=sqlite_ops", "--numprocesses=2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "worker" not in done.stdout


def test_exit_code_for_no_server_is_for_runs_of_nothing_else(project: Project) -> None:
    (project.root / "test_own.py").write_text("def test_own(): pass\n", encoding="utf-8")
    assert pytest_(project, "alembic.ini", "--target=mysql_ops").returncode == 10
    both = pytest_(project, "test_own.py", "alembic.ini", "--target=mysql_ops")
    assert (both.returncode, "1 passed" in both.stdout or "2 passed" in both.stdout) == (0, True), both.stdout


def test_server_that_is_asked_for_and_cannot_be_had_is_a_failure(project: Project) -> None:
    assert pytest_(project, "alembic.ini", "--target=mysql_ops", "--server=nobody/has:this").returncode == 1


# Nox


def test_sessions_without_a_target_fail_instead_of_passing(project: Project) -> None:
    (project.root / "alembic.ini").unlink()
    listed = nox_(project, "--list")
    assert "- migrations " in listed.stdout
    assert "- migrations-on " in listed.stdout
    done = nox_(project, "--session", "migrations")
    assert done.returncode == 1
    assert "alembic.ini is missing, cannot be read, or has no target" in done.stderr


# Invoke


def test_another_folder_of_tasks_and_another_ini_are_found(project: Project, tmp_path: Path) -> None:
    done = project.invoke("--search-root", str(project.root), "status", "--db", "sqlite_ops", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = project.root / "settings"
    folder.mkdir()
    text = (project.root / "alembic.ini").read_text(encoding="utf-8").replace("%(here)s", str(project.root))
    (folder / "alembic.ini").write_text(text, encoding="utf-8")
    (project.root / "alembic.ini").unlink()
    done = project.invoke("status", "--db", "sqlite_ops", INVOKE_ALEMBIC_INI="settings/alembic.ini")
    assert done.returncode == 0, done.stderr
    (project.root / "invoke.yaml").write_text("alembic_ini: settings/alembic.ini\n", encoding="utf-8")
    done = project.invoke("status", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stderr


def test_models_and_settings_in_a_src_folder_are_found_by_every_command(project: Project) -> None:
    (project.root / "src").mkdir()
    (project.root / "openjiuwen_studio").rename(project.root / "src" / "openjiuwen_studio")
    project.edit("alembic.ini", "prepend_sys_path = %(here)s", "prepend_sys_path = %(here)s/src")
    done = project.invoke("upgrade")
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.invoke("downgrade", "--all", "--revision", "base", "--yes").returncode == 0


def test_db_type_chooses_among_literal_urls_and_without_it_twins_are_asked_for(project: Project) -> None:
    literal_urls(project)
    done = project.invoke("upgrade")
    assert done.returncode == 2
    assert "both mysql_ops and sqlite_ops. Choose with --db, or set DB_TYPE." in " ".join(done.stderr.split())
    done = project.invoke("upgrade", DB_TYPE="sqlite")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project.root / "ops.db").exists()


def test_version_table_of_a_name_of_its_own_is_no_part_of_the_schema(live: Project) -> None:
    live.edit("alembic.ini", "[DEFAULT]\n", "[DEFAULT]\nversion_table = own_version\n")
    live.add_column()
    done = live.migration("--db", "*_agent", MIGRATION_MYSQL_URL=live.env["MIGRATION_MYSQL_URL"])
    assert (done.returncode, done.stdout.count("proven on")) == (0, 2), done.stdout + done.stderr
    done = live.invoke("roundtrip", "--db", "*_ops")
    assert (done.returncode, "unexpected" in done.stdout) == (0, False), done.stdout + done.stderr
    for target in ("sqlite_ops", "mysql_ops"):
        done = live.invoke("upgrade", "--create", "--db", target, DB_TYPE=target.partition("_")[0])
        assert done.returncode == 0, done.stdout + done.stderr
        plain = live.alembic(target, "current")
        assert f"{FIRST} (head)" in plain.stdout, plain.stdout + plain.stderr
        plain = live.alembic(target, "check")
        assert plain.returncode == 0, plain.stdout + plain.stderr
    tables = sqlite_tables(live.root / "data" / "databases" / "ops.db")
    assert ("own_version" in tables, "alembic_version" in tables) == (True, False)


def test_two_targets_with_one_folder_are_refused_before_a_script_overwrites_the_other(project: Project) -> None:
    text = (project.root / "alembic.ini").read_text(encoding="utf-8")
    text = text.replace("upgrade/mysql/alembic_ops/versions", "upgrade/sqlite/alembic_ops/versions")
    (project.root / "alembic.ini").write_text(text, encoding="utf-8")
    before = project.files()
    for targets in ("*_ops", "sqlite_ops", "mysql_*"):
        done = project.migration("--db", targets)
        assert done.returncode == 2
        assert "mysql_ops and sqlite_ops have the same version_locations" in done.stderr
    assert project.files() == before


def test_chain_of_two_targets_is_read_and_run(application: Project) -> None:
    chains = application.root / "upgrade"
    shutil.rmtree(chains / "mysql" / "alembic_ops")
    (chains / "mysql" / "alembic_ops").symlink_to(chains / "sqlite" / "alembic_ops")
    done = application.migration("--db", "mysql_ops")
    assert (done.returncode, "the same version_locations" in done.stderr) == (2, True)
    done = application.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stdout + done.stderr
    done = application.invoke("upgrade", "--db", "sqlite_ops", "status", "--db", "sqlite_ops")
    assert (done.returncode, "in step" in done.stdout) == (0, True), done.stdout + done.stderr


# Plain Alembic


def test_sql_is_printed_with_its_percent_signs_as_they_are(project: Project) -> None:
    folder = project.root / "upgrade" / "mysql" / "alembic_ops" / "versions"
    (folder / "feat_share_b2.py").write_text(
        f'"""feat: share"""\nfrom alembic import op\nrevision = "b2"\ndown_revision = "{FIRST}"\n\n\n'
        "def upgrade() -> None:\n    op.execute(\"UPDATE job SET name = '100%' WHERE name LIKE 'a%'\")\n\n\n"
        "def downgrade() -> None:\n    pass\n",
        encoding="utf-8",
    )
    done = project.alembic("mysql_ops", "upgrade", f"{FIRST}:b2", "--sql", DB_TYPE="mysql")
    assert "UPDATE job SET name = '100%' WHERE name LIKE 'a%'" in done.stdout, done.stdout + done.stderr
