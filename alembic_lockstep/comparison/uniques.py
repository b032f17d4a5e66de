"""Unique constraints of a table without a name, which Alembic never finds removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep.schema import default_names
from alembic_lockstep.schema.table import column_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.schema.table import Table


def compare(there: Table, wanted: Table, name: str) -> Iterator[ops.DropConstraintOp]:
    """Yield the operations that drop what models do not want, by the names that stand for having none.

    Args:
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        name: of the table.
    """
    kept = {column_names(unique.columns) for unique in wanted.uniques}
    for unique in there.uniques:
        columns = column_names(unique.columns)
        if unique.name is None and columns not in kept:
            table = sa.Table(name, sa.MetaData(), *(sa.Column(column) for column in columns))
            constraint = sa.UniqueConstraint(*columns, name=conv(default_names.unique(name, columns)))
            table.append_constraint(constraint)
            yield ops.DropConstraintOp.from_constraint(constraint)
