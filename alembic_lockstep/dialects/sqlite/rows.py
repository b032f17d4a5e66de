"""Rows in SQLite."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import StatementLimits

if TYPE_CHECKING:
    import sqlalchemy as sa


class Rows(base.Rows):
    """SQLite."""

    def limits(self, connection: sa.Connection) -> StatementLimits:
        driver: Any = connection.connection.driver_connection
        values = driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        return StatementLimits(values, driver.getlimit(sqlite3.SQLITE_LIMIT_LENGTH))

    def stored(self, value: Any) -> Any:
        match value:
            case Decimal():
                return float(value)
            case int():
                return min(value, 2**63 - 1)
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M:%S.%f")
            case time():
                return value.strftime("%H:%M:%S.%f")
            case date():
                return value.isoformat()
            case _:
                return value

    def violations(self, connection: sa.Connection) -> list[Any]:
        return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]

    def new_violations(self, connection: sa.Connection, before: object) -> list[str]:
        known = before if isinstance(before, list) else []
        broken = self.violations(connection)
        # By number: batch mode numbers rows and keys anew, and a rename changes the tables' names.
        if len(broken) <= len(known):
            return []
        return sorted(
            f"row {rowid} of {table} refers to a row of {parent} that is gone"
            for table, rowid, parent, key in broken
            if (table, rowid, parent, key) not in known
        )
