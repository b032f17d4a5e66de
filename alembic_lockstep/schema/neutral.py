"""The form in which the schemas of twins are compared, whatever their dialects call things."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from alembic_lockstep.schema.snapshot import columns
from alembic_lockstep.schema.types import TEXT_BYTES, ColumnType, kind_of

if TYPE_CHECKING:
    from alembic_lockstep.schema.snapshot import Attributes, Parts

_WRAPPED = re.compile(r"\((?:[^()']|'(?:[^']|'')*'|\((?:[^()']|'(?:[^']|'')*'|\([^()]*\))*\))*\)", re.DOTALL)
"""What stands in parentheses as a whole."""
_TODAY = re.compile(r"(?i)(curdate\(\)|current_date(\(\))?)")
_NUMBER = re.compile(r"(?<!\w)\((-?[\d.]+)\)")
"""A number in parentheses: MySQL makes -(1) of -1."""
_LITERAL = re.compile(r"b?'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}
_NOW = re.compile(r"(?i)\(?(now|current_timestamp|localtime|localtimestamp)(\(\d*\))?\)?")


def neutral(parts: Parts) -> Parts:
    """Return a table in the form in which twins are compared.

    Left out is what one of the dialects does not have (comments, engines, collations), what it does by itself (the
    index of a foreign key), and names of constraints and indexes: they are unique in a file of SQLite.
    """
    made: Parts = {"": {"view": True} if "view" in parts.get("", {}) else {}}
    for name, column in columns(parts).items():
        of = kind_of(parts, name)
        made[f"column {name}"] = {
            "type": _type(of, column["type"]), "nullable": column["nullable"],
            "default": _default(column["default"], of), "computed": "computed" in column,
        }  # fmt: skip
    if "primary key" in parts:
        made["primary key"] = {"columns": parts["primary key"]["columns"]}
        for name in parts["primary key"]["columns"]:  # SQLite lets those of a key be NULL, and nobody means it
            made.get(f"column {name}", {})["nullable"] = False
    for part, attributes in parts.items():
        made |= _neutral_part(part, attributes, parts)
    return made


def _neutral_part(part: str, attributes: Attributes, parts: Parts) -> Parts:
    if part.startswith("foreign key"):
        actions = {
            name: "NO ACTION" if attributes[name] == "RESTRICT" else attributes[name]
            for name in ("on_delete", "on_update")
        }
        to = f"{attributes['refers_to']} ({', '.join(attributes['refers_to_columns'])})"
        return {part: {"refers_to": to, **actions}}
    if part.startswith("unique "):
        return {part: {}}
    if part.startswith("index ") and not _serves_foreign_key(part.removeprefix("index "), attributes, parts):
        keys = ", ".join(_index_column(column) for column in attributes["columns"])
        where = f" where {attributes['where']}" if "where" in attributes else ""
        return {f"{'unique' if attributes['unique'] else 'index'} ({keys}){where}": {}}
    return {}


def _serves_foreign_key(name: str, index: Attributes, parts: Parts) -> bool:
    """Return whether MySQL has made this index for a foreign key: it has the name of the key, or of its column."""
    return not index["unique"] and any(
        index["columns"] == key["columns"] and name in {key["name"], key["columns"][0]}
        for part, key in parts.items()
        if part.startswith("foreign key")
    )


def _index_column(text: str) -> str:
    text = re.sub(r"^(\w+)\(\d+\)", r"\1", text)  # SQLite has no prefixes
    return re.sub(r"^\((.*)\)$", r"\1", text).removesuffix(" ASC")


def _type(of: ColumnType, written: str) -> str:  # noqa: PLR0911 - a family each
    match of.family:
        case "string" | "enum" | "set":
            return f"string({of.size})" if of.size else "string"
        case "text" if "(" in written:  # MySQL makes the smallest of it that takes so many characters of four bytes
            return next((name for name, size in TEXT_BYTES.items() if size >= 4 * (of.size or 0)), "longtext")
        case "text":
            return of.name if of.name in {"tinytext", "mediumtext", "longtext"} else "text"
        case "decimal":
            return f"decimal({of.size}, {of.scale})"
        case "uuid":  # CHAR(32) where there is no such type
            return "string(32)"
        case "unknown":
            return of.name
        case _:
            return of.family


def _default(text: str | None, of: ColumnType) -> str | None:
    if text is None:
        return None
    bare = re.sub(r"_\w+ ?(?=')", "", text)
    while _WRAPPED.fullmatch(bare):
        bare = bare[1:-1]
    literal = _LITERAL.fullmatch(bare)
    if literal is None:
        return _expression(bare)
    value = _ESCAPE.sub(lambda found: _ESCAPES.get(found.group(1), found.group(1)), literal.group(1)).replace("''", "'")
    is_text = of.family in {"string", "text", "enum", "set"}
    return repr(value) if is_text else _number(value) or repr(value)


def _expression(text: str) -> str:
    """Return a default that is no literal."""
    if _NOW.fullmatch(text):
        return "now"
    if _TODAY.fullmatch(text):
        return "today"
    plain = {"true": "1", "false": "0"}.get(text.lower(), _NUMBER.sub(r"\1", text))
    return _number(plain) or re.sub(r"\s+", "", plain).lower()


def _number(text: str) -> str:
    """Return a number in one way of writing it, empty for what is none."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return ""
