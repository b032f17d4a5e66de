"""The operations of a revision, one by one; those that Alembic does not have; what they mean for indexes and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from alembic_lockstep import compat
from alembic_lockstep.schema.default_names import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class RestoreTableOp(ops.CreateTableOp):
    """Create a table that was dropped by the statements that had made it.

    Args:
        create: creates it as it is reflected.
        statements: those of the table, its indexes and its triggers.
    """

    def __init__(self, create: ops.CreateTableOp, statements: list[str]) -> None:
        super().__init__(create.table_name, create.columns)
        self.statements = statements


class StatedIndexOp(ops.CreateIndexOp):
    """Create an index by a statement, since it has what Alembic cannot say."""

    statement: str


class StatedCheckOp(ops.CreateCheckConstraintOp):
    """Create a CHECK by a statement, since it has what Alembic cannot say."""

    statement: str


class RenameColumnOp(ops.AlterTableOp):
    """Rename a column by a statement that does not restate it.

    Args:
        table: its table.
        old: its name.
        new: the new name.
        quote: quotes a name.
    """

    def __init__(self, table: str, old: str, new: str, quote: Callable[[str], str]) -> None:
        super().__init__(table)
        self.column_name, self.modify_name = old, new
        self.statement = f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"


class AutoincrementOp(ops.AlterColumnOp):
    """Let the server number the rows of a table by a column, or no longer, beside what else changes of the column."""

    @classmethod
    def of(cls, op: ops.AlterColumnOp, *, autoincrement: bool) -> AutoincrementOp:
        """Return an operation that does what another one does, and this."""
        return cls(
            op.table_name,
            op.column_name,
            existing_type=op.existing_type,
            existing_server_default=op.existing_server_default,
            existing_nullable=op.existing_nullable,
            existing_comment=op.existing_comment,
            modify_nullable=op.modify_nullable,
            modify_comment=op.modify_comment,
            modify_server_default=op.modify_server_default,
            modify_type=op.modify_type,
            autoincrement=autoincrement,
        )

    def reverse(self) -> AutoincrementOp:
        """Return the operation that leads back."""
        return AutoincrementOp.of(super().reverse(), autoincrement=not self.kw["autoincrement"])


class ReplacePrimaryKeyOp(ops.AlterTableOp):
    """Replace a primary key by another one, or by none, or none by one.

    Args:
        table: its table.
        old: the columns of the key as it is.
        new: those that are wanted.
        statement: returns the one statement that does it, for the new and the old columns; empty where tables are
            copied.
    """

    def __init__(
        self,
        table: str,
        old: tuple[str, ...],
        new: tuple[str, ...],
        statement: Callable[[tuple[str, ...], tuple[str, ...]], str],
    ) -> None:
        super().__init__(table)
        self.old, self.new, self.statement = old, new, statement

    def reverse(self) -> ReplacePrimaryKeyOp:
        """Return the operation that leads back."""
        return ReplacePrimaryKeyOp(self.table_name, self.new, self.old, self.statement)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what `alembic check` prints."""
        return ("replace_primary_key", None, self.table_name, self.old, self.new)


class TableOptionOp(ops.AlterTableOp):
    """Change an option of a table.

    Args:
        table: the table.
        name: the option, for people.
        old: its value, for people.
        new: the wanted one.
        statements: the SQL that sets it, and the SQL that leads back.
    """

    def __init__(self, table: str, name: str, old: str, new: str, statements: tuple[str, str]) -> None:
        super().__init__(table)
        self.name, self.old, self.new, self.statements = name, old, new, statements

    def reverse(self) -> TableOptionOp:
        """Return the operation that leads back."""
        return TableOptionOp(self.table_name, self.name, self.new, self.old, self.statements[::-1])

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what `alembic check` prints."""
        return ("modify_table_option", None, self.table_name, self.name, self.old, self.new)


def executable(op: ops.MigrateOperation) -> ops.MigrateOperation:
    """Return an operation as one of Alembic's, which can be invoked."""
    return ops.ExecuteSQLOp(compat.with_escaped_colons(op.statement)) if isinstance(op, STATED) else op


STATED = (StatedCheckOp, StatedIndexOp, RenameColumnOp)
"""The operations that are a statement."""


def rename_steps(rename: ops.RenameTableOp) -> list[ops.RenameTableOp]:
    """Return the rename of a table as it is run: by way of a third name where nothing but the case changes.

    SQLite, and MySQL where `lower_case_table_names` is not 0, take both names for the same one, which is taken.
    """
    old, new = rename.table_name, str(rename.new_table_name)
    if old.lower() != new.lower():
        return [rename]
    third = f"_renamed_{new}"[:LONGEST]
    return [ops.RenameTableOp(old, third), ops.RenameTableOp(third, new)]


def flat(operations: Iterable[Any]) -> Iterator[Any]:
    """Yield the operations of a revision one by one, without the blocks that hold those of one table."""
    for op in operations:
        if isinstance(op, ops.ModifyTableOps):
            yield from flat(op.ops)
        else:
            yield op


def drops_index(op: Any) -> bool:
    """Return whether an operation drops an index; a unique constraint counts as one."""
    return isinstance(op, ops.DropIndexOp) or (isinstance(op, ops.DropConstraintOp) and op.constraint_type == "unique")


def creates_index(op: Any) -> bool:
    """Return whether an operation creates an index; a unique constraint counts as one."""
    return isinstance(op, (ops.CreateIndexOp, ops.CreateUniqueConstraintOp))


def drops_foreign_key(op: Any) -> bool:
    """Return whether an operation drops a foreign key."""
    return isinstance(op, ops.DropConstraintOp) and op.constraint_type == "foreignkey"


def index_name(op: Any) -> Any:
    """Return the name of the index that an operation creates or drops."""
    return op.index_name if isinstance(op, (ops.CreateIndexOp, ops.DropIndexOp)) else op.constraint_name
