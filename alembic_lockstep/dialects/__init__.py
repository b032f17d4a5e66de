"""The dialects: one module each, reached through `get`; no other module asks which dialect it has.

A dialect module is a class `Dialect` that follows `alembic_lockstep.dialects.base.DialectBase`.
To add one, write the module, name it in `LABELS` and give it sections in alembic.ini.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.dialects.base import DialectBase

LABELS = {"mysql": "MySQL", "sqlite": "SQLite"}
IMAGES = {"mysql": ("mysql:9.7", "mysql:8.4", "mariadb:11.8", "mariadb:11.4", "mariadb:10.11")}
"""The servers on which `nox -s migrations-on` proves the chains of a dialect; those of a file have none."""


@cache
def get(name: str) -> DialectBase:
    """Return the dialect called `name`, one of `LABELS`; its module is imported on first use."""
    dialect: DialectBase = importlib.import_module(f"alembic_lockstep.dialects.{name}").Dialect()
    return dialect
