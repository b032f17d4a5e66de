"""Run the revisions of a chain on one connection, up and down, with one script directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.util import CommandError

from alembic_lockstep import compat, dialects
from alembic_lockstep.errors import CannotRunError, FailedError, Location, place, shown
from alembic_lockstep.execution.interrupt import STOP
from alembic_lockstep.project import models

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.project.targets import Target

LONGEST = 300
"""Characters of a cause that are shown."""


def current(connection: sa.Connection, target: Target, options: dict[str, Any]) -> str | None:
    """Return the revision that a database is at, None for an empty one.

    Raises:
        CannotRunError: it is at several.
    """
    heads = sorted(MigrationContext.configure(connection, opts=options).get_current_heads())
    if len(heads) > 1:
        raise CannotRunError(
            f"{target.name}: the database is at several revisions at once: {', '.join(heads)}. "
            f"A chain has one: delete the others from its table alembic_version."
        )
    return heads[0] if heads else None


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


def create_initial_tables(connection: sa.Connection, target: Target, options: dict[str, Any]) -> None:
    """Create the missing tables of a target's `initial` in a database that has no revision.

    Raises:
        CannotRunError: they cannot be imported or created.
    """
    if not target.initial or current(connection, target, options) is not None:
        connection.rollback()
        return
    try:
        models.initial(target).create_all(connection)
    except sa.exc.SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", error)).split())
        raise CannotRunError(
            f"{target.name}: the tables of initial = {target.initial} cannot be created: {cause}"
        ) from error
    connection.commit()


class RevisionFailedError(FailedError):
    """A revision failed.

    Args:
        what: the target, and which step of which revision failed.
        detail: further lines.
        cause: why, in one line.
        location: the line that failed; only the file if the line is not known.
    """

    kind = "revision-failed"

    def __init__(self, what: str, *detail: str, cause: str, location: Location) -> None:
        super().__init__(f"{what}: {cause} ({location})", *detail)
        self.what, self.cause, self.location = what, cause, location


class ChainRunner:
    """Runs a chain on a connection. Alembic's commands load every script at each call; here they are loaded once.

    Args:
        script: the chain, from `project.chain.load`.
        connection: the database; each revision is committed by itself.
        target: whose chain it is.
        options: from `execution.context.options`, or those that compare and write scripts.
        on_step: called with each revision's id and message after it was applied or reverted.
        live: whether a failure says what it left in the database.

    Attributes:
        statements: the SQL that the last run executed.
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
    ) -> None:
        self.script, self.connection, self.target = script, connection, target
        self._options, self._on_step, self._live = options, on_step, live
        self._dialect = dialects.get(target.dialect)
        self.statements: list[str] = []
        self._listening = False
        if not live:  # where a data migration can execute any number of statements
            sa.event.listen(connection, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._listening:
            self.statements.append(statement)

    def current(self) -> str | None:
        """Return the revision that the database is at, None for an empty one."""
        revision = current(self.connection, self.target, self._options)
        self.connection.rollback()
        return revision

    def create_initial_tables(self) -> None:
        """Create the tables that the chain takes for granted."""
        create_initial_tables(self.connection, self.target, self._options)

    def upgrade(self, revision: str = "head") -> int:
        """Apply the revisions up to `revision`; return how many those were.

        Raises:
            FailedError: one of them failed.
        """
        return self._run(lambda current: compat.upgrade_steps(self.script, revision, current))

    def downgrade(self, revision: str) -> int:
        """Revert the revisions down to `revision`, such as `base` or `-1`; return how many those were.

        Raises:
            FailedError: one of them failed.
        """
        return self._run(lambda current: compat.downgrade_steps(self.script, revision, current))

    def apply(self, revision: Script) -> None:
        """Apply one revision; those below it are applied already.

        Raises:
            RevisionFailedError: it failed.
        """
        self._run(lambda _current: [MigrationStep.upgrade_from_script(self.script.revision_map, revision)])

    def revert(self, revision: Script) -> None:
        """Revert one revision, the last that was applied; it may be one that merges branches.

        Raises:
            RevisionFailedError: it failed.
        """
        self._run(lambda _current: [MigrationStep.downgrade_from_script(self.script.revision_map, revision)])

    def stamp(self, revision: Script) -> None:
        """Record in the database that it is at a revision."""
        MigrationContext.configure(self.connection, opts=self._options).stamp(self.script, revision.revision)
        self.connection.commit()

    def run_alone(self, revision: Script, step: str = "upgrade") -> None:
        """Run a step of a revision without reading or recording the revision of the database.

        The server in memory keeps no rows, and so no revision.
        """
        context = MigrationContext.configure(self.connection, opts=self._options)
        with Operations.context(context), compat.revision_transaction(context):
            getattr(revision.module, step)()
        self.connection.commit()

    def _run(self, steps: Callable[[Any], list[Any]]) -> int:
        done = 0
        running: Any = None

        def plan(current: Any, _context: Any) -> Any:
            nonlocal running
            for step in steps(current):
                if STOP.is_set():
                    return
                running = step
                yield step

        def applied(**_kw: Any) -> None:
            nonlocal done
            done += 1
            self._on_step(running.revision.revision, running.revision.doc)

        def progress(text: str) -> None:
            self._on_step(running.revision.revision, text)

        check = foreign_key_check(self.connection, self.target)
        self.statements = []
        self._listening = True
        extra = {"fn": plan, "script": self.script, "on_version_apply": [check, applied], "progress": progress}
        context = MigrationContext.configure(self.connection, opts={**self._options, **extra})
        try:
            with Operations.context(context), context.begin_transaction():
                context.run_migrations()
        except (Exception, SystemExit) as error:
            self.connection.rollback()
            if running is not None:
                raise self._failure(error, running) from error
            if isinstance(error, CommandError):  # there is no such revision
                raise CannotRunError(f"{self.target.name}: {error}") from error
            raise
        finally:
            self._listening = False
        self.connection.commit()
        return done

    def _failure(self, error: BaseException, step: Any) -> RevisionFailedError:
        """Return the error that says which revision failed, where in its file, and what it left in the database."""
        location = place(error, self.target.root, self.target.versions) or Location(
            shown(Path(step.revision.path), self.target.root)
        )
        verb = "upgrade" if step.is_upgrade else "downgrade"
        detail: list[str] = []
        if isinstance(error, sa.exc.DBAPIError):
            cause = " ".join(str(error.orig).split())
            detail = [f"in: {' '.join(error.statement.split())[:300]}"] if error.statement else []
        elif isinstance(error, FailedError):
            cause, detail = error.headline, list(error.detail)
        else:
            said = " ".join(str(error).split())
            cause = f"{type(error).__name__}{f': {said}' if said else ''}"
            cause = cause if len(cause) <= LONGEST else f"{cause[:LONGEST]} …"
        what = f"{self.target.name}: the {verb} of {step.revision.revision} failed"
        after = [self._dialect.live.after_failure()] if self._live else []
        return RevisionFailedError(what, *detail, *after, cause=cause, location=location)
