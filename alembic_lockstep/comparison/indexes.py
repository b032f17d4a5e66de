"""Indexes as the server describes them: SQLAlchemy reflects neither expressions nor directions of MySQL's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

if TYPE_CHECKING:
    from alembic_lockstep.dialects.base import Dialect


def settle(upgrade: ops.UpgradeOps, connection: sa.Connection, dialect: Dialect) -> None:
    """Leave alone an index that is made anew as it is, and let one that goes come back as it was.

    Args:
        upgrade: what Alembic has found; changed in place, before its downgrade is made of it.
        connection: to the schema before it.
        dialect: what knows the server's description.
    """
    for block in [op for op in upgrade.ops if isinstance(op, ops.ModifyTableOps)]:
        created = {op.index_name: op for op in block.ops if isinstance(op, ops.CreateIndexOp)}
        same: list[Any] = []
        for op in [op for op in block.ops if isinstance(op, ops.DropIndexOp)]:
            new = created.get(op.index_name)
            if new is not None and dialect.comparison.is_same_index(connection, new):
                same += [op, new]
                continue
            parts = dialect.comparison.index_parts(connection, block.table_name, str(op.index_name))
            if parts:
                unique = bool(op._reverse and op._reverse.unique)
                columns = [sa.text(part) for part in parts]
                op._reverse = ops.CreateIndexOp(str(op.index_name), block.table_name, columns, unique=unique)
        block.ops = [op for op in block.ops if not any(op is each for each in same)]
    upgrade.ops = [op for op in upgrade.ops if not isinstance(op, ops.ModifyTableOps) or op.ops]
