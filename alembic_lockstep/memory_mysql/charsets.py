"""Character sets and collations under the names that the server gives them."""

from __future__ import annotations

from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError

_GENERAL = (
    "armscii8 ascii cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 euckr:korean geostd8 greek hebrew hp8:english "
    "keybcs2 koi8r koi8u latin1:swedish latin2 latin5:turkish latin7 macce macroman dec8:swedish swe7:swedish "
    "tis620:thai big5:chinese cp932:japanese eucjpms:japanese gb18030:chinese gb2312:chinese gbk:chinese "
    "sjis:japanese ucs2 ujis:japanese utf16 utf16le utf32 utf8mb3"
)
COLLATIONS = {
    name: f"{name}_{language or 'general'}_ci"
    for name, _, language in (each.partition(":") for each in _GENERAL.split())
} | {"utf8mb4": "utf8mb4_0900_ai_ci", "binary": "binary"}
"""The default collation of each character set."""
_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "ucs2": 2, "utf16": 4, "utf32": 4, "gbk": 2, "gb2312": 2, "gb18030": 4, "big5": 2,
          "cp932": 2, "eucjpms": 3, "euckr": 2, "sjis": 2, "ujis": 3, "utf16le": 4}  # fmt: skip
_ALIASES = {"utf8": "utf8mb3"}


def charset(name: str) -> str:
    """Return the server's name of a character set.

    Raises:
        OperationalError: there is none of this name.
    """
    name = _ALIASES.get(name.lower(), name.lower())
    if name not in COLLATIONS:
        raise OperationalError(1115, f"Unknown character set: '{name}'")
    return name


def collation(name: str) -> str:
    """Return the server's name of a collation.

    Raises:
        OperationalError: there is no such character set.
    """
    name = name.lower().replace("utf8_", "utf8mb3_")
    if charset_of(name) not in COLLATIONS:
        raise OperationalError(1273, f"Unknown collation: '{name}'")
    return name


def check_fit(charset: str | None, collation: str) -> None:
    """Check that a collation is one of a character set.

    Raises:
        OperationalError: it is one of another.
    """
    if charset is not None and charset_of(collation) != charset:
        raise OperationalError(1253, f"COLLATION '{collation}' is not valid for CHARACTER SET '{charset}'")


def of_database(charset_name: str, collation_name: str) -> str:
    """Return the default collation of a database that is given these; empty for none.

    Raises:
        OperationalError: the character set or the collation is unknown.
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
