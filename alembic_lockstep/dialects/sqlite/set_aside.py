"""Views and triggers beside batch mode, which drops a table and gives its name to another one.

SQLite refuses to rename a table while a view or a trigger names one that is not there.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

_BATCH_RENAMES = re.compile(r'ALTER TABLE "?_alembic_tmp_')


class SetAside:
    """Drops views and triggers before such a rename, and creates them again after it."""

    def __init__(self) -> None:
        self._statements: list[str] = []

    def listen(self, engine: sa.Engine) -> None:
        """Look at what the connections of an engine execute."""
        sa.event.listen(engine, "before_cursor_execute", self._before)
        sa.event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, _connection: sa.Connection, cursor: Any, statement: str, *_more: Any) -> None:
        self._statements = []
        if not _BATCH_RENAMES.match(statement):
            return
        execute = cursor.connection.execute
        query = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY type DESC, rowid"
        found = execute(query).fetchall()
        self._statements = [text for _kind, _name, text in found]
        for kind, name, _text in reversed(found):  # a view takes its triggers with it
            execute(f"DROP {kind} IF EXISTS {_quoted(name)}")

    def _after(self, _connection: sa.Connection, cursor: Any, *_more: Any) -> None:
        for text in self._statements:
            cursor.connection.execute(text)
        self._statements = []


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
