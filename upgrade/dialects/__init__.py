"""The dialects: one module each, reached through `get`; no other module asks which dialect it has.

A dialect module is a class `Dialect` that follows `upgrade.dialects.base.DialectBase`.
To add one, write the module, name it in `LABELS` and give it sections in alembic.ini.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upgrade.dialects.base import DialectBase

LABELS = {"mysql": "MySQL", "sqlite": "SQLite"}


@cache
def get(name: str) -> DialectBase:
    """Return the dialect called `name`, one of `LABELS`; its module is imported on first use."""
    dialect: DialectBase = importlib.import_module(f"upgrade.dialects.{name}").Dialect()
    return dialect
