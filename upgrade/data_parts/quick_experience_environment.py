"""Data part of "feat: quick experience environment": the downgrade makes session keys unique again."""

from __future__ import annotations

import secrets

from alembic import op

from alembic_lockstep import has_index, rewrite

FINDING = "ix_user_session_key_to_be_unique"
SHARED = """EXISTS (
    SELECT 1 FROM user AS earlier WHERE earlier.session_key = user.session_key AND earlier.id < user.id
)"""
"""Compared by the database's collation: in most of MySQL's 'a' equals 'A'."""


def tell_sessions_apart() -> None:
    """Give users who share a session key new ones, all but the first of them: they have to sign in again.

    The new ones cannot be guessed, since a session key gives access to an account.
    """
    if not has_index("user", FINDING):  # without it the query compares every user with every other
        op.create_index(FINDING, "user", ["session_key"])
    rewrite("user", [], lambda _row: {"session_key": secrets.token_urlsafe(32)}, where=SHARED)
    op.drop_index(FINDING, "user")
