"""The naming convention of indexes and constraints: the same names on every dialect, each with its table's name."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import CheckConstraint, Constraint, ForeignKeyConstraint, Index, Table, UniqueConstraint

# MySQL's limit. SQLAlchemy would shorten a longer name, but not to the same text on each dialect.
MAX_LENGTH = 64


def _words(item: Constraint | Index) -> list[str]:
    """Return what distinguishes this item from the others of its kind and table."""
    match item:
        case ForeignKeyConstraint():
            referred_table = item.elements[0].target_fullname.rpartition(".")[0]
            return [*(element.parent.name for element in item.elements), referred_table]
        case Index() | UniqueConstraint():
            return [column.name for column in item.columns]
        case CheckConstraint(name=str(name)):
            return [name]
    raise TypeError(f"no name for {item!r}: a check constraint needs one of its own")


def _name(prefix: str, item: Constraint | Index, table: Table) -> str:
    """Join the prefix, the table and the result of `_words`. A name that is too long ends in a hash of the whole."""
    name = "_".join([prefix, table.name, *_words(item)])
    if len(name) <= MAX_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_LENGTH - len(digest) - 1]}_{digest}"


NAMING_CONVENTION: Mapping[str, str | Callable[[Constraint | Index, Table], str]] = {
    "ix": "%(ix_name)s",
    "ix_name": partial(_name, "ix"),
    "uq": "%(uq_name)s",
    "uq_name": partial(_name, "uq"),
    "fk": "%(fk_name)s",
    "fk_name": partial(_name, "fk"),
    # SQLAlchemy applies the convention to a CHECK's own name only if it contains the words "constraint_name".
    "ck": "%(ck_constraint_name)s",
    "ck_constraint_name": partial(_name, "ck"),
}
