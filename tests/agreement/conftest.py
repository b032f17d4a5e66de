"""Real servers of both products. Where one is missing the test is skipped, in CI it fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from alembic_lockstep.commands.roundtrip import server_image
from alembic_lockstep.errors import NoServerError
from alembic_lockstep.servers.finding import find
from alembic_lockstep.servers.scratch import scratch_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from alembic_lockstep.servers.server import Server

# An example is a few dozen statements on a server.
settings.register_profile(
    "few", max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
settings.register_profile(
    "thorough", settings.get_profile("few"), max_examples=3000, derandomize=False, phases=list(Phase)
)
settings.load_profile("few")


@pytest.fixture(scope="session")
def mysql(server: Server) -> Iterator[sa.URL]:
    """A database on MySQL."""
    if "mariadb" in server.label.lower():
        pytest.skip("what is in memory answers as MySQL does")
    with scratch_database(server, "agreement") as url:
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[sa.URL]:
    """A database on MariaDB."""
    try:
        with server_image(os.environ.get("MARIADB_IMAGE", "mariadb:11.8")):
            server = find(lambda _text: None)
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs MariaDB: {error}")
        pytest.skip(f"needs MariaDB in Docker: {error}")
    with scratch_database(server, "agreement") as url:
        yield url
