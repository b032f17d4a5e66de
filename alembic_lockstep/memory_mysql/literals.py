"""Names and string literals, as statements have them and as the server writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.schema.sql import Token

_ESCAPES = {"n": "\n", "r": "\r", "0": "\0", "t": "\t", "b": "\b", "Z": "\x1a"}
_BEYOND = "????"
"""What the server shows in an expression for a character of four bytes."""


def quoted(name: str) -> str:
    """Return a name in backquotes."""
    return f"`{name.replace('`', '``')}`"


def literal(token: Token) -> str:
    """Return a string literal as the server writes it: backslashes, line ends and NUL escaped, quotes doubled."""
    return encoded(decoded(token.text))


def decoded(text: str) -> str:
    """Return the value of a string literal."""
    inner = text[1:-1].replace("''", "'") if text[:1] == "'" else text[1:-1].replace('""', '"')
    # Before a wildcard of LIKE the server keeps the backslash.
    return re.sub(r"\\([^%_])", lambda match: _ESCAPES.get(match[1], match[1]), inner, flags=re.DOTALL)


def encoded(value: str) -> str:
    """Return the string literal of a value."""
    for plain, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\n", "\\n"), ("\r", "\\r"), ("'", "''")):
        value = value.replace(plain, escaped)
    return f"'{value}'"


def within_expression(value: str) -> str:
    """Return the string literal of a value within an expression, where the server escapes quotes with backslashes."""
    inner = encoded(value)[1:-1].replace("''", "\\'")
    return "'" + re.sub(r"[^\u0000-\uffff]", _BEYOND, inner) + "'"
