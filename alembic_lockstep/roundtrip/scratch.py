"""A scratch database on which revisions run: its schema, the rows in its tables, and what a revision has touched."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from alembic_lockstep import dialects
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.execution.conventions import NamedByConvention
from alembic_lockstep.execution.runner import ChainRunner, RevisionFailedError
from alembic_lockstep.project import revision_file
from alembic_lockstep.roundtrip import row_diff, rows, touched
from alembic_lockstep.roundtrip.row_maker import RowMaker, insert_order
from alembic_lockstep.schema.differences import differences
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import sqlalchemy as sa
    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.rows import Rows
    from alembic_lockstep.roundtrip.touched import Touched

MANY_ROWS = 20
"""A table with more rows than these loses its edge-case rows before it gets new ones."""
MAX_ROWS = 100
"""A table with so many rows gets no more."""


class ScratchDatabase:
    """A scratch database of a target, which can be made anew.

    Args:
        target: whose chain runs on it.
        script: the chain.
        settings: from `alembic_lockstep.autogenerate.options.options`.
        folder: where scratch files may be put.
        notify: called with what takes long.
        data: whether tables get rows.
        only: whether a table gets rows; those that it refers to get some, too. None for all tables.

    Attributes:
        connection: to the database, outside a transaction between two calls.
        runner: runs revisions on it, up and down.
        server: what serves it.
        by_convention: what today's naming convention names in revisions that have run.
        copied: whether it began as a copy of another database.
        snapshot: its schema.
        contents: the rows of its tables; empty without data.
        rowless: why no row could be inserted into a table, for the last tables that were filled.
    """

    connection: sa.Connection
    runner: ChainRunner

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
        self.by_convention = NamedByConvention(target)
        self.copied = False
        self.snapshot = Snapshot()
        self.contents: dict[str, Rows] = {}
        self.rowless: dict[str, str] = {}
        self._inserted: dict[str, set[tuple[Any, ...]]] = {}
        self._filled_columns: dict[str, list[str]] = {}

    def beside(self, name: str) -> ScratchDatabase:
        """Return another scratch database of the same target, without rows, that is not open yet."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return ScratchDatabase(self.target, self.script, self.settings, folder, self._notify, data=False)

    def close(self) -> None:
        """Remove the database."""
        self._stack.close()

    def open(self, revisions: Iterable[Script], state: sa.Connection | None = None) -> None:
        """Make a new database with these revisions, applied to empty tables, and put rows into them.

        Args:
            revisions: those below the first that is tested.
            state: a database that has just these, if there is one: it may be copied.

        Raises:
            RevisionFailedError: one of them does not apply.
            NoServerError: there is nothing to make it on.
        """
        self.close()
        scratch = self._stack.enter_context(
            self.dialect.scratch.database(self.target.name, self._folder, self._notify, self.target.made_as)
        )
        self._connect(scratch.engine)
        self.server = scratch.server
        self._inserted, self._filled_columns = {}, {}
        self.copied = state is not None and self.dialect.scratch.copy(state, self.connection)
        below = list(revisions)
        if state is not None and not self.copied:
            self.open(below)
            return
        if not self.copied:
            self.runner.create_initial_tables()
            self.runner.raise_by(below)
        else:
            self.runner.stamp(below)
        self.snapshot, self.contents = self.dialect.schema.snapshot(self.connection), {}
        if self.data:
            self.read(self.snapshot.tables)
            self.fill(self.snapshot.tables)
        self.connection.rollback()

    def _connect(self, engine: sa.Engine) -> None:
        self.connection = self._stack.enter_context(engine.connect())
        self.runner = ChainRunner(self.script, self.connection, self.target, self.settings, named=self.by_convention)

    def repair(self, state: ScratchDatabase, touched: set[str]) -> bool:
        """Make this database like another one, and put rows into what has changed; return whether that was possible."""
        engine = self.connection.engine
        self.connection.close()  # a revision can have left settings of the session changed
        self._connect(engine)
        copied = self.dialect.scratch.repair(state.connection, self.connection, touched)
        if copied is None:
            return False
        self.snapshot, self.contents = self.dialect.schema.snapshot(self.connection), {}
        if differences(state.snapshot, self.snapshot):
            return False
        for name in self._inserted.keys() - (self.snapshot.tables.keys() - copied):
            self._inserted.pop(name)
            self._filled_columns.pop(name, None)
        if self.data:
            self.read(self.snapshot.tables)
            self.fill(copied)
        self.connection.rollback()
        return True

    # ---- Read ------------------------------------------------------------------------------------------------------

    def refresh(self) -> Touched:
        """Bring schema and rows up to date after an upgrade or downgrade; return what it can have touched."""
        before, statements = self.snapshot, dict.fromkeys(self.runner.statements)
        self.snapshot = self.dialect.schema.snapshot(self.connection, before, statements)
        known = Snapshot({**before.tables, **self.snapshot.tables})
        found = touched.by_statements(statements, known.names(), backslashes=self.dialect.traits.backslash_escapes)
        found.tables |= before.changed_tables(self.snapshot)
        if found.written and before.has_triggers():  # they may write anywhere
            found.tables = set(known.tables)
        if self.data:
            found.tables = before.with_referring_tables(self.snapshot.with_referring_tables(found.tables))
            self.read(found.tables)
        self.connection.rollback()
        return found

    def named(self, schema: Snapshot) -> set[str]:
        """Return the tables of a schema that the last statements name."""
        backslashes = self.dialect.traits.backslash_escapes
        return touched.by_statements(self.runner.statements, schema.names(), backslashes=backslashes).tables

    def read(self, tables: Iterable[str]) -> None:
        """Bring the rows of tables up to date."""
        contents = dict(self.contents)
        for name in tables:
            table = self.snapshot.tables.get(name)
            if table is None or not table.columns:
                contents.pop(name, None)
            else:
                contents[name] = rows.read(self.connection, name, table)
        self.contents = contents
        self.connection.rollback()

    def full_check(self) -> list[str]:
        """Read every table; return what has changed although no statement named it."""
        known, contents = self.snapshot, self.contents
        self.snapshot = self.dialect.schema.snapshot(self.connection)
        if self.data:
            self.read(self.snapshot.tables)
        self.connection.rollback()
        found = [str(difference) for difference in differences(known, self.snapshot)]
        for name, before in contents.items():
            table = known.tables.get(name)
            if table is not None:
                now = self.contents.get(name)
                losses = row_diff.losses(name, before, now, list(table.columns), table.key_columns())
                found += [str(loss) for loss in losses]
        return found

    # ---- Rows ------------------------------------------------------------------------------------------------------

    def fill(self, tables: Iterable[str], older: Snapshot | None = None) -> None:
        """Put rows into tables, first into those that others refer to.

        Args:
            tables: those that get some.
            older: a schema whose types the rows must fit, too.
        """
        wanted = self._with_referred_tables({name for name in tables if self._only is None or self._only(name)})
        wanted = {name for name in wanted if name in self.contents and len(self.contents[name].values) < MAX_ROWS}
        reasons = {}
        for name in insert_order(wanted, self.snapshot):
            maker = RowMaker(self.connection, name, self.snapshot, older, self.contents[name])
            reason = maker.insert()
            if reason:
                reasons[name] = reason
            self._inserted.setdefault(name, set()).update(maker.keys)
            if older is None:
                self._filled_columns[name] = list(self.snapshot.tables[name].columns)
        if wanted:
            self.connection.commit()
            self.read(self.contents if self.snapshot.has_triggers() else wanted)
        self.rowless = {name: reason for name, reason in reasons.items() if not self.contents[name].values}

    def _with_referred_tables(self, tables: set[str]) -> set[str]:
        """Return tables with the empty ones that they refer to: without rows there, they can have none."""
        wanted = added = tables
        while added:
            referred = {
                other
                for name in added
                if name in self.snapshot.tables
                for other in self.snapshot.tables[name].referred_tables()
            }
            added = {name for name in referred - wanted if name in self.contents and not self.contents[name].values}
            wanted = wanted | added
        return wanted

    def refill(self) -> None:
        """Put rows into tables that have none, or have other columns than when they last got some."""
        self._thin_out({name for name in self._stale() if len(self.contents[name].values) > MANY_ROWS})
        self.fill(self._stale())

    def _stale(self) -> set[str]:
        return {
            name
            for name, each in self.contents.items()
            if not each.values or self._filled_columns.get(name) != list(self.snapshot.tables[name].columns)
        }

    def _thin_out(self, crowded: set[str]) -> None:
        """Delete from tables, and those that refer to them, the rows that were inserted here, not by revisions."""
        tables = {name for name in self.snapshot.with_referring_tables(crowded) if name in self.contents}
        if any(self.snapshot.tables[name].triggers for name in tables):
            return  # nobody knows what else they would do
        with self.dialect.rows.without_foreign_key_checks(self.connection):
            for name in tables:
                key = self.snapshot.tables[name].key_columns()
                inserted = self._inserted.pop(name, set())
                where = " AND ".join(f"{quoted(self.connection, part)} = {self.dialect.rows.mark}" for part in key)
                for each in inserted:
                    if key and len(each) == len(key) and None not in each:
                        statement = f"DELETE FROM {quoted(self.connection, name)} WHERE {where}"  # noqa: S608 - quoted
                        self.connection.exec_driver_sql(statement, each)
        self.connection.commit()
        self.read(tables)


def opened(scratch: ScratchDatabase, revisions: Iterable[Script]) -> bool:
    """Open a scratch database; return whether the revisions apply."""
    below = list(revisions)
    if not all(revision_file.has_step(revision, "upgrade") for revision in below):
        return False
    try:
        scratch.open(below)
    except RevisionFailedError:
        return False
    return True
