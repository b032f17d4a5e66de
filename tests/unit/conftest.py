"""A scratch database for each dialect that a test asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alembic_lockstep import dialects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlalchemy as sa


@pytest.fixture
def connection(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """A connection to an empty scratch database of the test's `dialect`."""
    if dialect == "mysql":
        request.getfixturevalue("given_server")
    kind = dialects.get(dialect)
    with kind.scratch.database("test", tmp_path, lambda _text: None) as scratch, scratch.engine.connect() as made:
        yield made
