"""The transaction of a revision: what the revision itself does to it."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from alembic_lockstep.errors import FailedError

_ENDS = re.compile(r"(?i)\s*(commit|end|rollback)\b(?!\s+(transaction\s+)?to\b)")
"""SQL by which a revision ends its transaction; ROLLBACK TO undoes a part of it only."""


class TransactionWatch:
    """Notes whether the revision that is running commits or rolls back by itself, whichever way it does so.

    Args:
        connection: on which revisions run.

    Attributes:
        committed: whether it has committed: what it did until then stays, whatever happens.
        rolled_back: whether it has rolled back: what it did until then is gone.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.committed = self.rolled_back = self._running = False
        sa.event.listen(connection, "commit", self._commit)
        sa.event.listen(connection, "rollback", self._rollback)
        sa.event.listen(connection, "before_cursor_execute", self._execute)

    def restart(self) -> None:
        """Begin with the next revision."""
        self.committed = self.rolled_back = False
        self._running = True

    def require_kept(self, **_kw: Any) -> None:
        """Raise FailedError if the revision has rolled back what it did, so that it does not count as applied.

        It is a callback for Alembic's on_version_apply.
        """
        self._running = False  # what follows is done by whoever runs the revision
        if self.rolled_back:
            raise FailedError(
                "it has rolled back its own transaction, and with it what it had done",
                "Undo a part of a revision by a savepoint: with op.get_bind().begin_nested(): …",
            )

    def _commit(self, _connection: sa.Connection) -> None:
        self.committed |= self._running

    def _rollback(self, _connection: sa.Connection) -> None:
        self.rolled_back |= self._running

    def _execute(self, connection: sa.Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # what is rolled back here was begun here, such as a batch of `rewrite`
        found = _ENDS.match(statement)
        if found is not None and self._running:
            self.rolled_back |= found[1].lower() == "rollback"
            self.committed |= found[1].lower() != "rollback"
