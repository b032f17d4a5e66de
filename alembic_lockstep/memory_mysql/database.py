"""The contents of the server's one database: its tables and views, and the foreign keys between tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import foreign_key_rules, table_rules
from alembic_lockstep.memory_mysql.constraints import Check
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError, ProgrammingError
from alembic_lockstep.memory_mysql.identifiers import require_name, require_no_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alembic_lockstep.memory_mysql.columns import Column
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
            DatabaseError: there is none.
        """
        if name in self.tables:
            return self.tables[name]
        if name in self.views:
            raise OperationalError(1347, f"'{NAME}.{name}' is not BASE TABLE")
        raise no_table(name)

    def put(self, table: Table, before: Table | None = None, renamed: Mapping[str, str] | None = None) -> None:
        """Put a new or changed table into the database.

        Args:
            table: as it will be, with the new names of its columns.
            before: as it was; None if the statement creates it.
            renamed: new names of its columns by their old ones.

        Raises:
            OperationalError: MySQL would refuse the statement.
        """
        names = renamed or {}
        table_rules.check(table, created=before is None)
        self._check_names(table, before)
        self._check_foreign_keys(table, before, names)
        for other in self.tables.values():
            for key in other.foreign_keys:
                if key.referred_table == table.name:
                    key.referred_columns = [names.get(name, name) for name in key.referred_columns]
        self.tables[table.name] = table

    def rename_table(self, table: Table, new: str) -> None:
        """Rename a table and update the foreign keys that refer to it.

        Raises:
            OperationalError: the name is taken, or one that a constraint gets.
        """
        if new == table.name:
            return
        self.require_free(new)
        old, renamed = table.name, table.draft()
        renamed.rename(new)
        for check, as_before in zip(renamed.checks, table.checks, strict=True):
            check.condition = as_before.condition  # a copy spells names as the table does
        self._check_names(renamed, None)
        self._check_foreign_keys(renamed, None, {})
        self.tables[new] = renamed
        del self.tables[old]
        for other in self.tables.values():
            for key in other.foreign_keys:
                key.referred_table = new if key.referred_table == old else key.referred_table

    def require_free(self, name: str) -> None:
        """Refuse the name of a table or view for a new one.

        Raises:
            OperationalError: there is one.
        """
        if name in self.tables or name in self.views:
            raise OperationalError(1050, f"Table '{name}' already exists")

    def _check_names(self, table: Table, before: Table | None) -> None:
        """Check that the names of a table's new constraints are those of no other in the database.

        The name of a foreign key is not free in the statement that drops it, that of a CHECK is.
        """
        constraints: list[Check | ForeignKey] = [*table.checks, *table.foreign_keys]
        new = [each for each in constraints if each.is_new]
        if not new:
            return
        others = [other for other in self.tables.values() if other is not before]
        checks = {check.name.lower() for other in others for check in other.checks}
        keys = {key.name.lower() for other in self.tables.values() for key in other.foreign_keys}
        for each in new:
            require_name(each.name, "constraint")
            if isinstance(each, Check) and each.name.lower() in checks:
                raise OperationalError(3822, f"Duplicate check constraint name '{each.name}'.")
            if not isinstance(each, Check) and each.name.lower() in keys:
                raise OperationalError(1826, f"Duplicate foreign key constraint name '{each.name}'")

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

    def _check_foreign_keys(self, table: Table, before: Table | None, renamed: Mapping[str, str]) -> None:
        """Check the foreign keys of a table, and those that refer to it."""
        referring = [
            (other, key, [renamed.get(name, name) for name in key.referred_columns])
            for other in self.tables.values()
            for key in other.foreign_keys
            if key.referred_table == table.name and other.name != table.name
        ]
        itself = [(table, key, key.referred_columns) for key in table.foreign_keys if key.referred_table == table.name]
        referred = [*referring, *(each for each in itself if not each[1].is_new)]
        if before is not None:
            for child, key, names in referred:
                _require_referred(table, before, child, key, names)
        for child, key, names in referring:
            any_text = before is not None and not self.foreign_key_checks
            foreign_key_rules.check_pair(child, key, table, names, any_text=any_text)
        for key in table.foreign_keys:
            self._check_parent(table, key)
        if before is not None and self.foreign_key_checks:
            _check_types(table, before, renamed, [(key, names) for _child, key, names in referred])

    def _check_parent(self, table: Table, key: ForeignKey) -> None:
        """Check a foreign key against the table to which it refers."""
        parent = table if key.referred_table == table.name else self.tables.get(key.referred_table)
        if parent is not None:
            any_text = not key.is_new and not self.foreign_key_checks
            foreign_key_rules.check_pair(table, key, parent, key.referred_columns, any_text=any_text)
            key.referred_columns = [parent.column(name).name for name in key.referred_columns]
        elif key.is_new and self.foreign_key_checks:
            raise OperationalError(1824, f"Failed to open the referenced table '{key.referred_table}'")


def _check_types(
    table: Table, before: Table, renamed: Mapping[str, str], referred: list[tuple[ForeignKey, list[str]]]
) -> None:
    """Check that the columns of foreign keys on either side are stored as before."""
    old = {new: name for name, new in renamed.items()}

    def pairs(names: Iterable[str]) -> Iterator[tuple[Column, Column]]:
        for name in names:
            columns = before.find(old.get(name, name)), table.find(name)
            if columns[0] is not None and columns[1] is not None:
                yield columns[0], columns[1]

    for key, names in referred:
        foreign_key_rules.check_unchanged(pairs(names), 1833, key)
    for key in table.foreign_keys:
        if not key.is_new:
            foreign_key_rules.check_unchanged(pairs(key.columns), 1832, key)


def _require_referred(table: Table, before: Table | None, child: Table, key: ForeignKey, referred: list[str]) -> None:
    """Check that a changed table still has the columns and the unique key to which a foreign key refers."""
    needed = f"needed in a foreign key constraint '{key.name}' of table '{child.name}'"
    for name in referred:
        if table.find(name) is None:
            raise OperationalError(1829, f"Cannot drop column '{name}': {needed}")
    keys = before.keys if before is not None else []
    had = any(foreign_key_rules.is_parent_key(each, key.referred_columns) for each in keys)
    if had and not any(foreign_key_rules.is_parent_key(each, referred) for each in table.keys):
        raise OperationalError(1553, f"Cannot drop the index of {', '.join(referred)}: {needed}")


def no_table(name: str) -> ProgrammingError:
    """Return the error about a table that does not exist."""
    return ProgrammingError(1146, f"Table '{NAME}.{name}' doesn't exist")


def table_name(cursor: Cursor) -> str:
    """Take the name of a table or view, with or without the database's.

    Raises:
        DatabaseError: MySQL does not take it as a name.
        NeedsServerError: it is in another database.
    """
    require_no_word(cursor.peek())
    name = cursor.next().text
    if cursor.peek().text == ".":
        if name != NAME:
            raise NeedsServerError(f"names a table of another database, {name}")
        cursor.next()
        name = cursor.next().text
    require_name(name, "table")
    return name
