"""What MySQL refuses in an expression by where it stands: functions, variables, subqueries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import functions
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.memory_mysql.expressions import Expression


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


def require_own_column(condition: Expression, name: str, column: str) -> None:
    """Check that the CHECK in a column's definition uses that column alone.

    Raises:
        OperationalError: it uses another one.
    """
    if condition.unknown or condition.columns - {column}:
        raise OperationalError(3813, f"Column check constraint '{name}' references other column.")


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
