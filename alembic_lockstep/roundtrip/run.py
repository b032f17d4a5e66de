"""The round trip of one target: its revisions on a scratch database and, at the head, its models."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import CannotRunError, MigrationError, first_line
from alembic_lockstep.project import chain, models
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.results import ChainResult
from alembic_lockstep.roundtrip.scratch import ScratchDatabase

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target


def roundtrip(target: Target, notify: Reporter, revision: str = "") -> ChainResult:
    """Run every revision of a target up, down and up on a scratch database.

    Args:
        target: the target.
        notify: called with how far it is, and with what takes long.
        revision: this one alone; the beginning of an id will do. Empty for all of them.

    Raises:
        CannotRunError: chain, models or a data case are broken.
        NoServerError: there is nothing to run it on.
    """
    started = time.monotonic()
    script = chain.load(target)
    metadata = models.load(target)
    settings = options(target, metadata)
    with (
        tempfile.TemporaryDirectory(prefix="migration-") as folder,
        closing(ScratchDatabase(target, script, settings, Path(folder), notify)) as scratch,
    ):
        round_trip = RoundTrip(scratch, notify)
        exact = [each for each in round_trip.revisions if each.revision == revision]
        wanted = exact or [each for each in round_trip.revisions if each.revision.startswith(revision)]
        if revision and len(wanted) > 1:
            raise CannotRunError(f"{target.name}: several revisions begin with {revision}", kind="unknown-revision")
        if revision and not wanted:
            return ChainResult("")
        result = round_trip.run(wanted)
        if not revision and round_trip.at_head:
            _compare(result, target, scratch, metadata)
        result.named_today = scratch.by_convention.note()
        result.seconds = round(time.monotonic() - started, 4)
        return result


def _compare(result: ChainResult, target: Target, scratch: ScratchDatabase, metadata: sa.MetaData) -> None:
    """Compare the models with the head; whatever goes wrong with them, the verdicts stay."""
    try:
        result.models = compare(scratch.connection, target, metadata, scratch.settings)
    except MigrationError as error:
        result.models_error = error.headline
    except Exception as error:  # noqa: BLE001 - types and defaults of the models run code of the project
        result.models_error = first_line(error)
