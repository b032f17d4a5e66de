"""Columns renamed by SQLite itself, which also changes the views, triggers, indexes and keys that name them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects.sqlite import definition
from alembic_lockstep.dialects.sqlite.table_copy import TEMPORARY, Source, renaming
from alembic_lockstep.errors import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BROKEN = re.compile(r"error in ((?:view|trigger) .+?)(?: after rename)?: (.+)", re.DOTALL)
"""What SQLite says where a view or a trigger names what is not there."""


def rename_columns(connection: sa.Connection, table: str, operations: list[Any]) -> dict[str, str]:
    """Do the renames among the operations of a batch block, before anything else of it.

    Args:
        connection: the database.
        table: the table.
        operations: name, arguments and options of each, as Alembic records them.

    Returns:
        The present names of the columns by those before, in lower case.

    Raises:
        FailedError: a view or trigger of the database is broken.
        ValueError: there is no such column.
    """
    if not any(_new_name(*operation) for operation in operations):
        return {}
    present = definition.read(Source.read(connection, table).table)
    wanted: dict[str, str] = {}
    for operation in operations:
        if new := _new_name(*operation):
            old = operation[1][1].lower()
            if present.column(old) is None:  # perhaps the name that it got just before
                old = next((each for each, name in wanted.items() if name.lower() == old), "")
            if not old:
                raise ValueError(f"No such column: '{operation[1][1]}' in table {table}")
            wanted[old] = new
    dropped = {arguments[1].name.lower() for name, arguments, _options in operations if name == "drop_column"}
    steps, renamed = _steps(wanted, {column.name.lower() for column in present.columns}, dropped)
    quote = connection.dialect.identifier_preparer.quote
    with renaming(connection, everywhere=True):
        for old, new in steps:
            with _said_of_views(f"{table}.{old}"):
                statement = f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"
                connection.exec_driver_sql(statement)
    return renamed


@contextmanager
def _said_of_views(column: str) -> Iterator[None]:
    """Say which view or trigger it is that keeps SQLite from renaming a column: it reads them all."""
    try:
        yield
    except sa.exc.OperationalError as error:
        found = _BROKEN.match(str(error.orig))
        if found is None:
            raise
        broken, reason = found.groups()
        advice = f"{broken} does not work ({reason}). Repair it or drop it before."
        raise FailedError(f"column {column} cannot be renamed: {advice}") from error


def renames_only(name: str, _arguments: Any, options: Any) -> bool:
    """Return whether an operation renames a column, or changes its comment, and nothing else."""
    if name != "alter_column":
        return False
    return not (
        options.get("type_") is not None
        or options.get("nullable") is not None
        or options.get("server_default", False) is not False
    )


def _new_name(name: str, arguments: Any, options: Any) -> str:
    """Return the new name that an operation gives to a column; empty if it gives none."""
    new = options.get("name") if name == "alter_column" else None
    return str(new) if new is not None and new != arguments[1] else ""


def _steps(
    wanted: Mapping[str, str], taken: set[str], dropped: set[str]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the renames in an order in which no two columns ever have one name, and what each is called at the end.

    Where columns change names with each other, one has a passing name meanwhile; one that is to be dropped keeps it.
    """
    steps: list[tuple[str, str]] = []
    renamed, taken = dict(wanted), set(taken)

    def step(old: str, new: str) -> None:
        steps.append((old, new))
        taken.discard(old.lower())
        taken.add(new.lower())

    for new in wanted.values():
        if new.lower() in dropped & taken - set(wanted):
            renamed[new.lower()] = f"{TEMPORARY}{new}"
            step(new, renamed[new.lower()])
    pending = dict(wanted)
    while pending:
        free = (old for old, new in pending.items() if new.lower() == old.lower() or new.lower() not in taken)
        old = next(free, None)
        if old is None:
            old = next(iter(pending))
            if pending[old].lower() in map(str.lower, pending):
                pending[f"{TEMPORARY}{old}"] = pending.pop(old)
                step(old, f"{TEMPORARY}{old}")
                continue
        step(old, pending.pop(old))
    return steps, renamed
