"""Options of tables that models name, which Alembic does not compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.comparison.operations import TableOptionOp

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from alembic_lockstep.dialects.base import Comparison
    from alembic_lockstep.schema.table import Table


def compare(there: Table, wanted: Table, model: sa.Table, comparison: Comparison) -> Iterator[TableOptionOp]:
    """Yield the operations that bring the options of a table to what models name.

    Args:
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        model: the table of the models.
        comparison: knows which options can be changed, and how.
    """
    for name in comparison.named_options(model):
        old, new = (str(table.options.get(name, "")).lower() for table in (there, wanted))
        if old != new:
            values = old or "default", new or "default"
            statements = [comparison.option_statement(model.name, name, value) for value in (new, old)]
            yield TableOptionOp(model.name, name.replace("_", " "), *values, (statements[0], statements[1]))
