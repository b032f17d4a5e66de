"""The lock on a live database: one migration at a time, and none that goes on without it."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, FailedError
from alembic_lockstep.live.location import reaching, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.project.targets import Target

LOCK_SECONDS = 10
CHECK_SECONDS = 0.02
"""Between two statements that follow faster than this the lock is not asked for."""


@contextmanager
def locked(target: Target, url: sa.URL) -> Iterator[sa.Connection]:
    """Provide a connection to a live database that no other migration uses meanwhile.

    Raises:
        CannotRunError: it cannot be reached, or is in use.
    """
    live = dialects.get(target.dialect).live
    with ExitStack() as stack:
        try:
            with reaching(target, url):
                connection = stack.enter_context(live.engine(url).connect())
                has_lock = stack.enter_context(live.locked(connection, LOCK_SECONDS))
        except TimeoutError as error:
            raise CannotRunError(
                f"{target.name}: {where(target, url)} is in use by another migration or program "
                f"(waited {LOCK_SECONDS} s). Run the command again when that is done."
            ) from error
        sa.event.listen(connection, "before_cursor_execute", _LockCheck(has_lock))
        yield connection


class _LockCheck:
    """Called before each statement: raises an error when the lock is lost, since another migration may run by then.

    Args:
        has_lock: from `Live.locked`.
    """

    def __init__(self, has_lock: Callable[[], bool]) -> None:
        self._has_lock, self._checked = has_lock, time.monotonic()

    def __call__(self, *_arguments: object) -> None:
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        if not self._has_lock():
            raise FailedError(
                "the lock that keeps other migrations away was lost: the connection that held it was cut",
                "Nothing was executed since. See that no other migration is running before you go on.",
                kind="lock-lost",
            )
        self._checked = time.monotonic()
