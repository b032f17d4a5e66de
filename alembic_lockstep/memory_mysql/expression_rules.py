"""What MySQL refuses in the expressions of a table: functions, variables, subqueries, columns that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import functions
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.constraints import Check
    from alembic_lockstep.memory_mysql.expressions import Expression
    from alembic_lockstep.memory_mysql.table import Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands, with the errors about it.

    Attributes:
        what: the place in words.
        function: the error about a forbidden function.
        subquery: that about a subquery.
        variable: that about a variable.
        changing: whether functions are allowed whose results change.
    """

    what: str
    function: int
    subquery: int
    variable: int = 3772
    changing: bool = False


CHECK = Place("check constraint", 3814, 3815, 3816)
GENERATED = Place("generated column", 3763, 3102)
DEFAULT = Place("default of column", 3770, 3769, changing=True)
INDEX = Place("functional index", 3758, 3758)


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


def require_own_column(condition: Expression, name: str, column: str) -> None:
    """Check that the CHECK in a column's definition uses that column alone.

    Raises:
        OperationalError: it uses another one.
    """
    if condition.unknown or condition.columns - {column}:
        raise OperationalError(3813, f"Column check constraint '{name}' references other column.")


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


def check_functions(expression: Expression, place: Place, name: str) -> None:
    """Check what an expression calls and asks for, as the server does before it looks at the table.

    Raises:
        OperationalError: MySQL forbids it there.
    """
    what = f"The expression of the {place.what} '{name}'"
    words = [token.text.upper() if token.kind == "word" else "" for token in expression.tokens]
    called = list(_called(expression))
    if functions.AGGREGATES & set(called):
        raise OperationalError(1111, "Invalid use of group function")
    forbidden = functions.FORBIDDEN if place.changing else functions.FORBIDDEN | functions.CHANGING
    for each in called:
        if each in forbidden or (each == "sysdate" and place in {GENERATED, INDEX}):
            raise OperationalError(place.function, f"{what} contains a disallowed function: {each}.")
    if "SELECT" in words:
        raise OperationalError(place.subquery, f"{what} contains a disallowed function.")
    if any(token.text == "@" and token.kind == "other" for token in expression.tokens):
        raise OperationalError(place.variable, f"{what} cannot refer to a user or system variable.")


def _called(expression: Expression) -> Iterable[str]:
    """Yield the functions that an expression calls, under the server's names."""
    tokens = expression.tokens
    for number, token in enumerate(tokens):
        name = token.text.lower()
        opens = number + 1 < len(tokens) and tokens[number + 1].text == "("
        if token.kind == "word" and (opens or name in functions.WITHOUT_PARENTHESES):
            yield functions.NAMES.get(name, name)
