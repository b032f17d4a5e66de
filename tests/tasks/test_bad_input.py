"""What users get wrong and what machines do to them: one clear line, the right exit code, nothing written."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import sys
import uuid
import venv
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import alembic
import pytest
import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.servers.finding import find
from tests.conftest import ROOT

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from alembic_lockstep.servers.server import Server
    from tests.conftest import Project

SECRET = "hush-hush"
KNOWN = "Known: mysql_agent, mysql_ops, sqlite_agent, sqlite_ops"
EXAMPLE = 'for example  -m "feat: add user profile table"'
LIMIT = f"the limit is 80 characters (200 bytes), {EXAMPLE}"
TAG = "openjiuwen_studio/models/tag.py"
VERSIONS = "upgrade/sqlite/alembic_agent/versions"
INITIAL = f"{VERSIONS}/feat_first_schema_6016cfdb426a.py"
AUTO = ("migration", "--auto", "-m", "feat: x")
MANUAL = ("migration", "--manual", "-m", "feat: x")
PERCENT = (
    "alembic.ini: [alembic_sqlite_ops] url: a % in it begins no %(name)s that this file knows. "
    "Write %% where a % is meant, or let Python code give it: url = module:callable."
)
MOUNT_PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(autouse=True)
def password(project: Project) -> None:
    project.env["DB_PASSWORD"] = SECRET


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tidy(done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a command printed, in which no traceback and no password may be."""
    output = done.stdout + done.stderr
    assert "Traceback" not in output, output
    assert SECRET not in output, output
    return output


def refused(done: subprocess.CompletedProcess[str], line: str) -> None:
    """Expect that a command did not start: all that it says is this line."""
    assert (done.returncode, done.stderr, done.stdout) == (2, f"{line}\n", "")
    tidy(done)


def failed(project: Project, done: subprocess.CompletedProcess[str], target: str, line: str, code: int = 2) -> None:
    """Expect that a migration failed for a target with this line, and that nothing was written."""
    output = tidy(done)
    assert done.returncode == code, output
    assert done.stderr.splitlines()[0].startswith("⚠️ Warning: ")
    assert f"    {target}: {line}" in done.stderr.splitlines(), output
    assert "Nothing was written" in done.stdout
    assert not [path for path in project.files() if "feat_x_" in path or ".work/" in path]


# What is typed


MISTAKES: list[tuple[list[str], str]] = [
    (
        ["upgrade", "--", "--dry-run"],
        "upgrade takes nothing behind --: what stands there would be ignored. Leave the -- out.",
    ),
    (["upgrade", "--revision"], "--revision of upgrade needs a value. Its options: invoke upgrade --help"),
    (["upgrade", "--revision", "--create"], "--revision of upgrade needs a value. Its options: invoke upgrade --help"),
    (["roundtrip", "--revision", ""], "--revision of roundtrip needs a value. Its options: invoke roundtrip --help"),
    (["roundtrip", "--html="], "--html of roundtrip needs a value. Its options: invoke roundtrip --help"),
    ([*AUTO, "--db", "mysql_agnt"], f"mysql_agnt: unknown target. {KNOWN}"),
    ([*AUTO, "--db", "sqlite_ops,oracle_*"], f"oracle_*: unknown target. {KNOWN}"),
    ([*AUTO, "--db="], f"--db needs the name of a target. {KNOWN}"),
    ([*AUTO, "--db", "--dry-run"], "--db needs the name of a target, for example  --db mysql_agent"),
    ([*AUTO, "-d"], "-d needs the name of a target, for example  --db mysql_agent"),
    (["upgrade", "--db", "mysql_agnt"], f"mysql_agnt: unknown target. {KNOWN}"),
    (["upgrade", "--db", "--revision", "head"], "--db needs the name of a target, for example  --db mysql_agent"),
    (["downgrade", "--yes", "--db", "mysql_agnt"], f"mysql_agnt: unknown target. {KNOWN}"),
    (["downgrade", "--db", "--yes"], "--db needs the name of a target, for example  --db mysql_agent"),
    (["status", "--db", "mysql_agnt"], f"mysql_agnt: unknown target. {KNOWN}"),
    (["upgrade", "head"], "head alone is no option of upgrade: invoke upgrade --revision head"),
    (["upgrade", "mysql_agnt"], "mysql_agnt alone is no option of upgrade: invoke upgrade --db mysql_agnt"),
    (["status", "sqlite_*"], "sqlite_* alone is no option of status: invoke status --db sqlite_*"),
    (["downgrade", "-y", "-1"], "-1 alone is no option of downgrade: invoke downgrade --revision -1"),
    (
        ["upgrade", "--revison", "head"],
        "--revison is no option of upgrade. Did you mean --revision? Its options: invoke upgrade --help",
    ),
    (["upgrad"], "upgrad is no task. Did you mean upgrade? All tasks: invoke --list"),
    (
        ["status", "statu"],
        (
            "statu is no task, and status takes no words without an option. Did you mean the task status? Its options: "
            "invoke status --help"
        ),
    ),
    (["scratch", "stop"], "stop alone is no option of scratch: invoke scratch --stop"),
    (
        ["status", "--json", "upgrade", "--db=sqlite_ops", "--echo"],
        "--echo or -e is an option of Invoke itself, and none of upgrade. Its options: invoke upgrade --help",
    ),
    (["scratch", "-x"], "-x is no option of scratch. Its options: invoke scratch --help"),
    (
        ["upgrade", "--dry"],
        "--dry (-R) of Invoke would not keep upgrade from running. To see what would be done: invoke upgrade --dry-run",
    ),
    (
        ["--dry", "upgrade"],
        "--dry (-R) of Invoke would not keep upgrade from running. To see what would be done: invoke upgrade --dry-run",
    ),
    (["status", "--dry"], "--dry (-R) of Invoke would not keep status from running. Leave it out."),
    (["--dry", "status"], "--dry (-R) of Invoke would not keep status from running. Leave it out."),
    (
        [*AUTO, "upgrade", "--echo"],
        "--echo or -e is an option of Invoke itself, and none of upgrade. Its options: invoke upgrade --help",
    ),
    (
        ["--echo", "upgrade", "--no-dedupe"],
        "--no-dedupe is an option of Invoke itself, and none of upgrade. Its options: invoke upgrade --help",
    ),
    (
        ["status", "-r", "head"],
        "--search-root or -r is an option of Invoke itself, and none of status. Its options: invoke status --help",
    ),
    (
        ["migration", "-m", "feat: x"],
        "One of --auto (compare the models) and --manual (empty scripts) must be given.",
    ),
    (
        [*AUTO, "--manual"],
        "Only one of --auto (compare the models) and --manual (empty scripts) must be given.",
    ),
    (
        [*AUTO, "--rename", "tag.note"],
        (
            "--rename 'tag.note' is not TABLE.OLD:NEW (or OLD_TABLE:NEW_TABLE), for example --rename user.nick:alias. "
            "Names with a dot or a colon cannot be given."
        ),
    ),
    (
        [*AUTO, "--rename", "--dry-run"],
        "--rename needs TABLE.OLD:NEW, for example  --rename user.nick:alias",
    ),
    (["migration", "--auto"], f"A message is needed, {EXAMPLE}"),
    (["migration", "--auto", "-m", "Add x"], f"The message must start with feat: or fix:, {EXAMPLE}"),
    (
        ["migration", "--auto", "-m", "feat: a\nb"],
        f"The message must be one line without control characters, {EXAMPLE}",
    ),
    (
        ["migration", "--auto", "-m", "feat: \udcff"],
        f"The message must be one line without control characters, {EXAMPLE}",
    ),
    (
        ["migration", "--auto", "-m", "feat: " + "x" * 494],
        f"The message is too long: it has 500 characters (499 bytes as a file name); {LIMIT}",
    ),
]


@pytest.mark.parametrize(("words", "line"), MISTAKES, ids=[ascii(" ".join(words))[1:60] for words, _ in MISTAKES])
def test_mistake_in_typing_is_told_in_one_line(project: Project, words: list[str], line: str) -> None:
    before = project.files()
    refused(project.invoke(*words), line)
    assert project.files() == before
    assert not (project.root / "data").exists()


def test_wrong_call_of_a_task_in_a_collection_below_is_told_with_its_name(project: Project) -> None:
    text = "from invoke import Collection\nfrom alembic_lockstep.tasks import namespace as tasks\n"
    (project.root / "tasks.py").write_text(f"{text}namespace = Collection(db=tasks)\n", encoding="utf-8")
    refused(
        project.invoke("db.upgrade", "head"), "head alone is no option of db.upgrade: invoke db.upgrade --revision head"
    )
    refused(
        project.invoke("db.status", "-R"), "--dry (-R) of Invoke would not keep db.status from running. Leave it out."
    )
    assert project.invoke("db.status", "--db", "sqlite_ops").returncode == 0


def test_help_says_which_revisions_each_command_takes_and_the_default(project: Project) -> None:
    told = {
        name: " ".join(project.invoke(name, "--help").stdout.split()) for name in ("upgrade", "downgrade", "roundtrip")
    }
    assert "Up to this revision: an id, head, or +1 for the next one. Default: head." in told["upgrade"]
    assert "Down to this revision: an id, base, or -1 for the one before. Default: -1; " in told["downgrade"]
    assert "Only one revision, by its id or the beginning of it. Default: all." in told["roundtrip"]


def test_words_that_only_look_wrong_are_left_to_invoke(project: Project) -> None:
    text = "from invoke import task\nfrom alembic_lockstep.tasks import *\n"
    text += "@task\ndef greet(_, name):\n    print('hello', name)\nnamespace.add_task(greet)\n"
    (project.root / "tasks.py").write_text(f"from alembic_lockstep.tasks import namespace\n{text}", encoding="utf-8")
    done = project.invoke(
        "status", "--db", "sqlite_ops", "greet", "upgrade", "greet", "--name", "upgrade", "greet", "-n--dry"
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["hello --dry"]), tidy(done)
    assert "Usage:" in project.invoke("upgrade", "--help").stdout
    assert project.invoke("--complete", "--", "invoke", "upgrade", "head").returncode == 0
    completed = project.invoke("--complete", "--", "invoke", "upgrade", "head", "--d")
    assert (completed.returncode, completed.stderr) == (0, "")
    assert "--dry-run" in completed.stdout


def test_tasks_of_the_project_with_our_names_are_left_to_invoke(project: Project) -> None:
    text = "from invoke import Collection, task\nfrom alembic_lockstep.tasks import namespace as ours\n"
    text += "@task\ndef status(_, verbose=False):\n    print('verbose', verbose)\n"
    text += "namespace = Collection(status)\nnamespace.add_collection(ours, 'db')\n"
    (project.root / "tasks.py").write_text(text, encoding="utf-8")
    done = project.invoke("status", "--verbose", "--echo", "db.status", "--db", "sqlite_ops")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "verbose True"), tidy(done)
    refused(
        project.invoke("status", "--verbose", "db.status", "--verbose"),
        "--verbose is no option of db.status. Its options: invoke db.status --help",
    )


def test_rename_that_fits_no_target_is_refused(project: Project) -> None:
    before = project.files()
    done = project.invoke(*AUTO, "--db", "sqlite_ops", "--rename", "user.nick:alias")
    tidy(done)
    assert done.returncode == 2
    assert done.stderr == (
        "--rename user.nick:alias matches no target. The old name must exist in the schema that the migrations build "
        "and not in the models; the new name in the models and not in that schema. Nothing was written.\n"
    )
    assert project.files() == before


def test_any_accepted_message_gives_a_script_that_alembic_loads_and_shows(project: Project) -> None:
    messages = [
        """feat: say 'y', {x}, {{y}}, ''' and \"\"\" and "x\"""",
        "fix: \\ \\\\ \\n \\N{DASH} \\x \\u12 ends with \\",
        "feat: [red]x[/red] :smile: ${z} %(here)s %s <%a%> ## <% raise %>",
        "feat: ../../../etc/passwd 🚀 添加 é",
    ]
    heads = ["6016cfdb426a"]
    for message in messages:
        known = set(project.versions("sqlite_ops"))
        done = project.invoke("migration", "--manual", "-m", message, "--db", "sqlite_ops")
        assert done.returncode == 0, tidy(done)
        assert f"Start generating migration scripts: {message}\n" in done.stdout
        (script,) = set(project.versions("sqlite_ops")) - known
        docstring = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
        assert docstring.splitlines()[0] == message
        heads.append(script.stem[-12:])
    shown = project.alembic("sqlite_ops", "history")
    assert shown.returncode == 0, shown.stderr
    lines = [line.replace(" (head)", "") for line in shown.stdout.splitlines()]
    for message, (parent, head) in zip(messages, pairwise(heads), strict=True):
        assert f"{parent} -> {head}, {message}" in lines, shown.stdout


# Models


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def (", "{place}: SyntaxError: invalid syntax"),
        ("import there_is_none", "{place}: ModuleNotFoundError: No module named 'there_is_none'"),
        ("import sys; sys.exit('enough')", "{place}: SystemExit: enough"),
    ],
    ids=["syntax error", "import that fails", "exit"],
)
def test_model_that_cannot_be_imported_is_named_and_no_target_is_written(
    project: Project, code: str, line: str
) -> None:
    path = project.root / TAG
    place = f"{TAG}:{len(path.read_text(encoding='utf-8').splitlines()) + 1}"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{code}\n")
    project.edit(
        "openjiuwen_studio/ops_models/job.py",
        '__tablename__ = "',
        'note: Mapped[int | None] = mapped_column()\n    __tablename__ = "',
    )
    before = project.files()
    done = project.invoke(*AUTO, "--db", "sqlite_*")
    failed(project, done, "sqlite_agent", line.format(place=place))
    assert "✓ SQLite Ops Database:" in done.stdout
    assert project.files() == before


# Chains


def second_revision(project: Project, revision: str, parent: str) -> None:
    text = (project.root / INITIAL).read_text(encoding="utf-8").replace("6016cfdb426a", revision)
    assert "down_revision: str | tuple[str, ...] | None = None" in text
    text = text.replace("tuple[str, ...] | None = None", f'tuple[str, ...] | None = "{parent}"', 1)
    (project.root / VERSIONS / f"feat_{revision}.py").write_text(text, encoding="utf-8")


def break_syntax(project: Project) -> str:
    (project.root / VERSIONS / "feat_broken.py").write_text("revision = (\n", encoding="utf-8")
    return f"{VERSIONS}/feat_broken.py:1: SyntaxError: '(' was never closed"


def lose_parent(project: Project) -> str:
    second_revision(project, "aaaaaaaaaaaa", "cccccccccccc")
    return (
        "Revision cccccccccccc referenced from cccccccccccc -> aaaaaaaaaaaa (head), "
        f"feat: first schema is not present. Look in {VERSIONS}."
    )


def repeat_revision(project: Project) -> str:
    shutil.copy(project.root / INITIAL, project.root / VERSIONS / "copy.py")
    return f"Revision 6016cfdb426a is present more than once. Look in {VERSIONS}."


def split_heads(project: Project) -> str:
    second_revision(project, "aaaaaaaaaaaa", "6016cfdb426a")
    second_revision(project, "bbbbbbbbbbbb", "6016cfdb426a")
    return (
        "2 heads, aaaaaaaaaaaa and bbbbbbbbbbbb: changes follow the same revision. First downgrade your own "
        "databases to that revision, with the files as they were before; then set down_revision of the head that no "
        "shared database has to the other's id. If the chain is meant to have several heads: heads = many in its "
        "section."
    )


@pytest.mark.parametrize("damage", [break_syntax, lose_parent, repeat_revision, split_heads])
def test_broken_chain_is_named_and_nothing_runs_on_it(project: Project, damage: Callable[[Project], str]) -> None:
    line = damage(project)
    before = project.files()
    failed(project, project.invoke(*AUTO, "--db", "sqlite_agent"), "sqlite_agent", line)
    done = project.invoke("upgrade", "--db", "sqlite_agent")
    tidy(done)
    assert done.returncode == 2
    assert f"✗ SQLite Agent Database: {line}" in done.stdout.splitlines()
    assert project.files() == before
    assert not (project.root / "data").exists()


def test_missing_versions_folder_is_an_error_of_every_command(project: Project) -> None:
    shutil.rmtree(project.root / VERSIONS)
    line = (
        f"{VERSIONS} does not exist. Fix version_locations in [alembic_sqlite_agent] of alembic.ini, "
        "or create the folder for a new target."
    )
    before = project.files()
    refused(project.invoke(*MANUAL), f"sqlite_agent: {line}")
    done = project.invoke("upgrade", "--db", "sqlite_agent")
    assert done.returncode == 2
    assert f"✗ SQLite Agent Database: {line}" in tidy(done).splitlines()
    plain = project.alembic("sqlite_agent", "upgrade", "head")
    assert plain.returncode != 0
    assert f"sqlite_agent: {line}" in tidy(plain)
    assert project.files() == before
    assert not (project.root / "data").exists()


# alembic.ini


@pytest.mark.parametrize("words", [MANUAL, ("upgrade",), ("downgrade", "--all", "--yes"), ("status",)], ids=" ".join)
def test_missing_alembic_ini_is_an_error_of_every_command(project: Project, words: tuple[str, ...]) -> None:
    ini = project.root / "alembic.ini"
    ini.unlink()
    refused(project.invoke(*words), f"alembic.ini not found in {project.root} or above. Run inside the project.")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[alembic\n",
            "alembic.ini is broken: line 1 is no [section] and no `name = value` in one",
        ),
        ("[alembic_sqlite_ops]\nmodels = app:Base\n", "alembic.ini: [alembic_sqlite_ops] has no version_locations."),
    ],
    ids=["no ini", "key missing"],
)
def test_broken_alembic_ini_is_named(project: Project, text: str, line: str) -> None:
    (project.root / "alembic.ini").write_text(text, encoding="utf-8")
    before = project.files()
    refused(project.invoke(*MANUAL), line)
    assert project.files() == before


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (
            f"mysql://me:{SECRET}%40{SECRET}@127.0.0.1/ops",
            PERCENT,
        ),
        (f"x\n{SECRET}", "alembic.ini is broken: line 35 is no [section] and no `name = value` in one"),
    ],
    ids=["percent sign", "second line"],
)
def test_url_that_cannot_be_read_from_alembic_ini_is_not_repeated(project: Project, url: str, line: str) -> None:
    ini = project.root / "alembic.ini"
    head, found, tail = ini.read_text(encoding="utf-8").rpartition("url = openjiuwen_studio.settings:ops_url")
    assert found
    ini.write_text(f"{head}url = {url}{tail}", encoding="utf-8")
    for words in (AUTO, ("upgrade",), ("downgrade", "--all", "--yes"), ("status",), ("roundtrip",)):
        refused(project.invoke(*words), line)
    collected = project.run(sys.executable, "-m", "pytest", "-q", "alembic.ini", cwd=None)
    assert SECRET not in collected.stdout + collected.stderr
    if "%" in url:  # a line that is none Alembic finds before it reads anything of ours
        assert line in tidy(project.alembic("sqlite_ops", "current"))


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        (f"DB_PORT={SECRET}", "DB_PORT: Input should be a valid integer, unable to parse string as an integer"),
        ("DB_TYPE=postgres", "DB_TYPE: Input should be 'sqlite' or 'mysql'"),
        ("OPS_DBNAME=x", "Value error, OPS_DBNAME in .env is no setting; did you mean OPS_DB_NAME?"),
    ],
)
def test_setting_that_the_application_refuses_is_named_without_its_value(
    project: Project, setting: str, reason: str
) -> None:
    (project.root / ".env").write_text(f"{setting}\n", encoding="utf-8")
    words = ("--db", "sqlite_ops") if "TYPE" not in setting else ()
    done = [project.invoke(*command, *words) for command in (("status",), ("upgrade",))] if words else []
    done.append(project.invoke("upgrade"))
    for each in done:
        output = " ".join(tidy(each).split())
        assert each.returncode != 0
        assert reason in output
        assert "validation error" not in output
    if words:
        assert reason in " ".join(tidy(project.alembic("sqlite_ops", "current")).split())


@pytest.mark.parametrize(
    ("models", "line"),
    [
        ("nowhere:Base", "nowhere cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        (
            "openjiuwen_studio.models:Bas",
            "models = openjiuwen_studio.models:Bas in alembic.ini: openjiuwen_studio.models has no attribute Bas.",
        ),
        (
            "openjiuwen_studio.models:tag",
            "models = openjiuwen_studio.models:tag in alembic.ini is no declarative base and no MetaData.",
        ),
    ],
    ids=["module", "attribute", "no base"],
)
def test_models_that_are_not_where_alembic_ini_says_are_named(project: Project, models: str, line: str) -> None:
    ini = project.root / "alembic.ini"
    text = ini.read_text(encoding="utf-8")
    ini.write_text(text.replace("openjiuwen_studio.models:Base", models), encoding="utf-8")
    before = project.files()
    failed(project, project.invoke(*AUTO, "--db", "sqlite_agent"), "sqlite_agent", line)
    assert project.files() == before


# What is not installed


@pytest.mark.parametrize("missing", ["alembic", "filelock", "rich", "ruff"])
def test_package_that_is_not_installed_is_named_with_the_remedy(project: Project, tmp_path: Path, missing: str) -> None:
    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(tmp_path / "venv")
    python = builder.ensure_directories(tmp_path / "venv").env_exe
    installed = Path(alembic.__file__).parents[1]
    (site,) = (tmp_path / "venv").glob("[Ll]ib/**/site-packages")
    for package in installed.iterdir():
        if package.name != missing and package.suffix != ".pth":
            (site / package.name).symlink_to(package)
    (site / "alembic_lockstep").symlink_to(ROOT / "alembic_lockstep")
    before = project.files()
    done = project.run(python, "-m", "invoke", *MANUAL, "--db", "sqlite_ops")
    line = f"{missing} is not installed for {python}: pip install {missing}"
    assert done.returncode == 2, tidy(done)
    assert line in tidy(done)
    assert line in done.stderr
    assert project.files() == before
    if missing == "alembic":
        refused(project.run(python, "-m", "invoke", "upgrade"), line)


# Servers


def test_given_server_that_does_not_answer_is_named(project: Project, closed_port: int) -> None:
    url = f"mysql://me:{SECRET}@127.0.0.1:{closed_port}/"
    project.add_column()
    before = project.files()
    done = project.invoke(*AUTO, "--db", "*_agent", MIGRATION_MYSQL_URL=url)
    line = f"MIGRATION_MYSQL_URL: cannot connect to me@127.0.0.1:{closed_port} (connection refused)"
    failed(project, done, "mysql_agent", line)
    assert project.files() == before


def test_given_server_that_refuses_the_password_is_named(project: Project, server: Server) -> None:
    url = server.url.set(password=SECRET).render_as_string(hide_password=False)
    project.add_column()
    before = project.files()
    done = project.invoke(*AUTO, "--db", "mysql_agent", MIGRATION_MYSQL_URL=url)
    tidy(done)
    assert done.returncode == 2
    who = f"{server.url.username}@{server.url.host}:{server.url.port}"
    assert f"MIGRATION_MYSQL_URL: cannot connect to {who} (Access denied for user " in done.stderr
    assert project.files() == before


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (SECRET, "MIGRATION_MYSQL_URL: no URL such as mysql://user:password@host:3306/"),
        (f"mysql:{SECRET}", "MIGRATION_MYSQL_URL: no URL such as mysql://user:password@host:3306/"),
        (f"mysql://me:{SECRET}@host:port/", "MIGRATION_MYSQL_URL: no URL such as mysql://user:password@host:3306/"),
        (f"mysql://me:{SECRET}", "MIGRATION_MYSQL_URL: no URL such as mysql://user:password@host:3306/"),
        (
            f"postgresql://me:{SECRET}@host/",
            "MIGRATION_MYSQL_URL is a URL of postgresql; it must be one of MySQL or MariaDB",
        ),
        (f"mysql://me:a@{SECRET}@host/", "MIGRATION_MYSQL_URL: a @ in a name or password is written as %40"),
        (
            f"mysql://me:{SECRET}@127.0.0.1:1/?ssl_mode=REQUIRED",
            "MIGRATION_MYSQL_URL: the driver cannot use this URL: look at ssl_mode behind its ?",
        ),
        (
            f"mysql://me:{SECRET}@127.0.0.1:1/?charset=latin9",
            "MIGRATION_MYSQL_URL: the driver cannot use this URL: look at charset behind its ?",
        ),
        (f"mysql://me:密{SECRET}@127.0.0.1:1/", "MIGRATION_MYSQL_URL: the driver cannot use this URL"),
    ],
    ids=["text", "no slashes", "port", "no host", "dialect", "two @", "unknown option", "charset", "Chinese"],
)
def test_given_url_that_cannot_be_one_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str, line: str
) -> None:
    monkeypatch.setenv("MIGRATION_MYSQL_URL", url)
    with pytest.raises(CannotRunError) as error:
        find(lambda _text: None)
    assert error.value.headline == line


def test_given_user_that_may_not_make_databases_is_told_so(project: Project, server: Server) -> None:
    name = f"bad_input_{uuid.uuid4().hex[:8]}"
    url = server.url.set(username=name, password=SECRET).render_as_string(hide_password=False)
    before = project.files()
    project.add_column()
    with sa.create_engine(server.url, poolclass=sa.NullPool).connect() as root:
        root.exec_driver_sql(f"CREATE USER '{name}' IDENTIFIED BY '{SECRET}'")
        try:
            done = project.invoke(*AUTO, "--db", "mysql_agent", MIGRATION_MYSQL_URL=url)
        finally:
            root.exec_driver_sql(f"DROP USER '{name}'")
    tidy(done)
    assert done.returncode == 2
    assert f"cannot make a scratch database: Access denied for user '{name}'" in done.stderr
    assert project.files() == before


def test_live_server_that_does_not_answer_is_named_without_its_password(project: Project, closed_port: int) -> None:
    done = project.invoke("upgrade", DB_TYPE="mysql", DB_PORT=str(closed_port))
    where = f"root@127.0.0.1:{closed_port}/openjiuwen_agent"
    assert done.returncode == 2
    assert f"✗ MySQL Agent Database: cannot connect to {where} (connection refused)." in tidy(done)
    assert done.stderr == "Not run after the failure: mysql_ops\n"


def test_live_server_that_refuses_the_password_is_named_without_it(project: Project, server: Server) -> None:
    done = project.invoke(
        "upgrade",
        "--db",
        "mysql_ops",
        DB_HOST=str(server.url.host),
        DB_PORT=str(server.url.port),
        DB_USER=str(server.url.username),
    )
    assert done.returncode == 2
    where = f"{server.url.username}@{server.url.host}:{server.url.port}/openjiuwen_ops"
    assert f"✗ MySQL Ops Database: cannot connect to {where} (Access denied for user " in tidy(done)


@pytest.mark.parametrize("name", ["DB_PORT", "DB_TYPE"])
def test_setting_that_cannot_be_is_named_without_its_value(project: Project, name: str) -> None:
    project.env[name] = SECRET
    done = project.invoke("upgrade")
    assert done.returncode == 2
    (line,) = tidy(done).splitlines()
    assert "openjiuwen_studio/settings.py:" in line
    assert f": {name}: Input should be " in line


# Where the output goes


READING = [["status", "--json"], ["upgrade", "--dry-run"], [*AUTO, "--dry-run"]]


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize("output", ["| true", "> /dev/full", ">&-"])
def test_output_that_cannot_be_written_is_told_in_one_line(project: Project, words: list[str], output: str) -> None:
    done = into(project, output, *words, "--db", "sqlite_ops")
    assert re.fullmatch(
        r"Output is lost: standard output cannot be written \(.*\)\. The command went on without it\.\n", done.stderr
    ), tidy(done)
    assert done.returncode == 2


def into(project: Project, output: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `invoke …` with its output going somewhere; the exit code is Invoke's."""
    shell = shutil.which("bash")
    if shell is None or not Path("/dev/full").exists():
        pytest.skip("needs bash and /dev/full")
    script = f'{{ sleep 0.2; "$@"; }} {output}; exit ${{PIPESTATUS[0]}}'
    path = os.environ["PATH"]
    return project.run(shell, "-c", script, "bash", sys.executable, "-m", "invoke", *words, PATH=path)


def test_upgrade_goes_on_where_its_output_is_closed(project: Project) -> None:
    assert into(project, "| true", "upgrade").returncode == 2
    done = project.invoke("status", "--json", "--db", "sqlite_*")
    assert {found["pending"] for found in json.loads(done.stdout)} == {0}


@pytest.mark.parametrize("output", ["2> /dev/full", "2>&-", ">&- 2>&- <&-"])
def test_exit_code_is_right_where_errors_cannot_be_written(project: Project, output: str) -> None:
    for words in (["upgrade", "--db", "nothing"], ["upgrade", "head"], ["downgrade", "--db", "sqlite_ops"]):
        done = into(project, output, *words)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", ""), words


# Folders and disks


@pytest.fixture
def humble(project: Project) -> Iterator[Project]:
    """A project in which the modes of files hold, for root too."""
    if os.name != "posix":
        pytest.skip("needs modes of files")
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root heeds modes only with setpriv")
        prefix = (setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
        run = project.run
        project.run = lambda *command, **more: run(*prefix, *command, **more)  # type: ignore[method-assign]
    yield project
    for path in (project.root, *project.root.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o700)


def test_versions_folder_that_may_not_be_written_keeps_the_whole_change_out(humble: Project) -> None:
    humble.add_column()
    before = humble.files()
    (humble.root / VERSIONS).chmod(0o555)
    done = humble.invoke(*AUTO, "--db", "*_agent")
    tidy(done)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("cannot write upgrade/")
    assert line.endswith(".py: Permission denied. Nothing was written.")
    assert humble.files() == before


def test_project_that_may_not_be_written_is_named(humble: Project) -> None:
    before = humble.files()
    for path in (humble.root, *humble.root.rglob("*")):
        path.chmod(path.stat().st_mode & 0o555)
    done = humble.invoke(*MANUAL, "--db", "sqlite_ops")
    tidy(done)
    assert done.returncode == 2
    assert done.stderr == "cannot write upgrade/.work: Permission denied. Nothing was written.\n"
    upgrade = humble.invoke("upgrade", "--db", "sqlite_ops")
    assert upgrade.returncode == 2
    folder = humble.root / "data" / "databases"
    assert f"✗ SQLite Ops Database: cannot make the folder {folder}: Permission denied" in tidy(upgrade)
    assert humble.files() == before


def among_mounts(project: Project, mount: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `invoke …` where `mount` has mounted something that nobody else sees, and that goes with the process."""
    unshare, shell = shutil.which("unshare"), shutil.which("sh")
    if unshare is None or shell is None:
        pytest.skip("needs unshare")
    private = [unshare, "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    script = f'before=$PATH; {MOUNT_PATH}; {{ {mount}; }} >&2 || exit 99; PATH=$before "$@"; code=$?; {MOUNT_PATH}'
    after = "[ ! -d ../copy ] || cp -a upgrade ../after; exit $code"
    command = [*private, shell, "-c", f"{script}; {after}", "sh", sys.executable, "-m", "invoke", *words]
    done = project.run(*command, PYTHONDONTWRITEBYTECODE="1")
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip(f"may not mount: {done.stderr.strip()}")
    return done


def test_read_only_file_system_is_named(project: Project) -> None:
    before = project.files()
    mount = 'mount --bind "$PWD" "$PWD" && mount -o remount,bind,ro "$PWD" && cd "$PWD"'
    done = among_mounts(project, mount, *MANUAL, "--db", "sqlite_ops")
    tidy(done)
    assert done.returncode == 2
    assert done.stderr == "cannot write upgrade/.work: Read-only file system. Nothing was written.\n"
    assert project.files() == before


@pytest.mark.parametrize(
    ("free", "words", "code", "line"),
    [
        (0, MANUAL, 2, r"cannot write upgrade/\.work: No space left on device\. Nothing was written\."),
        (4, MANUAL, 2, r"cannot write into upgrade/\.work/\w{12}/sqlite_agent: No space left on device"),
        (8, MANUAL, 2, r"cannot write upgrade/\.work: No space left on device\. Nothing was written\."),
        (64, AUTO, 1, r"database or disk is full"),
    ],
    ids=["workspace", "script", "journal", "scratch database"],
)
def test_full_disk_is_told_and_leaves_nothing(
    project: Project, free: int, words: tuple[str, ...], code: int, line: str
) -> None:
    project.add_column()
    before = project.files()
    size = f"$(($(df -k --output=used upgrade | tail -1) + {free}))k"
    mount = (
        "cp -a upgrade ../copy && mount -t tmpfs -o size=50m,mode=755 none upgrade && cp -a ../copy/. upgrade && "
        f"mount -o remount,size={size} upgrade"
    )
    done = among_mounts(project, mount, *words, "--db", "sqlite_agent")
    assert done.returncode == code, tidy(done)
    assert re.search(line, done.stderr), done.stderr
    assert "Nothing was written" in tidy(done)
    shutil.move(project.root / "upgrade", project.root / "unused")
    shutil.move(project.root.with_name("after"), project.root / "upgrade")
    assert project.revisions() == before
    assert len(project.drafts()) == (code == 1), "kept is what has failed, not what could not be written"


def test_limit_of_file_sizes_is_told_and_leaves_nothing(project: Project) -> None:
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("needs a shell with ulimit")
    project.add_column(f'note: Mapped[str | None] = mapped_column(String(9), server_default="{"x" * 1024}")')
    before = project.files()
    limited = [shell, "-c", 'ulimit -f 1; exec "$@"', "sh"]
    done = project.run(*limited, sys.executable, "-m", "invoke", *AUTO, "--db", "sqlite_agent")
    assert done.returncode == 2, tidy(done)
    assert "/sqlite_agent: File too large" in done.stderr
    assert "Nothing was written" in tidy(done)
    assert project.files() == before
