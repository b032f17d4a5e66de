"""The data part of a revision: rows rewritten in batches, on tables of any size.

A function says what becomes of one row. No more rows than those of one batch are in memory, or locked on a server.
Where DDL commits anyway (MySQL) each batch is a transaction of its own; where a transaction holds DDL (SQLite) the
revision stays all or nothing.

A revision that was interrupted on MySQL is run again from its beginning. So `where` must not find rows that are done,
or the function must leave them unchanged; and DDL before the data asks `has_column` first.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

log = logging.getLogger("alembic.batches")

SIZE = 500
STATEMENT = 4 * 1024**2
"""Characters of values in one statement; servers refuse one that is much longer (max_allowed_packet)."""
FOUND_AGAIN = (int, str, bytes, Decimal, date)
TELL_EVERY = 100_000
"""Rows between two lines of progress."""

Values = dict[str, Any]


def rewrite(
    table: str,
    columns: Sequence[str],
    change: Callable[[Values], Mapping[str, Any] | None],
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
        key: a unique column without NULL, a number or a text. It cannot be changed.
        size: rows of a batch.

    Returns:
        How many rows were changed.

    Raises:
        CommandError: there is no database, as with `alembic upgrade --sql`; `change` returns the key; or the key is of
            a type whose values cannot be found again, such as a FLOAT.
    """
    rows = sa.table(table, sa.column(key), *(sa.column(name) for name in columns if name != key))
    wanted: list[sa.ColumnElement[bool]] = [sa.literal_column(f"({where})")] if where else []
    seen = changed = 0
    last: Any = None
    with _transactions() as (connection, transaction):
        while True:
            with transaction():
                keys = _next_keys(connection, rows.c[key], wanted, last, size)
                new = (
                    _new_values(connection, rows, key, sa.and_(rows.c[key].in_(keys), *wanted), change) if keys else {}
                )
                _write(connection, table, key, new)
            changed += len(new)
            if len(keys) < size:
                return changed
            last = keys[-1]
            if (seen + size) // TELL_EVERY > seen // TELL_EVERY:
                op.get_context().opts.get("progress", log.info)(f"{table}: {seen + size} rows")
            seen += size


def _next_keys(
    connection: sa.Connection, key: sa.ColumnClause[Any], wanted: list[sa.ColumnElement[bool]], last: Any, size: int
) -> Sequence[Any]:
    """Return the keys of the next batch.

    Without locks: a statement that locks does so for all rows that it reads, also those that it then skips.
    """
    after = [] if last is None else [key > last]
    keys = connection.scalars(sa.select(key).where(*wanted, *after).order_by(key).limit(size)).all()
    if not all(isinstance(each, FOUND_AGAIN) for each in keys):
        raise CommandError(f"{key.table}.{key.name} is of a type whose values cannot be found again")
    return keys


def _new_values(
    connection: sa.Connection,
    rows: sa.TableClause,
    key: str,
    batch: sa.ColumnElement[bool],
    change: Callable[[Values], Mapping[str, Any] | None],
) -> dict[Any, Mapping[str, Any]]:
    """Lock the rows of a batch and return the new values of those that change, by key."""
    found = connection.execute(sa.select(rows).where(batch).with_for_update()).mappings().all()
    new = {row[key]: values for row in found if (values := change(dict(row)))}
    if any(key in values for values in new.values()):
        raise CommandError(f"{rows.name}.{key} is the key of the batches and cannot be changed")
    return new


def has_column(table: str, column: str) -> bool:
    """Return whether a table has a column: on MySQL it can exist already, if the revision was interrupted.

    Raises:
        CommandError: there is no database.
    """
    return any(each["name"] == column for each in sa.inspect(_connection()).get_columns(table))


def has_index(table: str, index: str) -> bool:
    """Return whether a table has an index, by its name.

    Raises:
        CommandError: there is no database.
    """
    return any(each["name"] == index for each in sa.inspect(_connection()).get_indexes(table))


def _write(connection: sa.Connection, table: str, key: str, new: Mapping[Any, Mapping[str, Any]]) -> None:
    """Write a batch: a statement for all rows that get values of the same types in the same columns.

    One for each row takes many times as long on a server. Types are not mixed: all values of a CASE get one type.
    """
    dialect = dialects.get(connection.dialect.name)
    for some in _alike(new):
        names = sorted(next(iter(some.values())))
        whens = f" WHEN {dialect.rows.mark} THEN {dialect.rows.mark}" * len(some)
        cases = [f"{quoted(connection, name)} = CASE {quoted(connection, key)}{whens} END" for name in names]
        where = f"{quoted(connection, key)} IN ({', '.join([dialect.rows.mark] * len(some))})"
        statement = f"UPDATE {quoted(connection, table)} SET {', '.join(cases)} WHERE {where}"  # noqa: S608 - quoted
        parameters = [part for name in names for row, values in some.items() for part in (row, values[name])]
        connection.exec_driver_sql(statement, (*parameters, *some))


def _alike(new: Mapping[Any, Mapping[str, Any]]) -> Iterator[dict[Any, Mapping[str, Any]]]:
    """Yield the rows of each statement."""
    kinds: dict[tuple[tuple[str, type], ...], dict[Any, Mapping[str, Any]]] = {}
    for row, values in new.items():
        kind = tuple(sorted(((name, type(value)) for name, value in values.items()), key=lambda pair: pair[0]))
        kinds.setdefault(kind, {})[row] = values
    for rows in kinds.values():
        some: dict[Any, Mapping[str, Any]] = {}
        length = 0
        for row, values in rows.items():
            longer = sum(len(value) for value in values.values() if isinstance(value, (str, bytes)))
            if some and length + longer > STATEMENT:
                yield some
                some, length = {}, 0
            some[row] = values
            length += longer
        yield some


def _connection() -> sa.Connection:
    """Return the connection of the revision that is running."""
    context = op.get_context()
    if context.as_sql or context.connection is None:
        raise CommandError(
            "what asks the database (rewrite, has_column, has_index) cannot be printed as SQL: run it on a database"
        )
    return context.connection


@contextmanager
def _transactions() -> Iterator[tuple[sa.Connection, Callable[[], Any]]]:
    """Provide the connection, and the context manager that makes a transaction of a batch."""
    connection, context = _connection(), op.get_context()
    if context.impl.transactional_ddl:
        yield connection, nullcontext
        return

    @contextmanager
    def transaction() -> Iterator[None]:
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(sa.exc.DBAPIError):  # the connection may be what has failed
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    with context.autocommit_block():
        yield connection, transaction
