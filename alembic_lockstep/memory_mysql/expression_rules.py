"""What MySQL refuses in the expressions of a table: columns that do not exist, or that they cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.memory_mysql.expression_places import INDEX, check_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.constraints import Check
    from alembic_lockstep.memory_mysql.expressions import Expression
    from alembic_lockstep.memory_mysql.table import Table


def check(table: Table, *, created: bool) -> None:
    """Check the expressions of a table after a statement.

    Args:
        table: as it will be.
        created: the statement creates it.

    Raises:
        OperationalError: MySQL would refuse one.
    """
    for column in table.columns:
        if column.generated is not None:
            _require_known(column.generated, "generated column function")
        if column.default is not None:
            _require_known(column.default, "default value expression")
    _check_order(table)
    for key in table.keys:
        for part in key.parts:
            if part.expression is not None:
                check_functions(part.expression, INDEX, key.name)
                _require_known(part.expression, "functional index")
                _forbid_numbered(table, part.expression, 3754, f"Functional index '{key.name}'")
    for constraint in table.checks:
        _check_condition(table, constraint, created=created)


def _check_condition(table: Table, constraint: Check, *, created: bool) -> None:
    condition, name = constraint.condition, f"Check constraint '{constraint.name}'"
    if condition.unknown:
        if created:
            raise OperationalError(3820, f"{name} refers to non-existing column '{condition.unknown}'.")
        _require_known(condition, f"check constraint {constraint.name} expression")
    if condition.is_condition is False:
        text = "An expression of non-boolean type specified to a check constraint"
        raise OperationalError(3812, f"{text} '{constraint.name}'.")
    _forbid_numbered(table, condition, 3818, name)


def _require_known(expression: Expression, where: str) -> None:
    if expression.unknown:
        raise OperationalError(1054, f"Unknown column '{expression.unknown}' in '{where}'")


def _forbid_numbered(table: Table, expression: Expression, number: int, what: str) -> None:
    if any(column.auto_increment for column in _used(table, expression)):
        raise OperationalError(number, f"{what} cannot refer to an auto-increment column.")


def _used(table: Table, expression: Expression) -> Iterator[Column]:
    return (column for column in table.columns if column.name in expression.columns)


def _check_order(table: Table) -> None:
    """Check that expressions refer only to such computed columns and defaults as stand before them."""
    for number, column in enumerate(table.columns):
        behind = table.columns[number:]
        if column.generated is not None:
            _forbid_numbered(table, column.generated, 3109, f"Generated column '{column.name}'")
            if any(_is_computed(each) for each in behind if each.name in column.generated.columns):
                text = "Generated column can refer only to generated columns defined prior to it."
                raise OperationalError(3107, text)
        if column.default is not None:
            what = f"Default value expression of column '{column.name}'"
            _forbid_numbered(table, column.default, 3768, what)
            if any(_is_computed(each) for each in behind if each.name in column.default.columns):
                text = "cannot refer to a column defined after it if that is computed"
                raise OperationalError(3767, f"{what} {text}.")


def _is_computed(column: Column) -> bool:
    is_expression = column.default is not None and column.default.text.startswith("(")
    return column.generated is not None or is_expression
