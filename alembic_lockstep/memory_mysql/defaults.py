"""Column defaults as the server writes them: literals in the form in which the column's type stores them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql.column_limits import NUMBERS
from alembic_lockstep.memory_mysql.column_types import (
    ENUMERATIONS,
    EXPRESSION_DEFAULTS,
    members_of,
    name_of,
    numbers_of,
)
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, syntax_error
from alembic_lockstep.memory_mysql.expressions import Expression, expression
from alembic_lockstep.memory_mysql.literals import decoded, encoded
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
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d*)?)?)?")
"""A date in a form that is certainly read as one, so that it is valid or refused."""
_TIMESTAMPS = ("1970-01-02", "2038-01-18")
"""A day within the first and one within the last that a TIMESTAMP can hold, whatever the time zone."""
_LARGEST_FLOAT = 3.402823466e38
_YEARS = range(1901, 2156)


class _InvalidError(Exception):
    """The type cannot hold a value."""


def invalid(column: str) -> OperationalError:
    """Return the error about a default that a column cannot have."""
    return OperationalError(1067, f"Invalid default value for '{column}'")


def is_null(tokens: list[Token]) -> bool:
    """Return whether a default is NULL."""
    return len(tokens) == 1 and tokens[0].kind == "word" and tokens[0].text.upper() == "NULL"


def fits_moment(moment: str, type_: str) -> bool:
    """Return whether a column can have CURRENT_TIMESTAMP with this precision as a default."""
    return name_of(type_) in {"datetime", "timestamp"} and numbers_of(moment) == numbers_of(type_)


def current_timestamp(tokens: list[Token]) -> str | None:
    """Return CURRENT_TIMESTAMP with its precision if the tokens are one of its synonyms, None otherwise."""
    if not tokens or tokens[0].text.upper() not in _NOW or tokens[0].kind != "word":
        return None
    digits = [token.text for token in tokens[1:] if token.text.isdigit()]
    return f"CURRENT_TIMESTAMP({digits[0]})" if digits and digits[0] != "0" else "CURRENT_TIMESTAMP"


def default(
    tokens: list[Token], column: str, type_: str, columns: Collection[str], charset: str | None = None
) -> Expression | None:
    """Return a default in the server's words, None if the column then has none.

    Args:
        tokens: what follows DEFAULT.
        column: the column's name, for messages.
        type_: the column's type in the server's words.
        columns: the names that an expression may use.
        charset: that of a string.

    Raises:
        OperationalError: the type does not take a literal default, or cannot hold this one.
        NeedsServerError: the form of the default is unknown.
    """
    if tokens[0] == Token("other", "("):
        made = expression(tokens[1:-1], columns)
        return replace(made, text=f"({made.text})")
    if len(tokens) == 2 and tokens[0].text.lower() in {"_utf8mb4", "_utf8mb3"}:
        tokens = tokens[1:]
    name = name_of(type_)
    if is_null(tokens):
        return Expression("NULL") if name not in TEXT_BYTES else None
    if (moment := current_timestamp(tokens)) is not None:
        if not fits_moment(moment, type_):
            raise invalid(column)
        return Expression(moment)
    if name in EXPRESSION_DEFAULTS:
        raise OperationalError(
            1101, f"BLOB, TEXT, GEOMETRY or JSON column '{column}' can't have a default value: an expression in "
            "parentheses can be one")  # fmt: skip
    try:
        return Expression(_literal(tokens, column, type_, charset))
    except (_InvalidError, InvalidOperation):
        raise invalid(column) from None


def _literal(tokens: list[Token], column: str, type_: str, charset: str | None) -> str:
    quoted = tokens[0].kind == "string"
    text = "".join(token.text for token in tokens)
    text = {"true": "1", "false": "0"}.get(text.lower(), text)
    if name_of(type_) == "bit":
        return _bits(text, column, type_)
    if name_of(type_) in INTEGER_BITS and (bits := re.fullmatch(r"(?i)b'([01]+)'", text)):
        text, quoted = str(int(bits[1], 2)), False
    if not quoted and not _is_number(text):
        if tokens[0].kind == "word" and not re.match(r"(?i)0x|[bnx]'|_\w+'", text):
            raise syntax_error(tokens[0])
        raise _unsupported(column, text)
    value = _stored(decoded(text) if quoted else text, column, type_, quoted=quoted)
    if charset == "latin1" and any(ord(character) > 0xFF for character in value):
        raise _InvalidError
    outside_bmp = any(ord(character) > 0xFFFF for character in value)
    return f"0x{value.encode().hex().upper()}" if outside_bmp else encoded(value)


def _bits(text: str, column: str, type_: str) -> str:
    """Return the default of a BIT: the bits of a number, or of the bytes of a text."""
    bits = re.fullmatch(r"(?i)b'([01]*)'", text)
    if bits:
        digits = bits[1]
    elif text[:1] in {"'", '"'}:
        digits = "".join(f"{byte:08b}" for byte in decoded(text).encode())
    elif text.isdigit() or re.fullmatch(r"0x[0-9a-fA-F]+", text):
        digits = f"{int(text, 16 if text.startswith('0x') else 10):b}"
    else:
        raise _unsupported(column, text)
    digits = digits.lstrip("0") or "0"
    if len(digits) > numbers_of(type_)[0]:
        raise _InvalidError
    return f"b'{digits}'"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", text, re.IGNORECASE) is not None


def _unsupported(column: str, text: str) -> NeedsServerError:
    return NeedsServerError(
        f"gives the column {column} the default {text}, which the in-memory MySQL server does not support"
    )


def _stored(value: str, column: str, type_: str, *, quoted: bool) -> str:
    """Return a literal as it reads after it was stored in a value of the column's type.

    Raises:
        _InvalidError: the type cannot hold it.
        NeedsServerError: only a server knows.
    """
    name = name_of(type_)
    stored: str | None = value
    if name in NUMBERS:
        if not _is_number(value.strip(" ")) or ("unsigned" in type_ and Decimal(value) < 0):
            raise _InvalidError
        stored = _FORMS[name](value.strip(" "), type_) if "zerofill" not in type_ else None
    elif name in ENUMERATIONS:
        if not quoted:
            raise _InvalidError
        stored = _members(value, type_)
    elif name in _STORED_MOMENTS:
        if not quoted and value == "0" and name != "time":
            raise _InvalidError
        stored = _moment(value, name, numbers_of(type_)) if quoted else None
    elif name in _FORMS:
        stored = _FORMS[name](value, type_)
    if stored is None:
        raise NeedsServerError(f"gives the column {column} the default {value}, whose form only a server knows")
    return stored


def _members(value: str, type_: str) -> str | None:
    """Return the members of an ENUM or SET that a default names, as and in the order in which they are declared."""
    known = members_of(type_)
    chosen = value.split(",") if name_of(type_) == "set" and value else [value]
    if name_of(type_) == "set" and not value:
        return value
    if value.isdigit() and value not in known:
        return None  # perhaps the number of one
    same = {member.casefold(): member for member in known}
    if any(each.casefold() not in same for each in chosen):
        if not value.isascii() or any(each != each.rstrip() for each in chosen):
            return None  # perhaps equal under the collation
        raise _InvalidError
    found = {each if each in known else same[each.casefold()] for each in chosen}
    return ",".join(member for member in known if member in found)


def _integer(value: str, type_: str) -> str:
    number = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    bits, unsigned = INTEGER_BITS[name_of(type_)], "unsigned" in type_
    low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= number <= high:
        raise _InvalidError
    return str(number)


def _decimal(value: str, type_: str) -> str:
    digits, places = numbers_of(type_)
    number = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if abs(number) >= Decimal(10) ** (digits - places):
        raise _InvalidError
    return str(number)


def _float(value: str, type_: str) -> str | None:
    if abs(float(value)) > _LARGEST_FLOAT:
        raise _InvalidError
    return _short_number(f"{float(value):.6g}", numbers_of(type_))


def _double(value: str, type_: str) -> str | None:
    return _short_number(re.sub(r"\.0$", "", repr(float(value))), numbers_of(type_))


def _short_number(number: str, numbers: list[int]) -> str | None:
    return None if "e" in number or len(number) > _LONGEST_NUMBER or numbers else number


def _text(value: str, type_: str) -> str:
    """Return a text without the blanks at its end that do not fit; those of a CHAR are not stored at all."""
    length, name = numbers_of(type_)[0], name_of(type_)
    if name == "char":
        value = value.rstrip(" ")
    if len(value.rstrip(" ")) > length:
        raise _InvalidError
    return value[:length]


def _bytes(value: str, type_: str) -> str:
    length = numbers_of(type_)[0]
    if len(value.encode()) > length:
        raise _InvalidError
    return value + "\0" * (length - len(value.encode())) if name_of(type_) == "binary" else value


def _year(value: str, _type: str) -> str | None:
    if not _is_number(value):
        raise _InvalidError
    if not value.isdigit() or len(value) != len("2000"):
        return None
    if int(value) not in _YEARS and int(value) != 0:
        raise _InvalidError
    return value


_FORMS: dict[str, Callable[[str, str], str | None]] = {
    **dict.fromkeys(INTEGER_BITS, _integer),
    "decimal": _decimal,
    "float": _float,
    "double": _double,
    **dict.fromkeys(["binary", "varbinary"], _bytes),
    **dict.fromkeys(["char", "varchar"], _text),
    "year": _year,
}
"""How a type stores a literal, given it and the type; None where only a server knows."""


def _moment(value: str, name: str, numbers: list[int]) -> str | None:
    """Return a date or time in its stored form, None where the server would round it or perhaps does not accept it."""
    form, places = _STORED_MOMENTS[name], numbers[0] if numbers else 0
    if not re.search(r"\d", value) or (name == "timestamp" and _DATE.match(value) and value[:4] < _TIMESTAMPS[0][:4]):
        raise _InvalidError
    for accepted in _ACCEPTED_MOMENTS:
        with suppress(ValueError):
            moment = datetime.strptime(value, accepted)
            if name == "timestamp" and not _TIMESTAMPS[0] <= f"{moment:%Y-%m-%d}" <= _TIMESTAMPS[1]:
                if f"{moment:%Y}" > _TIMESTAMPS[1][:4]:
                    raise _InvalidError
                return None
            digits = f"{moment.microsecond:06}"
            if digits[places:].strip("0"):
                return None
            return f"{moment.strftime(form)}{'.' if places else ''}{digits[:places]}"
    if name != "time" and _DATE.fullmatch(value):
        raise _InvalidError
    return None
