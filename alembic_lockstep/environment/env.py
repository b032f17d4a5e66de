"""The environment of every target, for plain Alembic: `alembic -n alembic_<target> …`."""

from __future__ import annotations

import logging.config
import os
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import context
from alembic.util import CommandError

from alembic_lockstep import compat, dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.comparison import validation
from alembic_lockstep.errors import CannotRunError, MigrationError
from alembic_lockstep.execution.conventions import Conventions
from alembic_lockstep.execution.initial_tables import create_initial_tables
from alembic_lockstep.execution.runner import foreign_key_check
from alembic_lockstep.execution.transaction import TransactionWatch
from alembic_lockstep.live import location
from alembic_lockstep.live.lock import locked
from alembic_lockstep.project import chain, models, workspace
from alembic_lockstep.project.targets import load, load_one

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.project.targets import Target


MOVES = {"upgrade", "downgrade", "do_stamp", "do_ensure_version"}
"""The commands that change which revisions a database has, by the names of the functions that do so."""
LOOKS = {"display_version", "_display_current_history", "edit_current", "show_current", "retrieve_migrations"}
"""Those that only read it: current, history, edit, show, check and revision --autogenerate."""


def run() -> None:
    """Run Alembic's command on the live database of the section that -n names."""
    config = context.config
    if config.config_file_name is None:
        raise CommandError("An alembic.ini is needed: alembic -c alembic.ini -n alembic_<target> …")
    target = load_one(Path(config.config_file_name).resolve(), config.config_ini_section)
    config.cmd_opts = config.cmd_opts or Namespace(x=[])  # None where Python code calls alembic.command
    config.cmd_opts.x = config.cmd_opts.x or list(target.x_arguments)
    # Before anything of the application is imported: models choose their types by it.
    os.environ["DB_TYPE"] = target.dialect
    for recovered in workspace.recover(target.root, workspace.folder_of(load(target.ini))):
        print(recovered, file=sys.stderr)
    chain.load(target)
    context.script.version_locations = [str(target.versions)]  # Alembic treats a wrong folder as an empty chain
    metadata = models.load(target)
    settings = options(target, metadata)
    settings["fn"] = Conventions(context.script, target).around(compat.command_function())
    if compat.command_name() == "retrieve_migrations":  # alembic check, and revision --autogenerate
        validation.check(target, metadata, settings)
    given = config.attributes.get("connection")
    if given is not None:
        migrate(given, target, settings)
        return
    url = location.url_of(target)
    if context.is_offline_mode():
        # A named paramstyle, so that no % is doubled on its way to a driver that is not there.
        context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **settings)
        with context.begin_transaction():
            context.run_migrations()
        return
    live = dialects.get(target.dialect).live
    with location.reaching(target, url):
        live.prepare(url, target.made_as, create=False)
    # Only what runs revisions takes the lock: other commands look on while an application or a migration writes.
    if compat.command_name() in MOVES:
        with locked(target, url) as connection:
            migrate(connection, target, settings)
        return
    reads = compat.command_name() in LOOKS and not live.is_missing(url)
    with location.reaching(target, url):
        connection = (live.reading_engine if reads else live.engine)(url).connect()
    with connection:
        migrate(connection, target, settings)


def migrate(connection: sa.Connection, target: Target, settings: dict[str, Any]) -> None:
    """Run Alembic's command on a connection, its own or one that the caller provides."""
    if dialects.ALIASES.get(connection.dialect.name, connection.dialect.name) != target.dialect:
        raise CannotRunError(f"{target.name}: the given connection is to {connection.dialect.name}")
    if compat.command_name() == "upgrade":
        create_initial_tables(connection, target, context.script, settings)
    callbacks: Any = ()
    if compat.command_name() in MOVES:
        session = dialects.get(target.dialect).session
        session.start(connection)
        # Again behind each revision, which may have changed it.
        watch = TransactionWatch(connection)

        def restart(**_kw: Any) -> None:
            session.start(connection)
            watch.restart()

        callbacks = (watch.require_kept, foreign_key_check(connection, target), restart)
        watch.restart()
    context.configure(connection=connection, on_version_apply=callbacks, **settings)
    with context.begin_transaction():
        context.run_migrations()


if context.config.config_file_name and context.config.attributes.get("configure_logger", True):
    with suppress(KeyError):  # no [loggers] in it
        logging.config.fileConfig(context.config.config_file_name, disable_existing_loggers=False)

try:
    run()
except MigrationError as error:
    raise CommandError(error.text("  ")) from error
