"""Calls whose arguments are parted by words instead of commas, or that have an INTERVAL or a unit among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import casts
from alembic_lockstep.memory_mysql.identifiers import RESERVED
from alembic_lockstep.schema.sql import Cursor, split

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic_lockstep.schema.sql import Token

    Read = Callable[[list[Token]], str]
    """Returns an expression as the server writes it."""

UNITS = frozenset("MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR".split()) | {
    word for word in RESERVED if re.fullmatch(r"(DAY|HOUR|MINUTE|SECOND|YEAR)_\w+", word)
}
"""The units of an INTERVAL."""


def read(name: str, group: list[Token], inner: Read) -> str | None:
    """Return a call as the server writes it, None if its arguments are parted by commas alone.

    Args:
        name: the function, in lower case.
        group: what is in its parentheses.
        inner: reads an argument.
    """
    if name in {"date_add", "date_sub", "adddate", "subdate"}:
        return _moved("+" if "add" in name else "-", group, inner)
    form = _FORMS.get(name)
    return form(group, inner) if form else None


def _parted(tokens: list[Token], inner: Read, *words: str) -> list[str] | None:
    """Return arguments that words part, None if the first of the words is missing."""
    parts: list[list[Token]] = [[]]
    rest = list(words)
    for token in tokens:
        if rest and token.kind == "word" and token.text.upper() == rest[0]:
            parts.append([])
            rest.pop(0)
        else:
            parts[-1].append(token)
    return [inner(part) for part in parts] if len(parts) > 1 else None


def _trim(group: list[Token], inner: Read) -> str | None:
    side = group[0].text.lower() if group and group[0].text.upper() in {"BOTH", "LEADING", "TRAILING"} else ""
    found = _parted(group[1 if side else 0 :], inner, "FROM")
    return f"trim({f'{side} ' if side else ''}{found[0]} from {found[1]})" if found else None


def _substring(group: list[Token], inner: Read) -> str | None:
    found = _parted(group, inner, "FROM", "FOR")
    return f"substr({','.join(found)})" if found else None


def _position(group: list[Token], inner: Read) -> str | None:
    found = _parted(group, inner, "IN")
    return f"locate({found[0]},{found[1]})" if found else None


def _extract(group: list[Token], inner: Read) -> str:
    return f"extract({group[0].text.lower()} from {inner(group[2:])})"


def _moved(operator: str, group: list[Token], inner: Read) -> str | None:
    """Read DATE_ADD and its like, whose second argument is an INTERVAL."""
    first, second = split(group)
    if second[0].text.upper() != "INTERVAL" or second[-1].text.upper() not in UNITS:
        return None
    return f"({inner(first)} {operator} interval {inner(second[1:-1])} {second[-1].text.lower()})"


def _timestamp_add(group: list[Token], inner: Read) -> str:
    unit, number, moment = split(group)
    return f"({inner(moment)} + interval {inner(number)} {unit[0].text.lower()})"


def _timestamp_difference(group: list[Token], inner: Read) -> str:
    unit, *others = split(group)
    return f"timestampdiff({unit[0].text.upper()},{','.join(inner(each) for each in others)})"


def _json_value(group: list[Token], inner: Read) -> str | None:
    document, path = split(group)
    at = next((n for n, token in enumerate(path) if token.text.upper() == "RETURNING"), None)
    type_ = casts.cast_type(Cursor(path, at + 1)) if at is not None else None
    return f"json_value({inner(document)}, {inner(path[:at])} returning {type_})" if type_ else None


_FORMS: dict[str, Callable[[list[Token], Read], str | None]] = {
    "trim": _trim,
    **dict.fromkeys(["substring", "substr", "mid"], _substring),
    "position": _position,
    "extract": _extract,
    "timestampadd": _timestamp_add,
    "timestampdiff": _timestamp_difference,
    "json_value": _json_value,
}
