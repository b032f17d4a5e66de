"""The in-memory server against a real MySQL, statement by statement: same descriptions of tables, or same errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import memory_mysql
from alembic_lockstep.errors import NeedsServerError
from tests.agreement.column_definitions import DEFAULTS, TYPES
from tests.agreement.refused import REFUSED
from tests.agreement.statements import EXPRESSIONS, QUERIES, SCRIPTS, UNANSWERED, USES_OF_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def real(mysql: str) -> Iterator[sa.Connection]:
    """A connection to a real MySQL, on which each test creates its database again."""
    engine = sa.create_engine(mysql, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def outcomes(connection: sa.Connection, statements: list[str]) -> list[Any]:
    """Execute statements; return the outcome of each, and the description of every table after it."""
    found: list[Any] = []
    for statement in statements:
        try:
            doubled = statement if connection.dialect.paramstyle == "named" else statement.replace("%", "%%")
            connection.exec_driver_sql(doubled)
            found.append("done")
        except sa.exc.DBAPIError as error:
            found.append(error.orig.args[0] if error.orig else error)
        for name in sorted(sa.inspect(connection).get_table_names()):
            row = connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one()
            found.append((statement, row[1]))
    return found


def both(real: sa.Connection, statements: list[str]) -> tuple[list[Any], list[Any]]:
    """Return the outcomes on the real server and in memory."""
    database = real.exec_driver_sql("SELECT DATABASE()").scalar_one()
    real.exec_driver_sql(f"DROP DATABASE {database}")
    real.exec_driver_sql(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
    real.exec_driver_sql(f"USE {database}")
    real.exec_driver_sql("SET foreign_key_checks = 1")
    with memory_mysql.engine() as engine, engine.connect() as connection:
        return outcomes(real, statements), outcomes(connection, statements)


@pytest.mark.parametrize("definition", [*TYPES, *DEFAULTS])
def test_columns_are_described_alike(real: sa.Connection, definition: str) -> None:
    there, here = both(real, [f"create table t (id int, a {definition})"])
    assert here == there


@pytest.mark.parametrize("statements", SCRIPTS.values(), ids=SCRIPTS)
def test_tables_are_described_alike_after_each_statement(real: sa.Connection, statements: list[str]) -> None:
    there, here = both(real, statements)
    assert here == there


@pytest.mark.parametrize("number", REFUSED)
def test_statements_are_refused_with_the_same_number(real: sa.Connection, number: int) -> None:
    for statements in REFUSED[number]:
        there, here = both(real, statements)
        assert here == there
        assert number in there


@pytest.mark.parametrize("statements", USES_OF_COLUMNS.values(), ids=USES_OF_COLUMNS)
def test_columns_that_expressions_use_are_kept_alike(real: sa.Connection, statements: list[str]) -> None:
    there, here = ([each for each in side if not isinstance(each, tuple)] for side in both(real, statements))
    assert here == there


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_are_written_alike(real: sa.Connection, text: str) -> None:
    table = f"create table t (a int, b int, n varchar(20), d datetime, g int as ({text}), key k (({text})))"
    there, here = both(real, [table])
    assert here == there


@pytest.mark.parametrize("text", QUERIES)
def test_queries_of_empty_tables_are_answered_alike_or_not_at_all(real: sa.Connection, text: str) -> None:
    tables = [
        "create table t (id int, n varchar(9), d decimal(8,2), at datetime)",
        "create table u (id bigint, t_id int)",
    ]
    both(real, tables)
    there = [tuple(row) for row in real.exec_driver_sql(text)]
    with memory_mysql.engine() as engine, engine.connect() as connection:
        outcomes(connection, tables)
        here = [tuple(row) for row in connection.exec_driver_sql(text)]
    assert here == there
    assert [[type(each) for each in row] for row in here] == [[type(each) for each in row] for row in there]


@pytest.mark.parametrize("text", UNANSWERED)
def test_query_whose_answer_is_not_certain_is_not_answered(text: str) -> None:
    with memory_mysql.engine() as engine, engine.connect() as connection:
        outcomes(connection, ["create table t (id int, n varchar(9), d decimal(8,2), at datetime)"])
        with pytest.raises(NeedsServerError):
            connection.exec_driver_sql(text).all()
