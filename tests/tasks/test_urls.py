"""The URLs of live databases, as people write them: relative paths, any driver of the dialect, and mistakes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, FailedError, MigrationError
from alembic_lockstep.live import moves, status
from alembic_lockstep.project.targets import load_one
from tests.support.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from tests.support.live import Database

TABLE = "op.create_table('one', sa.Column('id', sa.Integer))"
SECRET = "sw0rdfish"


def give(database: Database, url: str) -> None:
    """Let the target's section have another URL."""
    ini = database.folder / "alembic.ini"
    text = ini.read_text(encoding="utf-8")
    shown = url.replace("%", "%%")
    ini.write_text(re.sub("(?m)^url = .*", lambda _found: f"url = {shown}", text), encoding="utf-8")


def give_by_callable(database: Database, value: str) -> None:
    """Let a function give the target's URL; `value` is Python."""
    name = f"settings_{database.folder.name}"
    (database.folder / f"{name}.py").write_text(f"import sqlalchemy as sa\ndef url(): return {value}\n")
    give(database, f"{name}:url")


def with_driver(database: Database, driver: str) -> str:
    """Return the URL of a database with its password, with another driver."""
    return database.url.set(drivername=driver).render_as_string(hide_password=False)


def alembic(database: Database, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run plain Alembic on the target of a database."""
    ini = str(database.folder / "alembic.ini")
    return subprocess.run(
        [sys.executable, "-m", "alembic.config", "-c", ini, "-n", database.target.section, *words],
        cwd=cwd or database.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(database.folder)])},
        capture_output=True,
        text=True,
        check=False,
    )


def refusals(database: Database) -> list[str]:
    """Return what upgrade, downgrade, status and plain Alembic say when they cannot run: a line each."""
    database.revision("one", "pass")
    told = []
    commands: list[Callable[[], object]] = [
        database.upgrade,
        database.downgrade,
        lambda: status.status(database.target),
    ]
    for command in commands:
        with pytest.raises(CannotRunError) as refused:
            command()
        assert not refused.value.detail
        told.append(refused.value.headline)
    plain = alembic(database, "upgrade", "head")
    assert plain.returncode != 0
    assert "Traceback" not in plain.stderr, plain.stderr
    told.append(plain.stdout)
    assert not any(SECRET in line for line in told)
    return told


@pytest.mark.parametrize(
    "url", ["sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db", "sqlite:///file:data/x.db?uri=true&mode=rwc"]
)
@pytest.mark.parametrize("given", [give, lambda database, url: give_by_callable(database, repr(url))])
def test_path_in_a_url_is_relative_to_the_ini_from_everywhere(
    sqlite: Database,
    url: str,
    given: Callable[[Database, str], None],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    given(sqlite, url)
    sqlite.revision("one", TABLE, "op.drop_table('one')")
    monkeypatch.chdir(elsewhere)
    sqlite.upgrade()
    assert (sqlite.folder / "data" / "x.db").exists()
    found = status.status(sqlite.target)
    assert (found.at, found.database) == ("one", "data/x.db")
    plain = alembic(sqlite, "current", cwd=elsewhere)
    assert "one (head)" in plain.stdout, plain.stderr
    assert sqlite.downgrade() == ["one  "]
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true", "sqlite:///file:x?mode=memory&uri=1"]
)
def test_database_in_memory_is_refused(sqlite: Database, url: str) -> None:
    give(sqlite, url)
    for line in refusals(sqlite):
        assert "sqlite_shop: its URL names a database in memory, which is gone when a command ends." in line
        assert "Its URL is in [alembic_sqlite_shop] of alembic.ini." in line


def test_url_without_a_database_is_refused(mysql: Database) -> None:
    give(mysql, mysql.url.set(database="").render_as_string(hide_password=False))
    for line in refusals(mysql):
        assert "mysql_shop: its URL names no database. Its URL is in [alembic_mysql_shop] of alembic.ini." in line


@pytest.mark.parametrize(
    "driver", ["mysql", "mysql+aiomysql", "mysql+asyncmy", "mariadb", "mariadb+pymysql", "mariadb+asyncmy"]
)
def test_any_driver_of_the_dialect_is_taken(mysql: Database, driver: str) -> None:
    mysql.revision("one", TABLE, "op.drop_table('one')")
    give(mysql, with_driver(mysql, driver))
    assert mysql.upgrade() == ["one  "]
    assert status.status(mysql.target).at == "one"
    give_by_callable(mysql, f"sa.make_url({with_driver(mysql, driver)!r})")
    assert "one (head)" in alembic(mysql, "current").stdout
    assert mysql.downgrade() == ["one  "]
    assert mysql.tables() == set()


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        ("mysql+cymysql", f"cymysql is not installed for {sys.executable}: pip install cymysql"),
        ("mariadb+mariadbconnector", f"mariadbconnector is not installed for {sys.executable}: pip install mariadb"),
        ("mysql+pymsql", "mysql+pymsql is no driver that SQLAlchemy knows"),
    ],
)
def test_driver_that_is_not_there_is_named(mysql: Database, driver: str, told: str) -> None:
    give(mysql, with_driver(mysql, driver))
    for line in refusals(mysql):
        assert told in line


def test_file_that_a_url_names_and_that_cannot_be_used_is_named(mysql: Database) -> None:
    url = with_driver(mysql, "mysql").partition("?")[0]
    give(mysql, f"{url}?ssl_ca=/nowhere/ca.pem")
    for line in refusals(mysql):
        assert "ssl_ca = /nowhere/ca.pem: No such file or directory" in line
    letter = mysql.folder / "letter.pem"
    letter.write_text("a letter, no certificate\n", encoding="utf-8")
    give(mysql, f"{url}?ssl_ca={letter}")
    for line in refusals(mysql):
        assert f"ssl_ca = {letter}: " in line


@pytest.mark.parametrize("option", ["chrset=utf8mb4", "charset=nonsense", "connect_timeout=soon"])
def test_option_that_the_driver_does_not_take_is_named(mysql: Database, option: str) -> None:
    give(mysql, with_driver(mysql, "mysql").partition("?")[0] + f"?{option}")
    name = option.partition("=")[0]
    for line in refusals(mysql):
        assert f"the driver cannot use this URL: look at {name} behind its ?" in line


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (f"'mysql//root:{SECRET}@h/x'", "no URL such as mysql://user:password@host:3306/"),
        (f"['mysql://root:{SECRET}@h/x']", "a list is neither a URL of SQLAlchemy nor its text"),
        (f"'mysql://root:a@{SECRET}@h/x'", "a @ in a name or password is written as %40"),
    ],
)
def test_what_a_function_gives_that_is_no_url_is_not_repeated(sqlite: Database, value: str, told: str) -> None:
    give_by_callable(sqlite, value)
    for line in refusals(sqlite):
        assert told in line


def test_url_that_is_none_is_not_repeated(sqlite: Database) -> None:
    give(sqlite, f"mysql//root{SECRET}@h/x")
    with pytest.raises(MigrationError, match="is neither a URL nor module:callable") as refused:
        status.status(sqlite.target)
    assert SECRET not in refused.value.headline


# Rights


@pytest.fixture
def user(mysql: Database) -> Iterator[Callable[..., None]]:
    """A user of the server without rights, as whom the target connects; called with rights, it gets them."""
    name = f"test_{uuid.uuid4().hex[:8]}"
    root = mysql.url.set(database="")
    url = mysql.url.set(username=name, password=SECRET)

    def run(*statements: str) -> None:
        with sa.create_engine(root, poolclass=sa.NullPool).begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def grant(rights: str = "", database: str = str(url.database), password: str = SECRET) -> None:
        if rights:
            run(f"GRANT {rights} ON `{database}`.* TO {name}")
        give(mysql, url.set(database=database, password=password).render_as_string(hide_password=False))

    run(f"CREATE USER {name} IDENTIFIED BY '{SECRET}'")
    grant()
    yield grant
    run(f"DROP USER {name}")


def moves_of(database: Database) -> list[str]:
    """Return what upgrade and downgrade say when they fail."""
    told = []
    for move in (database.upgrade, database.downgrade):
        with pytest.raises(MigrationError) as failed:
            move()
        told.append(" ".join([failed.value.headline, *failed.value.detail]))
    assert SECRET not in " ".join(told)
    return told


def test_right_that_a_user_lacks_is_named(mysql: Database, user: Callable[..., None]) -> None:
    mysql.revision("one", TABLE, "op.drop_table('one')")
    for line in [*moves_of(mysql), status.status(mysql.target).note, alembic(mysql, "upgrade", "head").stdout]:
        assert "Access denied for user" in line
        assert "the user needs rights on this database (GRANT)" in line
        assert "--create" not in line
    user("SELECT")
    assert status.status(mysql.target).at is None
    with pytest.raises(CannotRunError, match=r"CREATE command denied .*; the user needs this right \(GRANT\)"):
        mysql.upgrade()
    user("CREATE, INSERT, UPDATE, DELETE")
    assert mysql.upgrade() == ["one  "]
    with pytest.raises(FailedError) as failed:
        mysql.downgrade()
    assert "DROP command denied" in " ".join([failed.value.headline, *failed.value.detail])


def test_wrong_password_and_missing_database_are_told_apart(mysql: Database, user: Callable[..., None]) -> None:
    mysql.revision("one", TABLE)
    user("SELECT", database="test_not_there")
    for line in [*moves_of(mysql), status.status(mysql.target).note]:
        assert "invoke upgrade --create makes it" in line
    with pytest.raises(CannotRunError, match="the user needs rights on this database"):
        moves.upgrade(mysql.target, "head", lambda _event: None, create=True)
    user(password="wrong")
    for line in [*moves_of(mysql), status.status(mysql.target).note]:
        assert "the password is wrong, or the user may not connect from here" in line


# Killed


KILLED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
for number in range(2000):
    connection.execute("INSERT INTO one VALUES (?)", [number])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_transaction_of_a_killed_program_is_told_and_rolled_back_by_the_next_upgrade(sqlite: Database) -> None:
    sqlite.revision("one", TABLE)
    sqlite.upgrade()
    subprocess.run([sys.executable, "-c", KILLED, str(sqlite.file)], check=False)
    journal = sqlite.file.with_name("shop.db-journal")
    assert journal.stat().st_size
    note = status.status(sqlite.target).note
    assert "a program was ended in the middle of a transaction; the next upgrade rolls it back" in note
    sqlite.upgrade()
    assert not journal.exists() or not journal.stat().st_size
    assert sqlite.rows("SELECT count(*) FROM one") == [(0,)]
    assert status.status(sqlite.target).note == ""


# Two sections with one database


def beside(database: Database, url: str, *settings: str) -> Target:
    """Add a section of the same dialect with a chain of its own, and return its target."""
    folder = database.folder / "other"
    folder.mkdir()
    (folder / "first.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = 'first'\ndown_revision = None\n"
        "def upgrade(): op.create_table('other', sa.Column('id', sa.Integer))\n"
        "def downgrade(): op.drop_table('other')\n"
    )
    section = f"alembic_{database.dialect}_other"
    shown = url.replace("%", "%%")
    for line in (f"\n[{section}]", "version_locations = other", "models = shop_models:metadata", f"url = {shown}"):
        database.setting(line)
    for line in settings:
        database.setting(line)
    return load_one(database.folder / "alembic.ini", section)


def other_spelling(database: Database) -> str:
    """Return the URL of the same database by another path, or for another user with another driver."""
    if database.dialect == "sqlite":
        (database.folder / "link").symlink_to(database.folder / "live")
        return "sqlite+pysqlite:///other/../link/shop.db?timeout=3"
    host = {"127.0.0.1": "LOCALHOST"}.get(str(database.url.host), database.url.host)
    other = database.url.set(drivername="mariadb+aiomysql", username="other", password=SECRET, host=host)
    return other.render_as_string(hide_password=False)


@pytest.mark.parametrize("by", ["text", "callable"])
def test_two_sections_with_one_database_are_refused(database: Database, by: str) -> None:
    url = other_spelling(database)
    if by == "callable":
        (database.folder / "other_settings.py").write_text(f"url = lambda: {url!r}\n")
        url = "other_settings:url"
    (database.folder / "live").mkdir()
    other = beside(database, url)
    told = refusals(database)
    sys.modules.pop("other_settings", None)
    with pytest.raises(CannotRunError) as refused:
        status.status(other)
    for line in [*told, refused.value.headline]:
        for section in ("shop", "other"):
            assert f"[alembic_{database.dialect}_{section}]" in line
        assert "have the same live database, " in line
        assert line.count("shop.db" if database.dialect == "sqlite" else str(database.url.database)) == 2
        assert "the same alembic_version in it" in line
    if database.dialect == "sqlite":
        assert not database.file.exists()


def test_two_sections_share_a_database_with_a_version_table_each(database: Database) -> None:
    database.revision("one", TABLE)
    other = beside(database, other_spelling(database), "version_table = other_version")
    if database.dialect == "mysql":
        text = (database.folder / "alembic.ini").read_text(encoding="utf-8")
        url = with_driver(database, "mysql+pymysql").replace("%", "%%")
        own = re.sub(r"(?m)^url = mariadb.*", lambda _found: f"url = {url}", text)
        (database.folder / "alembic.ini").write_text(own, encoding="utf-8")
        other = load_one(database.folder / "alembic.ini", other.section)
    database.upgrade()
    moves.upgrade(other, "head", lambda _event: None, create=False)
    assert database.tables() == {"one", "other", "other_version"}
    assert (database.at(), database.rows("SELECT version_num FROM other_version")) == (["one"], [("first",)])
    assert [status.status(each).pending for each in (database.target, other)] == [0, 0]


def test_url_of_another_section_that_cannot_be_had_is_no_obstacle(database: Database) -> None:
    database.revision("one", TABLE)
    beside(database, "no_such_module:url")
    database.upgrade()
    assert database.at() == ["one"]
