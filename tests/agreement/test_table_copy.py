"""A batch block on SQLite changes what it says and nothing else, whatever the table has.

A few examples run in CI, always the same; thousands of new ones with `--hypothesis-profile thorough`.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from hypothesis import assume, given
from hypothesis import strategies as st

from alembic_lockstep import dialects
from alembic_lockstep.dialects.sqlite import table_copy
from alembic_lockstep.errors import FailedError
from tests.agreement.sqlite_tables import Drawn, quoted, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.schema.table import Attributes, PartName

OURS = ("zz", "ww")
"""The columns that the blocks change."""

MAY_FAIL = (
    "NOT NULL constraint failed",
    "CHECK constraint failed",
    "UNIQUE constraint failed",
    "view broken does not work",  # which SQLite checks when it renames a column
    "duplicate column name: ww",
    "No such column: 'zz'",  # dropped before in the same block
)
"""Words of the errors by which rows or SQLite may refuse a block. Then all is as it was."""

BLOCKS: dict[str, Callable[[Any], None]] = {
    "drop a column": lambda batch: batch.drop_column("zz"),
    "another type": lambda batch: batch.alter_column("zz", type_=sa.TEXT(), existing_type=sa.String(20)),
    "NOT NULL": lambda batch: batch.alter_column("zz", nullable=False),
    "NULL": lambda batch: batch.alter_column("zz", nullable=True, existing_nullable=False),
    "a default": lambda batch: batch.alter_column("zz", server_default="it's"),
    "rename": lambda batch: batch.alter_column("zz", new_column_name="ww"),
    "rename and more": lambda batch: batch.alter_column("zz", new_column_name="ww", nullable=True, server_default=None),
    "add": lambda batch: batch.add_column(sa.Column("ww", sa.TEXT(), server_default=sa.text("(1 + 1)"))),
    "add first": lambda batch: batch.add_column(sa.Column("ww", sa.INTEGER()), insert_before="id"),
    "a unique": lambda batch: batch.create_unique_constraint("uq_ww", ["zz", "id"]),
    "a check": lambda batch: batch.create_check_constraint("ck_ww", "zz <> 'w'"),
    "a foreign key": lambda batch: batch.create_foreign_key("fk_ww", "parent", ["zz"], ["id"]),
    "computed": lambda batch: batch.add_column(sa.Column("ww", sa.TEXT(), sa.Computed("zz || 'x'", persisted=True))),
    "an index": lambda batch: batch.create_index("ix_ww", ["zz"]),
}


@contextmanager
def made(table: Drawn) -> Iterator[sa.Connection]:
    """Provide a database with the table, a parent, a child and rows."""
    with dialects.get("sqlite").scratch.memory() as engine, engine.connect() as connection:
        execute = connection.exec_driver_sql
        execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        execute("CREATE TABLE log (num)")
        execute("INSERT INTO parent VALUES (1), (2), (3)")
        for statement in table.statements:
            with suppress(sa.exc.OperationalError):  # a view on a view that was not drawn, one key too many
                execute(statement)
        assume(sa.inspect(connection).has_table(table.name))
        for row in table.rows:
            with suppress(sa.exc.IntegrityError):
                execute(f'INSERT INTO {table.quoted} (id, num, "a text") VALUES (?, ?, ?)', row)
        execute(
            f"CREATE TABLE child (id INTEGER PRIMARY KEY, item INTEGER REFERENCES {table.quoted} ON DELETE CASCADE)"
        )
        execute(f"INSERT INTO child (item) SELECT id FROM {table.quoted}")
        execute(f"DELETE FROM {table.quoted} WHERE id > 30")
        connection.commit()
        yield connection


def state(connection: sa.Connection, table: str) -> dict[str, Any]:
    """Return all that is to stay as it is, but for the table's own definition."""

    def rows(query: str) -> Any:
        try:
            return sorted(connection.exec_driver_sql(query).all(), key=repr)
        except sa.exc.OperationalError as error:
            return str(error.orig)

    described = connection.exec_driver_sql(f"SELECT name FROM pragma_table_xinfo({literal(table)}) ORDER BY cid")
    columns = list(described.scalars())
    kept = ", ".join(quoted(name) for name in columns if name not in OURS)
    rowid = (
        ""
        if "WITHOUT ROWID" in rows(f"SELECT sql FROM sqlite_master WHERE name = {literal(table)}")[0][0]
        else "rowid, "
    )
    return {
        "columns": [name for name in columns if name not in OURS],
        "rows": rows(f"SELECT {rowid}{kept} FROM {quoted(table)}"),
        "sequence": rows("SELECT * FROM sqlite_sequence ORDER BY name"),
        "others": rows(
            "SELECT name, sql FROM sqlite_master WHERE type = 'view' OR tbl_name IN ('parent', 'log', 'child') ORDER BY name"
        ),
        **{name: rows(f"SELECT * FROM {name}") for name in ("v1", "v2", "parent", "log", "child")},
        "integrity": rows("PRAGMA integrity_check"),
        "settings": rows("PRAGMA legacy_alter_table"),
    }


def literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def parts(connection: sa.Connection, table: str) -> dict[PartName, Attributes]:
    """Return the parts of the table that do not name what the blocks change."""
    found = dialects.get("sqlite").schema.snapshot(connection).tables[table].parts()
    return {
        name: {key: value for key, value in attributes.items() if key != "referred_columns"}
        for name, attributes in found.items()
        if not any(ours in f"{name} {attributes}" for ours in OURS)
    }


@contextmanager
def block(connection: sa.Connection, table: str, **options: Any) -> Iterator[Any]:
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table(table, **options) as batch:
        yield batch


def refusal(connection: sa.Connection, table: str, names: list[str]) -> str | None:
    """Change a table; return why it cannot be done."""
    try:
        # Alembic has a new column next to another one only in a table that is surely copied.
        with block(connection, table, recreate="always" if "add first" in names else "auto") as batch:
            for name in names:
                BLOCKS[name](batch)
    except (sa.exc.DatabaseError, ValueError, FailedError) as error:
        return str(error)
    return None


@given(
    tables(), st.lists(st.sampled_from(sorted(BLOCKS)), min_size=1, max_size=2, unique=True), st.sampled_from([0, 9])
)
def test_everything_else_stays(table: Drawn, names: list[str], few_rows: int) -> None:
    assume(
        not any(name.startswith(("rename", "drop")) for name in names)
        or not {"a check", "computed", "an index"} & set(names)
    )
    with made(table) as connection:
        before = state(connection, table.name), parts(connection, table.name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_copy, "FEW_ROWS", few_rows)  # either way of copying
            refused = refusal(connection, table.name, names)
        assert refused is None or any(words in refused for words in MAY_FAIL), refused
        assert (state(connection, table.name), parts(connection, table.name)) == before


@given(tables())
def test_text_stays_as_it_was_written(table: Drawn) -> None:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    with made(table) as connection:
        before = [tuple(row) for row in connection.exec_driver_sql(query)]
        with block(connection, table.name, recreate="always"):
            pass
        after = [tuple(row) for row in connection.exec_driver_sql(query)]
        assert [unqualified(row, table) for row in after] == [unqualified(row, table) for row in before]


def unqualified(row: tuple[Any, ...], table: Drawn) -> tuple[Any, ...]:
    """Return a row of sqlite_master without the table's own name before a column: in a CHECK it is left out."""
    return (*row[:3], str(row[3]).replace(f"{table.quoted}.", ""))
