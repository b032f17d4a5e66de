"""Private names of Alembic and SQLAlchemy, each with the public behaviour that it stands in for.

Nothing else in the package reaches them, so that a new release of either is looked at here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import configparser
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy.engine.interfaces import Dialect


def set_ini(config: Config, ini: configparser.ConfigParser) -> None:
    """Give an Alembic config an ini that was read already: its own `Config(file)` fails where a % is in the path."""
    config.__dict__["file_config"] = ini


def upgrade_steps(script: ScriptDirectory, destination: str, current: Any) -> list[Any]:
    """Return the steps that `alembic.command.upgrade` runs, without the script directory that it loads each time."""
    return list(script._upgrade_revs(destination, current))


def downgrade_steps(script: ScriptDirectory, destination: str, current: Any) -> list[Any]:
    """Return the steps that `alembic.command.downgrade` runs, without the script directory that it loads each time."""
    return list(script._downgrade_revs(destination, current))


def revision_transaction(context: MigrationContext) -> AbstractContextManager[Any]:
    """Begin the transaction of one revision, as `run_migrations` does with `transaction_per_migration`."""
    return context.begin_transaction(_per_migration=True)


def reflected_type(dialect: Dialect, name: str) -> sa.types.TypeEngine[Any]:
    """Return the type as which SQLite's inspector reflects a column whose type is declared by this name."""
    made: sa.types.TypeEngine[Any] = dialect._resolve_type_affinity(name)  # type: ignore[attr-defined]
    return made


def doubles_percents(preparer: Any) -> bool:
    """Return whether compiled SQL has %% for %, as drivers with the paramstyle `format` need it."""
    return bool(preparer._double_percents)


@contextmanager
def single_percents(preparer: Any) -> Iterator[None]:
    """Compile SQL with % as it is meant: what a script holds is not on its way to a driver."""
    doubled, preparer._double_percents = preparer._double_percents, False
    try:
        yield
    finally:
        preparer._double_percents = doubled
