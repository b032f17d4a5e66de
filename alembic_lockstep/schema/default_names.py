"""The names of constraints to which nobody has given one.

New constraints are written with these names. On SQLite `batch_op.drop_constraint` also finds a constraint that has none
in the database by them: `uq_<table>_<column>…`, `fk_<table>_<column>…`, `pk_<table>`, and `ck_<table>_<number>` for the
first, second and further CHECK without a name, counted in the order in which CREATE TABLE has them. What is really
called so takes precedence. Two keys of the same columns have the same name, which then means the first.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 64
"""Characters of a constraint's name that MySQL takes."""


def unique(table: str, columns: Iterable[str]) -> str:
    """Return the name of a unique constraint."""
    return _name("uq", table, *columns)


def foreign_key(table: str, columns: Iterable[str]) -> str:
    """Return the name of a foreign key."""
    return _name("fk", table, *columns)


def check(table: str, number: int) -> str:
    """Return the name of a CHECK: the `number`-th of its table without a name, from 1."""
    return _name("ck", table, str(number))


def primary_key(table: str) -> str:
    """Return the name of a primary key."""
    return _name("pk", table)


def _name(*parts: str) -> str:
    name = "_".join(parts)
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 5]}_{hashlib.sha256(name.encode()).hexdigest()[:4]}"  # as SQLAlchemy cuts names
