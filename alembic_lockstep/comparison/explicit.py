"""Tables and types of models in which everything is said.

What is left to a naming convention, to a CHECK of a type or to a type that only the application knows would change
with those. In an explicit table each constraint has its name, a CHECK that belongs to a type is one of its own,
and a type of the application is the DDL that it stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.schema import default_names

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

UNNAMED = "unnamed"
"""In the `info` of a constraint: it has its default name, since the models leave it without one."""


def make_explicit(table: sa.Table, dialect: Dialect) -> None:
    """Make a table say everything.

    Args:
        table: a copy of one of the models', or a reflected one; changed in place.
        dialect: SQLAlchemy's.
    """
    _spell_out_checks(table, dialect)
    for column in table.columns:
        column.constraints.clear()
        column.type = explicit_type(column.type, dialect)
    unnamed_checks = 0
    for constraint in sorted_constraints(table):
        name = compat.constraint_name(constraint, dialect)
        if name is None:
            unnamed_checks += isinstance(constraint, sa.CheckConstraint)
            constraint.info[UNNAMED] = True
        constraint.name = conv(name or default_name(constraint, unnamed_checks))


def _spell_out_checks(table: sa.Table, dialect: Dialect) -> None:
    nothing: Any = None
    compiler = dialect.ddl_compiler(dialect, nothing)
    of_types = [each for each in sorted_constraints(table) if compat.is_type_bound(each)]
    of_columns = [each for column in table.columns for each in column.constraints]
    for check in (*of_types, *of_columns):
        table.constraints.discard(check)
        if compat.is_created(check, compiler):
            name = compat.constraint_name(check, dialect)
            own = sa.CheckConstraint(condition(check, dialect), name=name and conv(name))
            table.append_constraint(own)


def condition(check: sa.CheckConstraint, dialect: Dialect) -> str:
    """Return the condition of a CHECK as text for `sa.text`, with its values in it."""
    options = {"literal_binds": True, "include_table": False}
    with compat.single_percents(dialect.identifier_preparer):
        return compat.with_escaped_colons(str(check.sqltext.compile(dialect=dialect, compile_kwargs=options)))


def sorted_constraints(table: sa.Table) -> list[Any]:
    """Return the constraints of a table in the order in which they were made; SQLAlchemy keeps them in a set."""
    return sorted(table.constraints, key=compat.creation_order)


def default_name(constraint: Any, number: int = 1) -> str:
    """Return the name of a constraint that has none.

    Args:
        constraint: the constraint, in its table.
        number: counts the unnamed CHECKs of the table.
    """
    table = constraint.table.name
    match constraint:
        case sa.ForeignKeyConstraint():
            return default_names.foreign_key(table, constraint.column_keys)
        case sa.CheckConstraint():
            return default_names.check(table, number)
        case sa.PrimaryKeyConstraint():
            return default_names.primary_key(table)
        case _:
            return default_names.unique(table, [column.name for column in constraint.columns])


def explicit_type(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """Return a type without anything of the application's, and without a CHECK of its own.

    Args:
        type_: from models or from a database.
        dialect: SQLAlchemy's, for which the type is to be written.
    """
    if isinstance(type_, sa.TypeDecorator):
        return explicit_type(type_.load_dialect_impl(dialect), dialect)
    variants = compat.variants(type_)
    if not all(map(_is_known, (type_, *variants.values()))):
        here = variants.get(dialect.name, type_)
        if here is not type_:
            return explicit_type(here, dialect)
        return here if _is_known(here) else DDLType(here.compile(dialect))
    if getattr(type_, "create_constraint", False):
        kind: Any = type_
        type_ = kind.copy()
        type_.create_constraint = False  # type: ignore[attr-defined]
    return type_


def _is_known(type_: sa.types.TypeEngine[Any]) -> bool:
    return type(type_).__module__.startswith("sqlalchemy.") or isinstance(type_, DDLType)
