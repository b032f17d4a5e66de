"""Rows on MySQL and MariaDB."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import StatementLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa


PASSING = frozenset([1205, 1213, 1020])
"""Lock wait timeout, deadlock, and MariaDB's `Record has changed since last read`."""


class Rows(base.Rows):
    """MySQL and MariaDB."""

    mark = "%s"
    only_defaults = "() VALUES ()"

    def limits(self, connection: sa.Connection) -> StatementLimits:
        # The drivers put values into the text: a character takes four bytes at most, and a backslash before it.
        packet = int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one())
        return StatementLimits(values=packet // 128, characters=packet // 16)

    def may_pass(self, error: sa.exc.DBAPIError) -> bool:
        return getattr(error.orig, "args", (None,))[0] in PASSING

    @contextmanager
    def without_foreign_key_checks(self, connection: sa.Connection) -> Iterator[None]:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        try:
            yield
        finally:
            connection.exec_driver_sql("SET foreign_key_checks = 1")

    def violations(self, connection: sa.Connection) -> None:
        """Return nothing: the server enforces foreign keys itself."""

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        return []
