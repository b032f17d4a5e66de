"""The names of indexes and constraints: the table's name in each, and the same text on every dialect."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import CheckConstraint, Constraint, ForeignKeyConstraint, Index, Table, UniqueConstraint

# MySQL's limit. SQLAlchemy would cut a longer name itself, but not to the same text on each dialect.
MAX_LENGTH = 64


def _words(item: Constraint | Index) -> list[str]:
    """Say what tells this item from the others of its kind and table."""
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
    """Join the prefix, the table and what `_words` says. What is too long ends in a hash of the whole instead."""
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
    # SQLAlchemy passes a check's own name through the convention only if this holds the words "constraint_name".
    "ck": "%(ck_constraint_name)s",
    "ck_constraint_name": partial(_name, "ck"),
}
