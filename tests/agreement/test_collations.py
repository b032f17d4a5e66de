"""Character sets and collations of models against those in effect: in memory, on MySQL and on MariaDB."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic_lockstep import memory_mysql
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from tests.support import chains

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = {
    "inherited": "",
    "written": "COLLATE {default}",
    "binary": "COLLATE utf8mb4_bin",
    "narrow": "CHARACTER SET utf8mb3",
}
MODELS = {
    "silent": sa.String(20),
    "default": sa.String(20, collation="{default}"),
    "wide": mysql.VARCHAR(20, charset="utf8mb4"),
    "binary": sa.String(20, collation="utf8mb4_bin"),
    "variant": sa.String(20).with_variant(mysql.VARCHAR(20, collation="utf8mb4_bin"), "mysql"),
    "narrow": mysql.VARCHAR(20, charset="utf8mb3"),
}
SAME = {
    *((column, "silent") for column in COLUMNS),  # what models do not say is left alone
    *((column, model) for column in ("inherited", "written") for model in ("default", "wide")),
    *(("binary", model) for model in ("wide", "binary", "variant")),
    ("narrow", "narrow"),
}


@pytest.fixture(params=["memory", "mysql", "mariadb"])
def connection(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    with ExitStack() as stack:
        if request.param == "memory":
            engine = stack.enter_context(memory_mysql.engine())
        else:
            engine = sa.create_engine(request.getfixturevalue(request.param), poolclass=sa.NullPool)
        yield stack.enter_context(engine.connect())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("column", COLUMNS)
def test_type_differs_if_its_effect_does(connection: sa.Connection, column: str, model: str, tmp_path: Path) -> None:
    default = str(connection.exec_driver_sql("SELECT @@collation_database").scalar())
    text = COLUMNS[column].replace("{default}", default)
    connection.exec_driver_sql(f"CREATE TABLE collated (a VARCHAR(20) {text})")
    type_ = MODELS[model]
    if model == "default":
        type_ = sa.String(20, collation=default)
    models = sa.MetaData()
    sa.Table("collated", models, sa.Column("a", type_))
    target = chains.write(tmp_path, "mysql", "app", [])
    try:
        found = compare(connection, target, models, options(target, models), only={"collated"})
    finally:
        connection.exec_driver_sql("DROP TABLE collated")
    assert len(found) == ((column, model) not in SAME), found
    assert all(line.startswith("~ column collated.a  String(20) c") for line in found)
