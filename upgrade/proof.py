"""Prove a staged revision on an engine: up, compared with the models, down, compared with the state before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate import produce_migrations
from alembic.runtime.migration import MigrationContext

from upgrade import chain, dialects, directives
from upgrade.errors import FailedError
from upgrade.options import options
from upgrade.snapshot import differences
from upgrade.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlalchemy as sa

    from upgrade.targets import Target


def prove(target: Target, metadata: sa.MetaData, folder: Path, tell: Callable[[str], None]) -> str:
    """Prove the one revision that is staged in `folder`.

    Args:
        target: whose chain it continues.
        metadata: the models that it should lead to.
        folder: the staging folder; scratch files go there too.
        tell: called with what takes long.

    Returns:
        What it was proven on, such as `mysql:9.7`.

    Raises:
        FailedError: it does not apply, leaves a difference, or does not come down to the state before.
        NoServerError: there is nothing to prove it on.
    """
    dialect = dialects.get(target.dialect)
    script = chain.load(target, staged=folder)
    revision = script.get_revision("head")
    settings = options(target, metadata)
    below = revision.down_revision or "base"
    with dialect.scratch(target.name, folder, tell) as scratch, scratch.engine.connect() as connection:
        walk = Walk(script, connection, target, settings)
        if revision.down_revision:
            walk.upgrade(str(below))
        before = dialect.snapshot(connection)
        connection.rollback()
        walk.upgrade(revision.revision)
        left = compare(connection, metadata, settings)
        if left:
            raise FailedError(f"proof on {scratch.server} failed: after the upgrade the models still differ", *left)
        walk.downgrade(str(below))
        changed = differences(before, dialect.snapshot(connection))
        if changed:
            raise FailedError(
                f"proof on {scratch.server} failed: the downgrade does not lead back to the state before",
                *map(str, changed),
            )
        return scratch.server


def compare(connection: sa.Connection, metadata: sa.MetaData, settings: dict[str, Any]) -> list[str]:
    """Return what the models have ahead of the connected database, a line each."""
    context = MigrationContext.configure(connection, opts={**settings, "process_revision_directives": None})
    upgrade = produce_migrations(context, metadata).upgrade_ops
    connection.rollback()
    return directives.describe(upgrade) if upgrade is not None else []
