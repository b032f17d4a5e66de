"""Revisions that take tables from the models: found, and written as operations by `invoke freeze`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.support.project import Project, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.live import Database

MODELS = """
import sqlalchemy as sa
class Ip(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **_options):
        return "VARCHAR(39)"
metadata = sa.MetaData()
author = sa.Table("author", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
note = sa.Table("note", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String(40), nullable=False, unique=True, comment="what it says"),
    sa.Column("kind", sa.Enum("a", "b", name="kind", create_constraint=True), index=True),
    sa.Column("author_id", sa.ForeignKey("author.id", ondelete="CASCADE")),
    sa.Column("ip", Ip()),
)
"""
ADDED = 'sa.Column("text"', 'sa.Column("stars", sa.Integer), sa.Column("text"'
ALL = (
    "metadata.create_all(bind=op.get_bind())\nop.execute(\"INSERT INTO author (id, name) VALUES (7, 'first')\")",
    'op.execute("DELETE FROM author")\nmetadata.drop_all(bind=op.get_bind())',
)
EACH = (
    """
author.create(op.get_bind())
note.create(
    op.get_bind(),
    checkfirst=True,
)  # the second
op.bulk_insert(author, [{"id": 7, "name": "first"}])
""",
    'op.drop_table("note")\nauthor.drop(op.get_bind())',
)
TOP = "from shop_models import author, metadata, note"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def shop_of(database: Database, upgrade: str, downgrade: str, *, committed: bool = True) -> Project:
    """Return a project with one revision, which takes tables from the models, in a git repository."""
    (database.folder / "tasks.py").write_text("from alembic_lockstep.tasks import namespace\n", encoding="utf-8")
    (database.folder / "shop_models.py").write_text(MODELS, encoding="utf-8")
    database.revision("aaaa", upgrade, downgrade, top=TOP)
    if committed:
        git(database.folder, "init", "--quiet")
        git(database.folder, "add", "shop_models.py", "versions", "alembic.ini")
        git(database.folder, "commit", "--quiet", "-m", "one")
    return Project(database.folder, environment())


def change_models(database: Database) -> None:
    """Give a model a column that no revision adds."""
    path = database.folder / "shop_models.py"
    path.write_text(path.read_text(encoding="utf-8").replace(*ADDED), encoding="utf-8")


def script(database: Database) -> str:
    return (database.folder / "versions" / "aaaa.py").read_text(encoding="utf-8")


def line_of(database: Database, text: str) -> int:
    return next(number for number, line in enumerate(script(database).splitlines(), 1) if text in line)


def columns(database: Database) -> set[str]:
    with database.connect() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns("note")}


@pytest.mark.parametrize(("upgrade", "downgrade"), [ALL, EACH], ids=["all", "each"])
def test_frozen_revision_is_what_live_databases_have(database: Database, upgrade: str, downgrade: str) -> None:
    shop, name = shop_of(database, upgrade, downgrade), database.target.name
    assert shop.invoke("upgrade", "--db", name).returncode == 0
    change_models(database)
    done = shop.invoke("freeze", "--revision", "aaaa", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    frozen = script(database)
    assert "create_all" not in frozen
    assert ".create(" not in frozen
    assert "stars" not in frozen
    assert frozen.count("op.create_table(") == frozen.count("op.drop_table(") == 2
    assert ("shop_models" in frozen) == ("op.bulk_insert(author" in frozen)
    done = shop.migration("upgrade", "--db", name)  # the database of before
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+ column note.stars" in done.stdout
    assert "stars" in columns(database)
    assert database.rows("SELECT id, name FROM author") == [(7, "first")]
    assert shop.invoke("downgrade", "--db", name, "--revision", "base", "--yes").returncode == 0
    assert not database.tables()
    done = shop.invoke("upgrade", "--db", name, "roundtrip", "--db", name, "--revision", "aaaa")  # a new one
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lossless" in done.stdout
    assert "stars" in columns(database)


def test_chain_that_depends_on_the_models_is_refused_and_still_runs(database: Database) -> None:
    shop, name = shop_of(database, *ALL), database.target.name
    change_models(database)
    done = shop.migration()
    assert done.returncode == 1, done.stdout + done.stderr
    place = f"versions/aaaa.py:{line_of(database, 'create_all')}"
    assert f"aaaa ({place}) creates author, note as in the models of today" in done.stdout
    assert f"invoke freeze --revision aaaa --db {name}" in done.stdout
    assert shop.invoke("upgrade", "--db", name).returncode == 0
    (found,) = json.loads(shop.invoke("status", "--json").stdout)
    assert found["models"] == "in step, but taken from the models by aaaa"
    done = shop.invoke("roundtrip", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (verdict,) = json.loads(done.stdout)["trips"][name]["verdicts"]
    assert verdict["status"] == "not reproducible"
    assert any(f"upgrade: creates author, note as today's models have them ({place})" in x for x in verdict["notes"])
    assert any("downgrade: drops note, author as today's models" in note for note in verdict["notes"])


def test_tables_of_a_later_revision_say_why_the_chain_does_not_apply(sqlite: Database) -> None:
    shop = shop_of(sqlite, *ALL)
    sqlite.revision("bbbb", 'op.add_column("note", sa.Column("stars", sa.Integer()))', parent="aaaa")
    change_models(sqlite)
    done = shop.migration()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "aaaa (versions/aaaa.py:" in done.stdout
    assert "versions/bbbb.py" in done.stdout  # where it fails


def test_tables_of_the_revisions_own_are_none_of_the_models(database: Database) -> None:
    own = 'sa.Table("own", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True)).{}(op.get_bind())'
    shop = shop_of(database, own.format("create"), own.format("drop"))
    done = shop.migration("--allow-drop", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "- table own" in done.stdout


@pytest.mark.parametrize(
    "upgrade",
    [
        "op.execute(sa.schema.CreateTable(author))",
        "metadata.create_all(op.get_bind(), tables=[author])",
        "from shop_models import metadata as ours\nours.tables['author'].create(op.get_bind())",
        "with op.get_bind().begin_nested():\n    author.create(op.get_bind())",
        "op.get_context().opts['target_metadata'].tables['author'].create(op.get_bind())",
    ],
)
def test_table_is_found_however_it_is_taken_from_the_models(sqlite: Database, upgrade: str) -> None:
    done = shop_of(sqlite, upgrade, 'op.drop_table("author")').migration()
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"aaaa (versions/aaaa.py:{line_of(sqlite, upgrade.splitlines()[-1].strip())}) creates author" in done.stdout


def test_only_what_is_compared_is_refused(sqlite: Database) -> None:
    shop = shop_of(sqlite, "author.create(op.get_bind())\n", "author.drop(op.get_bind())")
    sqlite.setting("ignored_tables = author")
    assert shop.migration("--dry-run").returncode == 0


@pytest.mark.parametrize(
    "upgrade",
    [
        "for table in (author, note):\n    table.create(op.get_bind())",
        "def make():\n    metadata.create_all(op.get_bind())\nmake()",
        "bind = op.get_bind(); metadata.create_all(bind)",
        "[table.create(op.get_bind()) for table in (author, note)]",
    ],
)
def test_what_is_no_call_of_its_own_is_left_to_a_person(sqlite: Database, upgrade: str) -> None:
    shop = shop_of(sqlite, upgrade, "metadata.drop_all(op.get_bind())")
    before = script(sqlite)
    done = shop.invoke("freeze", "--revision", "aaaa", "--yes")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"versions/aaaa.py:{line_of(sqlite, 'create')}" in done.stdout
    assert "Nothing was written." in done.stdout
    assert script(sqlite) == before


def test_models_that_run_statements_of_their_own_are_left_to_a_person(sqlite: Database) -> None:
    shop = shop_of(sqlite, *ALL)
    with (sqlite.folder / "shop_models.py").open("a", encoding="utf-8") as models:
        models.write('sa.event.listen(note, "after_create", sa.DDL("CREATE VIEW v AS SELECT 1"))\n')
    done = shop.invoke("freeze", "--revision", "aaaa", "--at", ".", "--yes")
    assert (done.returncode, "statements of its models run" in done.stdout) == (1, True), done.stdout + done.stderr


def test_models_are_those_of_the_commit_that_is_named(sqlite: Database) -> None:
    shop = shop_of(sqlite, *ALL)
    change_models(sqlite)
    done = shop.invoke("freeze", "--revision", "aaaa", "--at", ".", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"stars"' in script(sqlite)
    git(sqlite.folder, "checkout", "versions")
    git(sqlite.folder, "commit", "--quiet", "-am", "two")
    done = shop.invoke("freeze", "--revision", "aaaa", "--at", "HEAD", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"stars"' in script(sqlite)


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\x04", 1)], ids=["yes", "no", "ctrl-d"])
def test_nothing_is_written_without_a_yes(sqlite: Database, answer: str, code: int) -> None:
    pty = pytest.importorskip("pty")
    shop = shop_of(sqlite, *ALL)
    before = script(sqlite)
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "invoke", "freeze", "--revision", "aaaa"]
    process = subprocess.Popen(words, cwd=shop.root, env=shop.env, stdin=theirs, stdout=subprocess.PIPE, text=True)
    os.write(ours, answer.encode())
    printed, _errors = process.communicate()
    assert process.returncode == code, printed
    assert "+    op.create_table(" in printed
    assert (script(sqlite) == before) == bool(code)
    assert ("Nothing was written." in printed) == bool(code)


def test_foreign_keys_in_a_circle_are_frozen(database: Database) -> None:
    shop = shop_of(database, *ALL)
    path = database.folder / "shop_models.py"
    text = path.read_text(encoding="utf-8").replace(
        'sa.Column("name"', 'sa.Column("best", sa.ForeignKey("note.id", name="fk_best")), sa.Column("name"'
    )
    path.write_text(text.replace('ForeignKey("author.id", ', 'ForeignKey("author.id", name="fk_author", '), "utf-8")
    done = shop.invoke("freeze", "--revision", "aaaa", "--at", ".", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.migration("--dry-run").returncode == 0
    done = shop.invoke("upgrade", f"--db={database.target.name}", "downgrade", f"--db={database.target.name}", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "--revision"),
        (("--revision", "zzzz", "--yes"), 2, "no revision zzzz"),
        (("--revision", "aaaa"), 2, "--yes"),
        (("--revision", "aaaa", "--yes", "--at", "zzzz"), 2, "--at COMMIT"),
        (("--revision", "aaaa", "--yes"), 2, "versions/aaaa.py is in no commit"),
        (("--revision", "bbbb", "--yes", "--at", "."), 1, "freeze aaaa first"),
        (("--revision", "cccc", "--yes", "--at", "."), 1, "takes no tables from the models"),
    ],
)
def test_what_cannot_be_frozen_is_said_in_a_sentence(
    sqlite: Database, words: tuple[str, ...], code: int, says: str
) -> None:
    shop = shop_of(sqlite, *ALL, committed=False)
    sqlite.revision("bbbb", "metadata.create_all(op.get_bind())", parent="aaaa", top=TOP)
    git(sqlite.folder, "init", "--quiet")
    git(sqlite.folder, "add", "alembic.ini")
    git(sqlite.folder, "commit", "--quiet", "-m", "one")
    if "cccc" in words:
        (sqlite.folder / "versions" / "bbbb.py").unlink()
        (sqlite.folder / "versions" / "aaaa.py").unlink()
        sqlite.revision("cccc", "pass")
    done = shop.invoke("freeze", *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
