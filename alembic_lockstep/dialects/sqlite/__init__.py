"""SQLite: files, batch mode, and transactions that hold DDL."""

from __future__ import annotations

from functools import cached_property

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.traits import Traits


class Dialect(base.Dialect):
    """SQLite."""

    name = "sqlite"
    traits = Traits(batch_alter=True, enforces_foreign_keys_during_ddl=False, memory_is_engine=True)

    @cached_property
    def comparison(self) -> base.Comparison:
        from alembic_lockstep.dialects.sqlite.comparison import Comparison

        return Comparison()

    @cached_property
    def schema(self) -> base.Schema:
        from alembic_lockstep.dialects.sqlite.schema import Schema

        return Schema()

    @cached_property
    def scratch(self) -> base.Scratch:
        from alembic_lockstep.dialects.sqlite.scratch import Scratch

        return Scratch()

    @cached_property
    def rows(self) -> base.Rows:
        from alembic_lockstep.dialects.sqlite.rows import Rows

        return Rows()

    @cached_property
    def live(self) -> base.Live:
        from alembic_lockstep.dialects.sqlite.live import Live

        return Live()
