"""The contents of the server's one database: its tables and views, and the foreign keys between tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.memory_mysql.constraints import ForeignKey
    from alembic_lockstep.memory_mysql.table import Table
    from alembic_lockstep.schema.sql import Cursor

NAME = "scratch"
COLLATION = "utf8mb4_0900_ai_ci"
"""The default collation of a database that is given none."""


@dataclass(slots=True)
class Database:
    """The database.

    Attributes:
        collation: that of tables which are given none.
        tables: the tables by name.
        views: the names of the views.
        triggered: names that triggers mention: tables into which a trigger may put rows.
        has_other_objects: views, triggers or routines were created, changed or dropped.
        foreign_key_checks: the session variable.
    """

    collation: str = COLLATION
    tables: dict[str, Table] = field(default_factory=dict)
    views: set[str] = field(default_factory=set)
    triggered: set[str] = field(default_factory=set)
    has_other_objects: bool = False
    foreign_key_checks: bool = True

    def table(self, name: str) -> Table:
        """Return the table of this name.

        Raises:
            ProgrammingError: there is none.
        """
        try:
            return self.tables[name]
        except KeyError:
            raise ProgrammingError(1146, f"Table '{NAME}.{name}' doesn't exist") from None

    def rename_table(self, table: Table, new: str) -> None:
        """Rename a table and update the foreign keys that refer to it.

        Raises:
            OperationalError: the name is taken.
        """
        if new in self.tables:
            raise OperationalError(1050, f"Table '{new}' already exists")
        old = table.name
        table.rename(new)
        self.tables[new] = self.tables.pop(old)
        for other in self.tables.values():
            for key in other.foreign_keys:
                key.referred_table = new if key.referred_table == old else key.referred_table

    def require_not_referenced(self, name: str, dropped: list[str]) -> None:
        """Refuse to drop a table to which a foreign key of a remaining table refers.

        Args:
            name: the table.
            dropped: all tables that the statement drops.

        Raises:
            OperationalError: such a foreign key exists.
        """
        for other in self.tables.values():
            keys = [key for key in other.foreign_keys if key.referred_table == name]
            if keys and other.name not in dropped and self.foreign_key_checks:
                by = f"a foreign key constraint '{keys[0].name}' on table '{other.name}'"
                raise OperationalError(3730, f"Cannot drop table '{name}' referenced by {by}.")

    def check_references(self, table: Table) -> None:
        """Check that the tables and columns to which a table's foreign keys refer exist.

        Raises:
            OperationalError: one is missing.
        """
        for key in table.foreign_keys:
            parent = table if key.referred_table == table.name else self.tables.get(key.referred_table)
            if parent is not None:
                key.referred_columns = [_referred_column(key, name, parent) for name in key.referred_columns]
            elif self.foreign_key_checks:
                raise OperationalError(1824, f"Failed to open the referenced table '{key.referred_table}'")

    def check_referrers(self, table: Table, renamed: Mapping[str, str]) -> None:
        """Check that a changed table still has the columns and indexes to which other tables refer.

        Args:
            table: as it will be.
            renamed: new names of its columns by their old ones.

        Raises:
            OperationalError: one is missing.
        """
        for other in self.tables.values():
            for key in [
                key for key in other.foreign_keys if key.referred_table == table.name and other.name != table.name
            ]:
                referred = [renamed.get(name, name) for name in key.referred_columns]
                needed = f"needed in a foreign key constraint '{key.name}' of table '{other.name}'"
                for name in referred:
                    if table.find(name) is None:
                        raise OperationalError(1829, f"Cannot drop column '{name}': {needed}")
                if self.foreign_key_checks and not any(each.begins_with(referred) for each in table.keys):
                    raise OperationalError(1553, f"Cannot drop the index of {', '.join(referred)}: {needed}")


def _referred_column(key: ForeignKey, name: str, parent: Table) -> str:
    """Return the name of a referred column as its table spells it."""
    column = parent.find(name)
    if column is None:
        missing = f"Missing column '{name}' for constraint '{key.name}' in the table '{key.referred_table}'"
        raise OperationalError(3734, f"Failed to add the foreign key constraint. {missing}")
    return column.name


def table_name(cursor: Cursor) -> str:
    """Take the name of a table or view, with or without the database's.

    Raises:
        NeedsServerError: it is in another database.
    """
    name = cursor.next().text
    if cursor.peek().text == ".":
        if name != NAME:
            raise NeedsServerError(f"names a table of another database, {name}")
        cursor.next()
        name = cursor.next().text
    return name
