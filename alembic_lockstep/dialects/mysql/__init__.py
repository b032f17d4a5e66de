"""MySQL and MariaDB: servers, DDL that commits, unique constraints that are indexes."""

from __future__ import annotations

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
        names_primary_keys=False,
        invents_values=True,
    )
