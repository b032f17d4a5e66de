"""The tools that existed before are available."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def after(connection: Connection) -> None:
    available = connection.scalars(text("SELECT available FROM tool")).all()
    assert available
    assert all(available)
