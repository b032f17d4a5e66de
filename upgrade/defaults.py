"""Server defaults: how a server reports one, and when two texts of one mean the same.

Alembic compares the text of the models with the text that the server reports, and takes `'it''s'`, `false` or `now()`
for changed although they are not. The comparator here runs before Alembic's and knows how a server would report what
the models say.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from upgrade import dialects

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import AlterColumnOp
    from sqlalchemy.engine.interfaces import Dialect

    from upgrade.dialects.base import DialectBase

PLUGIN = "upgrade.defaults"


def reported(column: sa.Column[Any], dialect: Dialect, ours: DialectBase, *, altered: bool = False) -> str | None:
    """Return how the server reports the default that the DDL of a column gives it.

    SQLAlchemy's CREATE TABLE puts an expression into parentheses, Alembic's ALTER does not; a server tells them apart.

    Args:
        column: the column.
        dialect: SQLAlchemy's dialect.
        ours: the dialect of the target.
        altered: the default comes from an ALTER, not from CREATE TABLE or ADD COLUMN.
    """
    nothing: Any = None
    compiler: Any = dialect.ddl_compiler(dialect, nothing)
    text = compiler.get_column_default_string(column)
    if text is None:
        return None
    wrapped = not altered and f"DEFAULT ({text})" in compiler.get_column_specification(column)
    if dialect.paramstyle in {"format", "pyformat"}:
        text = text.replace("%%", "%")  # the driver halves them again
    return ours.reflected_default(f"({text})" if wrapped else text)


def _same_default(
    context: AutogenContext,
    operation: AlterColumnOp,
    _schema: str | None,
    _table: str,
    _name: str,
    there: sa.Column[Any],
    wanted: sa.Column[Any],
) -> PriorityDispatchResult:
    """Stop the comparison of a default that is only written differently."""
    default = there.server_default
    if not isinstance(default, sa.DefaultClause) or not isinstance(default.arg, sa.TextClause):
        return PriorityDispatchResult.CONTINUE
    ours = dialects.get(context.dialect.name)
    ways = [reported(wanted, context.dialect, ours), reported(wanted, context.dialect, ours, altered=True)]
    if not any(way is not None and ours.same_default(ours.reflected_default(default.arg.text), way) for way in ways):
        return PriorityDispatchResult.CONTINUE
    operation.existing_server_default = default
    return PriorityDispatchResult.STOP


def setup(plugin: Plugin) -> None:
    """Register the comparator, as Alembic asks of a plugin."""
    plugin.add_autogenerate_comparator(_same_default, "column", "server_default", priority=DispatchPriority.FIRST)


Plugin.setup_plugin_from_module(sys.modules[__name__], PLUGIN)
