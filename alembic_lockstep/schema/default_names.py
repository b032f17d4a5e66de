"""Names of constraints that models leave unnamed: a constraint without a name cannot be dropped."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 64
"""Characters of a name that MySQL takes."""


def unique(table: str, columns: Iterable[str]) -> str:
    """Return the default name of a unique constraint."""
    return _cut("_".join(["uq", table, *columns]))


def foreign_key(table: str, columns: Iterable[str]) -> str:
    """Return the default name of a foreign key."""
    return _cut("_".join(["fk", table, *columns]))


def check(table: str, number: int) -> str:
    """Return the default name of a CHECK: the unnamed ones of a table are numbered from 1."""
    return _cut(f"ck_{table}_{number}")


def primary_key(table: str) -> str:
    """Return the default name of a primary key."""
    return _cut(f"pk_{table}")


def _cut(name: str) -> str:
    """Cut a name that is too long, as SQLAlchemy cuts names."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 5]}_{hashlib.sha256(name.encode()).hexdigest()[:4]}"
