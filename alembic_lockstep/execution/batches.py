"""The data part of a revision: rows rewritten in batches, on tables of any size.

A function says what becomes of one row. No more rows than those of one batch are in memory, or locked on a server.
Where DDL commits anyway (MySQL) each batch is a transaction of its own; where a transaction holds DDL (SQLite) the
revision stays all or nothing.

A revision that was interrupted on MySQL is run again from its beginning. So `where` must not find rows that are done,
or the function must leave them unchanged; and DDL before the data asks `has_column` first.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from alembic_lockstep.dialects.base import StatementLimits

log = logging.getLogger("alembic.batches")

SIZE = 500
STATEMENT = 4 * 1024**2
"""Characters of values in one statement, where the server allows more."""
PAUSES = (0.5, 1, 2, 4)
"""Seconds before each further try of a batch that met a lock."""
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

    Where each batch is a transaction of its own, one that waits for a lock in vain or is the victim of a deadlock is
    tried again, five times in all.

    Args:
        table: the table.
        columns: what `change` wants to see; it gets the key, too.
        change: called with each row; returns new values by column, or None to leave the row alone. A batch that is
            tried again calls it again for the same rows.
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
    with _transactions() as (connection, run):
        batches = _Batches(connection, rows, key, wanted, change, size, _limits(connection))
        while True:
            keys, done = run(partial(batches.after, last), table)
            changed += int(done)
            if len(keys) < size:
                return changed
            last = keys[-1]
            if (seen + size) // TELL_EVERY > seen // TELL_EVERY:
                _tell(f"{table}: {seen + size} rows")
            seen += size


def _tell(text: str) -> None:
    op.get_context().opts.get("progress", log.info)(text)


def _limits(connection: sa.Connection) -> StatementLimits:
    limits = dialects.get(connection.dialect.name).rows.limits(connection)
    return replace(limits, characters=min(limits.characters, STATEMENT))


@dataclass(frozen=True, slots=True)
class _Batches:
    """The batches of a `rewrite`; its arguments have the same names there."""

    connection: sa.Connection
    rows: sa.TableClause
    key: str
    wanted: list[sa.ColumnElement[bool]]
    change: Callable[[Values], Mapping[str, Any] | None]
    size: int
    limits: StatementLimits

    def after(self, last: Any) -> tuple[Sequence[Any], int]:
        """Rewrite the batch after a key; return its keys, and how many rows were changed."""
        keys = self._next_keys(last)
        new: dict[Any, Mapping[str, Any]] = {}
        for some in _chunks(keys, self.limits):
            new |= self._new_values(some)
        _write(self.connection, self.rows.name, self.key, new, self.limits)
        return keys, len(new)

    def _next_keys(self, last: Any) -> Sequence[Any]:
        """Return the keys of the next batch.

        Without locks: a statement that locks does so for all rows that it reads, also those that it then skips.
        """
        key = self.rows.c[self.key]
        after = [] if last is None else [key > last]
        keys = self.connection.scalars(sa.select(key).where(*self.wanted, *after).order_by(key).limit(self.size)).all()
        if not all(isinstance(each, FOUND_AGAIN) for each in keys):
            raise CommandError(f"{self.rows.name}.{self.key} is of a type whose values cannot be found again")
        return keys

    def _new_values(self, keys: list[Any]) -> dict[Any, Mapping[str, Any]]:
        """Lock rows and return the new values of those that change, by key."""
        batch = sa.select(self.rows).where(self.rows.c[self.key].in_(keys), *self.wanted).with_for_update()
        found = self.connection.execute(batch).mappings().all()
        new = {row[self.key]: values for row in found if (values := self.change(dict(row)))}
        if any(self.key in values for values in new.values()):
            raise CommandError(f"{self.rows.name}.{self.key} is the key of the batches and cannot be changed")
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


def _write(
    connection: sa.Connection,
    table: str,
    key: str,
    new: Mapping[Any, Mapping[str, Any]],
    limits: StatementLimits,
) -> None:
    """Write a batch: a statement for all rows that get values of the same types in the same columns.

    One for each row takes many times as long on a server. Types are not mixed: all values of a CASE get one type.
    """
    dialect = dialects.get(connection.dialect.name)
    for some in _alike(new, limits):
        names = sorted(next(iter(some.values())))
        whens = f" WHEN {dialect.rows.mark} THEN {dialect.rows.mark}" * len(some)
        cases = [f"{quoted(connection, name)} = CASE {quoted(connection, key)}{whens} END" for name in names]
        where = f"{quoted(connection, key)} IN ({', '.join([dialect.rows.mark] * len(some))})"
        statement = f"UPDATE {quoted(connection, table)} SET {', '.join(cases)} WHERE {where}"  # noqa: S608 - quoted
        parameters = [part for name in names for row, values in some.items() for part in (row, values[name])]
        connection.exec_driver_sql(statement, (*parameters, *some))


def _alike(new: Mapping[Any, Mapping[str, Any]], limits: StatementLimits) -> Iterator[dict[Any, Mapping[str, Any]]]:
    """Yield the rows of each statement."""
    kinds: dict[tuple[tuple[str, type], ...], dict[Any, Mapping[str, Any]]] = {}
    for row, values in new.items():
        kind = tuple(sorted(((name, type(value)) for name, value in values.items()), key=lambda pair: pair[0]))
        kinds.setdefault(kind, {})[row] = values
    for kind, rows in kinds.items():
        values_of_row = 2 * len(kind) + 1
        for some in _chunks(list(rows), replace(limits, values=limits.values // values_of_row), rows):
            yield {row: rows[row] for row in some}


def _chunks(
    keys: Sequence[Any], limits: StatementLimits, rows: Mapping[Any, Mapping[str, Any]] | None = None
) -> Iterator[list[Any]]:
    """Yield keys in such numbers that a statement can hold them, and the values of their rows if there are any."""
    some: list[Any] = []
    length = 0
    for key in keys:
        values = [] if rows is None else list(rows[key].values())
        texts = [value for value in (*values, *[key] * (2 * len(values) or 1)) if isinstance(value, (str, bytes))]
        longer = sum(len(text) for text in texts)
        if some and (len(some) >= limits.values or length + longer > limits.characters):
            yield some
            some, length = [], 0
        some.append(key)
        length += longer
    if some:
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
def _transactions() -> Iterator[tuple[sa.Connection, Callable[[Callable[[], Any], str], Any]]]:
    """Provide the connection, and what runs a batch: in a transaction of its own where DDL commits anyway."""
    connection, context = _connection(), op.get_context()
    if context.impl.transactional_ddl:
        yield connection, lambda batch, _table: batch()
        return
    failure: BaseException | None = None
    try:
        with context.autocommit_block():
            try:
                yield connection, lambda batch, table: _tried(connection, batch, table)
            except BaseException as error:
                failure = error
                raise
    except sa.exc.PendingRollbackError:  # the connection is lost, and Alembic has used it once more
        raise failure or sa.exc.PendingRollbackError from None


def _tried(connection: sa.Connection, batch: Callable[[], Any], table: str) -> Any:
    """Run a batch in a transaction, and again if it met a lock, a few times."""
    rows = dialects.get(connection.dialect.name).rows
    for pause in (*PAUSES, None):
        try:
            with _transaction(connection):
                return batch()
        except sa.exc.DBAPIError as error:
            if pause is None or error.connection_invalidated or not rows.may_pass(error):
                raise
            _tell(f"{table}: a batch met a lock, next try in {pause} s")
            time.sleep(pause)
    return None


@contextmanager
def _transaction(connection: sa.Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN")
    try:
        yield
    except BaseException:
        with suppress(sa.exc.SQLAlchemyError):  # the connection may be what has failed
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
