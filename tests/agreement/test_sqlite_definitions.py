"""Tables of SQLite that are not written as SQLAlchemy writes them, compared with models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from tests.agreement.sides import NOTHING, Side
from tests.agreement.test_agreement import target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAME = [
    "id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (id DESC)",
    "id INTEGER NOT NULL, a INTEGER, primary key (id desc)",
    "id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (ID collate nocase asc)",
    "id INTEGER NOT NULL, a INTEGER, PRIMARY KEY (id AUTOINCREMENT)",
    "id INTEGER PRIMARY KEY DESC NOT NULL, a INTEGER",
]
"""Tables with the key that the models want."""


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    with dialects.get("sqlite").scratch.memory() as engine, engine.connect() as connection:
        yield Side(target(tmp_path, "sqlite"), connection)


def run(side: Side, *statements: str) -> None:
    for statement in statements:
        side.connection.exec_driver_sql(statement)
    side.connection.commit()


def models(key: str, *indexes: sa.Index) -> sa.MetaData:
    metadata = sa.MetaData()
    columns = [sa.Column(name, sa.Integer(), primary_key=name == key) for name in ("id", "a")]
    sa.Table("item", metadata, *columns, *indexes)
    return metadata


@pytest.mark.parametrize("body", SAME)
def test_primary_key_is_its_columns_however_they_are_written(side: Side, body: str) -> None:
    run(side, f"CREATE TABLE item ({body})")
    assert side.find(models("id")) == NOTHING


@pytest.mark.parametrize("body", SAME)
def test_another_primary_key_is_found_and_leads_back_to_the_columns(side: Side, body: str) -> None:
    run(side, f"CREATE TABLE item ({body.replace('a INTEGER', 'a INTEGER NOT NULL')})")
    found = side.find(models("a"))
    side.apply(found.upgrade)
    assert side.find(models("a")) == NOTHING
    side.apply(found.downgrade)
    assert sa.inspect(side.connection).get_pk_constraint("item")["constrained_columns"] == ["id"]


def test_direction_of_an_index_is_the_same_in_capitals_and_without(side: Side) -> None:
    run(
        side,
        "CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, a INTEGER)",
        "CREATE INDEX down ON item (a desc)",
        "CREATE INDEX up ON item (a asc, id)",
    )
    assert side.find(models("id", sa.Index("down", sa.text("a DESC")), sa.Index("up", "a", "id"))) == NOTHING
