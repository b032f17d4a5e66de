"""The contract of a dialect: what every package in `dialects` has to do, on a database of its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.ddl.impl import _impls
from alembic.operations import ops

from alembic_lockstep import dialects
from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import Dialect, quoted
from alembic_lockstep.schema.snapshot import Snapshot
from tests.support.servers import own_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server

TABLE = sa.Table(
    "item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False), sa.Column("kind", sa.String(10), server_default="it's 50%"),
    sa.Index("ix_item_name", "name"),
)  # fmt: skip
CHILD = sa.Table(
    "child", TABLE.metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.Integer, sa.ForeignKey("item.id", name="fk_child_item")),
)  # fmt: skip


@dataclass
class Given:
    """A dialect, with a scratch database and the URL of a live one that does not exist yet."""

    dialect: Dialect
    connection: sa.Connection
    live: sa.URL


@pytest.fixture(params=dialects.LABELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def given(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Given]:
    dialect = dialects.get(name)
    with ExitStack() as stack:
        live = sa.URL.create(name, database=str(tmp_path / "live" / "shop.db"))
        if name in dialects.IMAGES:
            request.getfixturevalue("given_server")
            live = stack.enter_context(own_database(request.getfixturevalue("server")))
        scratch = stack.enter_context(dialect.scratch.database("contract", tmp_path, lambda _event: None))
        yield Given(dialect, stack.enter_context(scratch.engine.connect()), live)


def created(connection: sa.Connection) -> None:
    TABLE.metadata.create_all(connection)
    connection.commit()


def test_has_a_part_for_each_concern_and_is_known_to_alembic(name: str) -> None:
    dialect = dialects.get(name)
    assert dialect.name == name
    parts = {
        "comparison": base.Comparison, "schema": base.Schema, "scratch": base.Scratch, "rows": base.Rows,
        "live": base.Live,
    }  # fmt: skip
    for part, interface in parts.items():
        assert isinstance(getattr(dialect, part), interface)
        assert getattr(dialect, part) is getattr(dialect, part)
    assert _impls[name].__module__ == f"alembic_lockstep.dialects.{name}.alembic_impl"


def test_memory_and_scratch_database_describe_the_same_schema(given: Given) -> None:
    created(given.connection)
    with given.dialect.scratch.memory() as engine, engine.connect() as memory:
        created(memory)
        in_memory = given.dialect.schema.snapshot(memory, Snapshot(), ["CREATE TABLE"])
    assert in_memory.tables.keys() == {"item", "child"}
    if given.connection.dialect.name == "mysql" and given.connection.dialect.is_mariadb:  # type: ignore[attr-defined]
        return  # which describes tables in other words
    assert given.dialect.schema.snapshot(given.connection).tables == in_memory.tables


def test_snapshot_keeps_the_tables_that_no_statement_names(given: Given) -> None:
    created(given.connection)
    before = given.dialect.schema.snapshot(given.connection)
    statement = "ALTER TABLE child ADD COLUMN size INTEGER"
    given.connection.exec_driver_sql(statement)
    after = given.dialect.schema.snapshot(given.connection, before, [statement])
    assert after.tables["item"] is before.tables["item"]
    assert "size" in after.tables["child"].columns


def test_schema_in_memory_is_copied_or_is_said_not_to_be(given: Given) -> None:
    with given.dialect.scratch.memory() as engine, engine.connect() as memory:
        created(memory)
        if given.dialect.scratch.copy(memory, given.connection):
            assert given.dialect.schema.snapshot(given.connection).tables.keys() == {"item", "child"}
        else:
            assert given.dialect.schema.snapshot(given.connection).tables == {}


def test_default_type_and_index_that_the_server_reports_are_no_difference(given: Given) -> None:
    created(given.connection)
    comparison, inspector = given.dialect.comparison, sa.inspect(given.connection)
    reflected = {column["name"]: column for column in inspector.get_columns("item")}
    for column in TABLE.columns:
        assert comparison.same_type(sa.Column("x", reflected[column.name]["type"]), column, given.connection.dialect)
    kind = TABLE.c.kind
    assert comparison.same_default(str(reflected["kind"]["default"]), kind, given.connection.dialect)
    other = sa.Column("kind", sa.String(10), server_default="another")
    sa.Table("item", sa.MetaData(), other)
    assert not comparison.same_default(str(reflected["kind"]["default"]), other, given.connection.dialect)
    same = ops.CreateIndexOp.from_index(next(iter(TABLE.indexes)))
    assert comparison.is_same_index(given.connection, ops.CreateIndexOp("ix_item_name", "item", ["kind"])) is False
    assert comparison.is_same_index(given.connection, same) is True


def test_rows_are_written_and_broken_foreign_keys_are_found_or_refused(given: Given) -> None:
    created(given.connection)
    rows, connection = given.dialect.rows, given.connection
    item, child = quoted(connection, "item"), quoted(connection, "child")
    connection.exec_driver_sql(
        f"INSERT INTO {item} (id, name) VALUES ({rows.mark}, {rows.mark})", (1, rows.stored("a%s?"))
    )
    assert connection.exec_driver_sql(f"SELECT name, kind FROM {item}").one() == ("a%s?", "it's 50%")
    before = rows.violations(connection)
    with rows.without_foreign_key_checks(connection):
        connection.exec_driver_sql(f"INSERT INTO {child} (id, item_id) VALUES ({rows.mark}, {rows.mark})", (1, 7))
    found = rows.new_violations(connection, before)
    assert bool(found) is not given.dialect.traits.enforces_foreign_keys_during_ddl
    connection.rollback()


def test_foreign_keys_are_enforced_again_after_a_failure(given: Given) -> None:
    created(given.connection)
    rows, connection = given.dialect.rows, given.connection
    with pytest.raises(ZeroDivisionError), rows.without_foreign_key_checks(connection):
        raise ZeroDivisionError
    insert = f"INSERT INTO {quoted(connection, 'child')} (id, item_id) VALUES ({rows.mark}, {rows.mark})"
    if given.dialect.traits.enforces_foreign_keys_during_ddl:
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql(insert, (1, 7))


def test_live_database_is_created_locked_and_described_without_its_password(given: Given, tmp_path: Path) -> None:
    live = given.dialect.live
    assert "hush" not in live.where(given.live.set(password="hush") if given.live.host else given.live, tmp_path)
    live.prepare(given.live, base.USUAL, create=True)
    first, second = live.engine(given.live), live.engine(given.live)
    with (
        first.connect() as owner,
        live.locked(owner, 1),
        second.connect() as other,
        pytest.raises(TimeoutError),
        live.locked(other, 0),
    ):
        pass
    assert not live.is_missing(given.live)
    with live.reading_engine(given.live).connect() as reader:
        assert reader.exec_driver_sql("SELECT 1").scalar() == 1
    assert live.after_failure(committed=False)


def test_transaction_holds_ddl_where_the_traits_say_so(given: Given) -> None:
    given.connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    given.connection.rollback()
    left = "t" in given.dialect.schema.snapshot(given.connection).tables
    assert left is not given.dialect.traits.transactional_ddl


DRIVERS = [name for name, module in (("mysqldb", "MySQLdb"), ("mysqlconnector", "mysql")) if find_spec(module)]


@pytest.mark.parametrize("driver", [*DRIVERS, "pymysql", "missing"])
def test_server_is_reached_by_the_projects_driver_or_by_pymysql(
    driver: str, tmp_path: Path, given_server: Server
) -> None:
    installed = "pymysql" if driver == "missing" else driver
    mysql, settings = dialects.get("mysql"), base.DatabaseSettings(driver=driver)
    with (
        mysql.scratch.database("driver", tmp_path, lambda _event: None, settings) as scratch,
        scratch.engine.connect() as connection,
    ):
        assert connection.exec_driver_sql("SELECT DATABASE()").scalar() == scratch.engine.url.database
        assert connection.dialect.driver == installed
    url = given_server.url.set(drivername=f"mysql+{installed}").difference_update_query(["ssl_disabled"])
    with mysql.live.engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    with pytest.raises(sa.exc.DBAPIError) as refused:
        mysql.live.engine(url.set(password="another")).connect()
    assert "Access denied for user" in mysql.live.reason(refused.value)
