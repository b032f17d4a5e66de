"""What MySQL does not take as a column's type: sizes out of range, attributes that the type has not, members twice."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.schema.types import FAMILIES, INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic_lockstep.schema.sql import Token

_FIXED = FAMILIES["date"].keys() | {"json", "tinytext", "mediumtext", "longtext", "tinyblob", "mediumblob", "longblob"}
_OPTIONAL = [*INTEGER_BITS, "bit", "char", "binary", "year", "vector", "text", "blob", "datetime", "time", "timestamp"]
_ARGUMENTS = {
    **dict.fromkeys(_FIXED, (0,)),
    **dict.fromkeys(_OPTIONAL, (0, 1)),
    **dict.fromkeys(["varchar", "varbinary"], (1,)),
    **dict.fromkeys(["decimal", "float"], (0, 1, 2)),
    "double": (0, 2),
}
"""How many numbers a type takes in its parentheses."""
NUMBERS = INTEGER_BITS.keys() | {"decimal", "float", "double"}
_DIGITS, _PLACES, _SECONDS, _BITS, _WIDTH = 65, 30, 6, 64, 255
_FLOAT_BITS, _DIMENSIONS = 53, 16_383
LONGEST = {"char": 255, "binary": 255, "varchar": 65_535, "varbinary": 65_535}
"""The highest length of a string, in bytes for the types of variable length."""


def check_form(name: str, arguments: Sequence[Token], attributes: Sequence[str]) -> None:
    """Check how many arguments a type has, and whether it is a number if it is UNSIGNED or ZEROFILL.

    Raises:
        ProgrammingError: it is no SQL.
    """
    numbers = [token for token in arguments if token.text != ","]
    wrong = [token for token in numbers if not token.text.isdigit()]
    if name in _ARGUMENTS and (wrong or len(numbers) not in _ARGUMENTS[name]):
        raise syntax_error(next(iter([*wrong, *numbers[-1:], *arguments]), _end(name)))
    if attributes and name not in NUMBERS:
        raise syntax_error(_end(attributes[0]))


def _end(text: str) -> Token:
    from alembic_lockstep.schema.sql import Token

    return Token("word", text)


def check_numbers(name: str, numbers: Sequence[int], column: str) -> None:
    """Check the numbers in a type's parentheses.

    Raises:
        OperationalError: one is out of range.
    """
    first, second = [*numbers, 0, 0][:2]
    if name == "decimal" or (name in {"float", "double"} and len(numbers) == len("MD")):
        _check_digits(name, first, second, column)
    elif name in {"time", "datetime", "timestamp"} and first > _SECONDS:
        raise OperationalError(1426, f"Too-big precision {first} specified for '{column}'. Maximum is {_SECONDS}.")
    elif name == "float" and first > _FLOAT_BITS:
        raise OperationalError(1063, f"Incorrect column specifier for column '{column}'")
    elif name == "year" and first not in {0, 4}:
        raise OperationalError(1818, "Invalid display width. Use YEAR instead.")
    elif name == "vector" and first > _DIMENSIONS:
        raise OperationalError(6137, f"Data size exceeds VECTOR max ({_DIMENSIONS} dimensions) for column '{column}'")
    elif name == "bit" and numbers and first == 0:
        raise OperationalError(3013, f"Invalid size for column '{column}'.")
    elif name in {"char", "binary"}:
        check_length(name, first, 1, column)
    _check_width(name, first, column)


def _check_digits(name: str, digits: int, places: int, column: str) -> None:
    if name == "decimal" and digits > _DIGITS:
        raise OperationalError(1426, f"Too-big precision {digits} specified for '{column}'. Maximum is {_DIGITS}.")
    if places > _PLACES:
        raise OperationalError(1425, f"Too big scale {places} specified for column '{column}'. Maximum is {_PLACES}.")
    if places > (digits or 10 * (name == "decimal")):
        raise OperationalError(1427, f"The digits of column '{column}' are fewer than those behind its point.")


def _check_width(name: str, number: int, column: str) -> None:
    most = {"bit": _BITS, **dict.fromkeys([*INTEGER_BITS, "float", "double"], _WIDTH)}
    most |= dict.fromkeys(["text", "blob"], TEXT_BYTES["longtext"])
    if number > most.get(name, number):
        raise OperationalError(1439, f"Display width out of range for column '{column}' (max = {most[name]})")


def check_length(name: str, length: int, bytes_per_character: int, column: str) -> None:
    """Check the length of a string.

    Raises:
        OperationalError: it is too long.
    """
    most = LONGEST[name] // (bytes_per_character if name == "varchar" else 1)
    if length > most:
        text = f"Column length too big for column '{column}' (max = {most}); use BLOB or TEXT instead"
        raise OperationalError(1074, text)


def check_members(kind: str, members: Sequence[str], collation: str, column: str) -> None:
    """Check the members of an ENUM or a SET.

    Raises:
        OperationalError: two are equal, or one of a SET has a comma.
    """
    seen: set[str] = set()
    for member in members:
        if kind == "set" and "," in member:
            raise OperationalError(1367, f"Illegal set '{member}' value found during parsing")
        same = _folded(member, collation)
        if same in seen:
            raise OperationalError(1291, f"Column '{column}' has duplicated value '{member}' in {kind.upper()}")
        seen.add(same)


def _folded(text: str, collation: str) -> str:
    """Return a text so that those which are equal under a collation are."""
    if collation.endswith(("_bin", "_cs")):
        return text
    folded = text.casefold()
    if "_ai_" not in collation:
        return folded
    return "".join(each for each in unicodedata.normalize("NFD", folded) if not unicodedata.combining(each))
