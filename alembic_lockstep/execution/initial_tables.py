"""The tables that exist before the first revision that is run: those of a target's `initial`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, one_line
from alembic_lockstep.execution.context import current
from alembic_lockstep.project import chain, models
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.script import ScriptDirectory

    from alembic_lockstep.project.targets import Target

_TRANSACTION = re.compile(r"(?i)(begin|start)(\s+transaction)?$|commit$|pragma\s+foreign_keys\b")
"""What the dump of a SQLite database has around it; here a transaction is open already."""


def create_initial_tables(
    connection: sa.Connection, target: Target, script: ScriptDirectory | None, options: dict[str, Any]
) -> None:
    """Create the tables of a target's `initial` in a database that has no revision.

    Args:
        connection: to the database.
        target: the target.
        script: its chain, to record `starts_at`; None in memory, where no revision is recorded.
        options: those of MigrationContext.configure.

    Raises:
        CannotRunError: they cannot be imported, read or created, or some of them are there already, so that nobody
            knows at which revision the database is.
    """
    if not target.initial:
        return
    outside = not connection.in_transaction()  # otherwise the transaction is the caller's, who ends it
    if current(connection, options):
        if outside:
            connection.rollback()
        return
    names, create = _from_file(target) if target.initial_file else _from_models(target)
    _require_known_state(connection, target, names)
    try:
        create(connection)
    except sa.exc.SQLAlchemyError as error:
        cause = one_line(getattr(error, "orig", error))
        raise CannotRunError(
            f"{target.name}: the tables of initial = {target.initial} cannot be created: {cause}"
        ) from error
    if script is not None and not current(connection, options):  # a dump can have Alembic's own table
        for revision in chain.start(target):
            MigrationContext.configure(connection, opts=options).stamp(script, revision)
    if outside:
        connection.commit()


def _require_known_state(connection: sa.Connection, target: Target, names: list[str]) -> None:
    """Raise CannotRunError if the database has tables of `initial` from which its revision does not follow."""
    inspector = sa.inspect(connection)
    there = [name for name in names if inspector.has_table(name)]
    if not there or not (target.starts_at or (target.initial_file and len(there) < len(names))):
        return
    listed = ", ".join(there[:5]) + (f" and {len(there) - 5} more" if len(there) > 5 else "")
    known = f" If it is at {target.starts_at}: alembic -n {target.section} stamp {target.starts_at}."
    raise CannotRunError(
        f"{target.name}: the database has no revision, but tables of initial = {target.initial}: {listed}."
        f"{known if target.starts_at else ''} If their creation was interrupted, drop them.",
        kind="unknown-state",
    )


def _from_models(target: Target) -> tuple[list[str], Callable[[sa.Connection], None]]:
    metadata = models.initial(target)
    tables = [table for table in metadata.sorted_tables if models.makes_view(table) or not models.is_view(table)]
    return [table.name for table in tables if table.schema is None], partial(metadata.create_all, tables=tables)


def _from_file(target: Target) -> tuple[list[str], Callable[[sa.Connection], None]]:
    """Return the tables that a file of SQL creates, and what executes it unless they are all there."""
    assert target.initial_file is not None
    try:
        text = target.initial_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRunError(f"{target.name}: initial = {target.initial}: {error}", kind="broken-ini") from error
    dialect = dialects.get(target.dialect)
    backslashes = dialect.traits.backslash_escapes
    statements = [each for each in sql.statements(text, backslashes=backslashes) if not _TRANSACTION.match(each)]
    names = list(filter(None, (sql.created_table(each, backslashes=backslashes) for each in statements)))

    def create(connection: sa.Connection) -> None:
        if names and sa.inspect(connection).has_table(names[0]):
            return
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        dialect.session.start(connection)

    return names, create
