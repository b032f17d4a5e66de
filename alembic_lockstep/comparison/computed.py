"""Generated columns of models and of a table: Alembic warns of a change, but does not write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep import compat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.schema.table import Column, Table


def compare(there: Table, wanted: Table, model: sa.Table, existing: sa.Table, found: list[Any]) -> Iterator[Any]:
    """Yield the operations that drop and add the generated columns that are to be generated in another way.

    Args:
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        model: the explicit table of the models.
        existing: the reflected table.
        found: the operations for this table; those that alter a column that is replaced are taken out.
    """
    for column in model.columns:
        old, new = there.columns.get(column.name), wanted.columns.get(column.name)
        if old is None or new is None or (old.computed is None and new.computed is None):
            continue
        altered = [op for op in found if isinstance(op, ops.AlterColumnOp) and op.column_name == column.name]
        retyped = any(op.modify_type is not None or op.modify_nullable is not None for op in altered)
        if retyped or (old.computed, old.stored) != (new.computed, new.stored):
            found[:] = [op for op in found if not any(op is each for each in altered)]
            add_again = ops.AddColumnOp(model.name, as_described(existing.c[column.name], old))
            yield add_again.reverse()
            yield ops.AddColumnOp(model.name, compat.copy_column(column))


def as_described(reflected: sa.Column[Any], column: Column) -> sa.Column[Any]:
    """Return a copy of a reflected column, with the expression that its table's definition has.

    Args:
        reflected: by SQLAlchemy, which takes a colon in an expression for the beginning of a parameter.
        column: the same one in that definition.
    """
    if column.computed is None:
        return compat.copy_column(reflected)
    expression = compat.with_escaped_colons(column.expression)
    return sa.Column(
        reflected.name,
        reflected.type,
        sa.Computed(expression, persisted=column.stored),
        nullable=reflected.nullable,
        comment=reflected.comment,
    )
