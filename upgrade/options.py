"""How Alembic compares and renders, the same for env.py, for generating, for the proof and for live databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from upgrade import dialects, directives

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from upgrade.targets import Target


def options(target: Target, metadata: MetaData | None = None) -> dict[str, Any]:
    """Return what EnvironmentContext.configure and MigrationContext.configure take for a target.

    Args:
        target: the target.
        metadata: its models; None where nothing is compared.
    """
    dialect = dialects.get(target.dialect)

    def include_name(name: str | None, type_: str, _parents: Any) -> bool:
        return type_ != "table" or name not in target.ignored_tables

    def tidy(_context: Any, _revision: Any, scripts: list[Any]) -> None:
        directives.tidy(scripts, batch=dialect.render_as_batch)

    def compare_default(*arguments: Any) -> bool | None:
        _context, _column, _model, reflected, _default, wanted = arguments
        return False if reflected and wanted and dialect.same_default(reflected, wanted) else None

    return {
        "target_metadata": metadata,
        "include_name": include_name,
        "process_revision_directives": tidy,
        "compare_type": True,
        "compare_server_default": compare_default,
        "render_as_batch": dialect.render_as_batch,
        "transactional_ddl": dialect.transactional_ddl,
        "transaction_per_migration": True,
        "upgrade_token": "upgrades",
        "downgrade_token": "downgrades",
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
    }
