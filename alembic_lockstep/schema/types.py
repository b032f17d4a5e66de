"""What a column's type means, whatever the dialect calls it, and the one form in which twins are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.schema.snapshot import Parts

_FAMILIES = {
    "integer": "tinyint smallint mediumint int integer bigint bit",
    "boolean": "boolean bool",
    "string": "varchar char character nvarchar nchar varying_character native_character",
    "text": "text tinytext mediumtext longtext clob",
    "json": "json jsonb",
    "float": "float double real double_precision",
    "decimal": "decimal numeric",
    "datetime": "datetime timestamp",
    "date": "date",
    "time": "time",
    "binary": "blob tinyblob mediumblob longblob binary varbinary",
    "enum": "enum",
    "set": "set",
    "year": "year",
    "uuid": "uuid",
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names.split()}
_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
TEXT_BYTES = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295,
               "tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The meaning of a type.

    Attributes:
        family: one of the keys of `_FAMILIES`, or `unknown`.
        name: the dialect's own word for it.
        size: characters of a string, bytes of a text, bits of an integer, digits of a decimal, digits behind the point
            of a time's seconds; None if not limited.
        scale: digits behind the point of a decimal.
        unsigned: a number from 0.
        values: those of an enumeration.
    """

    family: str
    name: str
    size: int | None = None
    scale: int = 0
    unsigned: bool = False
    values: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def kind(type_: str) -> ColumnType:
    """Return what a type means, such as `varchar(20)`, `int unsigned` or `enum('a', 'b')`."""
    matched = re.match(r"([a-z]+(?: (?:precision|varying|character))?)\s*(?:\((.*)\))?", type_, re.DOTALL)
    if matched is None:
        return ColumnType("unknown", type_)
    name, inner = matched.group(1).replace(" ", "_"), matched.group(2) or ""
    family = _FAMILY.get(name, "unknown")
    if family in {"enum", "set"}:
        values = tuple(value.replace("''", "'") for value in re.findall(r"'((?:[^']|'')*)'", inner))
        return ColumnType(family, name, max((len(value) for value in values), default=0), values=values)
    numbers = [int(number) for number in re.findall(r"\d+", inner)]
    if name == "tinyint" and numbers == [1]:
        return ColumnType("boolean", name)
    unsigned = "unsigned" in type_
    if family == "integer":
        bits = (numbers or [1])[0] if name == "bit" else _BITS[name]
        return ColumnType(family, name, bits, unsigned=unsigned or name == "bit")
    scale = numbers[1] if family == "decimal" and len(numbers) > 1 else 0
    default = {"decimal": 10, "datetime": 0, "time": 0}.get(family, TEXT_BYTES.get(name))
    return ColumnType(family, name, numbers[0] if numbers else default, scale, unsigned and family == "decimal")


def kind_of(parts: Parts, column: str) -> ColumnType:
    """Return what a column's type means; JSON is LONGTEXT with a check on MariaDB."""
    made = kind(parts[f"column {column}"]["type"])
    if made.name != "longtext":
        return made
    is_json = any(
        part.startswith("check ") and check["condition"].lower() == f"json_valid({column.lower()})"
        for part, check in parts.items()
    )
    return ColumnType("json", made.name) if is_json else made


INTEGER_BITS = {name: bits for name, bits in _BITS.items() if name != "integer"}
"""The bits of each integer type, by MySQL's own names."""
NAMES = {family: frozenset(names.split()) for family, names in _FAMILIES.items()}
"""The names of the types of each family, on any dialect."""
