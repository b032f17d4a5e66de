"""How Alembic writes scripts, the same for `invoke migration` and `alembic revision --autogenerate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from alembic_lockstep import compat, dialects
from alembic_lockstep.autogenerate import destructive, order
from alembic_lockstep.comparison import options as comparison

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

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
        order.arrange(scripts, traits=dialect.traits, before=before, table_defaults=defaults)
        destructive.fill_restored_columns(scripts, dialect.traits)

    return {
        **comparison.options(target, metadata),
        "process_revision_directives": arrange,
        "upgrade_token": "upgrades",
        "downgrade_token": "downgrades",
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
        "user_module_prefix": None,
        "render_item": _render_item,
    }


def _render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render what Alembic does not render as it should be: types that the project defines, defaults of some types.

    Returns:
        The text for the script; False to let Alembic render the item.
    """
    if kind == "server_default":
        text = dialects.get(context.dialect.name).comparison.default_text(item, context.dialect)
        return False if text is None else f"sa.text({text!r})"
    return _render_type(item, context) if kind == "type" else False


def _render_type(item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render a type of the project's: a TypeDecorator as the type that it decorates, another with its import."""
    if type(item).__module__.startswith("sqlalchemy."):
        return False
    if isinstance(item, sa.TypeDecorator):
        return compat.render_type(item.load_dialect_impl(context.dialect), context)
    context.imports.add(f"import {type(item).__module__}")
    return False
