"""How Alembic compares models with a database: for the proof, the round trip, `status` and `alembic check` alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison import definitions, included, indexes, server_defaults
from alembic_lockstep.comparison.explicit import explicit_type
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

    def compare_type(context: Any, existing: Any, wanted: Any, _existing_type: Any, _wanted_type: Any) -> bool | None:
        """Return whether a type has changed by what it is on the server, None to let Alembic decide."""
        explicit = explicit_type(wanted.type, context.dialect)
        if isinstance(explicit, DDLType):  # `definitions` compares these, in tables that it understands
            table = str(existing.table.name)
            is_known = context.connection and dialect.comparison.existing(context.connection, [table])
            return False if is_known else existing.type.compile(context.dialect).lower() != explicit.ddl.lower()
        same = dialect.comparison.same_type(existing, wanted, context.dialect)
        return None if same is None else not same

    return {
        **context.options(target, metadata),
        **included.hooks(target),
        "compare_type": compare_type,
        "compare_server_default": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", server_defaults.PLUGIN, indexes.PLUGIN, definitions.PLUGIN],
    }
