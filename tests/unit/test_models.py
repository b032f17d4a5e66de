"""DB_TYPE decides while the models are imported: a subprocess for each of the two tells what it sees."""

import json
import os
import subprocess
import sys
from functools import cache
from typing import TypedDict

import pytest
from sqlalchemy import CheckConstraint, Column, Index, Integer, MetaData, Table

from openjiuwen_studio.naming import NAMING_CONVENTION
from openjiuwen_studio.settings import ROOT

DESCRIBE = """
import json
from sqlalchemy import PrimaryKeyConstraint, create_engine, create_mock_engine
from openjiuwen_studio import models, ops_models
from openjiuwen_studio.settings import agent_url, ops_url, settings

described = {}
for base, url in (models.Base, agent_url()), (ops_models.Base, ops_url()):
    if settings.DB_TYPE == "sqlite":
        engine = create_engine("sqlite://")
    else:
        engine = create_mock_engine(url, lambda statement, *_, **__: str(statement.compile(dialect=engine.dialect)))
    base.metadata.create_all(engine)
    described[url.database.rpartition("/")[2]] = {
        table.name: {
            "names": sorted(
                item.name
                for item in [*table.indexes, *table.constraints]
                if not isinstance(item, PrimaryKeyConstraint)
            ),
            "types": {column.name: column.type.compile(engine.dialect) for column in table.columns},
        }
        for table in base.metadata.tables.values()
    }
print(json.dumps(list(described.values())))
"""


class Described(TypedDict):
    names: list[str]
    types: dict[str, str]


@cache
def describe(db_type: str) -> list[dict[str, Described]]:
    """Create all tables (without a server, compile them) and give those of the agent and of the ops database."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DESCRIBE],
        env={**os.environ, "PYTHONPATH": str(ROOT), "DB_TYPE": db_type},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    described: list[dict[str, Described]] = json.loads(done.stdout)
    return described


@pytest.mark.parametrize("db_type", ["sqlite", "mysql"])
def test_every_table_can_be_created(db_type: str) -> None:
    assert [len(tables) for tables in describe(db_type)] == [39, 10]


@pytest.mark.parametrize("database", [0, 1], ids=["agent", "ops"])
def test_names_hold_the_table_and_fit_and_are_the_same_on_both_dialects(database: int) -> None:
    tables = describe("sqlite")[database]
    every = [name for table in tables.values() for name in table["names"]]
    assert len(every) == len(set(every))
    assert max(map(len, every)) <= 64
    for table_name, table in tables.items():
        assert all(name.startswith(tuple(f"{p}_{table_name}_" for p in ("ix", "uq", "fk"))) for name in table["names"])
        assert table["names"] == describe("mysql")[database][table_name]["names"]


@pytest.mark.parametrize(
    ("database", "narrow"),
    [
        (
            0,
            {"model_configs", "embedding_model_configs", "vlm_model_configs", "model_usage_logs"}
            | {"system_embedding_model", "system_llm_model"},
        ),
        (1, {"prompt_basic", "prompt_versions", "prompts"}),
    ],
    ids=["agent", "ops"],
)
def test_ids_are_wide_on_mysql_and_count_up_by_themselves_on_sqlite(database: int, narrow: set[str]) -> None:
    for name, table in describe("sqlite")[database].items():
        if "id" in table["types"]:
            assert table["types"]["id"] == "INTEGER"
            mysql = describe("mysql")[database][name]["types"]
            assert mysql["id"] == ("INTEGER" if name in narrow else "BIGINT")


def test_naming_convention() -> None:
    long = "a_rather_long_name_of_a_column"
    table = Table(
        "t",
        MetaData(naming_convention=NAMING_CONVENTION),
        Column("a", Integer, index=True),
        Column(f"{long}_1", Integer),
        Column(f"{long}_2", Integer),
        Index(None, "a", f"{long}_1", f"{long}_2"),
        Index(None, "a", f"{long}_2", f"{long}_1"),
        CheckConstraint("a > 0", name="positive"),
    )
    # Released revisions hold such names: the hash in them may never change.
    assert {item.name for item in table.indexes} == {
        "ix_t_a",
        "ix_t_a_a_rather_long_name_of_a_column_1_a_rather_long_n_d6c5a45a",
        "ix_t_a_a_rather_long_name_of_a_column_2_a_rather_long_n_2966c695",
    }
    assert "ck_t_positive" in {item.name for item in table.constraints}
    with pytest.raises(TypeError, match="needs one of its own"):
        table.append_constraint(CheckConstraint("a > 0"))
