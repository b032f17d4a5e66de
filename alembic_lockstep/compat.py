"""Private names of Alembic and SQLAlchemy, each with the public behaviour that it stands in for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import render

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.autogenerate.api import AutogenContext
    from alembic.script import ScriptDirectory


def restoring_operation(op: Any) -> Any | None:
    """Return the operation itself by which `op.reverse()` restores what a drop removes, None if it is not known.

    `reverse()` is public but returns a copy; changes of the original decide what a downgrade restores.
    """
    return op._reverse


def type_affinity(type_: sa.types.TypeEngine[Any]) -> type[sa.types.TypeEngine[Any]] | None:
    """Return the generic type that a type belongs to, as `isinstance` with each of the generic types would find."""
    return type_._type_affinity


def copy_column(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a copy of a column without its table, as `Table.to_metadata` makes of each column."""
    return column._copy()


def restore_by(op: Any, restoring: Any) -> None:
    """Make `op.reverse()` of a drop restore what another operation creates, which a constructor cannot be told."""
    op._reverse = restoring


def render_type(type_: sa.types.TypeEngine[Any], context: AutogenContext) -> str:
    """Return a type as Alembic writes it into a script, as `render_python_code` does for the type of a column."""
    return render._repr_type(type_, context)


def set_version_locations(script: ScriptDirectory, locations: list[str]) -> None:
    """Give a script directory other folders, as if it had been made with these `version_locations`.

    It keeps the folders that it was loaded with in an attribute that is computed once.
    """
    script.version_locations = locations
    script.__dict__.pop("_version_locations", None)
