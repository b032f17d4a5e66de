"""For the data part of a revision: rows rewritten in batches, on tables of any size.

A function says what becomes of one row; the rest is the same for all. At no time more rows than those of a batch are in
memory. On a server whose DDL commits anyway (MySQL) each batch is a transaction of its own, so that none grows with the
table and nobody waits long for a row; where a transaction holds DDL, too (SQLite), the revision stays all or nothing.

A revision that was broken off on MySQL is run again from its beginning. So `where` must not find the rows that are
done, or the function must leave them alone; and DDL before the data asks `has_column` first.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from upgrade import dialects
from upgrade.dialects.base import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from alembic.runtime.migration import MigrationContext

log = logging.getLogger("alembic.batches")

SIZE = 500
TELL_EVERY = 100_000
"""Rows between two lines of progress."""


def rewrite(
    table: str,
    columns: Sequence[str],
    change: Callable[[Mapping[str, Any]], Mapping[str, Any] | None],
    *,
    where: str = "",
    key: str = "id",
    size: int = SIZE,
) -> int:
    """Rewrite rows of a table, in the order of its key.

    Values pass as the driver has them: JSON is text, a boolean a number.

    Args:
        table: the table.
        columns: what `change` wants to see; it gets the key, too.
        change: called with each row; returns new values by column, or None to leave the row alone.
        where: SQL for the rows that are to be looked at; empty for all.
        key: a column without NULL, in which every row has another value.
        size: rows of a batch.

    Returns:
        How many rows were changed.

    Raises:
        CommandError: there is no database, as with `alembic upgrade --sql`.
    """
    names = [key, *(name for name in columns if name != key)]
    rows = sa.table(table, *(sa.column(name) for name in names))
    wanted = sa.select(rows).order_by(rows.c[key]).limit(size).with_for_update()
    if where:
        wanted = wanted.where(sa.text(f"({where})"))
    seen = changed = 0
    last: Any = None
    with _by_itself(op.get_context()) as (connection, transaction):
        while True:
            with transaction():
                batch = (
                    connection.execute(wanted if last is None else wanted.where(rows.c[key] > last)).mappings().all()
                )
                new = {row[key]: values for row in batch if (values := change(dict(row))) is not None}
                if new:
                    _update(connection, table, key, new)
            changed += len(new)
            if len(batch) < size:
                return changed
            last = batch[-1][key]
            if (seen + size) // TELL_EVERY > seen // TELL_EVERY:
                op.get_context().opts.get("progress", log.info)(f"{table}: {seen + size} rows")
            seen += size


def has_column(table: str, column: str) -> bool:
    """Return whether a table has a column: on MySQL it can be there already, if the revision was broken off."""
    return any(each["name"] == column for each in sa.inspect(op.get_bind()).get_columns(table))


def has_index(table: str, index: str) -> bool:
    """Return whether a table has an index, by its name."""
    return any(each["name"] == index for each in sa.inspect(op.get_bind()).get_indexes(table))


def _update(connection: sa.Connection, table: str, key: str, new: Mapping[Any, Mapping[str, Any]]) -> None:
    """Write a batch, by one statement for all rows that get values in the same columns.

    A statement for each row takes ten times as long on a server, and one that SQLAlchemy compiles three times.
    """
    dialect = dialects.get(connection.dialect.name)
    alike: dict[tuple[str, ...], dict[Any, Mapping[str, Any]]] = {}
    for row, values in new.items():
        alike.setdefault(tuple(sorted(values)), {})[row] = values
    for names, some in alike.items():
        whens = f" WHEN {dialect.mark} THEN {dialect.mark}" * len(some)
        cases = [f"{quoted(connection, name)} = CASE {quoted(connection, key)}{whens} END" for name in names]
        where = f"{quoted(connection, key)} IN ({', '.join([dialect.mark] * len(some))})"
        statement = f"UPDATE {quoted(connection, table)} SET {', '.join(cases)} WHERE {where}"  # noqa: S608 - quoted
        parameters = [part for name in names for row, values in some.items() for part in (row, values[name])]
        connection.exec_driver_sql(statement, (*parameters, *some))


@contextmanager
def _by_itself(context: MigrationContext) -> Iterator[tuple[sa.Connection, Callable[[], Any]]]:
    """Give the connection, and what makes a transaction of a batch."""
    if context.as_sql or context.connection is None:
        raise CommandError("rows are rewritten in batches, which is no SQL to print: run it on a database")
    if context.impl.transactional_ddl:
        yield context.connection, nullcontext
        return
    with context.autocommit_block():
        connection = context.connection

        @contextmanager
        def transaction() -> Iterator[None]:
            connection.exec_driver_sql("BEGIN")
            try:
                yield
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

        yield connection, transaction
