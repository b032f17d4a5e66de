"""A column of the server in memory: its definition as people write it, and as MySQL describes it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql.driver import OperationalError
from alembic_lockstep.memory_mysql.expressions import decoded, encoded, expression, literal, quoted
from alembic_lockstep.schema.ddl import Token

if TYPE_CHECKING:
    from collections.abc import Collection

    from alembic_lockstep.schema.ddl import Cursor

COLLATIONS = {"utf8mb4": "utf8mb4_0900_ai_ci", "utf8mb3": "utf8mb3_general_ci", "latin1": "latin1_swedish_ci",
              "ascii": "ascii_general_ci", "ucs2": "ucs2_general_ci", "utf16": "utf16_general_ci",
              "utf32": "utf32_general_ci", "gbk": "gbk_chinese_ci", "gb2312": "gb2312_chinese_ci",
              "gb18030": "gb18030_chinese_ci", "big5": "big5_chinese_ci", "latin2": "latin2_general_ci",
              "cp1251": "cp1251_general_ci", "cp1252": "cp1252_general_ci", "binary": "binary"}  # fmt: skip
"""The collation of each character set where none is given."""
_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "ucs2": 2, "utf16": 4, "utf32": 4, "gbk": 2, "gb2312": 2, "gb18030": 4, "big5": 2}

_INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}
_STRINGS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
_TEXTS = {"tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob"}
_GEOMETRIES = {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
               "geometrycollection", "geomcollection"}  # fmt: skip
_ALIASES = {"integer": "int", "bool": "tinyint", "boolean": "tinyint", "numeric": "decimal", "dec": "decimal",
            "fixed": "decimal", "real": "double", "character": "char", "nchar": "char", "nvarchar": "varchar",
            "int1": "tinyint", "int2": "smallint", "int4": "int", "int8": "bigint", "float4": "float",
            "float8": "double", "middleint": "mediumint", "geomcollection": "geometrycollection"}  # fmt: skip
_KNOWN = (
    _INTEGERS | _STRINGS | _TEXTS | _GEOMETRIES
    | {"bit", "float", "double", "decimal", "binary", "varbinary", "json", "date", "time", "datetime", "timestamp",
       "year", "vector"}
)  # fmt: skip
_SIZES = (("tiny", 255), ("", 65_535), ("medium", 16_777_215), ("long", 4_294_967_295))
_NOW = {"NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}
LONGEST_NUMBER = 12
"""Characters of a default from which on the server takes another form."""
_LAST_OF_FLOAT = 24
"""The most bits that a FLOAT has; with more it is a DOUBLE."""
_MOMENTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M:%S", "timestamp": "%Y-%m-%d %H:%M:%S", "time": "%H:%M:%S"}
_MOMENTS_WRITTEN = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
                    "%H:%M:%S.%f", "%H:%M:%S", "%H:%M")  # fmt: skip


@dataclass(slots=True, eq=False)
class Column:
    """A column, each part as the server writes it.

    Attributes:
        type: such as `varchar(20)` or `int unsigned`.
        charset: of a string; explicit if it was given with the column, by itself or by a collation.
        default: the words after DEFAULT; None if there are none.
        extra: what was written in the definition and is a part of the table: `primary`, `unique`, and the rest of a
            CHECK or REFERENCES, each read by the table.
    """

    name: str
    type: str = ""
    charset: str | None = None
    collation: str | None = None
    explicit: bool = False
    nullable: bool = True
    said_null: bool = False
    default: str | None = None
    on_update: str | None = None
    auto_increment: bool = False
    generated: str | None = None
    stored: bool = False
    comment: str = ""
    invisible: bool = False
    extra: list[tuple[str, str | None, list[Token]]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type's name alone."""
        return re.split(r"[( ]", self.type)[0]

    def described(self, table_collation: str) -> str:
        """Return the column's line in SHOW CREATE TABLE."""
        words = [quoted(self.name), self.type]
        if self.collation is not None and self.charset is not None:
            if self.explicit or self.charset != table_collation.partition("_")[0]:
                words.append(f"CHARACTER SET {self.charset}")
            if self.explicit or self.collation != COLLATIONS.get(self.charset):
                words.append(f"COLLATE {self.collation}")
        if self.generated is not None:
            words.append(f"GENERATED ALWAYS AS ({self.generated}) {'STORED' if self.stored else 'VIRTUAL'}")
        if not self.nullable:
            words.append("NOT NULL")
        elif self.kind == "timestamp":
            words.append("NULL")
        words += [f"DEFAULT {self.default}"] if self.default is not None else []
        words += [f"ON UPDATE {self.on_update}"] if self.on_update else []
        words += ["AUTO_INCREMENT"] if self.auto_increment else []
        words += ["/*!80023 INVISIBLE */"] if self.invisible else []
        words += [f"COMMENT {encoded(self.comment)}"] if self.comment else []
        return " ".join(words)

    def forbid_null(self) -> None:
        """Become NOT NULL, as a part of a primary key does."""
        self.nullable = False
        if self.default == "NULL":
            self.default = None


def read(cursor: Cursor, columns: Collection[str], table_collation: str) -> Column:
    """Read a column's definition: its name, its type, and what follows up to the end, FIRST or AFTER.

    Args:
        cursor: at the name.
        columns: the names that an expression may use.
        table_collation: what strings have that say nothing else.

    Raises:
        NeedsServerError: a word in it is not understood.
    """
    column = Column(cursor.next().text)
    _read_type(column, cursor)
    default: list[Token] | None = None
    while not cursor.over() and cursor.word() not in {"FIRST", "AFTER"}:
        if cursor.take("DEFAULT"):
            default = _value(cursor)
        else:
            _read_clause(column, cursor, {*columns, column.name})
    _settle_collation(column, table_collation)
    if default is not None:
        set_default(column, default, columns)
    elif column.nullable and column.kind not in _TEXTS and column.generated is None:
        column.default = "NULL"
    return column


def _read_type(column: Column, cursor: Cursor) -> None:
    name = cursor.next().text.lower()
    if name == "national":
        name = cursor.next().text.lower()
        column.charset, column.explicit = "utf8mb3", True
    elif name in {"nchar", "nvarchar"}:
        column.charset, column.explicit = "utf8mb3", True
    if name == "double":
        cursor.take("PRECISION")
    if name in {"char", "character"} and cursor.take("VARYING"):
        name = "varchar"
    if name == "serial":
        column.nullable, column.auto_increment = False, True
        column.extra.append(("unique", None, []))
        column.type = "bigint unsigned"
        return
    given = cursor.group() if cursor.opens() else []
    if name in {"bool", "boolean"}:
        given = [Token("other", "1")]
    name = _ALIASES.get(name, name)
    if name not in _KNOWN:
        raise NeedsServerError(f"has the type {name}, which is not known here")
    attributes = []
    while cursor.word() in {"UNSIGNED", "SIGNED", "ZEROFILL"}:
        attributes.append(cursor.next().text.lower())
    column.type = _type(name, given, attributes)


def _type(name: str, given: list[Token], attributes: list[str]) -> str:
    if name in {"enum", "set"}:
        if any(token.kind == "word" for token in given):
            raise NeedsServerError(f"has members of a type {name} that are not understood here")
        return f"{name}({','.join(literal(token) for token in given if token.kind == 'string')})"
    numbers = [int(token.text) for token in given if token.text.isdigit()]
    zerofill = "zerofill" in attributes
    unsigned = " unsigned" if zerofill or "unsigned" in attributes else ""
    if name in _INTEGERS:
        widths = {"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "bigint": 20}
        if zerofill:
            return f"{name}({numbers[0] if numbers else widths[name]}) unsigned zerofill"
        return f"{name}(1)" if name == "tinyint" and numbers == [1] and not unsigned else f"{name}{unsigned}"
    if name == "float" and len(numbers) == 1:
        name, numbers = "float" if numbers[0] <= _LAST_OF_FLOAT else "double", []
    if name == "decimal":
        numbers = [*numbers, *(10, 0)[len(numbers) :]]
        numbers[0] = numbers[0] or 10
    if name in {"char", "binary", "bit"} and not numbers:
        numbers = [1]
    if name == "year" or (name in _MOMENTS and numbers == [0]):
        numbers = []
    arguments = f"({','.join(str(number) for number in numbers)})" if numbers else ""
    return f"{name}{arguments}{unsigned}{' zerofill' if zerofill else ''}"


def _settle_collation(column: Column, table_collation: str) -> None:
    """Give a string its character set and collation, and a text its size in bytes."""
    if column.kind in _STRINGS:
        if column.charset == "utf8":
            column.charset = "utf8mb3"
        if column.collation is None and column.charset is None:
            column.collation = table_collation
        if column.collation is None:
            if column.charset not in COLLATIONS:
                raise NeedsServerError(f"has the character set {column.charset}, which is not known here")
            column.collation = COLLATIONS[column.charset]
        column.charset = column.collation.partition("_")[0]
        if column.charset == "binary" and column.kind not in {"enum", "set"}:
            column.type = column.type.replace("text", "blob").replace("varchar", "varbinary").replace("char", "binary")
            column.charset = column.collation = None
    sized = re.fullmatch(r"(text|blob)\((\d+)\)", column.type)
    if sized:
        size = int(sized[2]) * (_BYTES.get(column.charset or "", 1) if sized[1] == "text" else 1)
        column.type = next(prefix for prefix, most in _SIZES if size <= most) + sized[1]


def _value(cursor: Cursor) -> list[Token]:
    """Take the tokens of a default: a literal, a call, or an expression in parentheses."""
    start = cursor.at
    if cursor.opens():
        cursor.group()
    else:
        first = cursor.next()
        if first.text in {"-", "+"} or (first.kind == "word" and cursor.peek().kind == "string"):
            cursor.next()
        if cursor.opens():
            cursor.group()
    return cursor.tokens[start : cursor.at]


def _read_clause(column: Column, cursor: Cursor, columns: Collection[str]) -> None:  # noqa: C901, PLR0912 - a clause each
    name = cursor.next().text if cursor.take("CONSTRAINT") and cursor.word() not in {"CHECK", "REFERENCES"} else None
    if cursor.take("NOT", "NULL"):
        column.nullable = False
    elif cursor.take("NULL"):
        column.said_null = True
    elif cursor.take("AUTO_INCREMENT"):
        column.auto_increment, column.nullable = True, False
    elif cursor.take("COMMENT"):
        column.comment = decoded(cursor.next().text)
    elif cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
        column.charset, column.explicit = cursor.next().text.lower(), True
    elif cursor.take("COLLATE"):
        column.collation, column.explicit = collation(cursor.next().text), True
    elif cursor.take("ON", "UPDATE"):
        column.on_update = now(_value(cursor))
    elif cursor.take("GENERATED", "ALWAYS", "AS") or cursor.take("AS"):
        column.generated = expression(cursor.group(), columns)
    elif cursor.word() in {"VIRTUAL", "STORED"}:
        column.stored = cursor.next().text.upper() == "STORED"
    elif cursor.take("INVISIBLE"):
        column.invisible = True
    elif cursor.take("VISIBLE") or cursor.take("SIGNED"):
        pass
    elif cursor.take("PRIMARY", "KEY") or cursor.take("KEY"):
        column.extra.append(("primary", None, []))
    elif cursor.take("UNIQUE"):
        cursor.take("KEY")
        column.extra.append(("unique", None, []))
    elif cursor.take("CHECK"):
        column.extra.append(("check", name, cursor.group()))
        cursor.take("ENFORCED")
    elif cursor.take("REFERENCES"):
        start = cursor.at
        cursor.next()
        if cursor.opens():
            cursor.group()
        while cursor.word() in {"ON", "MATCH"}:
            cursor.at += 3 if cursor.word() == "ON" else 2
            cursor.at += cursor.word() in {"NULL", "ACTION", "DEFAULT"} and cursor.peek(-1).text.upper() in {
                "SET",
                "NO",
            }
        column.extra.append(("references", name, cursor.tokens[start : cursor.at]))
    else:
        raise NeedsServerError(f"says {cursor.peek().text} of the column {column.name}, which is not understood here")


def collation(name: str) -> str:
    """Return a collation under the name that the server gives it.

    Raises:
        NeedsServerError: its character set is not known.
    """
    name = name.lower().replace("utf8_", "utf8mb3_")
    if name.partition("_")[0] not in COLLATIONS:
        raise NeedsServerError(f"has the collation {name}, which is not known here")
    return name


def now(tokens: list[Token]) -> str | None:
    """Return CURRENT_TIMESTAMP with its precision if that is what the tokens say; None otherwise."""
    if not tokens or tokens[0].text.upper() not in _NOW or tokens[0].kind != "word":
        return None
    digits = [token.text for token in tokens[1:] if token.text.isdigit()]
    return f"CURRENT_TIMESTAMP({digits[0]})" if digits and digits[0] != "0" else "CURRENT_TIMESTAMP"


def set_default(column: Column, tokens: list[Token], columns: Collection[str]) -> None:
    """Give a column the default that the tokens say.

    Raises:
        OperationalError: a type that takes expressions alone gets a literal.
    """
    if tokens[0] == Token("other", "("):
        column.default = f"({expression(tokens[1:-1], columns)})"
        return
    if len(tokens) == 2 and tokens[0].text.lower() in {"_utf8mb4", "_utf8mb3"}:
        tokens = tokens[1:]
    text = "".join(token.text for token in tokens)
    if text.upper() == "NULL":
        column.default = "NULL" if column.kind not in _TEXTS else None
        return
    if (moment := now(tokens)) is not None:
        column.default = moment
        return
    if column.kind in _TEXTS | _GEOMETRIES | {"json"}:
        raise OperationalError(
            1101, f"BLOB, TEXT, GEOMETRY or JSON column '{column.name}' can't have a default value: an expression in "
            "parentheses can be one")  # fmt: skip
    if text.lower() in {"true", "false"}:
        text = "1" if text.lower() == "true" else "0"
    bits = re.fullmatch(r"(?i)b'([01]+)'", text)
    value = bits[1] if bits else decoded(text) if tokens[0].kind == "string" else text
    literal_ = tokens[0].kind == "string" or re.fullmatch(r"[-+]?\d+(\.\d+)?(e\d+)?", text)
    plain = column.kind not in _STRINGS or tokens[0].kind == "string" or text.isdigit()
    if not (bits and column.kind == "bit") and not (literal_ and plain):
        raise NeedsServerError(f"gives the column {column.name} the default {text}, which is not understood here")
    if column.kind == "bit":
        digits = value if bits else f"{int(value):b}"
        column.default = f"b'{digits.lstrip('0') or '0'}'"
    else:
        value = _stored(value, column)
        wide = any(ord(character) > 0xFFFF for character in value)
        column.default = f"0x{value.encode().hex().upper()}" if wide else encoded(value)


def _unsure(column: Column, value: str) -> NeedsServerError:
    return NeedsServerError(f"gives the column {column.name} the default {value}, whose form only a server knows")


def _stored(value: str, column: Column) -> str:  # noqa: C901, PLR0911 - a kind each
    """Return a default's text after it was stored in a value of the column's type."""
    numbers = [int(number) for number in re.findall(r"\d+", column.type)]
    members = re.findall(r"'((?:[^']|'')*)'", column.type) if column.kind in {"enum", "set"} else []
    if "zerofill" in column.type or (members and encoded(value)[1:-1] not in [*members, ""]):
        raise _unsure(column, value)
    with suppress(InvalidOperation, ValueError):
        if column.kind in _INTEGERS:
            return str(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))
        if column.kind == "decimal":
            return str(Decimal(value).quantize(Decimal(1).scaleb(-numbers[1]), ROUND_HALF_UP))
        if column.kind in {"float", "double"}:
            number = f"{float(value):.6g}" if column.kind == "float" else re.sub(r"\.0$", "", repr(float(value)))
            if "e" in number or len(number) > LONGEST_NUMBER or numbers:
                raise _unsure(column, value)
            return number
        if column.kind == "binary":
            return value.ljust(numbers[0], "\0")
        if column.kind == "char":
            return value.rstrip(" ")
        if column.kind == "year" and len(value) != len("2000"):
            raise _unsure(column, value)
    if column.kind in _MOMENTS:
        for form in _MOMENTS_WRITTEN:
            with suppress(ValueError):
                moment = datetime.strptime(value, form)
                digits = f"{moment.microsecond:06}"
                fraction = digits[: numbers[0]] if numbers else ""
                if digits[len(fraction) :].strip("0"):
                    raise _unsure(column, value)  # it is rounded
                return f"{moment.strftime(_MOMENTS[column.kind])}{'.' if fraction else ''}{fraction}"
        raise _unsure(column, value)
    return value
