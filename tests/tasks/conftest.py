"""Targets with a chain of their own and one real live database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.support.live import Database, made
from tests.support.servers import create, own_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server


@pytest.fixture
def shop_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The models of a database are importable, in this process too."""
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("shop_models", None)


@pytest.fixture
def sqlite(tmp_path: Path, shop_models: None) -> Database:
    return made(tmp_path, "sqlite", sa.URL.create("sqlite", database=str(tmp_path / "live" / "shop.db")))


@pytest.fixture
def mysql(tmp_path: Path, server: Server, shop_models: None) -> Iterator[Database]:
    with own_database(server) as url:
        create(server, str(url.database))
        yield made(tmp_path, "mysql", url)


@pytest.fixture(params=["sqlite", "mysql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder for scratch files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder
