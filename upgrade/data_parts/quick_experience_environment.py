"""Of "feat: quick experience environment": the downgrade makes session keys unique again."""

from __future__ import annotations

import secrets

from alembic import op

from alembic_lockstep import has_index, rewrite

FINDING = "ix_user_session_key_to_be_unique"
SHARED = """EXISTS (
    SELECT 1 FROM user AS earlier WHERE earlier.session_key = user.session_key AND earlier.id < user.id
)"""
"""By the database's own idea of what is the same: with most collations of MySQL's 'a' is 'A'."""


def tell_sessions_apart() -> None:
    """Give users who share a session key new ones, all but the first of them: they have to sign in again.

    The new ones are nobody's to guess, since a session key opens an account.
    """
    if not has_index("user", FINDING):  # without it every user is compared with every other
        op.create_index(FINDING, "user", ["session_key"])
    rewrite("user", [], lambda _row: {"session_key": secrets.token_urlsafe(32)}, where=SHARED)
    op.drop_index(FINDING, "user")
