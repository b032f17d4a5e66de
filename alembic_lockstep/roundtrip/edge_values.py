"""Edge-case values for each type: the longest, the smallest, odd ones; and values that differ from each other."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic_lockstep.schema.types import ColumnType

LARGEST, NULLS, DEFAULTS, REPEATED, ODD, SMALLEST = range(6)
"""The numbers of a table's rows, by what is in them."""

LONG = 70_000
"""Bytes of the longest text: more than MySQL's TEXT holds."""
TEXTS = {"utf8mb4": "𝒳é漢\U0001f600 ", "utf8mb3": "é漢x ", "utf8": "é漢x ", "latin1": "éx "}
"""What text is made of, by character set; of others only ASCII is certain to be a part."""
ASCII = "xY "
ODD_TEXT = ' It\'s "%s" :name \\ {x} <b>'
JSONS = (
    '{"model_info": {"model_id": 7, "top_p": 0.5}, "é": ["𝒳", {"a": null}]}',
    "null",
    "{}",
    '[1, [2, {"a": []}]]',
    '"text"',
)


def edge_value(type_: ColumnType, row: int, place: int, charset: str) -> Any:
    """Return a value for one of the rows.

    Args:
        type_: of the column.
        row: its number, one of the constants of this module; rows of higher numbers have odd values, too.
        place: of the column in its table. Two columns of one type have different values, so that a mix-up is seen.
        charset: the character set of the column.
    """
    row = LARGEST if row == REPEATED else SMALLEST if row == NULLS else min(row, ODD) if row > SMALLEST else row
    match type_.family:
        case "string" | "text" | "unknown":
            return _text(type_, row, place, TEXTS.get(charset, ASCII))
        case "json":
            return JSONS[(row + place) % len(JSONS)]
        case "uuid":
            return f"{row + 10 * place + 1:032x}"
        case _:
            largest, smallest, odd, plain = _EDGES[type_.family](type_, place)
            return {LARGEST: largest, SMALLEST: smallest, DEFAULTS: plain}.get(row, odd)


def enum_value(type_: ColumnType, row: int) -> str:
    """Return a value of an enumeration, another one for each row; of a set first all its values together."""
    if type_.family == "set" and row == LARGEST:
        return ",".join(type_.values)
    return type_.values[row % len(type_.values)] if type_.values else ""


def _text(type_: ColumnType, row: int, place: int, piece: str) -> str:
    letter = chr(ord("a") + place % 26)
    if row == SMALLEST:
        return ""
    if row == DEFAULTS:
        return f"{letter}{piece.strip()}"[: type_.size]
    if row == LARGEST and type_.family == "string" and type_.size:
        # It ends with a letter: blanks at the end are not compared.
        return (piece * (type_.size // len(piece) + 1))[: type_.size - 1] + letter
    if row == LARGEST:
        return piece * (min(type_.size or LONG, LONG) // len(piece.encode()) - 1) + letter
    fits = type_.size is None or type_.size > len(ODD_TEXT)
    return f"{ODD_TEXT}{letter}" if fits else f"{letter}{ODD_TEXT}"[: type_.size]


def _integer(type_: ColumnType, place: int) -> tuple[int, ...]:
    bits, shift = type_.size or 32, place if (type_.size or 32) > 7 else 0
    if type_.unsigned:
        return 2**bits - 1 - shift, 0, shift % 2, 1
    return 2 ** (bits - 1) - 1 - shift, -(2 ** (bits - 1)) + shift, shift, shift + 1


def _decimal(type_: ColumnType, place: int) -> tuple[Decimal, ...]:
    top = Decimal("9" * min(type_.size or 10, 30)).scaleb(-type_.scale)
    step = Decimal(place % 9).scaleb(-type_.scale)
    return top - step, Decimal(0) if type_.unsigned else step - top, step, step


def _datetime(type_: ColumnType, place: int) -> tuple[datetime, ...]:
    # TIMESTAMP of MySQL has a range of its own; a day less at either end is within it in every time zone.
    narrow = type_.name == "timestamp"
    largest = datetime(2038, 1, 17) if narrow else datetime(9999, 12, 31, 23, 59, 59)
    fraction = int("123456"[: type_.size or 0].ljust(6, "0"))
    odd = datetime(2024, 2, 29, 12, 34, 56, fraction) + timedelta(hours=place)
    return largest - timedelta(minutes=place), datetime(1970 if narrow else 1000, 1, 3, place % 24), odd, odd


def _time(type_: ColumnType, place: int) -> tuple[time, ...]:
    fraction = int("123456"[: type_.size or 0].ljust(6, "0"))
    return time(23, 59 - place % 60, 59), time(0), time(12, place % 60, 56, fraction), time(1)


def _date(_type: ColumnType, place: int) -> tuple[date, ...]:
    days = timedelta(days=place)
    return date(9999, 12, 31) - days, date(1000, 1, 1) + days, date(2024, 2, 29) + days, date(2001, 2, 3)


def _binary(type_: ColumnType, place: int) -> tuple[bytes, ...]:
    return b"\xff\x00'\\" * (min(type_.size or 8, LONG) // 4), b"", bytes([place % 256]), b"x"


_EDGES: dict[str, Callable[[ColumnType, int], tuple[Any, ...]]] = {
    "integer": _integer,
    "boolean": lambda _type, place: (1, 0, place % 2, 1),
    "decimal": _decimal,
    # They are exact in binary, so that a change of precision and back gives the same.
    "float": lambda _type, place: (1_048_576.5 + place, -1_048_576.5 - place, 0.25 * place, 0.5),
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "year": lambda _type, place: (2155 - place % 200, 1901, 2000, 1999),
    "binary": _binary,
}


def distinct_value(type_: ColumnType, number: int, charset: str) -> Any:
    """Return the value with this number, from 1: different numbers give different values until the type has no more."""
    if type_.family in {"enum", "set"}:
        return type_.values[number % len(type_.values)] if type_.values else ""
    if type_.family in _DISTINCT:
        return _DISTINCT[type_.family](number)
    if type_.family == "binary":
        return number.to_bytes(4, "big")[-(type_.size or 4) :]
    text = str(number)
    if type_.family == "json" or (type_.size and type_.size < len(text) + 2):
        return text[-(type_.size or len(text)) :]
    return f"{text}-{TEXTS.get(charset, ASCII).strip()}"[: type_.size]


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


def distinct_rank(type_: ColumnType) -> int:
    """Return how badly a type suits values that differ from each other; 0 is well."""
    return {"boolean": 3, "enum": 3, "set": 3, "json": 2, "text": 1, "binary": 1}.get(type_.family, 0)
