"""A second scratch database, of which spoilt ones are made anew without the chain being replayed for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.execution.runner import RevisionFailedError
from alembic_lockstep.project import revision_file
from alembic_lockstep.roundtrip.scratch import opened
from alembic_lockstep.schema.differences import differences

if TYPE_CHECKING:
    from alembic.script import Script

    from alembic_lockstep.roundtrip.scratch import ScratchDatabase


class Foundation:
    """A scratch database without rows to which revisions are only ever applied, each of them once.

    Args:
        scratch: the scratch database that may be spoilt.
        revisions: the chain, base first.
    """

    def __init__(self, scratch: ScratchDatabase, revisions: list[Script]) -> None:
        self._scratch, self._revisions = scratch, revisions
        self._database: ScratchDatabase | None = None
        self._count = 0

    def close(self) -> None:
        """Remove the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def raise_to(self, count: int) -> bool:
        """Apply revisions until it has the first `count`; return whether they apply."""
        if self._database is None:
            self._database = self._scratch.beside("foundation")
            self._count = count
            if not opened(self._database, self._revisions[:count]):
                self.close()
                return False
        for revision in self._revisions[self._count : count]:
            if not revision_file.has_step(revision, "upgrade"):
                return False
            try:
                self._database.runner.raise_by([revision])
            except RevisionFailedError:
                return False
            self._database.refresh()
            self._count += 1
        return True

    def repair(self, scratch: ScratchDatabase, touched: set[str]) -> None:
        """Make a spoilt scratch database like this one; `touched` are the tables whose rows may be wrong."""
        assert self._database is not None
        if not scratch.repair(self._database, touched):
            self.copy_into(scratch)

    def copy_into(self, scratch: ScratchDatabase) -> None:
        """Make a scratch database anew as a copy; where the copy is not exact, by a replay."""
        assert self._database is not None
        below = self._revisions[: self._count]
        scratch.open(below, self._database.connection)
        if scratch.copied and differences(self._database.snapshot, scratch.snapshot):
            scratch.open(below)
