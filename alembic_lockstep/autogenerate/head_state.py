"""The schema at the head of a chain: in memory or, where that is impossible, on a scratch database."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.comparison.included import is_compared
from alembic_lockstep.errors import CannotRunError, FailedError, MigrationError, NoServerError
from alembic_lockstep.execution import model_tables, replay
from alembic_lockstep.execution.conventions import NamedByConvention
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.progress import Notice
from alembic_lockstep.project import chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa
    from alembic.script import ScriptDirectory

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target


class HeadState:
    """Replays a chain and gives a connection to the result.

    Args:
        target: whose chain it is.
        script: the chain.
        settings: the options with which its revisions run.
        folder: where scratch files go.
        notify: called with what takes long.

    Attributes:
        notes: what the developer should know about where the chain was replayed.
        named: what today's naming convention has named in it.
    """

    def __init__(
        self,
        target: Target,
        script: ScriptDirectory,
        settings: dict[str, Any],
        folder: Path,
        notify: Reporter,
    ) -> None:
        self._target, self._script, self._settings = target, script, settings
        self._folder, self._notify = folder, notify
        self.notes: list[str] = []
        self.named = NamedByConvention(target)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Give a connection to a database at the head of the chain; the database goes with the block.

        Raises:
            CannotRunError: a revision fails.
            FailedError: a revision takes tables from the models of today, so that the head has no state of its own.
            NoServerError: a revision needs a server, and there is none.
        """
        with ExitStack() as stack:
            with model_tables.watched(self._target, chain.revisions(self._script)) as taken:
                try:
                    connection = self._replayed(stack)
                except MigrationError as error:
                    self._require_independent(taken, error)
                    raise
            self._require_independent(taken)
            yield connection

    def _replayed(self, stack: ExitStack) -> sa.Connection:
        try:
            return stack.enter_context(replay.replayed(self._script, self._target, self._settings, self.named))
        except replay.CannotReplayError as obstacle:
            return self._on_scratch(obstacle, stack)

    def _require_independent(self, found: list[model_tables.ModelTable], error: MigrationError | None = None) -> None:
        """Raise FailedError if revisions have taken compared tables from the models; `error` is how they failed."""
        taken = [each for each in found if is_compared(each.table, self._target)]
        if not taken:
            return
        first, *further = model_tables.described(taken)
        raise FailedError(
            f"{self._target.name}: {first}: no revision would bring existing databases what these models gain. "
            "Let invoke freeze write the tables into the revision",
            *further,
            *model_tables.way_out([each.revision for each in taken], self._target),
            *([error.headline] if error else []),
            kind="models-in-revision",
        ) from error

    def _on_scratch(self, obstacle: replay.CannotReplayError, stack: ExitStack) -> sa.Connection:
        dialect = dialects.get(self._target.dialect)
        try:
            scratch = stack.enter_context(
                dialect.scratch.database(self._target.name, self._folder, self._notify, self._target.made_as)
            )
        except NoServerError as error:
            if isinstance(obstacle, replay.RefusedError):
                raise CannotRunError(*obstacle.args) from obstacle
            raise NoServerError(
                f"{obstacle}: that needs a server to replay the chain on, and there is none: {error}"
            ) from obstacle
        self.notes.append(f"{obstacle.args[0]}: replayed on a scratch database instead")
        self._notify(Notice(self.notes[-1]))
        connection = stack.enter_context(scratch.engine.connect())
        runner = ChainRunner(self._script, connection, self._target, self._settings, named=self.named)
        runner.create_initial_tables()
        runner.raise_by(chain.runnable(self._script, self._target))
        return connection
