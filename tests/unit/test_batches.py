"""Rows rewritten in batches, on SQLite and on a real server: what is written, in which transactions, and again."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.execution import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


COUNT = 23


SERVERS = ["mysql", "mariadb"]


@pytest.fixture(params=["sqlite", "mysql"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A scratch database with a table of COUNT rows."""
    if request.param in SERVERS:
        request.getfixturevalue("given_server" if request.param == "mysql" else "given_mariadb")
    dialect = "sqlite" if request.param == "sqlite" else "mysql"
    with (
        dialects.get(dialect).scratch.database("batches", tmp_path, lambda _text: None) as scratch,
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


ASKING: dict[str, Callable[[], object]] = {
    "rewrite": lambda: batches.rewrite("item", ["old"], moved),
    "has_column": lambda: batches.has_column("item", "old"),
    "has_index": lambda: batches.has_index("item", "ix"),
}


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
@pytest.mark.parametrize("name", ASKING)
def test_without_a_database_there_is_no_sql_to_print(dialect: str, name: str) -> None:
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True})
    with Operations.context(context), pytest.raises(CommandError, match="cannot be printed as SQL"):
        ASKING[name]()


def test_key_cannot_be_changed(connection: sa.Connection) -> None:
    with pytest.raises(CommandError, match=r"item\.id is the key of the batches"), revision(connection):
        batches.rewrite("item", [], lambda row: {"id": row["id"] + 1})


def test_key_whose_values_cannot_be_found_again_is_refused(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE reading (at FLOAT PRIMARY KEY, old INTEGER)")
    connection.exec_driver_sql("INSERT INTO reading VALUES (0.1, 1), (0.25, 2)")
    connection.commit()
    with pytest.raises(CommandError, match=r"reading\.at is of a type"), revision(connection):
        batches.rewrite("reading", ["old"], lambda row: {"old": -row["old"]}, key="at")
    connection.rollback()
    assert sorted(connection.exec_driver_sql("SELECT old FROM reading").scalars()) == [1, 2]


def test_function_may_return_nothing(connection: sa.Connection) -> None:
    with revision(connection):
        assert batches.rewrite("item", ["old"], lambda _row: {}) == 0


@pytest.mark.parametrize("where", ["old <> '{\"a\":7}' OR id < 0", "old LIKE 'v%' OR old LIKE '%%s'"])
def test_where_is_sql_as_it_is_written(connection: sa.Connection, where: str) -> None:
    with revision(connection):
        assert batches.rewrite("item", ["old"], moved, where=where, size=5) == COUNT


def test_rows_found_by_a_text_key_that_has_to_be_quoted(connection: sa.Connection) -> None:
    name = quoted(connection, "the order")
    connection.exec_driver_sql(f"CREATE TABLE {name} (name VARCHAR(9) PRIMARY KEY, {quoted(connection, 'group')} INT)")
    there = [{"key": key, "number": number} for number, key in enumerate(("b", "it's", "ä", "c %s"), start=1)]
    connection.execute(sa.text(f"INSERT INTO {name} VALUES (:key, :number)"), there)
    connection.commit()
    with revision(connection):
        done = batches.rewrite("the order", ["group"], lambda row: {"group": -row["group"]}, key="name", size=2)
    assert done == 4
    assert sorted(connection.scalars(sa.text(f"SELECT * FROM {name}")).all()) == ["b", "c %s", "it's", "ä"]
    column = quoted(connection, "group")
    assert sorted(connection.exec_driver_sql(f"SELECT {column} FROM {name}").scalars()) == [-4, -3, -2, -1]


@pytest.mark.parametrize("connection", ["mysql"], indirect=True)
def test_value_does_not_depend_on_its_neighbours(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE price (id INTEGER PRIMARY KEY, amount DECIMAL(25, 14))")
    connection.exec_driver_sql("INSERT INTO price (id) VALUES (1), (2), (3)")
    connection.commit()
    values = {1: Decimal("12345678.12345678912345"), 2: 0.5, 3: None}
    with revision(connection):
        batches.rewrite("price", [], lambda row: {"amount": values[row["id"]]})
    found = connection.exec_driver_sql("SELECT amount FROM price ORDER BY id").scalars().all()
    assert found == [values[1], Decimal("0.5"), None]


def test_large_values_go_in_several_statements(connection: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "STATEMENT", 9)
    statements: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda _c, _cursor, text, *_rest: statements.append(text))
    with revision(connection):
        batches.rewrite("item", ["old"], moved)
    assert contents(connection) == [(7 * number, None, f"V{number}") for number in range(COUNT)]
    # V0 to V9 have two characters, the others three: 4, 4, 3 and four times 3 rows.
    assert len([text for text in statements if text.startswith("UPDATE")]) == 7


@pytest.mark.parametrize("connection", ["sqlite"], indirect=True)
@pytest.mark.parametrize("most", [6, 10, 50])
def test_batch_larger_than_a_statement_may_be_goes_in_several(connection: sa.Connection, most: int) -> None:
    driver: Any = connection.connection.driver_connection
    driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most)
    with revision(connection):
        assert batches.rewrite("item", ["old"], moved, where="id > 0", size=COUNT) == COUNT - 1
    assert contents(connection)[1:] == [(7 * number, None, f"V{number}") for number in range(1, COUNT)]


def test_limits_of_a_statement_are_the_connections(connection: sa.Connection) -> None:
    limits = dialects.get(connection.dialect.name).rows.limits(connection)
    if connection.dialect.name == "mysql":
        packet = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
        assert 8 * limits.characters + 64 * limits.values <= packet
    else:
        driver: Any = connection.connection.driver_connection
        assert limits.values == driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)


@pytest.mark.parametrize("connection", SERVERS, indirect=True)
def test_batch_that_meets_a_lock_is_tried_again(connection: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES", (0, 0))
    connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
    connection.commit()
    told: list[str] = []
    with connection.engine.connect() as other:

        def progress(text: str) -> None:
            told.append(text)
            other.rollback()

        other.exec_driver_sql("UPDATE item SET new = 'other' WHERE id = 70")
        with revision(connection, progress=progress):
            assert batches.rewrite("item", ["old"], moved, size=5) == COUNT
    assert told == ["item: a batch met a lock, next try in 0 s"]
    assert contents(connection) == [(7 * number, None, f"V{number}") for number in range(COUNT)]


@pytest.mark.parametrize("connection", SERVERS, indirect=True)
def test_batch_is_not_tried_for_ever_and_the_ones_before_it_stay(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PAUSES", (0,))
    connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
    connection.commit()
    told: list[str] = []
    with connection.engine.connect() as other:
        other.exec_driver_sql("UPDATE item SET new = 'other' WHERE id = 70")
        with pytest.raises(sa.exc.DBAPIError, match="1205"), revision(connection, progress=told.append):
            batches.rewrite("item", ["old"], moved, size=5)
    assert len(told) == 1
    connection.rollback()
    assert [new for _, _, new in contents(connection)] == [f"V{n}" for n in range(10)] + [None] * (COUNT - 10)


@pytest.mark.parametrize("connection", SERVERS, indirect=True)
def test_victim_of_a_deadlock_is_tried_again(connection: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PAUSES", (0,))
    connection.exec_driver_sql("CREATE TABLE guard (id INTEGER PRIMARY KEY, n INTEGER)")
    connection.exec_driver_sql(f"INSERT INTO guard VALUES {', '.join(f'({n}, 0)' for n in range(200))}")
    connection.commit()
    calls: list[int] = []
    with connection.engine.connect() as other, ThreadPoolExecutor(1) as pool:
        other.exec_driver_sql("UPDATE guard SET n = 1")  # the transaction that has changed less is the victim

        def blocks() -> None:
            other.exec_driver_sql("UPDATE item SET new = 'x' WHERE id = 0")
            other.rollback()

        def change(row: Mapping[str, Any]) -> dict[str, Any]:
            if not calls:
                pool.submit(blocks)
            calls.append(row["id"])
            connection.exec_driver_sql("SELECT n FROM guard WHERE id = 1 FOR UPDATE")
            return moved(row)

        with revision(connection):
            assert batches.rewrite("item", ["old"], change) == COUNT
    assert calls.count(0) == 2
    assert contents(connection) == [(7 * number, None, f"V{number}") for number in range(COUNT)]


@pytest.mark.parametrize("connection", SERVERS, indirect=True)
def test_lost_connection_is_the_cause_and_nothing_is_tried_again(connection: sa.Connection) -> None:
    calls: list[int] = []
    with connection.engine.connect() as other:
        number = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        connection.rollback()

        def change(row: Mapping[str, Any]) -> dict[str, Any]:
            calls.append(row["id"])
            if row["id"] == 70:
                other.exec_driver_sql(f"KILL {number}")
            return moved(row)

        with pytest.raises(sa.exc.DBAPIError) as caught, revision(connection):
            batches.rewrite("item", ["old"], change, size=5)
    assert caught.value.connection_invalidated
    assert "UPDATE `item`" in str(caught.value.statement)
    assert calls == list(range(0, 7 * 15, 7))


@pytest.mark.serial  # the view fails where the statement of another session has characters that utf8mb3 lacks
@pytest.mark.parametrize("connection", ["mysql"], indirect=True)
def test_rows_that_are_done_are_not_locked_again(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE item SET old = NULL WHERE id < 100")
    connection.commit()
    locked: list[int] = []

    def change(row: Mapping[str, Any]) -> dict[str, Any]:
        time.sleep(0.11)  # InnoDB tells of its transactions ten times a second
        mine = "SELECT trx_rows_locked FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()"
        # It shows the statements of all sessions, and fails where another test's cannot be written in utf8mb3 (3854).
        with suppress(sa.exc.OperationalError):
            locked.append(connection.exec_driver_sql(mine).scalar_one())
        return moved(row)

    with revision(connection):
        assert batches.rewrite("item", ["old"], change, where="old IS NOT NULL", size=3) == COUNT - 15
    assert 1 <= max(locked) <= 4


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
