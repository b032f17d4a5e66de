"""Column defaults as the server writes them: literals in the form in which the column's type stores them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql.column_types import ENUMERATIONS, EXPRESSION_DEFAULTS, STRINGS, name_of
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.memory_mysql.expressions import Expression, decoded, encoded, expression
from alembic_lockstep.schema.sql import Token
from alembic_lockstep.schema.types import INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_NOW = {"NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}
_LONGEST_NUMBER = 12
"""The most characters of a floating-point default whose form is the same on every server."""
_STORED_MOMENTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M:%S", "timestamp": "%Y-%m-%d %H:%M:%S",
                   "time": "%H:%M:%S"}  # fmt: skip
_ACCEPTED_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
                     "%H:%M:%S.%f", "%H:%M:%S", "%H:%M")  # fmt: skip


def current_timestamp(tokens: list[Token]) -> str | None:
    """Return CURRENT_TIMESTAMP with its precision if the tokens are one of its synonyms, None otherwise."""
    if not tokens or tokens[0].text.upper() not in _NOW or tokens[0].kind != "word":
        return None
    digits = [token.text for token in tokens[1:] if token.text.isdigit()]
    return f"CURRENT_TIMESTAMP({digits[0]})" if digits and digits[0] != "0" else "CURRENT_TIMESTAMP"


def default(tokens: list[Token], column: str, type_: str, columns: Collection[str]) -> Expression | None:
    """Return a default in the server's words, None if the column then has none.

    Args:
        tokens: what follows DEFAULT.
        column: the column's name, for messages.
        type_: the column's type in the server's words.
        columns: the names that an expression may use.

    Raises:
        OperationalError: the type does not take a literal default.
        NeedsServerError: the form of the default is unknown.
    """
    if tokens[0] == Token("other", "("):
        made = expression(tokens[1:-1], columns)
        return Expression(f"({made.text})", made.columns)
    if len(tokens) == 2 and tokens[0].text.lower() in {"_utf8mb4", "_utf8mb3"}:
        tokens = tokens[1:]
    name = name_of(type_)
    if len(tokens) == 1 and tokens[0].text.upper() == "NULL":
        return Expression("NULL") if name not in TEXT_BYTES else None
    if (moment := current_timestamp(tokens)) is not None:
        return Expression(moment)
    if name in EXPRESSION_DEFAULTS:
        raise OperationalError(
            1101, f"BLOB, TEXT, GEOMETRY or JSON column '{column}' can't have a default value: an expression in "
            "parentheses can be one")  # fmt: skip
    return Expression(_literal(tokens, column, type_))


def _literal(tokens: list[Token], column: str, type_: str) -> str:
    name, quoted = name_of(type_), tokens[0].kind == "string"
    text = "".join(token.text for token in tokens)
    text = {"true": "1", "false": "0"}.get(text.lower(), text)
    bits = re.fullmatch(r"(?i)b'([01]+)'", text)
    if name == "bit":
        if bits is None and not quoted and not _is_number(text):
            raise _unsupported(column, text)
        digits = bits[1] if bits else f"{int(decoded(text) if quoted else text):b}"
        return f"b'{digits.lstrip('0') or '0'}'"
    if not quoted and not (text.isdigit() if name in STRINGS else _is_number(text)):
        raise _unsupported(column, text)
    value = _stored(decoded(text) if quoted else text, column, type_)
    outside_bmp = any(ord(character) > 0xFFFF for character in value)
    return f"0x{value.encode().hex().upper()}" if outside_bmp else encoded(value)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?(e\d+)?", text) is not None


def _unsupported(column: str, text: str) -> NeedsServerError:
    return NeedsServerError(
        f"gives the column {column} the default {text}, which the in-memory MySQL server does not support"
    )


def _stored(value: str, column: str, type_: str) -> str:
    """Return a literal as it reads after it was stored in a value of the column's type."""
    name = name_of(type_)
    numbers = [int(number) for number in re.findall(r"\d+", type_)]
    members = re.findall(r"'((?:[^']|'')*)'", type_) if name in ENUMERATIONS else []
    stored: str | None = value
    if "zerofill" in type_ or (members and encoded(value)[1:-1] not in [*members, ""]):
        stored = None
    elif name in _FORMS:
        with suppress(InvalidOperation, ValueError):
            stored = _FORMS[name](value, numbers)
    elif name in _STORED_MOMENTS:
        stored = _moment(value, _STORED_MOMENTS[name], numbers[0] if numbers else 0)
    if stored is None:
        raise NeedsServerError(f"gives the column {column} the default {value}, whose form only a server knows")
    return stored


def _decimal(value: str, numbers: list[int]) -> str:
    places = numbers[1] if len(numbers) > 1 else 0
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _float(value: str, numbers: list[int]) -> str | None:
    return _short_number(f"{float(value):.6g}", numbers)


def _double(value: str, numbers: list[int]) -> str | None:
    return _short_number(re.sub(r"\.0$", "", repr(float(value))), numbers)


def _short_number(number: str, numbers: list[int]) -> str | None:
    return None if "e" in number or len(number) > _LONGEST_NUMBER or numbers else number


_FORMS: dict[str, Callable[[str, list[int]], str | None]] = {
    **dict.fromkeys(INTEGER_BITS, lambda value, _numbers: _decimal(value, [])),
    "decimal": _decimal,
    "float": _float,
    "double": _double,
    "binary": lambda value, numbers: value.ljust(numbers[0], "\0"),
    "char": lambda value, _numbers: value.rstrip(" "),
    "year": lambda value, _numbers: value if len(value) == len("2000") else None,
}
"""How a type stores a literal, given it and the type's arguments; None where only a server knows."""


def _moment(value: str, form: str, places: int) -> str | None:
    """Return a date or time in its stored form, None where the server would round it or does not accept it."""
    for accepted in _ACCEPTED_MOMENTS:
        with suppress(ValueError):
            moment = datetime.strptime(value, accepted)
            digits = f"{moment.microsecond:06}"
            if digits[places:].strip("0"):
                return None
            return f"{moment.strftime(form)}{'.' if places else ''}{digits[:places]}"
    return None
