"""The schema of a database at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.schema.sql import VERSION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.schema.table import Table


@dataclass(slots=True)
class Snapshot:
    """The schema of one database.

    Attributes:
        tables: the tables and views by name. One that did not change is the same object in two snapshots.
        source: what each table was read from, where that is cheap to compare.

    A version table of Alembic's is left out, whatever `version_table` calls it.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    source: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {name: table for name, table in self.tables.items() if list(table.columns) != VERSION_COLUMNS}

    def names(self) -> dict[str, list[str]]:
        """Return the tables by their names in lower case; on some servers two can differ in that alone."""
        found: dict[str, list[str]] = {}
        for name in self.tables:
            found.setdefault(name.lower(), []).append(name)
        return found

    def has_triggers(self) -> bool:
        """Return whether any table has a trigger."""
        return any(table.triggers for table in self.tables.values())

    def with_referring_tables(self, names: set[str]) -> set[str]:
        """Return tables with those whose foreign keys refer to them, directly or over other tables."""
        found, added = set(names), set(names)
        while added:
            added = {
                name
                for name, table in self.tables.items()
                if name not in found and not added.isdisjoint(table.referred_tables())
            }
            found |= added
        return found

    def changed_tables(self, other: Snapshot) -> set[str]:
        """Return the tables that are not the same object in two snapshots, or are in one of them only."""
        names = self.tables.keys() | other.tables.keys()
        return {name for name in names if self.tables.get(name) is not other.tables.get(name)}
