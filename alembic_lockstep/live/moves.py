"""Upgrades and downgrades of live databases."""

from __future__ import annotations

import re
from contextlib import closing, redirect_stdout
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, one_line
from alembic_lockstep.execution.context import options
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.live.location import knows, reaching, url_of, where
from alembic_lockstep.live.lock import locked
from alembic_lockstep.live.results import Move, joined
from alembic_lockstep.progress import Notice, Printed
from alembic_lockstep.project import chain, models
from alembic_lockstep.project.targets import load_one

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alembic.script import ScriptDirectory

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target


def upgrade(
    target: Target,
    revision: str,
    notify: Reporter,
    others: Sequence[str] = (),
    *,
    create: bool,
    show_values: bool = False,
) -> Move:
    """Upgrade a live database.

    Args:
        target: the target.
        revision: up to this one, also relative (`+1`) or `head`.
        notify: called with each revision that was applied.
        others: the sections of the targets that follow this one; their chains are checked before anything is changed.
        create: create a missing database on a server.
        show_values: show values of rows in a failure.

    Raises:
        CannotRunError: it cannot be reached or is in use.
        FailedError: a revision failed.
    """
    script = checked_chain(target, revision, others)
    chain.require_revisions(script, target)
    url = url_of(target)
    with reaching(target, url):
        dialects.get(target.dialect).live.prepare(url, target.made_as, create=create)

    destination = "heads" if revision == "head" else revision

    def run(runner: ChainRunner) -> int:
        # Refused before tables are made, not after.
        runner.planned("upgrade", destination, runner.current() or chain.start(target))
        runner.create_initial_tables()
        return runner.upgrade(destination)

    return _move(target, script, url, notify, run, show_values=show_values)


def downgrade(
    target: Target, revision: str, notify: Reporter, others: Sequence[str] = (), *, show_values: bool = False
) -> Move:
    """Downgrade a live database; the arguments and errors are those of `upgrade`."""
    script = checked_chain(target, revision, others)
    url = url_of(target)
    with reaching(target, url):
        if dialects.get(target.dialect).live.is_missing(url):
            raise CannotRunError(f"there is no database {where(target, url)}")
        dialects.get(target.dialect).live.prepare(url, target.made_as, create=False)
    return _move(target, script, url, notify, lambda runner: runner.downgrade(revision), show_values=show_values)


def checked_chain(target: Target, revision: str, others: Sequence[str] = ()) -> ScriptDirectory:
    """Load the chain; check, before anything is changed, that the other chains load and have the revision, too."""
    script = chain.load(target)
    chains = {target.name: script}
    for section in others:
        other = load_one(target.ini, section)
        chains[other.name] = chain.load(other)
    if re.fullmatch(r"\w+", revision) and revision not in {"head", "heads", "base"}:
        lacking = [name for name, each in chains.items() if not knows(each, revision)]
        if lacking == [target.name]:
            raise CannotRunError(f"{target.name}: its chain has no revision {revision}", kind="unknown-revision")
        if lacking:
            raise CannotRunError(
                f"{target.name}: nothing was changed: there is no revision {revision} in {', '.join(lacking)}. "
                "Choose with --db the targets that have it.",
                kind="unknown-revision",
            )
    return script


def _move(
    target: Target,
    script: ScriptDirectory,
    url: sa.URL,
    notify: Reporter,
    run: Callable[[ChainRunner], int],
    *,
    show_values: bool,
) -> Move:
    settings = options(target, models.load(target))  # for the naming convention of the models

    def report(revision: str, message: str) -> None:
        notify(Notice(f"{revision}  {message}"))

    with locked(target, url) as connection, closing(Printed(notify)) as printed, redirect_stdout(printed):
        runner = ChainRunner(script, connection, target, settings, report, live=True, show_values=show_values)
        try:
            before = runner.current()
            require_known(before, script, target)
            steps = run(runner)
            return Move(where(target, url), joined(before), joined(runner.at if steps else before), steps)
        except sa.exc.DBAPIError as error:  # not of a revision: the chain runner reports those
            reason = one_line(dialects.get(target.dialect).live.reason(error))
            raise CannotRunError(f"{target.name}: {where(target, url)}: {reason}") from error


def require_known(revisions: tuple[str, ...], script: ScriptDirectory, target: Target) -> None:
    """Raise CannotRunError if a database is at a revision that its chain does not have."""
    for revision in revisions:
        if not knows(script, revision):
            raise CannotRunError(
                f"{target.name}: the database is at revision {revision}, which this checkout does not have. "
                f"Check out the branch that has it, or a newer version.",
                kind="unknown-revision",
            )
