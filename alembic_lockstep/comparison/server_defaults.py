"""Server defaults: whether two texts mean the same default.

Alembic compares the text of the models with the text that the server reports, and takes `'it''s'`, `false` or `now()`
for changed although they are not. The comparator here runs before Alembic's and knows how a server would report the
default of the models.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from alembic_lockstep import compat, dialects

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import AlterColumnOp

PLUGIN = "alembic_lockstep.comparison.server_defaults"


def _same_default(
    context: AutogenContext,
    operation: AlterColumnOp,
    _schema: str | None,
    _table: str,
    _name: str,
    existing: sa.Column[Any],
    wanted: sa.Column[Any],
) -> PriorityDispatchResult:
    """Stop the comparison of a default that is only written differently."""
    if isinstance(wanted.server_default, sa.Identity) and not context.dialect.supports_identity_columns:
        return PriorityDispatchResult.STOP  # the dialect's DDL leaves it out
    default = existing.server_default
    if isinstance(default, sa.Computed) or isinstance(wanted.server_default, sa.Computed):
        return PriorityDispatchResult.STOP  # `definitions` compares these
    if not isinstance(default, sa.DefaultClause) or not isinstance(default.arg, sa.TextClause):
        return PriorityDispatchResult.CONTINUE
    if wanted.server_default is None:
        return PriorityDispatchResult.CONTINUE
    if not dialects.get(context.dialect.name).comparison.same_default(
        compat.as_text(default.arg), wanted, context.dialect
    ):
        return PriorityDispatchResult.CONTINUE
    operation.existing_server_default = default
    return PriorityDispatchResult.STOP


def setup(plugin: Plugin) -> None:
    """Register the comparator, as Alembic asks of a plugin."""
    plugin.add_autogenerate_comparator(_same_default, "column", "server_default", priority=DispatchPriority.FIRST)


Plugin.setup_plugin_from_module(sys.modules[__name__], PLUGIN)
