"""Rows rewritten in batches, on SQLite and on a real server: what is written, in which transactions, and again."""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from upgrade import batches, dialects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from upgrade import servers

COUNT = 23


@pytest.fixture(params=["sqlite", "mysql"])
def connection(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scratch database with a table of COUNT rows; the fifth and every further third has no value."""
    if request.param == "mysql":
        server: servers.Server = request.getfixturevalue("server")
        monkeypatch.setenv("MIGRATION_MYSQL_URL", server.url.render_as_string(hide_password=False))
    with (
        dialects.get(request.param).scratch("batches", tmp_path, lambda _text: None) as scratch,
        scratch.engine.connect() as found,
    ):
        found.exec_driver_sql("CREATE TABLE item (id INTEGER PRIMARY KEY, old VARCHAR(20), new VARCHAR(20))")
        values = ", ".join(f"({7 * number}, 'v{number}', NULL)" for number in range(COUNT))
        found.exec_driver_sql(f"INSERT INTO item (id, old, new) VALUES {values}")
        found.commit()
        yield found


@contextmanager
def revision(connection: sa.Connection, **more: Any) -> Iterator[MigrationContext]:
    """What a revision runs in."""
    settings = {"transactional_ddl": connection.dialect.name == "sqlite", "transaction_per_migration": True}
    context = MigrationContext.configure(connection, opts={**settings, **more})
    with Operations.context(context), context.begin_transaction(_per_migration=True):
        yield context


def moved(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"old": None, "new": row["old"].upper()}


def contents(connection: sa.Connection) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in connection.exec_driver_sql("SELECT id, old, new FROM item ORDER BY id")]
    connection.rollback()
    return found


@pytest.mark.parametrize("size", [1, 5, COUNT - 1, COUNT, COUNT + 1])
def test_each_row_is_rewritten_once(connection: sa.Connection, size: int) -> None:
    with revision(connection):
        assert batches.rewrite("item", ["old"], moved, size=size) == COUNT
    assert contents(connection) == [(7 * number, None, f"V{number}") for number in range(COUNT)]


def test_rows_that_are_left_alone_or_not_looked_at_stay_as_they_are(connection: sa.Connection) -> None:
    seen = []

    def change(row: Mapping[str, Any]) -> dict[str, Any] | None:
        seen.append(row["id"])
        return {"new": "even"} if row["id"] % 2 == 0 else None

    before = contents(connection)
    with revision(connection):
        assert batches.rewrite("item", [], change, where="id > 70 OR old = 'v1'", size=3) == 6
    assert seen == [7, *range(77, 7 * COUNT, 7)]
    assert contents(connection) == [
        (key, old, "even" if key > 70 and key % 2 == 0 else new) for key, old, new in before
    ]  # fmt: skip


def test_rows_of_a_batch_may_get_values_in_different_columns(connection: sa.Connection) -> None:
    def change(row: Mapping[str, Any]) -> dict[str, Any]:
        return {"old": "%s ' \\"} if row["id"] % 2 else {"new": row["id"], "old": None}

    with revision(connection):
        batches.rewrite("item", ["old"], change)
    assert contents(connection) == [
        (key, "%s ' \\", None) if key % 2 else (key, None, str(key)) for key in range(0, 7 * COUNT, 7)
    ]  # fmt: skip


def test_failure_keeps_whole_batches_on_a_server_and_nothing_on_sqlite_and_the_second_run_does_the_rest(
    connection: sa.Connection,
) -> None:
    def fails(row: Mapping[str, Any]) -> dict[str, Any]:
        if row["old"] == "v12":
            raise RuntimeError(row["old"])
        return moved(row)

    with pytest.raises(RuntimeError), revision(connection):
        batches.rewrite("item", ["old"], fails, where="old IS NOT NULL", size=5)
    connection.rollback()
    done = sum(old is None for _, old, _ in contents(connection))
    assert done == (10 if connection.dialect.name == "mysql" else 0)
    with revision(connection):
        assert batches.rewrite("item", ["old"], moved, where="old IS NOT NULL", size=5) == COUNT - done
    assert all(new is not None for _, _, new in contents(connection))


@pytest.mark.parametrize("connection", ["mysql"], indirect=True)
def test_batch_is_a_transaction_on_a_server(connection: sa.Connection) -> None:
    """What another connection sees while the third batch is in the making."""
    seen: set[int] = set()
    with connection.engine.connect() as other:

        def change(row: Mapping[str, Any]) -> dict[str, Any]:
            if 10 <= row["id"] // 7 < 15:
                seen.add(sum(new is not None for _, _, new in contents(other)))
            return moved(row)

        with revision(connection):
            batches.rewrite("item", ["old"], change, size=5)
    assert seen == {10}


def test_progress_is_told(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batches, "TELL_EVERY", 10)
    told: list[str] = []
    with revision(connection, progress=told.append):
        batches.rewrite("item", ["old"], moved, size=4)
    assert told == ["item: 12 rows", "item: 20 rows"]
    with caplog.at_level(logging.INFO, "alembic"), revision(connection):
        batches.rewrite("item", ["old"], lambda _row: None, size=5)
    assert [each.message for each in caplog.records if each.name == "alembic.batches"] == [
        "item: 10 rows",
        "item: 20 rows",
    ]


def test_what_is_there_is_told(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE INDEX ix_item_old ON item (old)")
    connection.commit()
    with revision(connection):
        assert [batches.has_column("item", name) for name in ("old", "older")] == [True, False]
        assert [batches.has_index("item", name) for name in ("ix_item_old", "ix_item")] == [True, False]


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
def test_without_a_database_there_is_no_sql_to_print(dialect: str) -> None:
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True})
    with Operations.context(context), pytest.raises(CommandError, match="run it on a database"):
        batches.rewrite("item", ["old"], moved)


def test_example_of_the_docs_moves_rows_and_can_be_run_again(connection: sa.Connection) -> None:
    text = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def upgrade" in block)
    names: dict[str, Any] = {"op": op, "sa": sa}
    exec(example, names)
    connection.exec_driver_sql("CREATE TABLE job (id INTEGER PRIMARY KEY, old VARCHAR(20))")
    connection.exec_driver_sql("INSERT INTO job (id, old) VALUES (1, 'DONE'), (2, NULL), (3, 'OPEN')")
    connection.commit()
    for _run in range(2):
        with revision(connection):
            names["upgrade"]()
        found = connection.exec_driver_sql("SELECT id, settings FROM job ORDER BY id").all()
        assert [(key, said and json.loads(said)) for key, said in found] == [
            (1, {"mode": "done"}), (2, None), (3, {"mode": "open"}),
        ]  # fmt: skip
        connection.rollback()
