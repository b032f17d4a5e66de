"""A naming convention that came to the models when the chain was there already, as a user meets it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.support.project import Project, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.live import Database

CONVENTION = {
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(column_0_label)s",
}
NOTE = """
op.create_table("note",
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("text", sa.String(40), nullable=False),
    sa.Column("parent", sa.Integer()),
    sa.ForeignKeyConstraint(["parent"], ["note.id"]),
    sa.CheckConstraint("text <> ''", name="filled"),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("text"),
)
"""
TAG = """
op.create_table("tag", sa.Column("label", sa.String(40), primary_key=True), sa.Column("short", sa.String(9)),
    sa.UniqueConstraint("short"))
"""
MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData(naming_convention={convention!r})
sa.Table("note", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.String(40), nullable=False{unique}),
    sa.Column("parent", sa.ForeignKey("note.id"{ondelete})),
    sa.CheckConstraint("text <> ''", name="filled"),
)
"""


@pytest.fixture
def shop(database: Database) -> Project:
    return shop_of(database)


def shop_of(database: Database) -> Project:
    """Return a project whose first revision was made without a convention."""
    (database.folder / "tasks.py").write_text("from alembic_lockstep.tasks import namespace\n", encoding="utf-8")
    database.revision("aaaa", NOTE, 'op.drop_table("note")')
    write_models(database, {})
    return Project(database.folder, environment())


def write_models(
    database: Database, convention: dict[str, str], *, unique: str = ", unique=True", ondelete: str = ""
) -> None:
    text = MODELS.format(convention=convention, unique=unique, ondelete=ondelete)
    (database.folder / "shop_models.py").write_text(text, encoding="utf-8")


def unique_names(database: Database) -> set[str | None]:
    with database.connect() as connection:
        inspector = sa.inspect(connection)
        tables = set(inspector.get_table_names()) & {"note", "tag"}
        return {each["name"] for table in tables for each in inspector.get_unique_constraints(table)}


def test_names_that_come_from_todays_convention_are_said(database: Database, shop: Project) -> None:
    write_models(database, CONVENTION)
    done = shop.migration()
    assert (done.returncode, "nothing to write" in done.stdout) == (0, True), done.stdout + done.stderr
    line = database.folder.joinpath("versions", "aaaa.py").read_text(encoding="utf-8").splitlines()
    number = next(at for at, text in enumerate(line, 1) if "op.create_table" in text)
    assert "! today's naming convention gives names in 1 revision, aaaa (versions/aaaa.py:" in done.stdout
    assert f"aaaa.py:{number}): " in done.stdout
    assert "of note " in done.stdout
    assert "set naming_convention_from in alembic.ini" in done.stdout
    (chain,) = json.loads(shop.invoke("roundtrip", "--json").stdout)["trips"].values()
    assert "today's naming convention gives names in 1 revision, aaaa" in chain["named_today"]
    for value in ("base", "never", "aaaa"):
        ini = (database.folder / "alembic.ini").read_text(encoding="utf-8")
        database.setting(f"naming_convention_from = {value}")
        assert "naming convention" not in shop.migration("--dry-run").stdout
        (database.folder / "alembic.ini").write_text(ini, encoding="utf-8")


def by_invoke(database: Database, shop: Project) -> set[str | None]:
    done = shop.invoke("upgrade", "--db", database.target.name)
    assert done.returncode == 0, done.stdout + done.stderr
    return unique_names(database)


def by_alembic(database: Database, shop: Project) -> set[str | None]:
    done = shop.alembic(database.target.name, "upgrade", "head")
    assert done.returncode == 0, done.stdout + done.stderr
    return unique_names(database)


def by_sql(database: Database, shop: Project) -> set[str | None]:
    """Run what `alembic upgrade --sql` prints."""
    done = shop.alembic(database.target.name, "upgrade", "head", "--sql")
    assert done.returncode == 0, done.stdout + done.stderr
    database.file.parent.mkdir(exist_ok=True)
    lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("--")]
    database.execute(*(each for each in "\n".join(lines).split(";") if each.strip() not in {"", "BEGIN", "COMMIT"}))
    return unique_names(database)


@pytest.mark.parametrize("way", [by_invoke, by_alembic, by_sql])
@pytest.mark.parametrize(
    ("setting", "named"),
    [("", {"note", "tag"}), ("bbbb", {"tag"}), ("never", set[str]())],
)
def test_setting_holds_wherever_revisions_run(
    database: Database,
    shop: Project,
    setting: str,
    named: set[str],
    way: Callable[[Database, Project], set[str | None]],
) -> None:
    database.revision("bbbb", TAG, 'op.drop_table("tag")', parent="aaaa")
    write_models(database, CONVENTION)
    if setting:
        database.setting(f"naming_convention_from = {setting}")
    unnamed = {"note": "text", "tag": "short"} if database.dialect == "mysql" else {"note": None, "tag": None}
    names = {"note": "uq_note_text", "tag": "uq_tag_short"}
    assert way(database, shop) == {names[table] if table in named else unnamed[table] for table in unnamed}


def test_foreign_key_of_before_the_convention_is_changed_live(mysql: Database) -> None:
    database, name, shop = mysql, mysql.target.name, shop_of(mysql)
    assert shop.invoke("upgrade", "--db", name).returncode == 0
    database.setting("naming_convention_from = never")
    write_models(database, CONVENTION, ondelete=', ondelete="CASCADE"')
    done = shop.migration("--db", name, "upgrade", "--db", name)
    assert done.returncode == 0, done.stdout + done.stderr
    with database.connect() as connection:
        (key,) = sa.inspect(connection).get_foreign_keys("note")
    assert (key["name"], key["options"]) == ("fk_note_parent", {"ondelete": "CASCADE"})
    done = shop.invoke("downgrade", "--db", name, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_unique_constraint_of_before_the_convention_is_dropped_live(mysql: Database) -> None:
    name, shop = mysql.target.name, shop_of(mysql)
    assert shop.invoke("upgrade", "--db", name).returncode == 0
    mysql.setting("naming_convention_from = never")
    write_models(mysql, CONVENTION, unique="")
    done = shop.migration("--db", name, "upgrade", "--db", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert unique_names(mysql) == set()


def test_unknown_revision_in_the_setting_ends_every_command(database: Database, shop: Project) -> None:
    database.setting("naming_convention_from = cccc")
    for words in (("migration", "--auto", "-m", "feat: x"), ("upgrade", "--db", database.target.name), ("roundtrip",)):
        done = shop.invoke(*words)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "naming_convention_from = cccc" in done.stdout + done.stderr
    done = shop.alembic(database.target.name, "upgrade", "head")
    assert done.returncode != 0
    assert "naming_convention_from = cccc" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
