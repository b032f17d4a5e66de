"""Run the revisions of a chain on one connection, up and down, with one script directory."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.util import CommandError

from alembic_lockstep import compat, dialects
from alembic_lockstep.errors import CannotRunError, FailedError, NeedsServerError, ServerLostError, shown
from alembic_lockstep.execution import alembic_errors
from alembic_lockstep.execution.context import current
from alembic_lockstep.execution.conventions import Conventions
from alembic_lockstep.execution.failures import RevisionFailedError, failure
from alembic_lockstep.execution.initial_tables import create_initial_tables
from alembic_lockstep.execution.interrupt import STOP
from alembic_lockstep.execution.transaction import TransactionWatch
from alembic_lockstep.project import chain, data_cases, revision_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.execution.conventions import NamedByConvention
    from alembic_lockstep.project.targets import Target

__all__ = ["ChainRunner", "RevisionFailedError", "foreign_key_check"]


def foreign_key_check(connection: sa.Connection, target: Target) -> Callable[..., None]:
    """Return a callback for Alembic's on_version_apply that fails a revision which breaks foreign keys.

    SQLite does not enforce them while tables are rebuilt. Rows that are broken before do not count.
    """
    dialect = dialects.get(target.dialect)
    outside = not connection.in_transaction()
    before = dialect.rows.violations(connection)
    if outside:
        connection.rollback()

    def applied(**_kw: Any) -> None:
        violations = dialect.rows.new_violations(connection, before)
        if violations:
            count = "1 foreign key is" if len(violations) == 1 else f"{len(violations)} foreign keys are"
            raise FailedError(f"{count} broken", *violations[:5])

    return applied


class ChainRunner:
    """Runs a chain on a connection. Alembic's commands load every script at each call; here they are loaded once.

    A revision finds what plain Alembic with a usual env.py gives it, as `op` and as `alembic.context`.

    Args:
        script: the chain, from `project.chain.load`.
        connection: the database; each revision is committed by itself.
        target: whose chain it is.
        options: from `execution.context.options`, or those that compare and write scripts.
        on_step: called with each revision's id and message after it was applied or reverted, and committed.
        live: whether the database is one that people depend on: a failure says what it left there.
        show_values: whether a failure on a live database may show values of its rows.
        named: notes what today's naming convention names in revisions; None where nobody asks.

    Attributes:
        statements: the SQL that the last run executed.
        at: the revisions that the database is at after the last run, unless it did nothing.
    """

    def __init__(
        self,
        script: ScriptDirectory,
        connection: sa.Connection,
        target: Target,
        options: dict[str, Any],
        on_step: Callable[[str, str], None] = lambda _revision, _message: None,
        *,
        live: bool = False,
        show_values: bool = False,
        named: NamedByConvention | None = None,
    ) -> None:
        self.script, self.connection, self.target = script, connection, target
        self._options, self._on_step, self._live = options, on_step, live
        self._show_values = show_values or not live
        self._config = chain.config(target)
        self._conventions = Conventions(script, target, named)
        self._start: tuple[str, ...] = ()
        self._dialect = dialects.get(target.dialect)
        self.statements: list[str] = []
        self.at: tuple[str, ...] = ()
        self._listening = False
        self._transaction = TransactionWatch(connection)
        if not live:  # where a data migration can execute any number of statements
            sa.event.listen(connection, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._listening:
            self.statements.append(statement)

    def current(self) -> tuple[str, ...]:
        """Return the revisions that the database is at; see `current`."""
        revisions = current(self.connection, self._options)
        self.connection.rollback()
        return revisions

    def create_initial_tables(self, *, in_memory: bool = False) -> None:
        """Create the tables that the chain takes for granted; no revision is recorded in a database in memory."""
        self._start = chain.start(self.target)
        script = None if in_memory else self.script
        create_initial_tables(self.connection, self.target, script, self._options)

    def upgrade(self, revision: str = "heads") -> int:
        """Apply the revisions up to `revision`, such as `heads` or `+1`; return how many those were.

        Raises:
            CannotRunError: the chain has no such revision, or too few are left.
            FailedError: one of them failed.
        """
        return self._run(lambda current: self._steps("upgrade", revision, current))

    def downgrade(self, revision: str) -> int:
        """Revert the revisions down to `revision`, such as `base` or `-1`; return how many those were.

        Raises:
            CannotRunError: the chain has no such revision, too few are applied, or one has no way back.
            FailedError: one of them failed.
        """
        return self._run(lambda current: self._steps("downgrade", revision, current))

    def planned(self, step: str, revision: str, at: tuple[str, ...]) -> list[Script]:
        """Return the revisions that an upgrade or downgrade of a database would run.

        Args:
            step: `upgrade` or `downgrade`.
            revision: up or down to this one.
            at: where that database is; it need not be the connected one.

        Raises:
            CannotRunError: the chain has no such revision, too few are left, or one has no such step.
        """
        planned = self._steps(step, revision, at)
        self._require_functions(step, planned)
        return [each.revision for each in planned]

    def raise_by(self, revisions: list[Script]) -> None:
        """Apply the next revisions to a database of ours, each after the rows that its data case calls required.

        Raises:
            RevisionFailedError: one of them failed.
        """
        self._run(lambda _current: [self._step("upgrade", each) for each in revisions], self._insert_required)

    def _insert_required(self, revision: Script) -> None:
        if self._dialect.session.keeps_rows(self.connection):
            data_cases.insert_required(self.target, revision, self.connection)

    def apply(self, revision: Script) -> None:
        """Apply one revision; those below it are applied already.

        Raises:
            RevisionFailedError: it failed.
        """
        self._run(lambda _current: [self._step("upgrade", revision)])

    def revert(self, revision: Script) -> None:
        """Revert one revision, the last that was applied; it may be one that merges branches.

        Raises:
            RevisionFailedError: it failed.
        """
        self._run(lambda _current: [self._step("downgrade", revision)])

    def stamp(self, revisions: list[Script]) -> None:
        """Record in a database without any that it has these revisions, beside those before `starts_at`."""
        context = MigrationContext.configure(self.connection, opts=self._options)
        for head in chain.heads_of(self.script, revisions) or chain.start(self.target):
            context.stamp(self.script, head)
        self.connection.commit()

    def run_alone(self, revision: Script, step: str = "upgrade", *, prepared: bool = True) -> None:
        """Run a step of a revision without reading or recording the revision of the database.

        The server in memory keeps no rows, and so no revision.
        """
        if not prepared:
            self._insert_required(revision)
        self.statements = []
        self._listening = True
        try:
            with self._context() as context, compat.revision_transaction(context):
                self._conventions.switch(context, revision)
                getattr(revision.module, step)()
            self.connection.commit()
        finally:
            self._listening = False

    @contextmanager
    def _context(self, **extra: Any) -> Iterator[MigrationContext]:
        """Provide what a revision finds as `op` and as `alembic.context`."""
        given = {"as_sql": False, "destination_rev": None, "tag": None, **extra}
        applied = given.pop("on_version_apply", ())
        with compat.environment(self._config, self.script, **given) as environment:
            environment.configure(connection=self.connection, on_version_apply=applied, **self._options)
            with Operations.context(environment.get_context()):
                yield environment.get_context()

    def _steps(self, step: str, revision: str, current: Any) -> list[Any]:
        """Return the steps to a revision; a relative one counts in the order of the chain, also past a merge."""
        steps = compat.upgrade_steps if step == "upgrade" else compat.downgrade_steps
        everything, sign = ("heads", "+") if step == "upgrade" else ("base", "-")
        count = int(revision[1:]) if re.fullmatch(rf"[{sign}][1-9]\d*", revision) else None
        try:
            planned = steps(self.script, revision if count is None else everything, current)
        except (CommandError, AssertionError) as error:
            text = alembic_errors.words(error, self.target, revision, step)
            raise CannotRunError(text, kind="unknown-revision") from error
        if count is not None and count > len(planned):
            text = alembic_errors.too_far(count if step == "upgrade" else -count, step)
            raise CannotRunError(f"{self.target.name}: {text}", kind="unknown-revision")
        planned = planned[:count]
        if step == "downgrade":
            self._require_start(planned)
        if self._live:
            self._require_functions(step, planned)
        return planned

    def _require_start(self, planned: list[Any]) -> None:
        """Raise CannotRunError for a way below `starts_at`, where no revision ever ran."""
        known = {each.revision for each in chain.runnable(self.script, self.target)}
        below = [each.revision.revision for each in planned if each.revision.revision not in known]
        if below:
            start = self.target.starts_at
            raise CannotRunError(
                f"{self.target.name}: nothing was changed: {below[0]} is not above {start}, where its databases begin "
                f"(starts_at in [{self.target.section}]). The lowest is --revision {start}.",
                kind="unknown-revision",
            )

    def _require_functions(self, step: str, planned: list[Any]) -> None:
        lacking = [each.revision for each in planned if not revision_file.has_step(each.revision, step)]
        if lacking:
            file = shown(Path(lacking[0].path), self.target.root)
            what = f"{lacking[0].revision} has no {step}() ({file}). Write it first."
            raise CannotRunError(f"{self.target.name}: nothing was changed: {what}", kind="missing-step")

    def _step(self, step: str, revision: Script) -> Any:
        make = MigrationStep.upgrade_from_script if step == "upgrade" else MigrationStep.downgrade_from_script
        return make(self.script.revision_map, revision)

    def _run(self, steps: Callable[[Any], list[Any]], prepare: Callable[[Script], None] = lambda _: None) -> int:
        done = 0
        running: Any = None

        def plan(current: Any, _context: Any) -> Any:
            nonlocal running, done
            # The server in memory keeps no rows, and so no revision.
            for step in steps(current or self._start):
                if STOP.is_set():
                    return
                self._dialect.session.start(self.connection)
                running = step
                prepare(step.revision)
                self._transaction.restart()
                yield step
                # Alembic goes on from here when the revision is committed.
                running = None
                done += 1
                self._on_step(step.revision.revision, step.revision.doc)

        def applied(heads: set[str], **_kw: Any) -> None:
            self.at = tuple(sorted(heads))

        def progress(text: str) -> None:
            self._on_step(running.revision.revision, text)

        check = foreign_key_check(self.connection, self.target)
        self.statements = []
        self._listening = True
        try:
            callbacks = (self._transaction.require_kept, check, applied)
            with self._context(
                fn=self._conventions.around(plan), on_version_apply=callbacks, progress=progress
            ) as context:
                with context.begin_transaction():
                    context.run_migrations()
                self.connection.commit()
        except (KeyboardInterrupt, NeedsServerError, ServerLostError):
            raise
        except BaseException as error:
            with suppress(sa.exc.SQLAlchemyError):  # the connection may be what has failed
                self.connection.rollback()
            if running is not None:
                raise self._failure(error, running) from error
            raise
        finally:
            self._listening = False
        return done

    def _failure(self, error: BaseException, step: Any) -> RevisionFailedError:
        verb = "upgrade" if step.is_upgrade else "downgrade"
        after = [self._dialect.live.after_failure(committed=self._transaction.committed)] if self._live else []
        return failure(error, self.target, step.revision, verb, *after, values=self._show_values)
