"""The meaning of a column's type, whatever the dialect calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

FAMILIES: dict[str, dict[str, int | None]] = {
    "boolean": dict.fromkeys(["boolean", "bool"]),
    "integer": {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64, "bit": 1},
    "year": {"year": None},
    "decimal": {"decimal": 10, "numeric": 10},
    "float": dict.fromkeys(["float", "double", "real", "double_precision"]),
    "date": {"date": None},
    "datetime": {"datetime": 0, "timestamp": 0},
    "time": {"time": 0},
    "uuid": {"uuid": None},
    "enum": {"enum": None},
    "set": {"set": None},
    "string": dict.fromkeys("varchar char character nvarchar nchar varying_character native_character".split()),
    "json": dict.fromkeys(["json", "jsonb"]),
    "text": {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295, "clob": None},
    "binary": {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295,
               "binary": None, "varbinary": None},
    "unknown": {},
}  # fmt: skip
"""The families of types, each with the names of its types and the size that such a type has if it is given none.

The order is by what a family accepts: of two families the earlier one accepts less.
"""
INTEGER_BITS = {name: bits for name, bits in FAMILIES["integer"].items() if bits and name not in {"integer", "bit"}}
"""The bits of each integer type, by the names of MySQL."""
TEXT_BYTES = {name: size for family in ("text", "binary") for name, size in FAMILIES[family].items() if size}
"""The bytes of each long text and binary type, by the names of MySQL."""
_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}
_RANK = {family: rank for rank, family in enumerate(FAMILIES)}
_TYPE = re.compile(r"([a-z]+(?: (?:precision|varying|character))?)\s*(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The meaning of a type.

    Attributes:
        family: one of the keys of `FAMILIES`.
        name: the dialect's own word for it.
        size: characters of a string, bytes of a text, bits of an integer, digits of a decimal, digits of the fraction
            of a time's seconds; None if not limited.
        scale: digits behind the point of a decimal.
        unsigned: whether it has no negative numbers.
        values: those of an enumeration.
    """

    family: str
    name: str
    size: int | None = None
    scale: int = 0
    unsigned: bool = False
    values: tuple[str, ...] = ()

    def narrowed(self, other: ColumnType) -> ColumnType:
        """Return a type all of whose values fit both this type and another one."""
        if self.family != other.family:
            return min(self, other, key=lambda type_: _RANK[type_.family])
        sizes = [type_.size for type_ in (self, other) if type_.size is not None]
        scale = min(self.scale, other.scale)
        if self.family == "decimal":
            sizes = [min((type_.size or 10) - type_.scale for type_ in (self, other)) + scale]
        values = tuple(value for value in self.values if value in other.values)
        name = "timestamp" if "timestamp" in {self.name, other.name} else self.name
        unsigned = self.unsigned or other.unsigned
        return ColumnType(self.family, name, min(sizes, default=None), scale, unsigned, values)


@lru_cache(maxsize=4096)
def column_type(text: str) -> ColumnType:
    """Return the meaning of a type such as `varchar(20)`, `int unsigned` or `enum('a', 'b')`."""
    matched = _TYPE.match(text)
    if matched is None:
        return ColumnType("unknown", text)
    name, inner = matched.group(1).replace(" ", "_"), matched.group(2) or ""
    family = _FAMILY_OF.get(name, "unknown")
    if family in {"enum", "set"}:
        values = tuple(value.replace("''", "'") for value in re.findall(r"'((?:[^']|'')*)'", inner))
        return ColumnType(family, name, max((len(value) for value in values), default=0), values=values)
    numbers = [int(number) for number in re.findall(r"\d+", inner)]
    if name == "tinyint" and numbers == [1]:
        return ColumnType("boolean", name)
    size = FAMILIES[family].get(name)
    if numbers and (family != "integer" or name == "bit"):  # that of another integer is how wide it is shown
        size = numbers[0]
    scale = numbers[1] if family == "decimal" and len(numbers) > 1 else 0
    unsigned = family in {"integer", "decimal"} and ("unsigned" in text or name == "bit")
    return ColumnType(family, name, size, scale, unsigned)


def smallest_text(characters: int) -> str:
    """Return the smallest text type of MySQL for so many characters of four bytes."""
    sizes = FAMILIES["text"].items()
    return next((name for name, size in sizes if size is not None and size >= 4 * characters), "longtext")
