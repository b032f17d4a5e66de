"""Primary keys of models and of a table, which Alembic does not compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.comparison.operations import ReplacePrimaryKeyOp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.schema.table import Table


def compare(
    name: str, there: Table, wanted: Table, statement: Callable[[tuple[str, ...], tuple[str, ...]], str]
) -> Iterator[ReplacePrimaryKeyOp]:
    """Yield the operation that brings the primary key of a table to what models want.

    Args:
        name: of the table.
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        statement: see `ReplacePrimaryKeyOp`.
    """
    old, new = (table.primary_key.columns if table.primary_key else () for table in (there, wanted))
    if _names(there) != _names(wanted):
        yield ReplacePrimaryKeyOp(name, old, new, statement)


def _names(table: Table) -> list[str]:
    """Return the columns of a table's primary key by name, which is the same in capitals and without."""
    return [name.lower() for name in table.key_columns()]
