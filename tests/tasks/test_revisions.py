"""What revisions find when they run, on live databases, on scratch databases and in memory."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.errors import CannotRunError, FailedError
from alembic_lockstep.execution import replay
from alembic_lockstep.live import lock, moves, status
from alembic_lockstep.project import chain, data_cases
from tests.support.chains import round_trip

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.progress import Notice, Progress
    from tests.support.live import Database

TABLE = "op.create_table({0!r}, sa.Column('id', sa.Integer, primary_key=True))"
DROP = "op.drop_table({0!r})"


def everywhere(database: Database, folder: Path) -> None:
    """Run a chain in memory, on a scratch database with rows, and on the live database."""
    target = database.target
    script = chain.load(target)
    with replay.replayed(script, target, options(target)):
        pass
    folder.mkdir()
    trip = round_trip(target, folder)
    assert [(each.status, each.problems) for each in trip.verdicts] == [("lossless", [])] * len(trip.verdicts)
    assert not any("caught by the revision itself" in note for each in trip.verdicts for note in each.notes)
    database.upgrade()


def simple(database: Database, name: str, parent: str | tuple[str, ...] | None = None, top: str = "") -> None:
    """Add a revision that makes a table of its own name."""
    database.revision(name, TABLE.format(name), DROP.format(name), parent, top)


# alembic.context


def test_revision_has_what_a_usual_env_py_gives_it(database: Database, tmp_path: Path, server: object) -> None:
    body = f"""
        assert not context.is_offline_mode()
        assert context.get_context().dialect.name == context.get_bind().dialect.name == {database.dialect!r}
        assert context.get_context() is op.get_context()
        assert context.get_x_argument(as_dictionary=True) == {{"seed": "yes", "size": "3"}}
        assert context.config.get_main_option("url")
        assert context.script.get_revision("two").down_revision == "one"
        assert context.get_context().environment_context.get_head_revision() == "two"
        context.execute("CREATE TABLE two (id INTEGER PRIMARY KEY)")
    """
    top = "from alembic import context\nNAME = context.config.config_ini_section\nassert not context.is_offline_mode()"
    simple(database, "one")
    database.revision("two", body, DROP.format("two"), "one", top)
    database.setting("x_arguments = seed=yes, size=3")
    everywhere(database, tmp_path / "scratch")
    assert database.tables() == {"one", "two"}
    assert status.status(database.target).pending == 0


def test_plain_alembic_gives_the_same_x_arguments_unless_it_has_its_own(sqlite: Database) -> None:
    body = "open(context.config.config_file_name + '.x', 'w').write(repr(context.get_x_argument()))"
    sqlite.revision("one", body, top="from alembic import context")
    sqlite.setting("x_arguments = seed=yes")
    command = [sys.executable, "-m", "alembic.config", "-c", str(sqlite.folder / "alembic.ini")]
    for words, told in ((["-x", "seed=no"], "['seed=no']"), ([], "['seed=yes']")):
        sqlite.file.unlink(missing_ok=True)
        done = subprocess.run(
            [*command, "-n", "alembic_sqlite_shop", *words, "upgrade", "head"],
            capture_output=True, text=True, check=False, cwd=sqlite.folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (sqlite.folder / "alembic.ini.x").read_text(encoding="utf-8") == told


# The engine behind the connection


def test_further_connections_see_what_the_revision_has_done(database: Database, tmp_path: Path, server: object) -> None:
    body = f"""
        {TABLE.format("one")}
        engine = op.get_bind().engine
        assert "one" in sa.inspect(engine).get_table_names()
        with engine.connect() as other:
            assert sa.inspect(other).has_table("one")
        with engine.begin() as other:
            other.execute(sa.text("CREATE TABLE two (id INTEGER PRIMARY KEY)"))
        engine.dispose()
        op.execute("CREATE TABLE three (id INTEGER PRIMARY KEY)")
    """
    database.revision("one", body, "\n".join(map(DROP.format, ("one", "two", "three"))))
    everywhere(database, tmp_path / "scratch")
    assert database.tables() == {"one", "two", "three"}


def test_further_transaction_on_sqlite_is_undone_alone(sqlite: Database) -> None:
    body = f"""
        {TABLE.format("one")}
        with op.get_bind().engine.connect() as other:
            other.execute(sa.text("INSERT INTO one VALUES (1)"))
            other.commit()
            other.execute(sa.text("INSERT INTO one VALUES (2)"))
            other.rollback()
            other.execute(sa.text("INSERT INTO one VALUES (3)"))
    """
    sqlite.revision("one", body)
    sqlite.upgrade()
    assert sqlite.rows("SELECT id FROM one") == [(1,)]


def test_further_transaction_on_sqlite_ends_with_a_revision_that_fails(sqlite: Database) -> None:
    body = "with op.get_bind().engine.begin() as other:\n    other.execute(sa.text('CREATE TABLE one (id INT)'))\n"
    sqlite.revision("one", body + "raise RuntimeError('not yet')")
    with pytest.raises(FailedError, match="not yet"):
        sqlite.upgrade()
    assert sqlite.tables() == set()


# A strict session


def test_session_is_strict_whatever_the_server_says(mysql: Database) -> None:
    lax = mysql.url.update_query_dict({"init_command": "SET SESSION sql_mode = ''"})
    ini = mysql.folder / "alembic.ini"
    text = ini.read_text(encoding="utf-8")
    old = mysql.url.render_as_string(hide_password=False).replace("%", "%%")
    ini.write_text(text.replace(old, lax.render_as_string(hide_password=False).replace("%", "%%")), encoding="utf-8")
    mysql.revision("one", "op.execute('CREATE TABLE one (name VARCHAR(20))')\nop.execute(\"SET sql_mode = ''\")")
    shorten = "op.alter_column('one', 'name', type_=sa.String(4), existing_type=sa.String(20))"
    mysql.revision("two", shorten, parent="one")
    mysql.upgrade("one")
    mysql.execute("INSERT INTO one VALUES ('longer than four')")
    with pytest.raises(FailedError, match=r"the upgrade of two failed: .*(too long|truncated)"):
        mysql.upgrade()
    assert mysql.rows("SELECT name FROM one") == [("longer than four",)]


# The lock


def test_lost_lock_stops_the_upgrade_after_the_running_statement(mysql: Database) -> None:
    others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    body = f"""
        {TABLE.format("one")}
        for (other,) in op.get_bind().exec_driver_sql("{others}").all():
            op.get_bind().exec_driver_sql(f"KILL {{other}}")
        op.execute("DO SLEEP(0.2)")
        {TABLE.format("two")}
    """
    mysql.revision("one", body)
    with pytest.raises(FailedError, match=r"the upgrade of one failed: the lock .* was lost") as failed:
        mysql.upgrade()
    assert mysql.tables() == {"one"}
    assert mysql.at() == []
    assert "committed" in failed.value.detail[-1], "what it left is told"


def test_lock_lost_after_the_last_statement_is_no_failure(mysql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "CHECK_SECONDS", 60)
    others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    body = f"""
        for (other,) in op.get_bind().exec_driver_sql("{others}").all():
            op.get_bind().exec_driver_sql(f"KILL {{other}}")
    """
    mysql.revision("one", body)
    move = moves.upgrade(mysql.target, "head", lambda _event: None, create=False)
    assert (move.after, mysql.at()) == ("one", ["one"])


def test_lost_connection_is_told_by_revision_and_statement(mysql: Database) -> None:
    body = f"""
        {TABLE.format("one")}
        op.execute("KILL CONNECTION_ID()")
        {TABLE.format("two")}
    """
    mysql.revision("one", body)
    with pytest.raises(FailedError, match=r"the upgrade of one failed: .*versions/one\.py") as failed:
        mysql.upgrade()
    assert failed.value.exit_code == 1
    assert "committed" in failed.value.detail[-1]
    assert mysql.tables() == {"one"}


@pytest.mark.parametrize("command", ["upgrade", "downgrade"])
def test_plain_alembic_waits_for_the_lock(mysql: Database, command: str) -> None:
    simple(mysql, "one")
    if command == "downgrade":
        mysql.upgrade()
    words = [sys.executable, "-m", "alembic.config", "-n", "alembic_mysql_shop"]
    with ExitStack() as stack:
        stack.enter_context(lock.locked(mysql.target, mysql.url))
        move = [*words, command, "head" if command == "upgrade" else "base"]
        with subprocess.Popen(move, cwd=mysql.folder, stderr=subprocess.PIPE, text=True) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(3)
            looking = subprocess.run([*words, "current"], cwd=mysql.folder, capture_output=True, text=True, check=False)
            assert looking.returncode == 0, looking.stderr
            assert mysql.tables() == ({"one"} if command == "downgrade" else set())
            stack.close()
            assert waiting.wait(60) == 0
    assert mysql.tables() == (set() if command == "downgrade" else {"one"})


# Commits


def test_revision_is_told_when_it_is_committed(sqlite: Database) -> None:
    body = f"""
        {TABLE.format("two")}
        deny = lambda action, word, *_: {sqlite3.SQLITE_DENY} if (action, word) == (22, "COMMIT") else 0
        op.get_bind().connection.dbapi_connection.set_authorizer(deny)
    """
    simple(sqlite, "one")
    sqlite.revision("two", body, parent="one")
    told: list[Progress | Notice] = []
    with pytest.raises(FailedError, match="the upgrade of two failed: not authorized"):
        moves.upgrade(sqlite.target, "head", told.append, create=False)
    assert [str(event).split()[0] for event in told] == ["one"]
    assert (sqlite.at(), sqlite.tables()) == (["one"], {"one"})


# Rows that refer to nothing

FAMILY = """
    op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id), note TEXT)")
"""


def orphaned(sqlite: Database, body: str) -> None:
    sqlite.revision("one", FAMILY)
    sqlite.upgrade()
    sqlite.execute("INSERT INTO parent VALUES (1), (2)", "INSERT INTO child VALUES (1, 1, ''), (2, 7, ''), (3, 2, '')")
    sqlite.revision("two", body, parent="one")


def test_new_orphan_is_found_though_an_old_one_goes(sqlite: Database) -> None:
    body = "op.execute('DELETE FROM child WHERE parent_id = 7')\nop.execute('DELETE FROM parent WHERE id = 2')"
    orphaned(sqlite, body)
    with pytest.raises(FailedError, match="1 foreign key is broken") as failed:
        sqlite.upgrade()
    assert "row 3 of child refers to a row of parent that is gone" in failed.value.detail
    assert sqlite.rows("SELECT count(*) FROM child") == [(3,)]


@pytest.mark.parametrize(
    "body",
    [
        "op.rename_table('child', 'kid')",
        "op.alter_column('child', 'parent_id', new_column_name='father_id')",
        "with op.batch_alter_table('child') as batch:\n    batch.alter_column('parent_id', type_=sa.Text)",
        "with op.batch_alter_table('parent', recreate='always') as each:\n    each.add_column(sa.Column('x', sa.Text))",
        "op.drop_table('child')",
        "op.execute('DELETE FROM child WHERE id = 2')",
    ],
    ids=["table renamed", "column renamed", "child copied", "parent copied", "dropped", "deleted"],
)
def test_old_orphans_do_not_count(sqlite: Database, body: str) -> None:
    orphaned(sqlite, body)
    sqlite.upgrade()
    assert sqlite.at() == ["two"]


# Functions that are missing


def test_missing_downgrade_stops_the_downgrade_at_its_revision(database: Database) -> None:
    simple(database, "one")
    database.revision("two", TABLE.format("two"), None, "one")
    simple(database, "three", "two")
    database.upgrade()
    database.downgrade()
    for revision in ("-1", "base"):
        with pytest.raises(CannotRunError, match=r"nothing was changed: two has no downgrade\(\) \(versions/two\.py\)"):
            database.downgrade(revision)
    assert (database.at(), database.tables()) == (["two"], {"one", "two"})


# Branches


@pytest.fixture
def merged(database: Database) -> Database:
    """A chain with two branches and their merge."""
    simple(database, "root")
    simple(database, "left", "root", "branch_labels = 'l'")
    simple(database, "right", "root")
    database.revision("merge", "pass", "pass", ("left", "right"))
    simple(database, "top", "merge")
    return database


def test_chain_goes_up_and_down_through_a_merge(merged: Database) -> None:
    merged.upgrade()
    assert merged.at() == ["top"]
    merged.downgrade()
    merged.downgrade()
    assert sorted(merged.at()) == ["left", "right"]
    found = status.status(merged.target)
    assert (found.at, found.head, found.pending) == ("left, right", "top", 2)
    merged.downgrade()
    assert len(merged.at()) == 1
    merged.upgrade("+2")
    assert merged.at() == ["merge"]
    merged.downgrade("root")
    assert (merged.at(), merged.tables()) == (["root"], {"root"})
    merged.upgrade("left")
    merged.upgrade()
    merged.downgrade("base")
    assert (merged.at(), merged.tables()) == ([], set())


def test_merge_is_round_tripped(merged: Database, tmp_path: Path, server: object) -> None:
    everywhere(merged, tmp_path / "scratch")


@pytest.fixture
def branched(database: Database) -> Database:
    """A chain with two intended heads, one of which depends on the other branch."""
    simple(database, "root")
    simple(database, "expand", "root", "branch_labels = 'e'")
    simple(database, "contract", "root", "branch_labels = 'c'\ndepends_on = 'expand'")
    simple(database, "more", "expand")
    return database


def test_several_heads_are_refused_unless_the_section_allows_them(branched: Database) -> None:
    with pytest.raises(CannotRunError, match=r"2 heads, .*contract"):
        branched.upgrade()


def test_chain_with_several_heads_is_run_to_all_of_them(branched: Database, tmp_path: Path, server: object) -> None:
    branched.setting("heads = many")
    everywhere(branched, tmp_path / "scratch")
    assert sorted(branched.at()) == ["contract", "more"]
    found = status.status(branched.target)
    assert (found.at, found.head, found.pending) == ("contract, more", "contract, more", 0)
    branched.downgrade("-1")
    assert status.status(branched.target).pending == 1
    branched.upgrade("c@head")
    branched.upgrade()
    branched.downgrade("base")
    assert branched.tables() == set()


@pytest.mark.parametrize("dependency", ["", "depends_on = 'left'"])
def test_change_of_a_chain_with_several_heads_follows_the_branch_that_is_named(
    sqlite: Database, dependency: str
) -> None:
    simple(sqlite, "root")
    simple(sqlite, "left", "root", "branch_labels = 'l'")
    simple(sqlite, "right", "root", dependency)
    sqlite.setting("heads = many")
    models = "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
    models += "".join(
        f"sa.Table({name!r}, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
        for name in ("root", "left", "right", "new")
    )
    (sqlite.folder / "shop_models.py").write_text(models, encoding="utf-8")
    (sqlite.folder / "tasks.py").write_text("from alembic_lockstep.tasks import namespace\n", encoding="utf-8")
    command = [sys.executable, "-m", "invoke", "migration", "--auto", "-m", "feat: new"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *words], cwd=sqlite.folder, capture_output=True, text=True, check=False)

    asked = run()
    assert asked.returncode == 2
    assert "2 heads: choose the branch with --branch LABEL or --branch ID: l (left); no label (right)" in asked.stdout
    unknown = run("--branch", "nope")
    assert unknown.returncode == 2
    assert "its chain has no branch nope" in unknown.stdout
    for branch, parent in (("l", "left"), ("right", "right")):
        done = run("--branch", branch)
        assert done.returncode == 0, done.stdout + done.stderr
        (written,) = sqlite.folder.glob("versions/*_feat_new.py")
        assert f"down_revision: str | tuple[str, ...] | None = '{parent}'" in written.read_text().replace('"', "'")
        written.unlink()


# Values of rows

SELECTED = "op.get_bind().execute(sa.text('SELECT mail FROM people')).all()"
PEOPLE = "op.execute('CREATE TABLE people (id INTEGER PRIMARY KEY, mail VARCHAR(80))')"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f"for row in {SELECTED}:\n    int(row.mail)", "ValueError"),
        (f"for row in {SELECTED}:\n    dict()[row.mail]", "KeyError"),
        (f"for row in {SELECTED}:\n    op.execute('INSERT INTO nowhere VALUES (' + repr(row.mail) + ')')", "nowhere"),
    ],
    ids=["value", "key", "statement"],
)
def test_values_of_live_rows_are_left_out_of_errors(database: Database, body: str, told: str) -> None:
    database.revision("one", PEOPLE)
    database.upgrade()
    database.execute("INSERT INTO people VALUES (1, 'ann@secret.example')")
    database.revision("two", body, parent="one")
    with pytest.raises(FailedError, match=told) as failed:
        database.upgrade()
    assert "secret" not in failed.value.text()
    with pytest.raises(FailedError) as failed:
        moves.upgrade(database.target, "head", lambda _event: None, create=False, show_values=True)
    assert "secret" in failed.value.text()


@pytest.mark.parametrize(
    "body",
    [
        "op.create_unique_constraint('uq_mail', 'people', ['mail'])",
        "op.alter_column('people', 'mail', type_=sa.Integer, existing_type=sa.String(80))",
        "op.execute('UPDATE people SET id = CAST(mail AS SIGNED) + id')",
    ],
    ids=["duplicate", "type", "cast"],
)
def test_values_that_a_server_quotes_are_left_out(mysql: Database, body: str) -> None:
    mysql.revision("one", PEOPLE)
    mysql.upgrade()
    mysql.execute("INSERT INTO people VALUES (1, 'o''ann@secret.example'), (2, 'o''ann@secret.example')")
    mysql.revision("two", body, parent="one")
    with pytest.raises(FailedError) as failed:
        mysql.upgrade()
    assert "secret" not in failed.value.text()
    assert "…" in failed.value.headline


def test_words_of_the_author_are_shown(database: Database) -> None:
    database.revision("one", "raise ValueError('3 agents have no model')")
    with pytest.raises(FailedError, match="ValueError: 3 agents have no model"):
        database.upgrade()


# Tables before the first revision


def test_initial_tables_are_made_also_when_python_calls_alembic(sqlite: Database) -> None:
    (sqlite.folder / "shop_initial.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('old', metadata, sa.Column('id', sa.Integer))\n"
        "sa.Table('view', metadata, sa.Column('id', sa.Integer), info={'is_view': True})\n",
        encoding="utf-8",
    )
    sqlite.setting("initial = shop_initial:metadata")
    sqlite.revision("one", "op.add_column('old', sa.Column('note', sa.Text))")
    program = (
        "from alembic import command; from alembic.config import Config;"
        "command.upgrade(Config('alembic.ini', ini_section='alembic_sqlite_shop'), 'head')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=sqlite.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert sqlite.tables() == {"old"}


def test_chain_can_begin_at_a_revision_whose_tables_are_given(
    database: Database, tmp_path: Path, server: object
) -> None:
    (database.folder / "shop_initial.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "sa.Table('old', metadata, sa.Column('id', sa.Integer, primary_key=True))\n",
        encoding="utf-8",
    )
    database.setting("initial = shop_initial:metadata\nstarts_at = two")
    database.revision("one", "op.execute('NO SERVER TAKES THIS')", "op.execute('NOR THIS')")
    database.revision("two", "op.execute('OR THIS')", "op.execute('OR THAT')", "one")
    database.revision(
        "three", "op.add_column('old', sa.Column('note', sa.Text))", "op.drop_column('old', 'note')", "two"
    )
    simple(database, "four", "three")
    assert status.status(database.target).pending == 2
    everywhere(database, tmp_path / "scratch")
    assert (database.at(), database.tables()) == (["four"], {"old", "four"})
    database.downgrade("two")
    assert (database.at(), database.tables()) == (["two"], {"old"})


def test_start_that_is_no_revision_or_has_no_tables_is_refused(sqlite: Database) -> None:
    simple(sqlite, "one")
    sqlite.setting("starts_at = one")
    with pytest.raises(CannotRunError, match="starts_at needs initial"):
        sqlite.upgrade()
    sqlite.setting("initial = shop_models:metadata")
    ini = sqlite.folder / "alembic.ini"
    ini.write_text(ini.read_text(encoding="utf-8").replace("starts_at = one", "starts_at = nope"), encoding="utf-8")
    with pytest.raises(CannotRunError, match=r"starts_at = nope in .* is no revision of its chain"):
        sqlite.upgrade()


DUMPS = {
    "mysql": """
        -- MySQL dump; made by hand
        /*!40101 SET NAMES utf8mb4 */;
        /*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
        DROP TABLE IF EXISTS `child`;
        CREATE TABLE `child` (
          `id` int NOT NULL AUTO_INCREMENT COMMENT '100 %; a key',
          `parent_id` int NOT NULL,
          PRIMARY KEY (`id`),
          KEY `ix_child_parent_id` (`parent_id`),
          CONSTRAINT `fk_child` FOREIGN KEY (`parent_id`) REFERENCES `old` (`id`)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
        CREATE TABLE `old` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;
        DELIMITER ;;
        /*!50003 CREATE*/ /*!50003 TRIGGER `bounded` BEFORE INSERT ON `old` FOR EACH ROW BEGIN
          SET @last = NEW.id; SET @again = NEW.id;
        END */;;
        DELIMITER ;
        /*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
        """,
    "sqlite": """
        PRAGMA foreign_keys=OFF;
        BEGIN TRANSACTION;
        CREATE TABLE child (id INTEGER PRIMARY KEY, -- a key; of course
          note TEXT DEFAULT '100 %; and more', parent_id INTEGER NOT NULL REFERENCES old (id));
        CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY);
        CREATE TABLE seen (id INTEGER PRIMARY KEY);
        CREATE TRIGGER bounded AFTER DELETE ON old BEGIN
          DELETE FROM seen WHERE id = OLD.id; DELETE FROM seen WHERE id = CASE WHEN 1 THEN -1 END;
        END;
        COMMIT;
        """,
}


def begins_at_a_dump(database: Database) -> None:
    (database.folder / "start.sql").write_text(DUMPS[database.dialect], encoding="utf-8")
    database.setting("initial = start.sql\nstarts_at = two")
    database.revision("one", "op.execute('NO SERVER TAKES THIS')", "op.execute('NOR THIS')")
    database.revision("two", "op.execute('OR THIS')", "op.execute('OR THAT')", "one")
    database.revision(
        "three", "op.add_column('old', sa.Column('note', sa.Text))", "op.drop_column('old', 'note')", "two"
    )


def test_chain_can_begin_with_a_dump(database: Database, tmp_path: Path, server: object) -> None:
    begins_at_a_dump(database)
    everywhere(database, tmp_path / "scratch")
    assert (database.at(), database.tables() - {"seen"}) == (["three"], {"old", "child"})
    with database.connect() as connection:
        assert dialects.get(database.dialect).schema.snapshot(connection).has_triggers()
    database.downgrade("two")
    database.upgrade()


def test_database_with_some_of_the_initial_tables_is_refused(database: Database) -> None:
    begins_at_a_dump(database)
    database.file.parent.mkdir(exist_ok=True)
    database.execute("CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY)")
    with pytest.raises(CannotRunError, match=r"has no revision, but tables of initial = start.sql: old\. .*stamp two"):
        database.upgrade()
    assert database.tables() == {"old"}


def test_initial_file_that_is_missing_or_wrong_is_named(sqlite: Database) -> None:
    simple(sqlite, "one")
    sqlite.setting("initial = start.sql")
    with pytest.raises(CannotRunError, match=r"initial = start\.sql: .*start\.sql"):
        sqlite.upgrade()
    (sqlite.folder / "start.sql").write_text("CREATE TABLE old (id INTEGER);\nCREATE TABEL x;\n", encoding="utf-8")
    with pytest.raises(CannotRunError, match=r"the tables of initial = start\.sql cannot be created: .*TABEL"):
        sqlite.upgrade()
    assert sqlite.tables() == set()


# Rows that the application makes


def requires_a_row(database: Database) -> None:
    """Write a chain of three whose second revision fails without a row, which its data case inserts."""
    simple(database, "one")
    database.revision("two", "op.get_bind().execute(sa.text('SELECT id FROM one WHERE id = 900')).one()", parent="one")
    simple(database, "three", "two")
    folder = database.folder / data_cases.FOLDER
    folder.mkdir(parents=True)
    (folder / "two.py").write_text(
        "from sqlalchemy import text\n\n\ndef required(connection):\n"
        "    connection.execute(text('INSERT INTO one (id) VALUES (900)'))\n",
        encoding="utf-8",
    )


def test_required_rows_are_there_for_the_revisions_behind(database: Database, tmp_path: Path, server: object) -> None:
    requires_a_row(database)
    target = database.target
    script = chain.load(target)
    if database.dialect == "sqlite":
        with replay.replayed(script, target, options(target)) as connection:
            assert connection.exec_driver_sql("SELECT id FROM one").all() == [(900,)]
    (tmp_path / "all").mkdir()
    (tmp_path / "last").mkdir()
    for trip in (round_trip(target, tmp_path / "all"), round_trip(target, tmp_path / "last", "three")):
        assert {(each.status, *(p.text for p in each.problems)) for each in trip.verdicts} == {("lossless",)}


def test_required_rows_are_there_after_a_failure(database: Database, tmp_path: Path, server: object) -> None:
    requires_a_row(database)
    database.revision("four", "pass", "raise RuntimeError('no way back')", "three")
    simple(database, "five", "four")
    found = {each.revision: each.status for each in round_trip(database.target, tmp_path).verdicts}
    assert found == {"one": "lossless", "two": "lossless", "three": "lossless", "four": "broken", "five": "lossless"}


# What a revision does to its own transaction

LOST = {
    "session": "session = orm.Session(bind=op.get_bind())\nsession.execute(sa.text('SELECT 1'))\nsession.rollback()",
    "connection": "op.get_bind().rollback()",
    "text": "op.execute('ROLLBACK')",
}


@pytest.mark.parametrize("end", LOST.values(), ids=LOST)
@pytest.mark.parametrize("by", ["invoke", "alembic"])
def test_revision_that_rolls_itself_back_is_not_applied(database: Database, end: str, by: str) -> None:
    simple(database, "one")
    database.upgrade()
    body = f"op.execute('INSERT INTO one (id) VALUES (1)')\n{end}\nop.execute('INSERT INTO one (id) VALUES (2)')"
    database.revision("two", body, parent="one", top="from sqlalchemy import orm")
    if by == "invoke":
        with pytest.raises(FailedError, match="the upgrade of two failed: it has rolled back its own transaction"):
            database.upgrade()
    else:
        done = alembic(database, "upgrade", "head")
        assert done.returncode != 0
        assert "rolled back its own transaction" in done.stdout
    assert (database.at(), database.rows("SELECT id FROM one")) == (["one"], [])


def alembic(database: Database, *words: str) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-m", "alembic.config", "-n", f"alembic_{database.dialect}_shop", *words)
    return subprocess.run(words, cwd=database.folder, capture_output=True, text=True, check=False)


COMMITS = {
    "block": "with op.get_context().autocommit_block():\n    op.execute('INSERT INTO one (id) VALUES (2)')",
    "connection": "op.get_bind().commit()",
    "text": "op.execute('COMMIT')",
}


@pytest.mark.parametrize("commit", COMMITS.values(), ids=COMMITS)
def test_failure_says_what_a_commit_of_its_own_has_left(sqlite: Database, commit: str) -> None:
    simple(sqlite, "one")
    body = f"op.execute('INSERT INTO one (id) VALUES (1)')\n{commit}\nop.execute('INSERT INTO one (id) VALUES (3)')"
    sqlite.revision("two", f"{body}\nraise RuntimeError('no')", parent="one")
    with pytest.raises(FailedError, match="RuntimeError: no") as failed:
        sqlite.upgrade()
    assert failed.value.detail[-1].startswith("It has committed by itself: what it did until then is in the database.")
    assert (3,) not in sqlite.rows("SELECT id FROM one")
    assert (1,) in sqlite.rows("SELECT id FROM one")


@pytest.mark.parametrize(
    "body",
    [
        "op.get_bind().connection.commit()",
        "op.get_bind().connection.cursor().executescript('CREATE TABLE q (a); INSERT INTO q VALUES (1);')",
        """
            other = op.get_bind().engine.connect().execution_options(isolation_level='AUTOCOMMIT')
            other.execute(sa.text('INSERT INTO one (id) VALUES (2)'))
            other.close()
        """,
        """
            raw = op.get_bind().engine.raw_connection()
            raw.cursor().execute('INSERT INTO one (id) VALUES (2)')
            raw.commit()
            raw.close()
        """,
    ],
    ids=["driver", "script", "autocommit", "raw"],
)
def test_what_reaches_the_driver_is_within_the_transaction(sqlite: Database, body: str) -> None:
    simple(sqlite, "one")
    insert = "op.execute('INSERT INTO one (id) VALUES (1)')"
    sqlite.revision("two", f"{insert}\n{textwrap.dedent(body)}\nraise RuntimeError('no')", parent="one")
    with pytest.raises(FailedError, match="RuntimeError: no") as failed:
        sqlite.upgrade()
    assert failed.value.detail[-1].startswith("It was rolled back as a whole")
    assert (sqlite.tables(), sqlite.rows("SELECT id FROM one")) == ({"one"}, [])


def test_rollback_of_the_driver_is_refused(sqlite: Database) -> None:
    simple(sqlite, "one")
    body = "op.execute('INSERT INTO one (id) VALUES (1)')\nop.get_bind().engine.raw_connection().rollback()"
    sqlite.revision("two", body, parent="one")
    with pytest.raises(FailedError, match="would undo the whole revision: use a savepoint"):
        sqlite.upgrade()
    assert sqlite.at() == ["one"]


def test_further_connection_works_while_a_query_is_read(sqlite: Database) -> None:
    body = """
        for (number,) in op.get_bind().execute(sa.text("SELECT id FROM one")):
            with op.get_bind().engine.begin() as other:
                other.execute(sa.text("INSERT INTO two (id) VALUES (:id)"), {"id": number})
    """
    sqlite.revision("one", TABLE.format("one") + "\n" + TABLE.format("two"))
    sqlite.upgrade()
    sqlite.execute("INSERT INTO one VALUES (1), (2), (3)")
    sqlite.revision("three", body, parent="one")
    sqlite.upgrade()
    assert sqlite.rows("SELECT count(*) FROM two") == [(3,)]


@pytest.mark.parametrize("error", ["Odd('no')", "Silent()"])
def test_any_exception_is_the_failure_of_its_revision(database: Database, error: str) -> None:
    top = "class Odd(BaseException): pass\nclass Silent(Exception):\n    def __str__(self): raise RuntimeError"
    database.revision("one", f"raise {error}", top=top)
    with pytest.raises(FailedError, match=f"the upgrade of one failed: {error.partition('(')[0]}"):
        database.upgrade()


def test_what_a_revision_prints_is_shown(database: Database) -> None:
    database.revision("one", "print('3 customers\\nare left out')\nprint('and more', end='')")
    assert database.upgrade() == ["3 customers", "are left out", "one  ", "and more"]


# A connection that the caller hands over

HANDED = """
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
config = Config("alembic.ini", ini_section="alembic_sqlite_shop")
engine = sa.create_engine("sqlite:///handed.db")
with engine.begin() as connection:
    connection.exec_driver_sql("CREATE TABLE mine (id INTEGER)")
with engine.connect() as connection:
    connection.exec_driver_sql("INSERT INTO mine VALUES (1)")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
with engine.begin() as connection:
    config.attributes["connection"] = connection
    command.downgrade(config, "base")
    command.upgrade(config, "head")
with engine.connect() as connection:
    count = connection.exec_driver_sql("SELECT count(*) FROM mine").scalar()
    print(count, *sorted(sa.inspect(engine).get_table_names()))
"""


@pytest.mark.parametrize("initial", ["", "initial = start.sql"])
def test_transaction_of_the_caller_is_left_to_the_caller(sqlite: Database, initial: str) -> None:
    (sqlite.folder / "start.sql").write_text("CREATE TABLE old (id INTEGER);", encoding="utf-8")
    sqlite.setting(initial)
    simple(sqlite, "one")
    done = subprocess.run(
        [sys.executable, "-c", HANDED], cwd=sqlite.folder, capture_output=True, text=True, check=False
    )
    old = " old" if initial else ""
    assert (done.stdout, done.returncode) == (f"1 alembic_version mine{old} one\n", 0), done.stderr


def test_plain_alembic_reads_while_somebody_writes(sqlite: Database) -> None:
    simple(sqlite, "one")
    sqlite.upgrade()
    writer = sqlite3.connect(sqlite.file)
    writer.execute("BEGIN IMMEDIATE")
    try:
        for words in (["current"], ["history", "-i"]):
            done = alembic(sqlite, *words)
            assert done.returncode == 0, done.stderr
            assert "one" in done.stdout
    finally:
        writer.close()


def test_plain_alembic_is_strict_for_each_revision(mysql: Database) -> None:
    mysql.revision("one", "op.execute(\"SET SESSION sql_mode = ''\")\nop.execute('CREATE TABLE t (name VARCHAR(4))')")
    mysql.revision("two", "op.execute(\"INSERT INTO t VALUES ('longer than four')\")", parent="one")
    done = alembic(mysql, "upgrade", "head")
    assert done.returncode != 0
    assert "1406" in done.stderr
    assert mysql.rows("SELECT * FROM t") == []


# Refused before anything is changed


@pytest.mark.parametrize("asked", ["+9", "head"])
def test_refused_upgrade_makes_no_initial_tables(database: Database, asked: str) -> None:
    (database.folder / "start.sql").write_text("CREATE TABLE old (id INTEGER);", encoding="utf-8")
    database.setting("initial = start.sql")
    (database.folder / "versions" / "one.py").write_text("revision = 'one'\ndown_revision = None\n", encoding="utf-8")
    with pytest.raises(CannotRunError):
        database.upgrade(asked)
    assert not database.file.exists() or database.tables() == set()


@pytest.mark.parametrize("asked", ["base", "-2", "one"])
def test_downgrade_does_not_go_below_the_start(database: Database, asked: str) -> None:
    begins_at_a_dump(database)
    database.upgrade()
    with pytest.raises(CannotRunError, match="two is not above two, where its databases begin"):
        database.downgrade(asked)
    assert database.at() == ["three"]


# Foreign keys that SQLite cannot check

MISMATCH = """
    op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT)")
    op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, code TEXT REFERENCES parent (code))")
    op.execute("CREATE TABLE kid (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id))")
"""


def test_foreign_key_that_cannot_be_checked_stops_nothing(sqlite: Database) -> None:
    sqlite.revision("one", MISMATCH)
    sqlite.revision("two", "op.execute('CREATE UNIQUE INDEX ix_code ON parent (code)')", parent="one")
    sqlite.upgrade("one")
    assert alembic(sqlite, "current").returncode == 0
    sqlite.upgrade()
    sqlite.revision(
        "three", "op.execute('DROP INDEX ix_code')\nop.execute('INSERT INTO kid VALUES (1, 9)')", parent="two"
    )
    with pytest.raises(FailedError, match="1 foreign key is broken"):
        sqlite.upgrade()


def test_orphan_of_a_dropped_table_excuses_no_other(sqlite: Database) -> None:
    make = (
        FAMILY
        + """
    op.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id))")
    """
    )
    sqlite.revision("one", make)
    sqlite.upgrade()
    sqlite.execute("INSERT INTO child VALUES (1, 7, '')")
    body = "op.drop_table('child')\nop.execute('INSERT INTO other VALUES (1, 7)')"
    sqlite.revision("two", body, parent="one")
    with pytest.raises(FailedError, match="1 foreign key is broken"):
        sqlite.upgrade()


# Further ways to values

SECRETS = {
    "parameters": "table = sa.table('people', sa.column('id', sa.Integer), sa.column('at', sa.DateTime))\n"
    "op.bulk_insert(table, [{'id': 7, 'at': value}])",
    "comment": "op.execute('/* ' + value + ' */ INSERT INTO nowhere VALUES (1)')",
    "double quotes": "op.execute('SELECT * FROM nowhere WHERE 1 = 1 AND \\'a\\' = \\'' + value + '\\'')",
    "open quote": "op.execute('SELECT * FROM people WHERE mail = \\'' + value)",
    "other statement": "op.execute('CALL register(\\'' + value + '\\')')",
}


@pytest.mark.parametrize("body", SECRETS.values(), ids=SECRETS)
def test_values_are_left_out_wherever_they_are(database: Database, body: str) -> None:
    database.revision("one", PEOPLE)
    database.upgrade()
    database.execute("INSERT INTO people VALUES (1, 'ann@secret.example')")
    fetch = "value = op.get_bind().execute(sa.text('SELECT mail FROM people')).scalar()\n"
    database.revision("two", fetch + body, parent="one")
    with pytest.raises(FailedError) as failed:
        database.upgrade()
    assert "secret" not in failed.value.text()


def test_script_in_another_encoding_does_not_hide_the_failure(database: Database) -> None:
    database.revision("one", "op.execute(\"INSERT INTO nowhere VALUES ('x')\")")
    script = database.folder / "versions" / "one.py"
    script.write_bytes(b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + script.read_bytes())
    with pytest.raises(FailedError, match="the upgrade of one failed"):
        database.upgrade()


def test_batch_that_is_tried_again_is_no_rollback_of_the_revision(mysql: Database) -> None:
    mysql.revision("one", "op.execute('CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(9))')")
    mysql.upgrade()
    mysql.execute("INSERT INTO item VALUES (1, 'a'), (2, 'b')")
    body = (
        "op.execute('SET SESSION innodb_lock_wait_timeout = 1')\nrewrite('item', ['name'], lambda row: {'name': 'c'})"
    )
    mysql.revision("two", body, parent="one", top="from alembic_lockstep import rewrite")
    with sa.create_engine(mysql.url).connect() as other:
        other.exec_driver_sql("SELECT * FROM item WHERE id = 2 FOR UPDATE").all()
        release = threading.Timer(1.5, other.rollback)
        release.start()
        told = mysql.upgrade()
        release.join()
    assert any("a batch met a lock" in line for line in told)
    assert mysql.rows("SELECT name FROM item") == [("c",), ("c",)]
