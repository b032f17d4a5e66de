"""The indexes that foreign keys need in a revision, on servers that create one for each foreign key (MySQL).

Such a server creates an index for a foreign key that has none, drops it again when another index serves the foreign
key, keeps it when the foreign key is dropped, and refuses to drop the last index that serves a foreign key (1553).
Alembic sees none of that. `read` states the facts of each table, before and after the revision, once; what has to be
added to the operations is derived from them alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.dependencies import CHANGES_TABLE
from alembic_lockstep.autogenerate.things import table_of
from alembic_lockstep.comparison.operations import creates_index, drops_foreign_key, drops_index, index_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sqlalchemy as sa

    from alembic_lockstep.autogenerate.dependencies import Direction
    from alembic_lockstep.schema.table import Index, Table

Columns = tuple[str | None, ...]
"""The columns of an index; None for an expression."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of a table.

    Attributes:
        name: its name.
        columns: the columns that refer.
        referred_table: the table that they refer to.
        referred_columns: the columns that they refer to.
        ondelete: what happens to it when the row that it refers to is deleted.
        onupdate: the same for an update.
    """

    name: str
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    ondelete: str | None = None
    onupdate: str | None = None

    def create(self, table: str) -> ops.CreateForeignKeyOp:
        """Return the operation that creates it."""
        columns, referred = list(self.columns), list(self.referred_columns)
        options: dict[str, Any] = {"ondelete": self.ondelete, "onupdate": self.onupdate}
        return ops.CreateForeignKeyOp(self.name, table, self.referred_table, columns, referred, **options)


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The indexes and foreign keys of a table before a revision, and what the revision does to them.

    Attributes:
        table: its name.
        is_dropped: the whole table is dropped.
        indexes: the indexes before, with the primary key; without those that can serve no foreign key.
        created: the indexes that the revision creates.
        dropped: the names of the indexes that it drops.
        kept: the foreign keys before and after.
        removed: the foreign keys that it drops.
        added: the foreign keys that it creates.
        new_columns: the columns that it adds.
        old_columns: the columns that it drops.
    """

    table: str
    is_dropped: bool
    indexes: Mapping[str, Columns]
    created: Mapping[str, Columns]
    dropped: frozenset[str]
    kept: tuple[ForeignKey, ...]
    removed: tuple[ForeignKey, ...]
    added: tuple[ForeignKey, ...]
    new_columns: frozenset[str]
    old_columns: frozenset[str]

    def server_index(self, key: ForeignKey) -> str | None:
        """Return the index that the server has created for a foreign key, None if another one serves it.

        It is called like the foreign key, or like its first column if the foreign key was created without a name.
        """
        return next((name for name in (key.name, key.columns[0]) if self.indexes.get(name) == key.columns), None)

    def stand_ins(self) -> Iterator[tuple[ForeignKey, bool]]:
        """Yield the kept foreign keys whose indexes are all dropped, and whether a new one takes such an index's name.

        A new index under the name of the old one can only be created after it is dropped.
        """
        for key in self.kept:
            serving = _serving(self.indexes, key)
            created = _serving(self.created, key)
            if serving and serving <= self.dropped and created <= self.dropped:
                yield key, bool(created)

    def displaced(self) -> Iterator[tuple[ForeignKey, set[str]]]:
        """Yield the kept foreign keys whose server index goes by itself, and the new indexes that make it go."""
        for key in self.kept:
            created = _serving(self.created, key)
            if created and _serving(self.indexes, key) == {self.server_index(key)}:
                yield key, created

    def leftovers(self) -> Iterator[tuple[ForeignKey, str]]:
        """Yield the removed foreign keys whose server index would stay, or would come back under another name.

        A foreign key of the same name on the same columns goes on with it. For one of another name the server replaces
        it, but only if it knows that it has made it, which it does not in a copy of the database.
        """
        reused = {(key.name, key.columns) for key in self.added}
        for key in self.removed:
            name = self.server_index(key)
            if name is not None and (name != key.name or (key.name, key.columns) not in reused):
                yield key, name

    def new_server_indexes(self) -> list[str]:
        """Return the indexes that the server creates for added foreign keys, without those on new columns alone."""
        gone = self.dropped | {name for _key, name in self.leftovers()}
        serving = {name: columns for name, columns in {**self.indexes, **self.created}.items() if name not in gone}
        made: dict[str, Columns] = {}
        for key in self.added:
            if not _serving({**serving, **made}, key) and not self.new_columns.issuperset(key.columns):
                made[key.name] = key.columns
        return list(made)


def read(upgrade: Direction, before: sa.Inspector, tables: Mapping[str, Table]) -> list[TableKeys]:
    """Return the facts about the tables whose indexes or foreign keys a revision changes or drops.

    Args:
        upgrade: the revision; its constraints have names.
        before: the schema before it.
        tables: the same, as its server defines it.
    """
    created = {op.table_name for op in upgrade.ops if isinstance(op, ops.CreateTableOp)}
    dropped = [op.table_name for op in upgrade.ops if isinstance(op, ops.DropTableOp)]
    by_table: dict[str, list[Any]] = defaultdict(list)
    for op in upgrade.ops:
        if isinstance(op, CHANGES_TABLE) and table_of(op) not in {*created, *dropped}:
            by_table[table_of(op)].append(op)
    changed = {table: operations for table, operations in by_table.items() if any(map(_changes_keys, operations))}
    return [
        *(_read_table(table, operations, before, tables) for table, operations in changed.items()),
        *(_read_table(table, [], before, tables, is_dropped=True) for table in dropped),
    ]


def add_stand_ins(upgrade: Direction, tables: Iterable[TableKeys]) -> None:
    """Create an index for a foreign key before the last one that serves it is dropped.

    Args:
        upgrade: changed in place, before its downgrade is derived from it.
        tables: from `read`.
    """
    for table in tables:
        operations = upgrade.of_table(table.table)
        drops = [op for op in operations if drops_index(op)]
        for key in table.kept:
            created = [op for op in operations if creates_index(op) and index_name(op) in _serving(table.created, key)]
            upgrade.order += [
                (one, other) for one in created for other in drops if index_name(one) != index_name(other)
            ]
        for key, is_temporary in table.stand_ins() if drops else ():
            stand_in = ops.CreateIndexOp(key.name, table.table, list(key.columns))
            upgrade.add(stand_in, before=drops)
            if is_temporary:
                upgrade.add(stand_in.reverse(), after=[stand_in, *filter(creates_index, operations)])


def add_server_indexes(upgrade: Direction, downgrade: Direction, tables: Iterable[TableKeys]) -> None:
    """Add to both directions what the server does to indexes by itself in the other one, or fails to do.

    Args:
        upgrade: changed in place; its downgrade was derived from it already.
        downgrade: changed in place.
        tables: from `read`.
    """
    for table in tables:
        if table.is_dropped:
            _restore_indexes_of_dropped(table, downgrade)
        else:
            restored = _drop_leftovers(table, upgrade, downgrade)
            _restore_displaced(table, downgrade)
            drops = [op for op in downgrade.of_table(table.table) if drops_foreign_key(op)]
            for name in table.new_server_indexes():  # after all of them: it may serve several
                downgrade.add(ops.DropIndexOp(name, table.table), after=drops, before=restored)


def _restore_indexes_of_dropped(table: TableKeys, down: Direction) -> None:
    """Restore the indexes called like a column: with a foreign key that has a name now they would be called like it."""
    create = next(op for op in down.ops if isinstance(op, ops.CreateTableOp) and op.table_name == table.table)
    for key in table.removed:
        name = table.server_index(key)
        if name is not None and name != key.name:
            down.add(ops.CreateIndexOp(name, table.table, list(key.columns)), after=[create])


def _drop_leftovers(table: TableKeys, up: Direction, down: Direction) -> list[ops.CreateIndexOp]:
    """Drop the server index of a removed foreign key; it comes back by itself if it is called like the foreign key.

    Returns:
        What restores those that do not.
    """
    restored: list[ops.CreateIndexOp] = []
    for key, name in table.leftovers():
        index = ops.CreateIndexOp(name, table.table, list(key.columns))
        if not table.old_columns.issuperset(key.columns):
            drops = [op for op in up.of_table(table.table) if drops_foreign_key(op) and op.constraint_name == key.name]
            up.add(index.reverse(), after=drops)
        if name != key.name or len(_serving(table.indexes, key)) > 1:  # otherwise the server makes it
            down.add(index, before=[op for op in down.of_table(table.table) if _creates_foreign_key(op, key.name)])
            restored.append(index)
    return restored


def _restore_displaced(table: TableKeys, down: Direction) -> None:
    """Create a foreign key anew around the drop of the index that displaced its server index, which comes back so."""
    for key, names in table.displaced():
        drops = [op for op in down.of_table(table.table) if drops_index(op) and index_name(op) in names]
        down.add(ops.DropConstraintOp(key.name, table.table, "foreignkey"), before=drops)
        down.add(key.create(table.table), after=drops)


def _read_table(
    table: str, operations: list[Any], before: sa.Inspector, tables: Mapping[str, Table], *, is_dropped: bool = False
) -> TableKeys:
    gone = {op.constraint_name: op.constraint_name for op in operations if drops_foreign_key(op)}
    # Under the name that Alembic reflects: no naming convention is applied to that again.
    keys = [_reflected_key(key, gone.get(key["name"], key["name"])) for key in before.get_foreign_keys(table)]
    added = [op for op in operations if isinstance(op, ops.CreateForeignKeyOp)]
    return TableKeys(
        table=table,
        is_dropped=is_dropped,
        indexes=_indexes(table, before, tables.get(table)),
        created={index_name(op): _columns(op) for op in operations if creates_index(op)},
        dropped=frozenset(index_name(op) for op in operations if drops_index(op)),
        kept=tuple(key for key in keys if not is_dropped and key.name not in gone),
        removed=tuple(key for key in keys if is_dropped or key.name in gone),
        added=tuple(
            ForeignKey(str(op.constraint_name), tuple(op.local_cols), op.referent_table, tuple(op.remote_cols))
            for op in added
        ),
        new_columns=frozenset(op.column.name for op in operations if isinstance(op, ops.AddColumnOp)),
        old_columns=frozenset(op.column_name for op in operations if isinstance(op, ops.DropColumnOp)),
    )


def _reflected_key(key: Any, name: Any) -> ForeignKey:
    columns, referred = tuple(key["constrained_columns"]), tuple(key["referred_columns"])
    options = key.get("options", {})
    return ForeignKey(name, columns, key["referred_table"], referred, options.get("ondelete"), options.get("onupdate"))


def _indexes(table: str, before: sa.Inspector, described: Table | None) -> dict[str, Columns]:
    """Return the indexes of a table that can serve foreign keys: all their columns are whole and ascend."""
    comparison = dialects.get(before.dialect.name).comparison
    descending = {name for name, index in (described.indexes if described else {}).items() if _descends(index)}
    found: dict[str, Columns] = {
        str(index["name"]): tuple(index["column_names"])
        for index in before.get_indexes(table)
        if not comparison.has_prefix(index) and index["name"] not in descending
    }
    return {**found, "PRIMARY": tuple(before.get_pk_constraint(table)["constrained_columns"])}


def _descends(index: Index) -> bool:
    return any(column.upper().endswith(" DESC") for column in index.columns)


def _columns(op: Any) -> Columns:
    """Return the columns of the index that an operation creates."""
    return tuple(each if isinstance(each, str) else getattr(each, "name", None) for each in op.columns)


def _serving(indexes: Mapping[str, Columns], key: ForeignKey) -> set[str]:
    """Return the names of the indexes that can serve a foreign key: those that begin with its columns."""
    return {name for name, columns in indexes.items() if columns[: len(key.columns)] == key.columns}


def _changes_keys(op: Any) -> bool:
    return creates_index(op) or drops_index(op) or drops_foreign_key(op) or isinstance(op, ops.CreateForeignKeyOp)


def _creates_foreign_key(op: Any, name: str) -> bool:
    return isinstance(op, ops.CreateForeignKeyOp) and op.constraint_name == name
