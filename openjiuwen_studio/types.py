"""Column types that differ between MySQL and SQLite; DB_TYPE decides while this module is imported."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, String, Text
from sqlalchemy.dialects.mysql import LONGTEXT, MEDIUMTEXT

from openjiuwen_studio.settings import settings

# What a JSON column holds.
Json = dict[str, Any] | list[Any]

# Only an INTEGER primary key counts up by itself on SQLite.
BigId: type[Integer] = BigInteger if settings.DB_TYPE == "mysql" else Integer

# The SQLite edition keeps whether an evaluation has passed as a number.
Passed: type[Boolean | Integer] = Boolean if settings.DB_TYPE == "mysql" else Integer

# TEXT ends after 64 KiB on MySQL and has no end on SQLite.
MediumText: type[String] = MEDIUMTEXT if settings.DB_TYPE == "mysql" else Text
LongText: type[String] = LONGTEXT if settings.DB_TYPE == "mysql" else Text
