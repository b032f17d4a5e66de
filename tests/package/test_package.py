"""The wheel, and a project that adopts it without copying a file of ours."""

from __future__ import annotations

import zipfile
from email.parser import Parser
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.package import shop as files
from tests.package.conftest import SECOND, Shop
from tests.support.project import ROOT
from tests.support.servers import own_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server

ALEMBIC = ("alembic", "-n", "alembic_sqlite_shop")


def test_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        info = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"
        metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "alembic_lockstep").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {"alembic_lockstep/py.typed", "alembic_lockstep/environment/script.py.mako"} <= sources
    assert {name for name in names if not name.startswith(f"{info}/")} == sources
    assert f"{info}/licenses/LICENSE" in names
    assert metadata["Name"] == "alembic-lockstep"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(metadata.get_all("Provides-Extra", [])) == {"mysql", "test"}
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "alembic_lockstep = alembic_lockstep.plugin" in entry_points


def test_package_is_imported_from_the_wheel(shop: Shop) -> None:
    place = shop("python", "-c", "import alembic_lockstep; print(alembic_lockstep.__file__)")
    assert place.startswith(str(shop.installed.folder))


def test_commands_are_listed_from_any_folder_of_the_project(shop: Shop) -> None:
    for folder in (shop.root, shop.root / "shop"):
        printed = shop("invoke", "--list", cwd=folder)
        for name in ("migration", "upgrade", "downgrade", "status", "roundtrip", "scratch"):
            assert f"  {name} " in printed


def test_migration_makes_a_script_a_target_and_writes_nothing_elsewhere(shop: Shop) -> None:
    mysql, sqlite = ([path.name for path in shop.versions(dialect)] for dialect in ("mysql", "sqlite"))
    assert mysql == sqlite
    assert len(mysql) == 2
    found = {path.relative_to(shop.root).as_posix() for path in shop.root.rglob("*") if path.is_file()}
    found = {name for name in found if "__pycache__" not in name and ".work/" not in name}
    assert {name for name in found if not name.startswith(("chains/mysql/feat_", "chains/sqlite/feat_"))} == set(
        files.FILES
    )
    assert "LONGTEXT" in shop.versions("mysql")[1].read_text(encoding="utf-8")
    printed = shop("invoke", "migration", "--auto", "-m", "feat: nothing")
    assert "The chains are in step with the models: nothing to write" in printed
    assert [path.name for path in shop.versions("sqlite")] == sqlite


def test_round_trip_takes_every_revision_with_the_data_case(shop: Shop) -> None:
    printed = shop("invoke", "roundtrip")
    assert "4 of 4 revisions sound" in printed
    assert "twins mysql_shop and sqlite_shop" in printed
    case = shop.root / "tests" / "migrations" / "data" / f"{SECOND}.py"
    case.write_text(files.DATA_CASE.replace("nobody@", "somebody@"), encoding="utf-8")
    done = shop.run("invoke", "roundtrip", "--db", "sqlite_shop")
    assert done.returncode == 1
    assert "after of its data case: AssertionError" in done.stdout


def test_sessions_run_the_round_trip_as_tests(shop: Shop) -> None:
    printed = shop("nox", "-s", "migrations")
    assert "nox > * migrations(mysql_shop): success" in printed
    assert "nox > * migrations(sqlite_shop): success" in printed
    assert sorted(path.name for path in (shop.root / ".nox" / "junit").iterdir()) == [
        "migrations-mysql_shop.xml", "migrations-sqlite_shop.xml",
    ]  # fmt: skip


def test_sessions_of_a_server_have_its_tag(shop: Shop, mariadb: str) -> None:
    printed = shop("nox", "-t", mariadb)
    assert f"Session migrations-on({mariadb}-mysql_shop) was successful" in printed


def test_pytest_takes_one_target_that_is_asked_for_and_an_ordinary_run_none(shop: Shop) -> None:
    printed = shop("pytest", "alembic.ini", "--target", "sqlite_shop", "-v")
    assert "alembic.ini::sqlite_shop-" in printed
    assert "mysql_shop-" not in printed.replace("twins-mysql_shop-sqlite_shop", "")
    printed = shop("pytest", "-v")
    assert "1 passed" in printed
    assert "alembic.ini::" not in printed


def test_live_sqlite_database_goes_up_and_down(shop: Shop) -> None:
    up = shop("invoke", "upgrade")
    assert "SQLite Shop Database: " in up
    assert "2 revisions" in up
    status = shop("invoke", "status", "--db", "sqlite_shop", "--json")
    assert '"pending": 0' in status
    assert columns(sa.create_engine(f"sqlite:///{shop.root / 'shop.db'}")) >= {"email", "note"}
    assert "1 revision" in shop("invoke", "downgrade", "--db", "sqlite_shop", "--yes")
    assert "email" not in columns(sa.create_engine(f"sqlite:///{shop.root / 'shop.db'}"))


@pytest.fixture
def mysql_url(server: Server) -> Iterator[sa.URL]:
    with own_database(server) as url:
        yield url


def test_live_mysql_database_is_created_and_goes_up_and_down(shop: Shop, mysql_url: sa.URL) -> None:
    shop.env["SHOP_MYSQL_URL"] = mysql_url.render_as_string(hide_password=False)
    assert "2 revisions" in shop("invoke", "upgrade", "--create", DB_TYPE="mysql")
    assert "in step" in shop("invoke", "status", "--db", "mysql_shop")
    assert columns(sa.create_engine(mysql_url, poolclass=sa.NullPool)) >= {"email", "note"}
    assert "2 revisions" in shop("invoke", "downgrade", "--db", "mysql_shop", "--revision", "base", "--yes")


def test_plain_alembic_works_from_any_directory(shop: Shop, tmp_path: Path) -> None:
    # Alembic itself cannot read an ini file whose path has a %.
    shop = Shop(shop.root.rename(tmp_path / "the shop"), shop.installed, shop.env)
    shop(*ALEMBIC, "upgrade", "head")
    assert "(head)" in shop(*ALEMBIC, "current")
    assert "No new upgrade operations detected." in shop(*ALEMBIC, "check")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ini = str(shop.root / "alembic.ini")
    assert "feat: email of a customer" in shop("alembic", "-c", ini, *ALEMBIC[1:], "history", cwd=elsewhere)
    assert "(head)" in shop("alembic", "-c", ini, *ALEMBIC[1:], "current", cwd=elsewhere)
    shop("alembic", "-c", ini, *ALEMBIC[1:], "downgrade", "base", cwd=elsewhere)
    assert list(elsewhere.iterdir()) == []


def test_projects_do_not_influence_each_other(shop: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other"
    files.write(other)
    before = {path: path.read_bytes() for path in shop.root.rglob("*.py")}
    words = ["invoke", "migration", "--auto", "-m", "feat: of the other", "--db", "sqlite_shop"]
    shop(*words, cwd=other)
    (made,) = (other / "chains" / "sqlite").glob("*.py")
    assert made.name.startswith("feat_of_the_other_")
    assert {path: path.read_bytes() for path in shop.root.rglob("*.py")} == before
    shop("invoke", "upgrade", "--db", "sqlite_shop", cwd=other)
    assert (other / "shop.db").is_file()
    assert not (shop.root / "shop.db").exists()


def columns(engine: sa.Engine) -> set[str]:
    """Return the columns of the table customer."""
    with engine.connect() as connection:
        return {str(column["name"]) for column in sa.inspect(connection).get_columns("customer")}
