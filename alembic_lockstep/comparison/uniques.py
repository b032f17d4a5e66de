"""Unique constraints: those without a name, which Alembic never finds removed, and the order of their columns."""

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


def compare(there: Table, wanted: Table, name: str) -> Iterator[ops.DropConstraintOp | ops.AddConstraintOp]:
    """Yield the operations for unique constraints that Alembic does not find.

    Args:
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        name: of the table.
    """
    kept = {column_names(unique.columns) for unique in wanted.uniques}
    for unique in there.uniques:
        columns = column_names(unique.columns)
        if unique.name is None and columns not in kept and set(columns) not in map(set, kept):
            yield ops.DropConstraintOp.from_constraint(_constraint(name, default_names.unique(name, columns), columns))
    before, after = _named(there), _named(wanted)
    for each in sorted(before.keys() & after.keys()):
        if before[each] != after[each] and sorted(before[each]) == sorted(after[each]):
            yield ops.DropConstraintOp.from_constraint(_constraint(name, each, before[each]))
            yield ops.AddConstraintOp.from_constraint(_constraint(name, each, after[each]))


def _named(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the columns of the unique constraints that have names, some of which servers keep as indexes."""
    found = {unique.name: column_names(unique.columns) for unique in table.uniques if unique.name}
    plain = {name: index for name, index in table.indexes.items() if index.unique and not index.where}
    return {**found, **{name: column_names(index.columns) for name, index in plain.items()}}


def _constraint(table: str, name: str, columns: tuple[str, ...]) -> sa.UniqueConstraint:
    constraint = sa.UniqueConstraint(*columns, name=conv(name))
    sa.Table(table, sa.MetaData(), *(sa.Column(column) for column in columns)).append_constraint(constraint)
    return constraint
