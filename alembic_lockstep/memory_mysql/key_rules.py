"""What MySQL refuses about the keys of a table: columns that no key can have, prefixes, lengths, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.column_types import GEOMETRIES
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.memory_mysql.key_parts import size
from alembic_lockstep.schema.types import TEXT_BYTES

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.constraints import Key, Part
    from alembic_lockstep.memory_mysql.table import Table

LONGEST = 3072
"""Bytes of the longest key."""
MOST_PARTS, MOST_KEYS = 16, 64
_FULL_TEXTS = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext"}
_KEEPS_TEXT = re.compile(r"(lower|upper|trim|ltrim|rtrim|reverse|concat)\(")
"""The beginning of a function whose result is as long as its argument."""


def check(table: Table) -> None:
    """Check the keys of a table after a statement.

    Raises:
        OperationalError: MySQL would refuse one.
    """
    if len([key for key in table.keys if key.kind != "PRIMARY"]) > MOST_KEYS:
        raise OperationalError(1069, f"Too many keys specified; max {MOST_KEYS} keys allowed")
    for key in table.keys:
        _check_key(table, key)
    hidden = next((key for key in table.keys if _stands_for_primary(table, key)), None)
    if hidden is not None and "INVISIBLE" in hidden.options:
        raise OperationalError(3522, "A primary key index cannot be invisible")


def _check_key(table: Table, key: Key) -> None:
    if len(key.parts) > MOST_PARTS:
        raise OperationalError(1070, f"Too many key parts specified; max {MOST_PARTS} parts allowed")
    length = 0
    for part in key.parts:
        if part.expression is not None:
            _check_expression(table, key, part)
            continue
        column = table.column(part.column or "")
        _check_column(key, column)
        if key.kind in {"FULLTEXT", "SPATIAL"}:
            continue
        if part.length is None and column.kind in TEXT_BYTES:
            text = f"BLOB/TEXT column '{column.name}' used in key specification without a key length"
            raise OperationalError(1170, text)
        length += size(column, part.length)
        if length > LONGEST or size(column, part.length) > TEXT_BYTES.get(column.kind, LONGEST):
            raise OperationalError(1071, f"Specified key was too long; max key length is {LONGEST} bytes")


def _check_column(key: Key, column: Column) -> None:
    """Check whether a column can be in a key of this kind."""
    if column.kind == "json":
        text = f"JSON column '{column.name}' supports indexing only via generated columns on a specified JSON path."
        raise OperationalError(3152, text)
    if column.kind == "vector":
        raise OperationalError(6134, f"Non-scalar (e.g., vector) column '{column.name}' cannot be used as key.")
    if key.kind == "FULLTEXT" and column.kind not in _FULL_TEXTS:
        raise OperationalError(1283, f"Column '{column.name}' cannot be part of FULLTEXT index")
    if key.kind == "SPATIAL" and column.kind not in GEOMETRIES:
        raise OperationalError(1687, "A SPATIAL index may only contain a geometrical type column")
    if key.kind == "SPATIAL" and column.nullable:
        raise OperationalError(1252, "All parts of a SPATIAL index must be NOT NULL")
    if key.kind == "PRIMARY" and column.generated is not None and not column.stored:
        text = "'Defining a virtual generated column as primary key' is not supported for generated columns."
        raise OperationalError(3106, text)


def _check_expression(table: Table, key: Key, part: Part) -> None:
    assert part.expression is not None
    text = part.expression.text
    if key.kind == "PRIMARY":
        raise OperationalError(3756, "The primary key cannot be a functional index")
    if key.kind == "FULLTEXT":
        raise OperationalError(3759, "Fulltext functional index is not supported.")
    if text.startswith("json_extract("):
        text = "Cannot create a functional index on a function that returns a JSON or GEOMETRY value."
        raise OperationalError(3753, text)
    long = [column for column in table.columns if column.name in part.expression.columns and column.kind in TEXT_BYTES]
    if text.startswith("json_unquote(") or (long and _KEEPS_TEXT.match(text)):
        text = "Cannot create a functional index on an expression that returns a BLOB or TEXT. Use CAST."
        raise OperationalError(3757, text)


def _stands_for_primary(table: Table, key: Key) -> bool:
    """Return whether a key is the primary key, or takes its place in a table without one."""
    if key.kind == "PRIMARY":
        return True
    columns = [table.column(name) for name in key.columns()]
    whole = len(columns) == len(key.parts) and not any(column.nullable for column in columns)
    return table.primary() is None and key.kind == "UNIQUE" and whole
