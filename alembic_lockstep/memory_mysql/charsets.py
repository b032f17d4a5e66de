"""Character sets and collations under the names that the server gives them."""

from __future__ import annotations

from alembic_lockstep.errors import NeedsServerError

COLLATIONS = {"utf8mb4": "utf8mb4_0900_ai_ci", "utf8mb3": "utf8mb3_general_ci", "latin1": "latin1_swedish_ci",
              "ascii": "ascii_general_ci", "ucs2": "ucs2_general_ci", "utf16": "utf16_general_ci",
              "utf32": "utf32_general_ci", "gbk": "gbk_chinese_ci", "gb2312": "gb2312_chinese_ci",
              "gb18030": "gb18030_chinese_ci", "big5": "big5_chinese_ci", "latin2": "latin2_general_ci",
              "cp1251": "cp1251_general_ci", "cp1252": "cp1252_general_ci", "binary": "binary"}  # fmt: skip
"""The default collation of each character set."""
_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "ucs2": 2, "utf16": 4, "utf32": 4, "gbk": 2, "gb2312": 2, "gb18030": 4, "big5": 2}
_ALIASES = {"utf8": "utf8mb3"}


def charset(name: str) -> str:
    """Return the server's name of a character set.

    Raises:
        NeedsServerError: the character set is unknown.
    """
    name = _ALIASES.get(name.lower(), name.lower())
    if name not in COLLATIONS:
        raise NeedsServerError(f"has the character set {name}, which the in-memory MySQL server does not support")
    return name


def collation(name: str) -> str:
    """Return the server's name of a collation.

    Raises:
        NeedsServerError: its character set is unknown.
    """
    name = name.lower().replace("utf8_", "utf8mb3_")
    if charset_of(name) not in COLLATIONS:
        raise NeedsServerError(f"has the collation {name}, which the in-memory MySQL server does not support")
    return name


def of_database(charset_name: str, collation_name: str) -> str:
    """Return the default collation of a database that is given these; empty for none.

    Raises:
        NeedsServerError: the character set or the collation is unknown.
    """
    return collation(collation_name) if collation_name else COLLATIONS[charset(charset_name or "utf8mb4")]


def resolved(charset: object, collation: object, default: str) -> tuple[str, str]:
    """Return the character set and the collation of a text, of which one or both may not be given.

    Args:
        charset: that is given; None for none.
        collation: the same.
        default: the collation of what is given neither.
    """
    name = str(charset or "").lower()
    name = _ALIASES.get(name, name)
    found = str(collation or "").lower().replace("utf8_", "utf8mb3_") or COLLATIONS.get(name, "" if name else default)
    return name or charset_of(found), found


def charset_of(collation: str) -> str:
    """Return the character set of a collation."""
    return collation.partition("_")[0]


def bytes_per_character(charset: str) -> int:
    """Return the most bytes that a character takes."""
    return _BYTES.get(charset, 1)
