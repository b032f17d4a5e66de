"""Private names of Alembic and SQLAlchemy, each with the public behaviour that it stands in for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa


def restoring_operation(op: Any) -> Any | None:
    """Return the operation itself by which `op.reverse()` restores what a drop removes, None if it is not known.

    `reverse()` is public but returns a copy; changes of the original decide what a downgrade restores.
    """
    return op._reverse


def type_affinity(type_: sa.types.TypeEngine[Any]) -> type[sa.types.TypeEngine[Any]]:
    """Return the generic type that a type belongs to, as `isinstance` with each of the generic types would find."""
    return type_._type_affinity


def copy_column(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a copy of a column without its table, as `Table.to_metadata` makes of each column."""
    return column._copy()
