"""The parts of a new key: which columns and prefixes it can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import charsets
from alembic_lockstep.memory_mysql.column_types import GEOMETRIES, TEMPORAL, numbers_of
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.schema.types import INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.constraints import Key

BOUNDED = {"char", "varchar", "binary", "varbinary"}
"""Types of text that have a length."""

_BYTES = {"float": 4, "double": 8, "date": 3, "time": 3, "datetime": 5, "timestamp": 4, "year": 1, "enum": 1, "set": 1}


def check_new(key: Key, columns: dict[str, Column]) -> None:
    """Check the columns and the prefix lengths of a key that a statement adds.

    Args:
        key: the key.
        columns: those of its table by name in lower case.

    Raises:
        OperationalError: a column is in it twice; a prefix is 0, of a column that is no text, or longer than it.
    """
    names = [part.column.lower() for part in key.parts if part.column is not None]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise OperationalError(1060, f"Duplicate column name '{name}'")
    for part in key.parts:
        column = columns.get((part.column or "").lower())
        if part.length is None or column is None or key.kind == "FULLTEXT":
            continue
        if part.length == 0:
            raise OperationalError(1391, f"Key part '{column.name}' length cannot be 0")
        is_text = column.kind in BOUNDED or column.kind in TEXT_BYTES or column.kind in GEOMETRIES
        is_whole = not is_text and part.length == size(column, None)
        if not (is_text or is_whole) or (column.kind in BOUNDED and part.length > numbers_of(column.type)[0]):
            raise OperationalError(1089, f"Incorrect prefix key: '{column.name}' is no string, or shorter")


def size(column: Column, length: int | None) -> int:
    """Return how many bytes a column takes in a key.

    Args:
        column: the column.
        length: that of its prefix; None for all of it.
    """
    if column.kind in INTEGER_BITS:
        return INTEGER_BITS[column.kind] // 8
    if column.kind in BOUNDED or column.kind in TEXT_BYTES:
        characters = length if length is not None else numbers_of(column.type)[0]
        return characters * charsets.bytes_per_character(column.charset or "binary")
    fraction = (numbers_of(column.type) or [0])[0] if column.kind in TEMPORAL else 0
    return _BYTES.get(column.kind, 0) + (fraction + 1) // 2
