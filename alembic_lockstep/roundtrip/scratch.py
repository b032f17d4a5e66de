"""A scratch database on which revisions are tried: its schema, the rows in its tables, and what a move has touched."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.roundtrip import row_diff, rows
from alembic_lockstep.schema import ddl
from alembic_lockstep.schema.snapshot import Snapshot, columns, differences, parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import sqlalchemy as sa
    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.rows import Rows

CROWDED = 20
"""Rows of a table that are too many: those that were put in here go before new ones come."""
FULL = 100
"""Rows of a table that gets no more."""
WRITES = re.compile(
    r"(?is)(?:\s|--[^\n]*\n|/\*.*?\*/)*(insert|update|delete|replace|merge|with\b.*\b(?:insert|update|delete))\b"
)
"""How a statement begins that changes rows."""
RESHAPES = re.compile(r"(?is)\s*(alter|rename)\b.*\b(add|change|drop|rename)\b")
"""A statement after which a column need not be the one that was called so."""
MOVES = re.compile(r"(?is)\s*(rename\s+table\b|alter\s+table\b.*\brename\s+(to|as)\b)")
"""A statement after which a table need not be the one that was called so."""
BOOKKEEPING = re.compile(r"(?i)\balembic_version\b|_alembic_tmp_")
"""What Alembic writes by itself: its version, and the copies of batch mode."""


@dataclass(slots=True)
class Touched:
    """What a move can have touched.

    Attributes:
        tables: the tables that its statements name, and those with foreign keys to them.
        written: the tables whose rows it has changed by statements of its own.
        words: the words of those statements, in lower case.
        reshaped: tables, each with a word of a statement that adds, drops or renames something of it: a column that is
            called so need not be the one that it was.
        moved: the tables that a statement renames: one that is called so need not be the one that it was.
    """

    tables: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    reshaped: set[tuple[str, str]] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)

    def merge(self, other: Touched) -> None:
        """Add what another move can have touched."""
        self.tables |= other.tables
        self.written |= other.written
        self.words |= other.words
        self.reshaped |= other.reshaped
        self.moved |= other.moved


class ScratchDatabase:
    """A scratch database of a target, made anew when it has to be.

    Args:
        target: whose chain is tried.
        script: the chain.
        settings: from `alembic_lockstep.autogenerate.options.options`.
        folder: where scratch files may be put.
        notify: called with what takes long.
        data: put rows into the tables.
        only: whether a table gets rows; what it refers to gets some, too. None for all tables.

    Attributes:
        connection: to the database, outside a transaction between two calls.
        walk: moves it up and down the chain.
        server: what serves it.
        snapshot: its schema.
        contents: the rows of its tables; empty without data.
        rowless: why no row could be put into a table, for the last tables that were filled.
    """

    connection: sa.Connection
    walk: ChainRunner

    def __init__(
        self,
        target: Target,
        script: ScriptDirectory,
        settings: dict[str, Any],
        folder: Path,
        notify: Reporter,
        *,
        data: bool = True,
        only: Callable[[str], bool] | None = None,
    ) -> None:
        self.target, self.script, self.settings = target, script, settings
        self._folder, self._notify, self.data, self._only = folder, notify, data, only
        self.dialect = dialects.get(target.dialect)
        self._stack = ExitStack()
        self.server = ""
        self.copied = False
        self.snapshot = Snapshot()
        self.contents: dict[str, Rows] = {}
        self.rowless: dict[str, str] = {}
        self._ours: dict[str, set[tuple[Any, ...]]] = {}
        self._filled: dict[str, list[str]] = {}

    def close(self) -> None:
        """Remove the database."""
        self._stack.close()

    def open(self, revisions: Iterable[Script], state: sa.Connection | None = None) -> None:
        """Make a new database with these revisions, applied to empty tables, and rows in them.

        Args:
            revisions: those below the first that is tried.
            state: a database that has just these, if there is one: it may be copied.

        Raises:
            RevisionFailedError: one of them does not apply.
            NoServerError: there is nothing to make it on.
        """
        self.close()
        scratch = self._stack.enter_context(self.dialect.scratch.database(self.target.name, self._folder, self._notify))
        self.connection = self._stack.enter_context(scratch.engine.connect())
        self.walk = ChainRunner(self.script, self.connection, self.target, self.settings)
        self.server = scratch.server
        self._ours, self._filled = {}, {}
        self.copied = state is not None and self.dialect.scratch.copy(state, self.connection)
        below = list(revisions)
        if not self.copied:
            self.walk.prepare()
            for revision in below:
                self.walk.apply(revision)
        elif below:
            self.walk.stamp(below[-1])
        self.snapshot, self.contents = self.dialect.schema.snapshot(self.connection), {}
        if self.data:
            self.read(self.snapshot.tables)
            self.fill(self.snapshot.tables)
        self.connection.rollback()

    # ---- Looking ---------------------------------------------------------------------------------------------------

    def look(self) -> Touched:
        """Bring schema and rows up to date after a move; return what it can have touched."""
        before, statements = self.snapshot, dict.fromkeys(self.walk.statements)
        self.snapshot = self.dialect.schema.snapshot(self.connection, before, statements)
        known = Snapshot({**before.tables, **self.snapshot.tables}).names()
        touched = Touched()
        for statement in statements:
            named = ddl.names(statement, known, backslashes=self.dialect.backslashes)
            touched.tables |= named
            if BOOKKEEPING.search(statement):
                continue
            words = ddl.words(statement, backslashes=self.dialect.backslashes)
            if WRITES.match(statement):
                touched.written |= named
                touched.words |= words
            if RESHAPES.match(statement):
                touched.reshaped |= {(name, word) for name in named for word in words}
            if MOVES.match(statement):
                touched.moved |= named
        both = before.tables.keys() | self.snapshot.tables.keys()
        touched.tables |= {name for name in both if before.tables.get(name) is not self.snapshot.tables.get(name)}
        if touched.written and before.triggers():
            touched.tables = set(both)
        if self.data:
            touched.tables = before.with_children(self.snapshot.with_children(touched.tables))
            self.read(touched.tables)
        self.connection.rollback()
        return touched

    def read(self, tables: Iterable[str]) -> None:
        """Bring the rows of tables up to date."""
        contents = dict(self.contents)
        for name in tables:
            parts = self.snapshot.tables.get(name)
            if parts is None or not columns(parts):
                contents.pop(name, None)
            else:
                contents[name] = rows.read(self.connection, name, parts)
        self.contents = contents
        self.connection.rollback()

    def look_at_everything(self) -> list[str]:
        """Look at every table; return what has changed although no statement named it."""
        known, contents = self.snapshot, self.contents
        self.snapshot = self.dialect.schema.snapshot(self.connection)
        if self.data:
            self.read(self.snapshot.tables)
        self.connection.rollback()
        found = [str(difference) for difference in differences(known, self.snapshot)]
        for name, before in contents.items():
            parts = known.tables.get(name, {})
            some = row_diff.losses(name, before, self.contents.get(name), list(columns(parts)), rows.primary_key(parts))
            found += [str(loss) for loss in some]
        return found

    # ---- Rows ------------------------------------------------------------------------------------------------------

    def fill(self, tables: Iterable[str], older: Snapshot | None = None) -> None:
        """Put rows into tables, parents first.

        Args:
            tables: those that get some.
            older: a schema whose types the rows must fit, too.
        """
        wanted = {name for name in tables if self._only is None or self._only(name)}
        fresh = wanted
        while fresh:  # without parents there are no children
            above = {parent for name in fresh for parent in parents(self.snapshot.tables.get(name, {}))} - wanted
            fresh = {name for name in above if name in self.contents and not self.contents[name].values}
            wanted |= fresh
        wanted = {name for name in wanted if name in self.contents and len(self.contents[name].values) < FULL}
        reasons = {}
        for name in rows.order(wanted, self.snapshot):
            maker = rows.RowMaker(self.connection, name, self.snapshot, older, self.contents[name])
            reason = maker.insert()
            if reason:
                reasons[name] = reason
            self._ours.setdefault(name, set()).update(maker.made)
            if older is None:
                self._filled[name] = list(columns(self.snapshot.tables[name]))
        if wanted:
            self.connection.commit()
            self.read(self.contents if self.snapshot.triggers() else wanted)
        self.rowless = {name: reason for name, reason in reasons.items() if not self.contents[name].values}

    def renew(self) -> None:
        """Put rows into tables that have none, or have other columns than when they last got some."""
        stale = {
            name
            for name, each in self.contents.items()
            if not each.values or self._filled.get(name) != list(columns(self.snapshot.tables[name]))
        }
        self._thin({name for name in stale if len(self.contents[name].values) > CROWDED})
        self.fill(stale)

    def _thin(self, crowded: set[str]) -> None:
        """Take out of tables, and of their children, the rows that were put in here; others belong to the chain."""
        tables = {name for name in self.snapshot.with_children(crowded) if name in self.contents}
        if any(part.startswith("trigger ") for name in tables for part in self.snapshot.tables[name]):
            return  # nobody knows what else it would do
        with self.dialect.rows.unguarded(self.connection):
            for name in tables:
                key = rows.primary_key(self.snapshot.tables[name])
                ours = [each for each in self._ours.pop(name, ()) if key and len(each) == len(key) and None not in each]
                where = " AND ".join(f"{quoted(self.connection, part)} = {self.dialect.rows.mark}" for part in key)
                for each in ours:
                    self.connection.exec_driver_sql(f"DELETE FROM {quoted(self.connection, name)} WHERE {where}", each)  # noqa: S608 - quoted
        self.connection.commit()
        self.read(tables)


def opened(stage: ScratchDatabase, revisions: Iterable[Script]) -> bool:
    """Open a stage; return whether the revisions apply."""
    try:
        stage.open(revisions)
    except RevisionFailedError:
        return False
    return True
