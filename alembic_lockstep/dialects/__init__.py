"""What differs between dialects: one package each, reached through `get`; no other room branches on the dialect.

A dialect is a package with a class `Dialect` that implements `base.Dialect`, and a module `alembic_impl` for what
Alembic has to know of it. To add one, write the package, name it in `LABELS` and give it sections in alembic.ini.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_lockstep.dialects.base import Dialect

LABELS = {"mysql": "MySQL", "sqlite": "SQLite"}
IMAGES = {"mysql": ("mysql:9.7", "mysql:8.4", "mariadb:11.8", "mariadb:11.4", "mariadb:10.11")}
"""The servers on which `nox -s migrations-on` proves the chains of a dialect; those of a file have none."""


ALIASES = {"mariadb": "mysql"}
"""Names under which SQLAlchemy knows the servers of a dialect, too."""


@cache
def get(name: str) -> Dialect:
    """Return the dialect called `name`, one of `LABELS` or `ALIASES`, with what Alembic has to know of it."""
    name = ALIASES.get(name, name)
    dialect: Dialect = importlib.import_module(f"alembic_lockstep.dialects.{name}").Dialect()
    importlib.import_module(f"alembic_lockstep.dialects.{name}.alembic_impl")
    return dialect
