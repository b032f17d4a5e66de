"""The tests that the round trip is compared with: the stairway test, and those of pytest-alembic.

They run as their documentation says, on the folder of a chain, with an ordinary env.py.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest_alembic
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from pytest_alembic.config import Config as RunnerConfig
from pytest_alembic.tests import test_up_down_consistency
from pytest_alembic.tests.experimental.downgrade_leaves_no_trace import test_downgrade_leaves_no_trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlalchemy as sa

ENV = """
from alembic import context

engine = context.config.attributes["connection"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""


def config(folder: Path) -> Config:
    """Return the configuration of a chain whose revisions are in `versions`; writes an env.py beside it."""
    (folder / "env.py").write_text(ENV, encoding="utf-8")
    made = Config()
    made.set_main_option("script_location", str(folder))
    made.set_main_option("path_separator", "os")
    return made


def stairway(folder: Path, engine: sa.Engine) -> None:
    """Go up, down and up with every revision, by Alembic's commands.

    The test of alvassin/alembic-quickstart, tests/migrations/test_stairway.py.
    """
    made = config(folder)
    made.attributes["connection"] = engine
    for revision in reversed(list(ScriptDirectory.from_config(made).walk_revisions())):
        command.upgrade(made, revision.revision)
        command.downgrade(made, str(revision.down_revision or "-1"))
        command.upgrade(made, revision.revision)


def up_down(folder: Path, engine: sa.Engine) -> None:
    """Run pytest-alembic's test_up_down_consistency."""
    with pytest_alembic.runner(RunnerConfig(alembic_config=config(folder)), engine) as runner:
        test_up_down_consistency(runner)


def leaves_no_trace(folder: Path, engine: sa.Engine) -> None:
    """Run pytest-alembic's test_downgrade_leaves_no_trace."""
    with pytest_alembic.runner(RunnerConfig(alembic_config=config(folder)), engine) as runner:
        test_downgrade_leaves_no_trace(runner)


TESTS: dict[str, Callable[[Path, sa.Engine], None]] = {
    "stairway": stairway,
    "up_down_consistency": up_down,
    "downgrade_leaves_no_trace": leaves_no_trace,
}


def alarm(test: Callable[[Path, sa.Engine], None], folder: Path, engine: sa.Engine) -> str:
    """Run one of them; return what it says is wrong, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            test(folder, engine)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its alarm
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""
