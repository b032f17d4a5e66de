"""What an upgrade or downgrade of a live database would run: the database is read, the revisions run in memory."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic_lockstep import compat, dialects
from alembic_lockstep.errors import CannotRunError, NeedsServerError, first_line, one_line, place
from alembic_lockstep.execution.context import options
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.live.location import reaching, revisions_of, url_of, where
from alembic_lockstep.live.moves import checked_chain, require_known
from alembic_lockstep.live.results import PlannedRevision, Preview, joined
from alembic_lockstep.project import chain, models

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa
    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.project.targets import Target

LONGEST = 200
"""Characters of a statement that are shown."""
_CHANGES_NOTHING = re.compile(r"(?i)\W*(begin|commit|rollback|savepoint|release|pragma|select|show|set|describe)\b")


def preview(target: Target, step: str, revision: str) -> Preview:
    """Return what would be run on a live database, which is only read, without a lock.

    Args:
        target: the target.
        step: `upgrade` or `downgrade`.
        revision: up or down to this one, also relative.

    Raises:
        CannotRunError: it cannot be reached, or the step could not run.
    """
    script = checked_chain(target, revision)
    if step == "upgrade":
        chain.require_revisions(script, target)
    url = url_of(target)
    if step == "downgrade" and dialects.get(target.dialect).live.is_missing(url):
        raise CannotRunError(f"{target.name}: there is no database {where(target, url)}")
    at = _current(target, url)
    require_known(at, script, target)
    try:
        memory = dialects.get(target.dialect).scratch.memory(target.made_as)
    except NeedsServerError as error:
        text = f"{target.name}: no preview without a server: [{target.section}] {error}"
        raise CannotRunError(text, kind="no-server") from error
    with memory as engine, engine.connect() as connection:
        runner = ChainRunner(script, connection, target, options(target, models.load(target)))
        planned = runner.planned(step, "heads" if revision == "head" else revision, at or chain.start(target))
        replay = _Replay(runner)
        replay.reach(_applied(script, target, at or chain.start(target)))
        return Preview(where(target, url), joined(at), [replay.run(each, step) for each in planned])


def _current(target: Target, url: sa.URL) -> tuple[str, ...]:
    with reaching(target, url):
        return revisions_of(target, url)


def _applied(script: ScriptDirectory, target: Target, at: tuple[str, ...]) -> list[Script]:
    pending = {each.revision.revision for each in compat.upgrade_steps(script, "heads", at)}
    return [each for each in chain.runnable(script, target) if each.revision not in pending]


class _Replay:
    """Revisions run in memory, up to the first that cannot be.

    Args:
        runner: on an empty database in memory.
    """

    def __init__(self, runner: ChainRunner) -> None:
        self._runner, self._target = runner, runner.target
        self._scratch = dialects.get(runner.target.dialect).scratch
        self._doubled = compat.doubles_percents(runner.connection.dialect.identifier_preparer)
        self._unknown = ""

    def reach(self, applied: list[Script]) -> None:
        """Bring the database in memory to where the live one is."""
        with self._watched():
            self._runner.create_initial_tables(in_memory=True)
        for revision in applied:
            self.run(revision, "upgrade", prepared=False)

    def run(self, revision: Script, step: str, *, prepared: bool = True) -> PlannedRevision:
        """Run a step of a revision, and return what it executes.

        Args:
            revision: the revision.
            step: `upgrade` or `downgrade`.
            prepared: whether the rows are there that its data case calls required.
        """
        with self._watched():
            if not self._unknown:
                self._runner.run_alone(revision, step, prepared=prepared)
        statements = [] if self._unknown else [self._shown(each) for each in self._runner.statements]
        return PlannedRevision(revision.revision, revision.doc, list(filter(None, statements)), self._unknown)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Note why what runs in the block does not run in memory."""
        obstacle: BaseException | None = None
        try:
            yield
        except (Exception, SystemExit, NeedsServerError) as error:  # noqa: BLE001 - its statements are not known then
            obstacle = error
        obstacle = self._scratch.obstacle(self._engine) or obstacle
        if obstacle is not None and not self._unknown:
            at = place(obstacle, self._target.root, self._target.versions) or self._target.name
            needs_server = isinstance(obstacle, NeedsServerError)
            why = f" without a server: {at} {obstacle}" if needs_server else f": {at}: {first_line(obstacle)}"
            self._unknown = one_line(f"statements not known{why}")

    @property
    def _engine(self) -> sa.Engine:
        return self._runner.connection.engine

    def _shown(self, statement: str) -> str:
        """Return a statement in one line, or nothing for one that changes nothing."""
        if _CHANGES_NOTHING.match(statement):
            return ""
        text = one_line(statement.replace("%%", "%") if self._doubled else statement)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
