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
    if there.key_columns() != wanted.key_columns():
        yield ReplacePrimaryKeyOp(name, old, new, statement)
