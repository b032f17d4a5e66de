"""Values that hurt, for each kind of column: the longest, the smallest, the odd; and values that differ."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from upgrade.logical import Kind

LARGEST, SMALLEST, DEFAULTS, REPEATED, ODD = range(5)
"""The rows of a table, by what stands in them."""

LONG = 70_000
"""Characters of the longest text: more than MySQL's TEXT holds."""
ASTRAL = "𝒳é漢\U0001f600 "
PLAIN = "é x"
"""Text for a character set that knows no more."""
ODD_TEXT = 'it\'s "%s" :name \\ {x} <b>'
JSONS = (
    '{"model_info": {"model_id": 7, "top_p": 0.5}, "é": ["𝒳", {"a": null}]}',
    "{}",
    '"text"',
    "null",
    '[1, [2, {"a": []}]]',
)


def hurting(kind: Kind, row: int, *, astral: bool) -> Any:
    """Return a value for one of the rows.

    Args:
        kind: the column's.
        row: one of the constants of this module; a further one is odd.
        astral: whether its character set has what lies outside the BMP.
    """
    match kind.family:
        case "string" | "text" | "unknown":
            return _text(kind, row, ASTRAL if astral else PLAIN)
        case "json":
            return JSONS[row % len(JSONS)]
        case "enum" | "set":
            return kind.values[row % len(kind.values)] if kind.values else ""
        case "uuid":
            return f"{row + 1:032x}"
        case _:
            largest, smallest, odd, plain = _FOUR[kind.family](kind)
            return {LARGEST: largest, REPEATED: largest, SMALLEST: smallest, DEFAULTS: plain}.get(row, odd)


def _text(kind: Kind, row: int, piece: str) -> str:
    if row == SMALLEST:
        return ""
    if row >= ODD:
        return ODD_TEXT[: kind.size]
    if row == DEFAULTS:
        return piece.strip()[: kind.size]
    if kind.family == "string" and kind.size:
        # A blank at the end would not be compared.
        return (piece * (kind.size // len(piece) + 1))[: kind.size - 1] + "."
    return "x" * min(kind.size or LONG, LONG)


def _integer(kind: Kind) -> tuple[int, int, int, int]:
    bits = kind.size or 32
    if kind.unsigned:
        return min(2**bits, 2**63) - 1, 0, 1, 2
    return 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), 0, 1


def _decimal(kind: Kind) -> tuple[Decimal, ...]:
    top = Decimal("9" * min(kind.size or 10, 30)).scaleb(-kind.scale)
    return top, -top, Decimal(0), Decimal(1)


def _datetime(kind: Kind) -> tuple[datetime, ...]:
    # MySQL's TIMESTAMP has a range of its own; a day less on either side is in it in every time zone.
    narrow = kind.name == "timestamp"
    largest = datetime(2038, 1, 17) if narrow else datetime(9999, 12, 31, 23, 59, 59)
    return largest, datetime(1970 if narrow else 1000, 1, 3), datetime(2024, 2, 29, 12, 34, 56), datetime(2001, 2, 3)


def _binary(kind: Kind) -> tuple[bytes, ...]:
    return b"\xff\x00'\\" * ((kind.size or 8) // 4), b"", b"\x00", b"x"


_FOUR: dict[str, Callable[[Kind], tuple[Any, ...]]] = {
    "integer": _integer,
    "boolean": lambda _kind: (1, 0, 0, 1),
    "decimal": _decimal,
    # In binary they are exact, so that a change of precision and back gives the same.
    "float": lambda _kind: (1_048_576.5, -1_048_576.5, 0.0, 0.5),
    "date": lambda _kind: (date(9999, 12, 31), date(1000, 1, 1), date(2024, 2, 29), date(2001, 2, 3)),
    "datetime": _datetime,
    "time": lambda _kind: (time(23, 59, 59), time(0), time(12, 34, 56), time(1)),
    "year": lambda _kind: (2155, 1901, 2000, 1999),
    "binary": _binary,
}


def distinct(kind: Kind, number: int, *, astral: bool) -> Any:
    """Return a value that differs for each number from 1, as far as the kind has so many."""
    if kind.family in {"enum", "set"}:
        return kind.values[number % len(kind.values)] if kind.values else ""
    if kind.family in _DISTINCT:
        return _DISTINCT[kind.family](number)
    if kind.family == "binary":
        return number.to_bytes(4, "big")[-(kind.size or 4) :]
    text = str(number)
    if kind.family == "json" or (kind.size and kind.size < len(text) + 2):
        return text[-(kind.size or len(text)) :]
    return f"{text}-{ASTRAL.strip() if astral else PLAIN}"[: kind.size]


_DISTINCT: dict[str, Callable[[int], Any]] = {
    "integer": lambda number: number,
    "decimal": lambda number: number,
    "float": lambda number: number,
    "boolean": lambda number: number % 2,
    "year": lambda number: 1950 + number % 200,
    "date": lambda number: date(2000, 1, 1) + timedelta(days=number),
    "datetime": lambda number: datetime(2000, 1, 1) + timedelta(hours=number),
    "time": lambda number: time(0, number // 60 % 60, number % 60),
    "uuid": lambda number: f"{number:032x}",
}


def domain(kind: Kind) -> int:
    """Return how ill a kind suits values that differ from each other; 0 is well."""
    return {"boolean": 3, "enum": 3, "set": 3, "json": 2, "text": 1, "binary": 1}.get(kind.family, 0)
