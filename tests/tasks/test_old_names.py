from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

    from tests.conftest import Project

    Done = subprocess.CompletedProcess[str]

SH = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
CHANGES = re.compile(r"(?<=_)[0-9a-f]{12}(?=\.py)|(?<=revision )[0-9a-f]{12}|[\d.]+ s$|Create Date: .*", re.MULTILINE)


@pytest.fixture
def installed(project: Project) -> Project:
    """A project whose programs, such as invoke, are on PATH."""
    project.env |= {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "MYSQL_IMAGE": "there.is/no-such-image"}
    return project


def generate(project: Project, *words: str, cwd: Path | None = None) -> Done:
    return project.run(sys.executable, str(project.root / "generate_migration.py"), *words, cwd=cwd)


def migrate(project: Project, *words: str, cwd: Path | None = None) -> Done:
    return project.run(str(project.root / "migrate.sh"), *words, cwd=cwd)


def written(project: Project, before: dict[str, bytes]) -> dict[str, str]:
    """Return the new revisions without what differs from run to run, and remove them."""
    found = {}
    for name in sorted(project.files().keys() - before.keys()):
        path = project.root / name
        revision = path.stem.rpartition("_")[2]
        found[CHANGES.sub("…", name)] = CHANGES.sub("…", path.read_text(encoding="utf-8").replace(revision, "…"))
        path.unlink()
    return found


def lines(done: Done) -> list[str]:
    """Return what was said, in the order of the targets: they finish in any."""
    return sorted(CHANGES.sub("…", done.stdout).splitlines())


@pytest.mark.parametrize(
    ("old", "new", "scripts"),
    [
        (["--autogenerate"], ["--auto"], 2),
        (["--manual", "-d", "mysql_agent", "--db", "sqlite_*"], ["--manual", "-d", "mysql_agent", "-d", "sqlite_*"], 3),
    ],
    ids=["autogenerate", "manual"],
)
def test_generate_migration_writes_what_invoke_migration_writes(
    project: Project, tmp_path: Path, old: list[str], new: list[str], scripts: int
) -> None:
    project.add_column()
    before = project.files()
    first = generate(project, *old, "-m", "feat a note", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    made = written(project, before)
    assert len(made) == scripts
    second = project.invoke("migration", *new, "-m", "feat a note")
    assert second.returncode == 0, second.stderr
    assert written(project, before) == made
    assert lines(first) == lines(second)


def test_generate_migration_that_would_drop_a_column_fails_and_writes_nothing(project: Project) -> None:
    project.edit("openjiuwen_studio/models/tag.py", "tag_color", "tag_colour")
    before = project.revisions()
    done = generate(project, "--autogenerate", "-m", "feat: colour", "-d", "sqlite_agent")
    assert done.returncode == 1
    assert "--rename tag.tag_color:tag_colour" in done.stdout + done.stderr
    assert project.revisions() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-m", "feat: x"], "one of the arguments --autogenerate --manual is required"),
        (["--manual", "--autogenerate", "-m", "feat: x"], "not allowed with argument"),
        (["--manual"], "A message is needed, for example"),
        (["--manual", "-m", "Add x"], "The message must start with feat: or fix:"),
        (
            ["--manual", "-m", "feat: x", "-d", "mysql_agnt"],
            "mysql_agnt: unknown target. Known: mysql_agent, mysql_ops",
        ),
        (["--manual", "-m", "feat: x", "-d"], "expected one argument"),
    ],
    ids=["no mode", "two modes", "no message", "wrong message", "unknown target", "db without a name"],
)
def test_generate_migration_refuses(project: Project, words: list[str], told: str) -> None:
    before = project.files()
    done = generate(project, *words)
    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert project.files() == before


@SH
def test_migrate_sh_goes_up_and_down_as_invoke_does(installed: Project, tmp_path: Path) -> None:
    file = installed.root / "data" / "databases" / "ops.db"

    def tables() -> int:
        with closing(sqlite3.connect(file)) as connection:
            return int(connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])

    up = migrate(installed, "sqlite", "ops", "upgrade", cwd=tmp_path)
    assert up.returncode == 0, up.stderr
    assert [path.name for path in file.parent.iterdir()] == ["ops.db"]
    assert tables() == 11

    status = migrate(installed, "sqlite", "ops", "status", "--json")
    assert status.returncode == 0
    assert status.stdout == installed.invoke("status", "--db", "sqlite_ops", "--json").stdout

    refused = migrate(installed, "sqlite", "ops", "downgrade")
    assert refused.returncode == 2
    assert "nobody can answer here. In scripts use --yes" in refused.stderr
    assert tables() == 11

    down = migrate(installed, "sqlite", "ops", "downgrade", "--revision", "base", "--yes")
    assert down.returncode == 0, down.stderr
    assert tables() == 1


@SH
def test_migrate_sh_upgrades_mysql_and_fails_as_invoke_does(installed: Project, live: Project) -> None:
    missing = migrate(installed, "mysql", "ops", "upgrade")
    assert missing.returncode == 2
    assert f"the database {live.env['OPS_DB_NAME']} does not exist on" in missing.stdout
    assert migrate(installed, "mysql", "ops", "upgrade", "--create").returncode == 0
    revision = installed.versions("mysql_ops")[0]
    text = revision.read_text(encoding="utf-8")
    downgrade = '    op.drop_table("prompt_versions")\n'
    assert downgrade in text
    revision.write_text(text.replace(downgrade, f'{downgrade}    op.drop_table("nowhere")\n'), encoding="utf-8")
    failed = migrate(installed, "mysql", "ops", "downgrade", "--yes")
    assert failed.returncode == 1
    assert "the downgrade of 6016cfdb426a failed" in failed.stdout


@SH
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "usage: ./migrate.sh mysql|sqlite agent|ops upgrade|downgrade|status [flags of invoke]"),
        (["sqlite", "agent", "migration"], "usage: ./migrate.sh "),
        (["oracle", "agent", "status"], "oracle_agent: unknown target. Known: mysql_agent, mysql_ops"),
        (["sqlite", "", "upgrade"], "sqlite_: unknown target. Known: mysql_agent, mysql_ops"),
    ],
    ids=["nothing", "unknown command", "unknown dialect", "empty database"],
)
def test_migrate_sh_refuses(installed: Project, words: list[str], told: str) -> None:
    done = migrate(installed, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == 1
    assert not (installed.root / "data").exists()
