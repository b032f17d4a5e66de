"""MySQL and MariaDB: servers, DDL that commits, unique constraints that are indexes."""

from __future__ import annotations

from functools import cached_property

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.traits import Traits


class Dialect(base.Dialect):
    """MySQL, and MariaDB where it is spoken to as MySQL."""

    name = "mysql"
    traits = Traits(
        transactional_ddl=False,
        indexes_foreign_keys=True,
        long_text_default_needs_expression=True,
        set_default_refuses_long_text=True,
        backslash_escapes=True,
        invents_values=True,
    )

    @cached_property
    def comparison(self) -> base.Comparison:
        from alembic_lockstep.dialects.mysql.comparison import Comparison

        return Comparison()

    @cached_property
    def schema(self) -> base.Schema:
        from alembic_lockstep.dialects.mysql.schema import Schema

        return Schema()

    @cached_property
    def scratch(self) -> base.Scratch:
        from alembic_lockstep.dialects.mysql.scratch import Scratch

        return Scratch()

    @cached_property
    def rows(self) -> base.Rows:
        from alembic_lockstep.dialects.mysql.rows import Rows

        return Rows()

    @cached_property
    def live(self) -> base.Live:
        from alembic_lockstep.dialects.mysql.live import Live

        return Live()
