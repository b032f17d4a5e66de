"""What MySQL refuses about foreign keys: what they refer to, the types on both sides, and changes of either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import charsets
from alembic_lockstep.memory_mysql.column_types import ENUMERATIONS, members_of, numbers_of
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.schema.types import INTEGER_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.constraints import ForeignKey, Key
    from alembic_lockstep.memory_mysql.table import Table

_BYTES = {"bit", "decimal", "datetime", "timestamp", "time", "binary", "varbinary"}
"""Types whose values InnoDB compares byte by byte."""
_STORED = {"year": "tinyint unsigned", "enum": "tinyint unsigned", "set": "tinyint unsigned", "date": "mediumint"}
"""Types whose values InnoDB keeps as integers."""
_SHORT = 255
"""Bytes of the longest VARCHAR whose length takes one byte."""


def check_own(table: Table) -> None:
    """Check the foreign keys of a table against its own columns and CHECKs.

    Raises:
        OperationalError: MySQL would refuse one.
    """
    for key in table.foreign_keys:
        columns = [column for name in key.columns if (column := table.find(name)) is not None]
        for column in columns:
            needed = f"needed in a foreign key constraint '{key.name}'"
            if "SET NULL" in key.actions and not column.nullable:
                raise OperationalError(1830, f"Column '{column.name}' cannot be NOT NULL: {needed} SET NULL")
            if column.generated is not None:
                _check_generated(key, column)
        _check_computed(table, key)
        changed = "SET NULL" in key.actions or "ON UPDATE CASCADE" in key.actions
        for check in table.checks if changed else ():
            for name in check.condition.columns & set(key.columns):
                text = f"Column '{name}' cannot be used in a check constraint '{check.name}': needed in a foreign key"
                raise OperationalError(3823, f"{text} constraint '{key.name}' referential action.")


def _check_generated(key: ForeignKey, column: Column) -> None:
    if not column.stored:
        text = f"Foreign key '{key.name}' uses virtual column '{column.name}' which is not supported."
        raise OperationalError(3733, text)
    if "SET " in key.actions or "ON UPDATE CASCADE" in key.actions:
        text = "Cannot define foreign key with such an action on a generated column"
        raise OperationalError(3104, f"{text}: '{column.name}'.")


def _check_computed(table: Table, key: ForeignKey) -> None:
    """Refuse an action that would change what a stored computed column is computed of."""
    if "CASCADE" in key.actions or "SET " in key.actions:
        for column in table.columns:
            if column.generated is not None and column.stored and column.generated.columns & set(key.columns):
                raise OperationalError(1215, f"Cannot add foreign key constraint '{key.name}'")


def check_pair(child: Table, key: ForeignKey, parent: Table, referred: list[str], *, any_text: bool) -> None:
    """Check a foreign key against the table to which it refers.

    Args:
        child: the table that refers.
        key: its foreign key.
        parent: the table to which it refers.
        referred: the columns there.
        any_text: texts of different character sets may refer to each other.

    Raises:
        OperationalError: a column or the unique key is missing, or the types differ.
    """
    for name, other in zip(key.columns, referred, strict=True):
        own, column = child.find(name), parent.find(other)
        if column is None:
            missing = f"Missing column '{other}' for constraint '{key.name}' in the referenced table '{parent.name}'"
            raise OperationalError(3734, f"Failed to add the foreign key constraint. {missing}")
        if own is not None and not _is_compatible(own, column, any_text=any_text):
            text = f"Referencing column '{name}' and referenced column '{other}' in foreign key constraint"
            raise OperationalError(3780, f"{text} '{key.name}' are incompatible.")
    is_itself = child is parent and [name.lower() for name in key.columns] == [name.lower() for name in referred]
    if is_itself or not any(is_parent_key(each, referred) for each in parent.keys):
        missing = f"Missing unique key for constraint '{key.name}' in the referenced table '{parent.name}'"
        raise OperationalError(6125, f"Failed to add the foreign key constraint. {missing}")


def is_parent_key(key: Key, referred: list[str]) -> bool:
    """Return whether a foreign key can refer to the columns of a key: a unique one on exactly these."""
    columns = [part.column.lower() if part.column and part.length is None else None for part in key.parts]
    return key.kind in {"PRIMARY", "UNIQUE"} and columns == [name.lower() for name in referred]


def _is_compatible(one: Column, other: Column, *, any_text: bool) -> bool:
    forms = [_stored_form(column) for column in (one, other)]
    return forms[0] == forms[1] or (any_text and forms[0][0] == forms[1][0] == "text")


def _stored_form(column: Column) -> tuple[str | None, ...]:
    """Return what has to be the same of two columns of which one refers to the other."""
    kind = column.kind
    if kind in _BYTES:
        return ("bytes",)
    if kind in {"char", "varchar"}:
        return ("text", column.charset, column.collation)
    if kind in INTEGER_BITS:
        return (f"{kind}{' unsigned' if 'unsigned' in column.type else ''}",)
    return (_STORED.get(kind, kind),)


def check_unchanged(pairs: Iterator[tuple[Column, Column]], number: int, key: ForeignKey) -> None:
    """Check that columns of a foreign key are stored as before.

    Args:
        pairs: each column as it was and as it will be.
        number: the error about one that is not.
        key: the foreign key.

    Raises:
        OperationalError: one changes.
    """
    for old, new in pairs:
        if not _is_stored_alike(old, new):
            raise OperationalError(number, f"Cannot change column '{old.name}': used in a foreign key '{key.name}'")


def _is_stored_alike(old: Column, new: Column) -> bool:
    if old.auto_increment != new.auto_increment:
        return False
    if old.kind == new.kind and old.kind in INTEGER_BITS:
        return ("unsigned" in old.type) == ("unsigned" in new.type)
    if old.kind == new.kind and old.kind in ENUMERATIONS:
        before = members_of(old.type)
        return members_of(new.type)[: len(before)] == before
    if old.kind == new.kind and old.kind in {"varchar", "varbinary"}:
        sizes = [
            numbers_of(column.type)[0] * charsets.bytes_per_character(column.charset or "binary")
            for column in (old, new)
        ]
        return sizes[0] <= sizes[1] and (sizes[0] > _SHORT) == (sizes[1] > _SHORT)
    return old.type == new.type
