"""Column types that differ between MySQL and SQLite; DB_TYPE selects them when this module is imported."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, String, Text
from sqlalchemy.dialects.mysql import LONGTEXT, MEDIUMTEXT

from openjiuwen_studio.settings import settings

# The Python type of a JSON column.
Json = dict[str, Any] | list[Any]

# On SQLite only an INTEGER primary key is autoincremented.
BigId: type[Integer] = BigInteger if settings.DB_TYPE == "mysql" else Integer

# The SQLite edition stores the result of an evaluation as a number.
Passed: type[Boolean | Integer] = Boolean if settings.DB_TYPE == "mysql" else Integer

# TEXT is limited to 64 KiB on MySQL, and unlimited on SQLite.
MediumText: type[String] = MEDIUMTEXT if settings.DB_TYPE == "mysql" else Text
LongText: type[String] = LONGTEXT if settings.DB_TYPE == "mysql" else Text
