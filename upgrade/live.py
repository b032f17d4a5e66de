"""Live databases: upgrade, downgrade and status, in a process that has the target's DB_TYPE."""

from __future__ import annotations

import importlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.util import CommandError

from upgrade import chain, dialects, models, proof, replay
from upgrade.change import Status
from upgrade.errors import CannotRunError, MigrationError, first_line, place
from upgrade.options import options
from upgrade.targets import load_one
from upgrade.urls import literal_url
from upgrade.walk import Walk, current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alembic.script import ScriptDirectory

    from upgrade.targets import Target

LOCK_SECONDS = 10


def url_of(target: Target) -> sa.URL:
    """Return where a target's live database is, as its section's `url` says.

    Raises:
        CannotRunError: the callable fails, or the URL is of another dialect.
    """
    url = _evaluated(target)
    if url.get_backend_name() != target.dialect:
        raise CannotRunError(
            f"{target.name}: url in [{target.section}] gives {url.get_backend_name()}, not {target.dialect}. "
            f"It must follow DB_TYPE, which is {target.dialect} in this process."
        )
    return url


def _evaluated(target: Target) -> sa.URL:
    module, _, name = target.url.partition(":")
    try:
        if "://" in target.url:
            return literal_url(target.url)
        value = getattr(importlib.import_module(module), name)
        return sa.make_url(value() if callable(value) else value)
    except Exception as error:
        where = place(error, target.root) or f"url in [{target.section}]"
        raise CannotRunError(f"{target.name}: {where}: {first_line(error)}", *str(error).splitlines()[1:]) from error


def installation(targets: list[Target]) -> list[str]:
    """Return the names of the targets whose dialect the settings of this process give."""
    return [target.name for target in targets if _evaluated(target).get_backend_name() == target.dialect]


def upgrade(
    target: Target, revision: str, tell: Callable[[str], None], others: Sequence[str] = (), *, create: bool
) -> dict[str, Any]:
    """Upgrade a live database.

    Args:
        target: which.
        revision: up to this one, also relative (`+1`) or `head`.
        tell: called with each revision that was applied.
        others: the sections of the targets whose turn comes after this one; their chains are checked, too.
        create: make a missing database on a server.

    Returns:
        `from`, `to`, how many `steps`, and `where`.

    Raises:
        CannotRunError: it cannot be reached or is in use.
        FailedError: a revision failed.
    """
    script = _checked(target, revision, others)
    chain.head(script, target)
    url = url_of(target)
    with reaching(target, url):
        dialects.get(target.dialect).prepare(url, create=create)

    def go(walk: Walk) -> int:
        walk.prepare()
        return walk.upgrade(revision)

    return _move(target, script, url, tell, go)


def downgrade(target: Target, revision: str, tell: Callable[[str], None], others: Sequence[str] = ()) -> dict[str, Any]:
    """Downgrade a live database; the arguments and errors are those of `upgrade`."""
    script = _checked(target, revision, others)
    url = url_of(target)
    with reaching(target, url):
        if dialects.get(target.dialect).is_missing(url):
            raise CannotRunError(f"there is no database {_where(target, url)}")
        dialects.get(target.dialect).prepare(url, create=False)
    return _move(target, script, url, tell, lambda walk: walk.downgrade(revision))


def _checked(target: Target, revision: str, others: Sequence[str]) -> ScriptDirectory:
    """Load the chain, and before anything is changed see that those after it are sound and have the revision, too."""
    script = chain.load(target)
    chains = {target.name: script}
    for section in others:
        other = load_one(target.ini, section)
        chains[other.name] = chain.load(other)
    if re.fullmatch(r"\w+", revision) and revision not in {"head", "heads", "base"}:
        lacking = [name for name, each in chains.items() if not _knows(each, revision)]
        if lacking == [target.name]:
            raise CannotRunError(f"{target.name}: its chain has no revision {revision}")
        if lacking:
            raise CannotRunError(
                f"{target.name}: nothing was changed, since {' and '.join(lacking)} has no revision {revision}. "
                "Choose with --db the targets that have it."
            )
    return script


def _move(
    target: Target, script: ScriptDirectory, url: sa.URL, tell: Callable[[str], None], go: Callable[[Walk], int]
) -> dict[str, Any]:
    dialect = dialects.get(target.dialect)
    settings = options(target, models.load(target))  # their naming convention names what a revision leaves unnamed
    with reaching(target, url), dialect.live_engine(url).connect() as connection:
        try:
            with dialect.locked(connection, LOCK_SECONDS):
                walk = Walk(
                    script, connection, target, settings, lambda step, message: tell(f"{step}  {message}"), live=True
                )
                before = walk.current()
                _require_known(before, script, target)
                steps = go(walk)
                return {"from": before, "to": walk.current(), "steps": steps, "where": _where(target, url)}
        except TimeoutError as error:
            raise CannotRunError(
                f"{target.name}: {_where(target, url)} is in use by another migration or program "
                f"(waited {LOCK_SECONDS} s). Run the command again when that is done."
            ) from error


def _require_known(revision: str | None, script: ScriptDirectory, target: Target) -> None:
    if revision is not None and not _knows(script, revision):
        raise CannotRunError(
            f"{target.name}: the database is at revision {revision}, which this checkout does not have. "
            f"Check out the branch that has it, or a newer version."
        )


def _knows(script: ScriptDirectory, revision: str) -> bool:
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


@contextmanager
def reaching(target: Target, url: sa.URL) -> Iterator[None]:
    """Tell a database that cannot be reached in one line, with who was asked, without the password.

    Raises:
        CannotRunError: for what the driver raises inside.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise CannotRunError(
            f"{target.name}: cannot connect to {_where(target, url)} ({dialects.get(target.dialect).reason(error)}). "
            f"{_told_by(target)}"
        ) from error
    except CannotRunError as error:
        raise (
            error
            if error.headline.startswith(target.name)
            else CannotRunError(f"{target.name}: {error.headline}", *error.detail)
        ) from error


def _told_by(target: Target) -> str:
    """Return who says where the database is; a literal URL is not repeated, it may hold a password."""
    if "://" in target.url:
        return f"Where it is stands in [{target.section}] of {target.ini.name}."
    return f"Where it is says {target.url}: environment and .env."


def _where(target: Target, url: sa.URL) -> str:
    return dialects.get(target.dialect).where(url, target.root)


def status(target: Target) -> Status:
    """Return how a live database stands to its chain, and the models to the chain.

    Nothing is created or changed. The models are compared with the chain in memory, whatever state the database is in.

    Raises:
        CannotRunError: the chain or the settings are broken.
    """
    script = chain.load(target)
    head = script.get_current_head()
    url = url_of(target)
    where, in_step = _where(target, url), _models(target, script)
    try:
        at = _current(target, url)
    except sa.exc.DBAPIError as error:
        note = f"not reachable: {dialects.get(target.dialect).reason(error)}"
        return Status(target.name, where, None, head, None, in_step, note, reachable=False)
    if at is not None and not _knows(script, at):
        return Status(
            target.name, where, at, head, None, in_step, "at a revision that this checkout lacks", reachable=True
        )
    pending = len(list(script.iterate_revisions("heads", at or "base")))
    note = f"invoke upgrade --db {target.name}" if pending else ""
    return Status(target.name, where, at, head, pending, in_step, note, reachable=True)


def _current(target: Target, url: sa.URL) -> str | None:
    dialect = dialects.get(target.dialect)
    if dialect.is_missing(url):
        return None
    with dialect.reading_engine(url).connect() as connection:
        return current(connection, target, options(target))


def _models(target: Target, script: ScriptDirectory) -> str:
    """Compare models and chain in memory."""
    try:
        metadata = models.load(target)
        settings = options(target, metadata)
        with replay.replayed(script, target, settings) as connection:
            ahead = proof.compare(connection, metadata, settings)
    except replay.CannotReplayError as error:
        return f"not compared: {error.args[0]}"
    except MigrationError as error:
        return f"broken: {error.headline}"
    return f"ahead: {'; '.join(ahead[:3])}{' …' if len(ahead) > 3 else ''}" if ahead else "in step"
