"""`--dry-run` of upgrades and downgrades: what would run is printed, and nothing is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.commands.downgrade import downgrade
from alembic_lockstep.commands.upgrade import upgrade
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.live import lock, preview

if TYPE_CHECKING:
    from alembic_lockstep.live.results import PlannedRevision
    from tests.conftest import Project
    from tests.support.live import Database


@pytest.fixture
def three(database: Database) -> Database:
    """A chain of three revisions, of which the live database has one."""
    database.revision("a1", 'op.create_table("item", sa.Column("id", sa.Integer))', 'op.drop_table("item")')
    change = """\
        op.add_column("item", sa.Column("note", sa.Text))
        op.get_bind().execute(sa.text("SELECT 1"))
        op.execute("UPDATE item SET note = '50%'")
    """
    database.revision("b2", change, "op.execute('DELETE FROM item')", parent="a1", top='__doc__ = "feat: notes"')
    database.revision("c3", "pass", "pass", parent="b2")
    database.upgrade("a1")
    return database


def planned(database: Database, step: str, revision: str) -> list[PlannedRevision]:
    return preview.preview(database.target, step, revision).revisions


def statements(database: Database, step: str, revision: str) -> list[tuple[str, list[str]]]:
    found = planned(database, step, revision)
    assert [each.unknown for each in found] == [""] * len(found)
    return [(each.revision, each.statements) for each in found]


NOTES = ("b2", ["ALTER TABLE item ADD COLUMN note TEXT", "UPDATE item SET note = '50%'"])


def test_upgrade_is_shown_with_its_statements_and_nothing_runs(
    three: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    code = upgrade(three.folder / "alembic.ini", [], "head", create=False, dry_run=True)
    head, *detail = capfd.readouterr().out.splitlines()
    assert code == 0
    assert head.startswith("~ ")
    assert head.endswith(" is at a1, 2 revisions would run")
    assert [line.strip() for line in detail] == [
        "b2  feat: notes",
        *NOTES[1],
        "c3",
        "no statements on a database without rows",
        "Nothing was run.",
    ]
    assert (three.at(), three.tables()) == (["a1"], {"item"})
    assert three.rows("SELECT * FROM item") == []


def test_relative_and_named_revisions_go_as_far_as_the_command_would(three: Database) -> None:
    assert statements(three, "upgrade", "+1") == statements(three, "upgrade", "b2") == [NOTES]
    assert statements(three, "upgrade", "a1") == []
    three.upgrade()
    assert [name for name, _ in statements(three, "downgrade", "-2")] == ["c3", "b2"]
    assert statements(three, "downgrade", "base") == [
        ("c3", []),
        ("b2", ["DELETE FROM item"]),
        ("a1", ["DROP TABLE item"]),
    ]
    assert three.at() == ["c3"]


def test_downgrade_neither_asks_nor_runs(three: Database, capfd: pytest.CaptureFixture[str]) -> None:
    ini = three.folder / "alembic.ini"
    name = three.target.name
    assert downgrade(ini, [name], "-1", everything=False, yes=False, dry_run=True) == 0
    lines = [line.strip() for line in capfd.readouterr().out.splitlines()]
    assert lines[1:] == ["a1", "DROP TABLE item", "Nothing was run."]
    assert three.tables() == {"item"}


def test_branches_and_their_merge_are_replayed(database: Database) -> None:
    database.revision("a1", 'op.create_table("item", sa.Column("id", sa.Integer))')
    database.revision("b2", 'op.add_column("item", sa.Column("b", sa.Text))', parent="a1")
    database.revision("c3", 'op.add_column("item", sa.Column("c", sa.Text))', 'op.execute("DELETE FROM item")', "a1")
    database.revision("d4", 'op.execute("UPDATE item SET b = c")', parent=("b2", "c3"))
    database.upgrade("c3")
    assert statements(database, "upgrade", "heads") == [
        ("b2", ["ALTER TABLE item ADD COLUMN b TEXT"]),
        ("d4", ["UPDATE item SET b = c"]),
    ]
    assert statements(database, "downgrade", "a1") == [("c3", ["DELETE FROM item"])]


def test_what_cannot_be_replayed_is_said_for_it_and_for_all_that_follows(three: Database) -> None:
    three.revision("d4", 'op.get_bind().exec_driver_sql("SELECT id FROM item").one()', parent="c3")
    three.revision("e5", 'op.execute("DELETE FROM item")', parent="d4")
    *_, before, asks, after = planned(three, "upgrade", "head")
    assert (before.revision, before.unknown) == ("c3", "")
    assert asks.unknown == after.unknown
    assert asks.unknown.startswith("statements not known")
    assert "versions/d4.py:8" in asks.unknown
    assert "\n" not in asks.unknown
    assert asks.statements == after.statements == []


def test_what_a_server_has_to_be_asked_is_not_known_without_one(mysql: Database) -> None:
    mysql.revision("a1", 'op.create_table("item", sa.Column("id", sa.Integer))')
    mysql.revision("b2", 'op.get_bind().exec_driver_sql("SELECT LOAD_FILE(1)").all()', parent="a1")
    _, asks = planned(mysql, "upgrade", "head")
    assert asks.unknown.startswith("statements not known without a server: versions/b2.py:8 asks the database: SELECT")


def test_long_statements_are_cut_in_one_line(database: Database) -> None:
    columns = ", ".join(f'sa.Column("c{number}", sa.Integer)' for number in range(50))
    database.revision("a1", f'op.create_table("item", {columns})')
    ((_, (statement,)),) = statements(database, "upgrade", "head")
    assert statement.startswith("CREATE TABLE item ( c0 INTEGER,")
    assert statement.endswith(" …")
    assert len(statement) < 210


def test_nothing_is_made_for_a_database_that_is_missing(sqlite: Database) -> None:
    sqlite.revision("a1", 'op.create_table("item", sa.Column("id", sa.Integer))')
    assert statements(sqlite, "upgrade", "head") == [("a1", ["CREATE TABLE item ( id INTEGER )"])]
    with pytest.raises(CannotRunError, match="there is no database"):
        planned(sqlite, "downgrade", "base")
    assert not sqlite.file.parent.exists()


def test_missing_database_on_a_server_is_told(mysql: Database) -> None:
    mysql.revision("a1", "pass")
    mysql.execute(f"DROP DATABASE {mysql.url.database}")
    with pytest.raises(CannotRunError, match=r"cannot connect to .*invoke upgrade --create makes it"):
        planned(mysql, "upgrade", "head")


def test_another_migration_that_runs_does_not_matter(mysql: Database) -> None:
    mysql.revision("a1", "pass")
    with lock.locked(mysql.target, mysql.url):
        assert statements(mysql, "upgrade", "head") == [("a1", [])]


def test_what_the_command_would_refuse_is_refused(three: Database) -> None:
    three.revision("d4", "pass", None, parent="c3")
    with pytest.raises(CannotRunError, match="its chain has no revision nowhere"):
        planned(three, "upgrade", "nowhere")
    with pytest.raises(CannotRunError, match="there are fewer than 2 revisions applied"):
        planned(three, "downgrade", "-2")
    three.upgrade()
    with pytest.raises(CannotRunError, match=r"d4 has no downgrade\(\)"):
        planned(three, "downgrade", "-1")
    three.execute("UPDATE alembic_version SET version_num = 'gone'")
    with pytest.raises(CannotRunError, match="at revision gone, which this checkout does not have"):
        planned(three, "upgrade", "head")


def test_values_of_rows_are_in_errors_if_they_are_asked_for(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    database.revision("a1", 'op.create_table("item", sa.Column("id", sa.Integer), sa.Column("name", sa.String(9)))')
    database.revision("b2", "int(op.get_bind().exec_driver_sql('SELECT name FROM item').scalar())", parent="a1")
    database.upgrade("a1")
    database.execute("INSERT INTO item VALUES (1, 'marigold')")
    ini = database.folder / "alembic.ini"
    assert upgrade(ini, [], "head", create=False) == 1
    assert "marigold" not in capfd.readouterr().out
    assert upgrade(ini, [], "head", create=False, show_values=True) == 1
    assert "marigold" in capfd.readouterr().out


def test_dry_run_of_the_application_from_the_command_line(project: Project) -> None:
    done = project.invoke("upgrade", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CREATE TABLE tag ( " in done.stdout
    assert done.stdout.splitlines()[-1] == "Nothing was run."
    assert not (project.root / "data").exists()
    both = project.invoke("upgrade", "--dry-run", "--create")
    assert both.returncode == 2
    assert both.stderr == "--create makes a database and --dry-run makes nothing: leave one out.\n"
    assert "--show-values" in project.invoke("downgrade", "--help").stdout
