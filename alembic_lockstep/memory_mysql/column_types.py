"""Column types as the server writes them: aliases resolved, default sizes filled in, display widths dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import column_limits
from alembic_lockstep.memory_mysql.dbapi_errors import syntax_error
from alembic_lockstep.memory_mysql.literals import decoded, encoded
from alembic_lockstep.schema.sql import Token
from alembic_lockstep.schema.types import FAMILIES, INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from alembic_lockstep.schema.sql import Cursor

ENUMERATIONS = FAMILIES["enum"].keys() | FAMILIES["set"].keys()
STRINGS = FAMILIES["string"].keys() | FAMILIES["text"].keys() | ENUMERATIONS
"""Types with a character set."""
TEMPORAL = FAMILIES["date"].keys() | FAMILIES["time"].keys() | FAMILIES["datetime"].keys()
GEOMETRIES = {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
               "geometrycollection", "geomcollection"}  # fmt: skip
EXPRESSION_DEFAULTS = GEOMETRIES | TEXT_BYTES.keys() | {"json", "vector"}
"""Types whose default can be an expression, but no literal."""
_ALIASES = {"integer": "int", "bool": "tinyint", "boolean": "tinyint", "numeric": "decimal", "dec": "decimal",
            "fixed": "decimal", "real": "double", "character": "char", "nchar": "char", "nvarchar": "varchar",
            "int1": "tinyint", "int2": "smallint", "int4": "int", "int8": "bigint", "float4": "float",
            "float8": "double", "middleint": "mediumint", "geomcollection": "geometrycollection"}  # fmt: skip
_OF_OTHER_DIALECTS = {"clob", "jsonb", "uuid", "double_precision", "varying_character", "native_character"}
_KNOWN = {name for names in FAMILIES.values() for name in names} - _OF_OTHER_DIALECTS | GEOMETRIES | {"vector"}
_FLOAT_BITS = 24
"""The highest precision of a FLOAT; with a higher one it becomes a DOUBLE."""
_DEFAULT_SIZES = {"char": 1, "binary": 1, "bit": 1, "vector": 2048}
_NATIONAL_CHARSET = "utf8mb3"


@dataclass(slots=True)
class ParsedType:
    """A type as it was read from a column definition.

    Attributes:
        text: such as `varchar(20)` or `int unsigned`.
        charset: what NATIONAL implies; None otherwise.
        serial: it was SERIAL, which implies NOT NULL, AUTO_INCREMENT and UNIQUE.
    """

    text: str
    charset: str | None = None
    serial: bool = False


def read_type(cursor: Cursor, column: str) -> ParsedType:
    """Read a column's type.

    Args:
        cursor: at the type.
        column: the column's name, for messages.

    Raises:
        DatabaseError: MySQL has no such type of this size.
        NeedsServerError: the type is unknown.
    """
    if cursor.peek().kind != "word":
        raise syntax_error(cursor.peek())
    name = cursor.next().text.lower()
    national = name in {"national", "nchar", "nvarchar"}
    if name == "national":
        name = cursor.next().text.lower()
    if name == "double":
        cursor.take("PRECISION")
    if name in {"char", "character"} and cursor.take("VARYING"):
        name = "varchar"
    if name == "serial":
        return ParsedType("bigint unsigned", serial=True)
    arguments = cursor.group() if cursor.opens() else []
    if name in FAMILIES["boolean"]:
        arguments = [Token("other", "1")]
    name = _ALIASES.get(name, name)
    if name not in _KNOWN:
        raise NeedsServerError(f"has the type {name}, which the in-memory MySQL server does not support")
    attributes = []
    while cursor.word() in {"UNSIGNED", "SIGNED", "ZEROFILL"}:
        attributes.append(cursor.next().text.lower())
    column_limits.check_form(name, arguments, attributes)
    return ParsedType(_written(name, arguments, attributes, column), _NATIONAL_CHARSET if national else None)


def _written(name: str, arguments: list[Token], attributes: list[str], column: str) -> str:
    """Return a type in the server's words."""
    if name in ENUMERATIONS:
        return f"{name}({','.join(_members(arguments, name))})"
    numbers = [int(token.text) for token in arguments if token.text.isdigit()]
    column_limits.check_numbers(name, numbers, column)
    zerofill = " zerofill" if "zerofill" in attributes else ""
    unsigned = " unsigned" if zerofill or "unsigned" in attributes else ""
    if name in INTEGER_BITS:
        return _integer(name, numbers, f"{unsigned}{zerofill}")
    if name == "float" and len(numbers) == 1:
        name, numbers = "float" if numbers[0] <= _FLOAT_BITS else "double", []
    numbers = _arguments(name, numbers)
    written = f"({','.join(str(number) for number in numbers)})" if numbers else ""
    return f"{name}{written}{unsigned}{zerofill}"


def _members(arguments: list[Token], kind: str) -> list[str]:
    """Return the members of an ENUM or a SET as literals, without the blanks at their ends."""
    members = [token for token in arguments if token.text != ","]
    if any(token.kind == "word" for token in members):  # such as an introducer
        raise NeedsServerError(f"has members of a type {kind} that the in-memory MySQL server does not support")
    wrong = [token for token in members if token.kind != "string"]
    if wrong or not members:
        raise syntax_error(Token("word", wrong[0].text if wrong else kind))
    return [encoded(decoded(token.text).rstrip(" ")) for token in members]


def _integer(name: str, numbers: list[int], attributes: str) -> str:
    """Return an integer type; only TINYINT(1) and ZEROFILL keep a display width."""
    if "zerofill" in attributes:
        longest = len(str(2 ** INTEGER_BITS[name] - 1))
        return f"{name}({numbers[0] if numbers else longest}){attributes}"
    return "tinyint(1)" if name == "tinyint" and numbers == [1] and not attributes else f"{name}{attributes}"


def _arguments(name: str, numbers: list[int]) -> list[int]:
    """Return the numbers in a type's parentheses: defaults filled in, superfluous ones dropped."""
    if name == "decimal":
        numbers = [*numbers, *(10, 0)[len(numbers) :]]
        numbers[0] = numbers[0] or 10
    if name in _DEFAULT_SIZES and not numbers:
        return [_DEFAULT_SIZES[name]]
    if name == "year" or (name in TEMPORAL and numbers == [0]):
        return []
    return numbers


def smallest_holding(base: str, size: int) -> str:
    """Return the smallest type of the family of `text` or `blob` that holds `size` bytes."""
    return next(name for name, most in TEXT_BYTES.items() if name.endswith(base) and size <= most)


def binary_twin(type_: str) -> str:
    """Return the binary type that a string type becomes with CHARACTER SET binary."""
    return type_.replace("text", "blob").replace("varchar", "varbinary").replace("char", "binary")


@lru_cache(maxsize=1024)
def name_of(type_: str) -> str:
    """Return the name of a type without arguments and attributes."""
    return re.split(r"[( ]", type_)[0]


def numbers_of(type_: str) -> list[int]:
    """Return the numbers in a type's parentheses."""
    return [int(number) for number in re.findall(r"\d+", type_)]


def members_of(type_: str) -> list[str]:
    """Return the members of an ENUM or a SET."""
    return [decoded(f"'{member}'") for member in re.findall(r"'((?:[^']|'')*)'", type_)]
