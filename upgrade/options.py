"""How Alembic compares and renders, the same for env.py, for generating, for the proof and for live databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import render

from upgrade import defaults, dialects, directives, drops, indexes

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

    from upgrade.targets import Target


def options(target: Target, metadata: sa.MetaData | None = None) -> dict[str, Any]:
    """Return what EnvironmentContext.configure and MigrationContext.configure take for a target.

    Args:
        target: the target.
        metadata: its models; None where nothing is compared.
    """
    dialect = dialects.get(target.dialect)

    def include_name(name: str | None, type_: str, _parents: Any) -> bool:
        return type_ != "table" or name not in target.ignored_tables

    def tidy(context: Any, _revision: Any, scripts: list[Any]) -> None:
        for script in scripts:
            if script.upgrade_ops is not None:
                indexes.settle(script.upgrade_ops, context.connection, dialect)
        there, usual = sa.inspect(context.connection), dialect.usual_options(context.connection)
        directives.tidy(scripts, batch=dialect.render_as_batch, there=there, usual=usual)
        drops.with_values(scripts, batch=dialect.render_as_batch)

    def compare_type(context: Any, _there: Any, _wanted: Any, there: Any, wanted: Any) -> bool | None:
        """Return False for what the server would report as it does now, None to let Alembic compare."""
        return False if dialect.same_type(there, wanted, context.dialect) else None

    return {
        "target_metadata": metadata,
        "include_name": include_name,
        "process_revision_directives": tidy,
        "compare_type": compare_type,
        "compare_server_default": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", defaults.PLUGIN],
        "render_as_batch": dialect.render_as_batch,
        "transactional_ddl": dialect.transactional_ddl,
        "transaction_per_migration": True,
        "upgrade_token": "upgrades",
        "downgrade_token": "downgrades",
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
        "user_module_prefix": None,
        "render_item": _render_type,
    }


def _render_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render a type of the project's own: a TypeDecorator as the type that it decorates, another with its import.

    Returns:
        What stands in the script; False for Alembic's own way.
    """
    if kind != "type" or type(item).__module__.startswith("sqlalchemy."):
        return False
    if isinstance(item, sa.TypeDecorator):
        return render._repr_type(item.load_dialect_impl(context.dialect), context)
    context.imports.add(f"import {type(item).__module__}")
    return False
