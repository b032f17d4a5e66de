"""The operations of a revision, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def flat(operations: Iterable[Any]) -> Iterator[Any]:
    """Give the operations of a revision one by one, without the blocks that hold those of one table."""
    for op in operations:
        if isinstance(op, ops.ModifyTableOps):
            yield from flat(op.ops)
        else:
            yield op
