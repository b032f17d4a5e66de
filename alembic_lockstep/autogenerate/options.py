"""How Alembic writes scripts, the same for `invoke migration` and `alembic revision --autogenerate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import destructive, order, rendering
from alembic_lockstep.comparison import options as comparison

if TYPE_CHECKING:
    from alembic_lockstep.project.targets import Target


def options(target: Target, metadata: sa.MetaData | None = None) -> dict[str, Any]:
    """Return the options by which Alembic compares, and those by which it writes what it found into a script.

    Args:
        target: the target.
        metadata: its models.
    """
    dialect = dialects.get(target.dialect)

    def arrange(context: Any, _revision: Any, scripts: list[Any]) -> None:
        before, defaults = sa.inspect(context.connection), dialect.comparison.usual_options(context.connection)
        tables = dialect.comparison.existing(context.connection, before.get_table_names())
        order.arrange(scripts, traits=dialect.traits, before=before, tables=tables, table_defaults=defaults)
        destructive.fill_restored_columns(scripts, dialect.traits)

    return {
        **comparison.options(target, metadata),
        "process_revision_directives": arrange,
        "upgrade_token": "upgrades",
        "downgrade_token": "downgrades",
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
        "user_module_prefix": None,
        "render_item": rendering.render_item,
    }
