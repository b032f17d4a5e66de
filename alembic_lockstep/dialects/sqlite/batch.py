"""What a `with op.batch_alter_table(…)` block does on SQLite, when it ends.

Columns are renamed, plain ones added, and indexes created and dropped by SQLite itself; for anything else the table is
copied. `naming_convention` names the keys that have no name, and `table_args` adds the constraints that are not there;
what else Alembic wants to be told of a table (`reflect_args`, `reflect_kwargs`) is known. What only its own copy can do
(`copy_from`, `partial_reordering`, columns in `table_args`, options in `table_kwargs`) is left to it, except that views
and triggers are kept. Tables of attached databases, and blocks in --sql mode, are left to Alembic as a whole.
"""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects.sqlite import definition
from alembic_lockstep.dialects.sqlite.column_renames import rename_columns, renames_only
from alembic_lockstep.dialects.sqlite.constraint_names import name_by
from alembic_lockstep.dialects.sqlite.table_change import TableChange, use_names
from alembic_lockstep.dialects.sqlite.table_copy import Source, atomic, copy, triggers_kept, unenforced
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTHING = {"create_table_comment", "drop_table_comment", "create_column_comment"}
"""Operations without a meaning: SQLite has no comments."""
_INDEXES = {"create_index", "drop_index"}


def flush(batch: Any, alembics: Callable[[], None]) -> None:
    """Do what a block has recorded.

    Args:
        batch: Alembic's BatchOperationsImpl.
        alembics: does it as Alembic would.

    Raises:
        FailedError: a CHECK, a computed column, a view or a trigger needs a column that is dropped.
        ValueError: a column, constraint or index is not there.
    """
    offline = batch.operations.migration_context.as_sql
    if offline or batch.recreate == "never" or batch.schema:
        alembics()
        return
    connection = batch.operations.get_bind()
    known, block = _is_known(batch, connection), _Block(batch, connection)
    copies = block.copies() if known else batch.recreate == "always" or batch.impl.requires_recreate_in_batch(batch)
    begun = nullcontext() if connection.in_transaction() else connection.begin()
    with begun, unenforced(connection, batch.table_name) if copies else nullcontext(), atomic(connection):
        if known:
            block.run()
        else:
            with triggers_kept(connection, batch.table_name):
                alembics()


def _is_known(batch: Any, connection: sa.Connection) -> bool:
    """Return whether all that a block asks for can be done here."""
    if batch.copy_from is not None or batch.partial_reordering:
        return False
    if any(not isinstance(each, sa.Constraint) for each in batch.table_args):
        return False
    options = {name for name in batch.table_kwargs if name == "prefixes" or name.startswith("sqlite_")}
    if options == {"sqlite_autoincrement"}:  # so Alembic is told of what it does not reflect
        table = Source.read(connection, batch.table_name).table
        return bool(batch.table_kwargs["sqlite_autoincrement"]) and "autoincrement" in sql.words(
            table, backslashes=False
        )
    return not options


class _Block:
    """A batch block that is run."""

    def __init__(self, batch: Any, connection: sa.Connection) -> None:
        self._batch, self._connection, self._impl = batch, connection, batch.impl
        self._operations = [each for each in batch.batch if each[0] not in _NOTHING]

        self._others = [each for each in self._operations if not renames_only(*each)]

    def copies(self) -> bool:
        """Return whether the table is copied."""
        return self._batch.recreate == "always" or any(self._needs_copy(*each) for each in self._others)

    def run(self) -> None:
        renamed = rename_columns(self._connection, self._batch.table_name, self._operations)
        if self.copies():
            self._copy(self._others, renamed)
        else:
            self._alter(self._others, renamed)

    def _needs_copy(self, name: str, arguments: Any, options: Any) -> bool:
        if name == "add_column":
            alone = SimpleNamespace(batch=[(name, arguments, options)])
            is_hard = self._impl.requires_recreate_in_batch(alone) or arguments[1].primary_key
            return bool(is_hard or {"insert_before", "insert_after"} & set(options))
        return name not in _INDEXES

    def _copy(self, operations: list[Any], renamed: dict[str, str]) -> None:
        source = Source.read(self._connection, self._batch.table_name)
        change = TableChange(definition.read(source.table), self._impl, renamed)
        if self._batch.naming_convention:
            name_by(self._batch.naming_convention, change.definition, self._impl.dialect)
        indexes = [each for each in operations if each[0] in _INDEXES]
        for name, arguments, options in operations:
            if name not in _INDEXES:
                getattr(change, name)(*arguments, **options)
        for constraint in self._batch.table_args:
            change.require(constraint)
        if change.is_none() and self._batch.recreate != "always":
            self._alter(indexes, renamed)
            return
        change.finish()
        copy(self._connection, change, source, _dropped(indexes, source))
        self._alter([each for each in indexes if each[0] == "create_index"], renamed)

    def _alter(self, operations: list[Any], renamed: dict[str, str]) -> None:
        for name, arguments, options in operations:
            if name == "create_index":
                use_names(arguments[0], renamed)
            getattr(self._impl, name)(*arguments, **options)


def _dropped(operations: list[Any], source: Source) -> set[str]:
    """Return the indexes that are dropped, in lower case."""
    present, dropped = {name.lower() for name in source.indexes}, set()
    for name, (index, *_), options in operations:
        if name == "drop_index" and not (options.get("if_exists") and index.name.lower() not in present):
            if index.name.lower() not in present:
                raise ValueError(f"No such index: '{index.name}' in table {index.table.name}")
            dropped.add(index.name.lower())
    return dropped
