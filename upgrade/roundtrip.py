"""Every revision of a chain on an engine: up, down to the state before, up again, and at the end the models."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from upgrade import chain, dialects, models, proof
from upgrade.errors import FailedError
from upgrade.options import options
from upgrade.snapshot import differences
from upgrade.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa
    from alembic.script import Script

    from upgrade.targets import Target


@dataclass(slots=True)
class Verdicts:
    """What a round trip has found.

    Attributes:
        server: what it ran on.
        revisions: what is wrong with each revision, nothing for a sound one. Behind one that fails there are no more.
        models: what the models have ahead of the head.
    """

    server: str
    revisions: dict[str, list[str]] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)


def roundtrip(target: Target, tell: Callable[[str], None]) -> Verdicts:
    """Walk the chain of a target up, down and up on a scratch database.

    Args:
        target: the target.
        tell: called with each revision that is done.

    Raises:
        CannotRunError: chain or models are broken.
        NoServerError: there is nothing to run it on.
    """
    script = chain.load(target)
    metadata = models.load(target)
    settings = options(target, metadata)
    dialect = dialects.get(target.dialect)
    with (
        tempfile.TemporaryDirectory(prefix="migration-") as folder,
        dialect.scratch(target.name, Path(folder), tell) as scratch,
        scratch.engine.connect() as connection,
    ):
        verdicts = Verdicts(scratch.server)
        walk = Walk(script, connection, target, settings)
        for revision in reversed(list(script.walk_revisions())):
            try:
                verdicts.revisions[revision.revision] = _turn(walk, revision, connection)
            except FailedError as error:
                verdicts.revisions[revision.revision] = [error.headline, *error.detail]
                return verdicts
            tell(revision.revision)
        verdicts.models = proof.compare(connection, metadata, settings)
        return verdicts


def _turn(walk: Walk, revision: Script, connection: sa.Connection) -> list[str]:
    """Take one revision up, down and up; return what came out differently."""
    dialect = dialects.get(walk.target.dialect)
    before = dialect.snapshot(connection)
    connection.rollback()
    walk.upgrade(revision.revision)
    after = dialect.snapshot(connection)
    connection.rollback()
    walk.downgrade("-1")
    down = differences(before, dialect.snapshot(connection))
    connection.rollback()
    walk.upgrade(revision.revision)
    again = differences(after, dialect.snapshot(connection))
    connection.rollback()
    return [*(f"downgrade: {line}" for line in down), *(f"second upgrade: {line}" for line in again)]
