"""Users who share a session key since the upgrade: the downgrade keeps all of them, and one keeps the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

BEFORE = 9001
KEYS = {BEFORE: "before", 20002: "shared", 20003: "", 20004: "", 20005: "SHARED", 20006: "shared", 20007: "alone",
        20008: "before"}  # fmt: skip


def before(connection: Connection) -> None:
    _insert(connection, BEFORE)


def after(connection: Connection) -> None:
    assert connection.scalar(text("SELECT session_key FROM user WHERE id = 9001")) == "before"


def filled(connection: Connection) -> None:
    for user in KEYS:
        if user != BEFORE:
            _insert(connection, user)


def restored(connection: Connection) -> None:
    rows = connection.execute(text(f"SELECT id, session_key, email FROM user WHERE id >= {BEFORE}")).all()
    found = {row.id: row for row in rows if row.id in KEYS}
    assert {user: row.email for user, row in found.items()} == {user: f"{user}@example.org" for user in KEYS}
    new = {user for user in KEYS if found[user].session_key != KEYS[user]}
    as_written = connection.dialect.name == "sqlite"  # 'SHARED' equals 'shared' in the collations of the MySQL servers
    # A generated row may have the empty key, too: then 20003 gets a new one.
    assert new - {20003} == {20004, 20006, 20008} | (set() if as_written else {20005})
    keys = [row.session_key for row in rows]
    assert len(set(keys)) == len(keys)
    assert all(len(found[user].session_key) >= 40 for user in new)


def _insert(connection: Connection, user: int) -> None:
    values = {"id": user, "key": KEYS[user], "name": f"user {user}", "email": f"{user}@example.org"}
    connection.execute(
        text(
            "INSERT INTO user (id, user_id, email, user_unique_name, user_name, password, session_key, role_type, "
            "user_verified, is_active) VALUES (:id, :name, :email, :name, :name, '', :key, 0, 0, 0)"
        ),
        values,
    )
