"""Real servers of both products. Where one is missing the test is skipped, in CI it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

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
def mariadb(mariadb_server: Server) -> Iterator[sa.URL]:
    """A database on MariaDB."""
    with scratch_database(mariadb_server, "agreement") as url:
        yield url
