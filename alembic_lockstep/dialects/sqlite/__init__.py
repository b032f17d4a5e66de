"""SQLite: files, batch mode, and transactions that hold DDL."""

from __future__ import annotations

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.traits import Traits


class Dialect(base.Dialect):
    """SQLite."""

    name = "sqlite"
    traits = Traits(batch_alter=True, enforces_foreign_keys_during_ddl=False, memory_is_engine=True)
