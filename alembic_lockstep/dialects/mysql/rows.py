"""Rows on MySQL and MariaDB."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic_lockstep.dialects import base

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa


class Rows(base.Rows):
    """MySQL and MariaDB."""

    mark = "%s"
    only_defaults = "() VALUES ()"

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
