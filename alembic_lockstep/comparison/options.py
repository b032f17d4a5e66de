"""How Alembic compares models with a database, the same for the proof, the round trip, `status` and `alembic check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.comparison import server_defaults
from alembic_lockstep.execution import context

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.project.targets import Target


def options(target: Target, metadata: sa.MetaData | None = None) -> dict[str, Any]:
    """Return the options that run revisions, and those that compare.

    Args:
        target: the target.
        metadata: its models.
    """
    dialect = dialects.get(target.dialect)

    def compare_type(context: Any, _there: Any, _wanted: Any, there: Any, wanted: Any) -> bool | None:
        """Return False for what the server would report as it does now, None to let Alembic compare."""
        return False if dialect.comparison.same_type(there, wanted, context.dialect) else None

    return {
        **context.options(target, metadata),
        "compare_type": compare_type,
        "compare_server_default": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", server_defaults.PLUGIN],
    }
