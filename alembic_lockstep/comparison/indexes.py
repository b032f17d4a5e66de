"""Indexes as the server describes them: SQLAlchemy reflects neither expressions nor directions of MySQL's.

The comparator here runs after Alembic's own, on what that has found for a table.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from alembic_lockstep import compat, dialects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alembic.autogenerate.api import AutogenContext

    from alembic_lockstep.schema.table import Index, Table

PLUGIN = "alembic_lockstep.comparison.indexes"
NAME = re.compile(r"""(\w+|`[^`]+`|"[^"]+")(\(\d+\))?""")
"""A part of an index that is a column, or the beginning of one."""


def _compare_with_server(
    context: AutogenContext,
    changes: ops.ModifyTableOps,
    _schema: str | None,
    table: str,
    existing: sa.Table | None,
    wanted: sa.Table | None,
) -> PriorityDispatchResult:
    """Leave out indexes that are dropped and created as they are, and restore the dropped ones as they were."""
    if context.connection is None:
        return PriorityDispatchResult.CONTINUE
    dialect = dialects.get(context.dialect.name)
    created = {op.index_name: op for op in changes.ops if isinstance(op, ops.CreateIndexOp)}
    dropped = [op for op in changes.ops if isinstance(op, ops.DropIndexOp)]
    gone = wanted is None
    there = dialect.comparison.existing(context.connection, [table]).get(table) if dropped or gone else None
    unchanged: list[Any] = []
    for op in dropped:
        new = created.get(op.index_name)
        if new is not None and dialect.comparison.is_same_index(context.connection, new):
            unchanged += [op, new]
        elif there is not None and str(op.index_name) in there.indexes:
            restore_as_described(op, there.indexes[str(op.index_name)], context.dialect.name)
    changes.ops[:] = [op for op in changes.ops if not any(op is each for each in unchanged)]
    if existing is None and wanted is not None:
        changes.ops += _left_out(context, wanted, created)
    if gone and there is not None:
        changes.ops += _not_reflected(context, table, there)
    return PriorityDispatchResult.CONTINUE


def _left_out(context: AutogenContext, table: sa.Table, created: Mapping[Any, Any]) -> Iterator[ops.CreateIndexOp]:
    """Yield the creation of a new table's indexes that Alembic leaves out, since they are of expressions."""
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        if index.name not in created and context.run_object_filters(index, index.name, "index", False, None):
            yield ops.CreateIndexOp.from_index(index)


def _not_reflected(context: AutogenContext, name: str, table: Table) -> Iterator[ops.DropIndexOp]:
    """Yield the drop of a dropped table's indexes that SQLAlchemy does not reflect, so that the downgrade has them."""
    reflected = {index["name"] for index in context.inspector.get_indexes(name)}
    for index_name in sorted(table.indexes.keys() - reflected):
        if context.run_object_filters(sa.Index(index_name), index_name, "index", True, None):
            drop = ops.DropIndexOp(index_name, name)
            restore_as_described(drop, table.indexes[index_name], context.dialect.name)
            yield drop


def restore_as_described(op: ops.DropIndexOp, index: Index, dialect: str) -> None:
    """Make the downgrade of a dropped index create it as the server describes it, where SQLAlchemy cannot.

    Args:
        op: drops it; changed in place.
        index: as the server describes it.
        dialect: SQLAlchemy's name of the dialect, for its options.
    """
    options: dict[str, Any] = {}
    if index.condition:
        options[f"{dialect}_where"] = sa.text(compat.with_escaped_colons(index.condition))
    if options or not all(map(NAME.fullmatch, index.parts)):
        columns: list[Any] = [sa.literal_column(part) for part in index.parts]
        name, table = str(op.index_name), str(op.table_name)
        compat.restore_by(op, ops.CreateIndexOp(name, table, columns, unique=index.unique, **options))
        op.kw.update(unique=index.unique, **options)  # Alembic takes from here all but the columns


def setup(plugin: Plugin) -> None:
    """Register the comparator, as Alembic asks of a plugin."""
    plugin.add_autogenerate_comparator(_compare_with_server, "table", "indexes", priority=DispatchPriority.LAST)


Plugin.setup_plugin_from_module(sys.modules[__name__], PLUGIN)
