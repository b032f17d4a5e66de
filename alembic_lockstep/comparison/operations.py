"""The operations of a revision, one by one, and what they mean for indexes and foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
