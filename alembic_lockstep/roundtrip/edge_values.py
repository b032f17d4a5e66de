"""Values that hurt, for each kind of column: the longest, the smallest, the odd; and values that differ."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic_lockstep.schema.types import ColumnType

LARGEST, NULLS, DEFAULTS, REPEATED, ODD, SMALLEST = range(6)
"""The rows of a table, by what stands in them."""

LONG = 70_000
"""Bytes of the longest text: more than MySQL's TEXT holds."""
TEXTS = {"utf8mb4": "𝒳é漢\U0001f600 ", "utf8mb3": "é漢x ", "utf8": "é漢x ", "latin1": "éx "}
"""What text is made of, by character set; of others only ASCII is certain."""
ASCII = "xY "
ODD_TEXT = ' It\'s "%s" :name \\ {x} <b>'
JSONS = (
    '{"model_info": {"model_id": 7, "top_p": 0.5}, "é": ["𝒳", {"a": null}]}',
    "null",
    "{}",
    '[1, [2, {"a": []}]]',
    '"text"',
)


def hurting(kind: ColumnType, row: int, place: int, charset: str) -> Any:
    """Return a value for one of the rows.

    Args:
        kind: the column's.
        row: one of the constants of this module; a further one is odd.
        place: of the column in its table. Two columns of one type have different values, so that a mix-up is seen.
        charset: the name of its character set.
    """
    row = LARGEST if row == REPEATED else SMALLEST if row == NULLS else min(row, ODD) if row > SMALLEST else row
    match kind.family:
        case "string" | "text" | "unknown":
            return _text(kind, row, place, TEXTS.get(charset, ASCII))
        case "json":
            return JSONS[(row + place) % len(JSONS)]
        case "uuid":
            return f"{row + 10 * place + 1:032x}"
        case _:
            largest, smallest, odd, plain = _FOUR[kind.family](kind, place)
            return {LARGEST: largest, SMALLEST: smallest, DEFAULTS: plain}.get(row, odd)


def enumerated(kind: ColumnType, row: int) -> str:
    """Return a value of an enumeration, a further one for each row; of a set first all values together."""
    if kind.family == "set" and row == LARGEST:
        return ",".join(kind.values)
    return kind.values[row % len(kind.values)] if kind.values else ""


def _text(kind: ColumnType, row: int, place: int, piece: str) -> str:
    letter = chr(ord("a") + place % 26)
    if row == SMALLEST:
        return ""
    if row == DEFAULTS:
        return f"{letter}{piece.strip()}"[: kind.size]
    if row == LARGEST and kind.family == "string" and kind.size:
        # A blank at the end would not be compared.
        return (piece * (kind.size // len(piece) + 1))[: kind.size - 1] + letter
    if row == LARGEST:
        return piece * (min(kind.size or LONG, LONG) // len(piece.encode()) - 1) + letter
    return (
        f"{ODD_TEXT}{letter}" if kind.size is None or kind.size > len(ODD_TEXT) else f"{letter}{ODD_TEXT}"[: kind.size]
    )


def _integer(kind: ColumnType, place: int) -> tuple[int, ...]:
    bits, shift = kind.size or 32, place if (kind.size or 32) > 7 else 0
    if kind.unsigned:
        return 2**bits - 1 - shift, 0, shift % 2, 1
    return 2 ** (bits - 1) - 1 - shift, -(2 ** (bits - 1)) + shift, shift, shift + 1


def _decimal(kind: ColumnType, place: int) -> tuple[Decimal, ...]:
    top = Decimal("9" * min(kind.size or 10, 30)).scaleb(-kind.scale)
    step = Decimal(place % 9).scaleb(-kind.scale)
    return top - step, Decimal(0) if kind.unsigned else step - top, step, step


def _datetime(kind: ColumnType, place: int) -> tuple[datetime, ...]:
    # MySQL's TIMESTAMP has a range of its own; a day less on either side is in it in every time zone.
    narrow = kind.name == "timestamp"
    largest = datetime(2038, 1, 17) if narrow else datetime(9999, 12, 31, 23, 59, 59)
    fraction = int("123456"[: kind.size or 0].ljust(6, "0"))
    odd = datetime(2024, 2, 29, 12, 34, 56, fraction) + timedelta(hours=place)
    return largest - timedelta(minutes=place), datetime(1970 if narrow else 1000, 1, 3, place % 24), odd, odd


def _time(kind: ColumnType, place: int) -> tuple[time, ...]:
    fraction = int("123456"[: kind.size or 0].ljust(6, "0"))
    return time(23, 59 - place % 60, 59), time(0), time(12, place % 60, 56, fraction), time(1)


def _date(_kind: ColumnType, place: int) -> tuple[date, ...]:
    days = timedelta(days=place)
    return date(9999, 12, 31) - days, date(1000, 1, 1) + days, date(2024, 2, 29) + days, date(2001, 2, 3)


def _binary(kind: ColumnType, place: int) -> tuple[bytes, ...]:
    return b"\xff\x00'\\" * (min(kind.size or 8, LONG) // 4), b"", bytes([place % 256]), b"x"


_FOUR: dict[str, Callable[[ColumnType, int], tuple[Any, ...]]] = {
    "integer": _integer,
    "boolean": lambda _kind, place: (1, 0, place % 2, 1),
    "decimal": _decimal,
    # In binary they are exact, so that a change of precision and back gives the same.
    "float": lambda _kind, place: (1_048_576.5 + place, -1_048_576.5 - place, 0.25 * place, 0.5),
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "year": lambda _kind, place: (2155 - place % 200, 1901, 2000, 1999),
    "binary": _binary,
}


def distinct(kind: ColumnType, number: int, charset: str) -> Any:
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
    return f"{text}-{TEXTS.get(charset, ASCII).strip()}"[: kind.size]


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


def domain(kind: ColumnType) -> int:
    """Return how ill a kind suits values that differ from each other; 0 is well."""
    return {"boolean": 3, "enum": 3, "set": 3, "json": 2, "text": 1, "binary": 1}.get(kind.family, 0)
