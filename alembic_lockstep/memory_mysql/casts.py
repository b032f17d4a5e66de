"""The types of CAST and CONVERT, as the server writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.schema.sql import Cursor

_PLAIN = {"date", "datetime", "time", "json", "double", "float", "year"}
_ALIASES = {"real": "double"}


def cast_type(cursor: Cursor) -> str | None:
    """Take a type up to the end of its tokens; return None if it is unknown."""
    name = cursor.next().text.lower()
    name = _ALIASES.get(name, name)
    arguments = [token.text for token in cursor.group() if token.text != ","] if cursor.opens() else []
    written = f"({','.join(arguments)})" if arguments else ""
    if name in {"signed", "unsigned"}:
        _ = cursor.take("INTEGER") or cursor.take("INT")
    elif name == "decimal":
        written = f"({','.join([*arguments, '10', '0'][: max(2, len(arguments))])})" if not arguments else written
        written = f"({arguments[0]},0)" if len(arguments) == 1 else written
    elif name in {"char", "binary"}:
        return _text_type(name, written, cursor)
    elif name not in _PLAIN:
        return None
    return f"{name}{written}" if cursor.over() else None


def _text_type(name: str, length: str, cursor: Cursor) -> str | None:
    charset = "binary" if name == "binary" else "utf8mb4"
    if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
        charset = cursor.next().text.lower()
    return f"char{length} charset {charset}" if cursor.over() else None
