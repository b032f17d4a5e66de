"""Sessions on SQLite: nothing that a revision can set there outlives it."""

from __future__ import annotations

from alembic_lockstep.dialects import base


class Session(base.Session):
    """SQLite."""
