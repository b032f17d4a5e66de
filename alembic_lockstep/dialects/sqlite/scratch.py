"""Scratch databases in SQLite files and in memory."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import USUAL, DatabaseSettings, ScratchEngine
from alembic_lockstep.dialects.sqlite.engine import engine as make_engine
from alembic_lockstep.errors import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.progress import Reporter


class Scratch(base.Scratch):
    """SQLite."""

    @contextmanager
    def memory(self, settings: DatabaseSettings = USUAL) -> Iterator[sa.Engine]:
        engine = make_engine(sa.URL.create("sqlite"), ())
        with engine.connect():  # all there is of a database in memory is its connection
            yield engine

    @contextmanager
    def database(
        self, name: str, folder: Path, notify: Reporter, settings: DatabaseSettings = USUAL
    ) -> Iterator[ScratchEngine]:
        path = folder / f"{name}.db"
        # Durability is for data that somebody wants back; without it a replay is about seven times faster.
        pragmas = ("synchronous = OFF", "journal_mode = MEMORY")
        engine = make_engine(sa.URL.create("sqlite", database=str(path)), pragmas)
        try:
            yield ScratchEngine(engine, f"SQLite {sqlite3.sqlite_version}")
        finally:
            path.unlink(missing_ok=True)

    def copy(self, source: sa.Connection, into: sa.Connection) -> bool:
        drivers: list[Any] = [connection.connection.driver_connection for connection in (source, into)]
        source.rollback()
        try:
            drivers[0].backup(drivers[1])
        except sqlite3.Error as error:
            raise FailedError(f"the scratch database cannot be written: {error}") from error
        return True
