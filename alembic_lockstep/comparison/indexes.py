"""Indexes as the server describes them: SQLAlchemy reflects neither expressions nor directions of MySQL's.

The comparator here runs after Alembic's own, on what that has found for a table.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from alembic_lockstep import compat, dialects

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

    from alembic_lockstep.dialects.base import Dialect

PLUGIN = "alembic_lockstep.comparison.indexes"


def _compare_with_server(
    context: AutogenContext,
    changes: ops.ModifyTableOps,
    _schema: str | None,
    _table: str,
    _existing: sa.Table | None,
    _wanted: sa.Table | None,
) -> PriorityDispatchResult:
    """Leave out indexes that are dropped and created as they are, and restore the dropped ones as they were."""
    if context.connection is not None:
        dialect = dialects.get(context.dialect.name)
        created = {op.index_name: op for op in changes.ops if isinstance(op, ops.CreateIndexOp)}
        unchanged: list[Any] = []
        for op in [op for op in changes.ops if isinstance(op, ops.DropIndexOp)]:
            new = created.get(op.index_name)
            if new is not None and dialect.comparison.is_same_index(context.connection, new):
                unchanged += [op, new]
            else:
                _restore_as_described(op, context.connection, dialect)
        changes.ops[:] = [op for op in changes.ops if not any(op is each for each in unchanged)]
    return PriorityDispatchResult.CONTINUE


def _restore_as_described(op: ops.DropIndexOp, connection: sa.Connection, dialect: Dialect) -> None:
    """Make the downgrade of a dropped index create it as the server describes it, where SQLAlchemy cannot."""
    parts = dialect.comparison.index_parts(connection, str(op.table_name), str(op.index_name))
    if parts:
        restoring = compat.restoring_operation(op)
        unique = bool(restoring and restoring.unique)
        columns = [sa.text(part) for part in parts]
        compat.restore_by(op, ops.CreateIndexOp(str(op.index_name), str(op.table_name), columns, unique=unique))


def setup(plugin: Plugin) -> None:
    """Register the comparator, as Alembic asks of a plugin."""
    plugin.add_autogenerate_comparator(_compare_with_server, "table", "indexes", priority=DispatchPriority.LAST)


Plugin.setup_plugin_from_module(sys.modules[__name__], PLUGIN)
