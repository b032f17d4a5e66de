"""What MySQL refuses of a table as a whole, after a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import charsets, expression_rules, foreign_key_rules, key_rules
from alembic_lockstep.memory_mysql.column_types import numbers_of
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.schema.types import INTEGER_BITS, TEXT_BYTES

if TYPE_CHECKING:
    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.memory_mysql.expressions import Expression
    from alembic_lockstep.memory_mysql.table import Table

LONGEST_ROW = 65_535
"""Bytes of the longest row, without what long texts have outside of it."""
MOST_COLUMNS = 1017
_SHORT = 255
_POINTER = 8
_SIZES = {"float": 4, "double": 8, "date": 3, "time": 3, "datetime": 5, "timestamp": 4, "year": 1, "json": 12}
_LENGTHS = {"tiny": 1, "medium": 3, "long": 4}
"""Bytes of the length of a long text, by the beginning of its type's name; 2 for the others."""


def check(table: Table, *, created: bool) -> None:
    """Check a table as a statement leaves it.

    Args:
        table: complete, and settled.
        created: the statement creates it.

    Raises:
        OperationalError: MySQL would refuse the statement.
    """
    if all(column.invisible for column in table.columns):
        raise OperationalError(4028, "A table must have at least one visible column.")
    if len(table.columns) > MOST_COLUMNS:
        raise OperationalError(1117, "Too many columns")
    _check_numbering(table)
    key_rules.check(table)
    expression_rules.check(table, created=created)
    foreign_key_rules.check_own(table)
    _check_size(table)


def check_columns(table: Table) -> None:
    """Check that the columns which expressions and foreign keys use are still there, after all of an ALTER TABLE.

    Raises:
        OperationalError: one was dropped or renamed.
    """
    names = set(table.names())
    for column in table.columns:
        for name in _missing(column.generated, names):
            raise OperationalError(3108, f"Column '{name}' has a generated column dependency.")
        for name in _missing(column.default, names):
            text = f"Column '{name}' of table '{table.name}' has a default value expression dependency"
            raise OperationalError(3766, f"{text} and cannot be dropped or renamed.")
    for key in table.keys:
        for name in {name for part in key.parts for name in _missing(part.expression, names)}:
            raise OperationalError(3837, f"Column '{name}' has a functional index dependency.")
    for foreign in table.foreign_keys:
        for name in [name for name in foreign.columns if name not in names]:
            text = f"Cannot drop column '{name}': needed in a foreign key constraint '{foreign.name}'"
            raise OperationalError(1828, text)


def _missing(expression: Expression | None, names: set[str]) -> list[str]:
    """Return the columns that an expression uses and that are not among the names."""
    return [] if expression is None else sorted(expression.columns - names)


def _check_numbering(table: Table) -> None:
    """Check that at most one column is numbered, and that it is the first of a key."""
    numbered = [column.name for column in table.columns if column.auto_increment]
    firsts = {key.parts[0].column for key in table.keys if key.kind not in {"FULLTEXT", "SPATIAL"}}
    if len(numbered) > 1 or not firsts.issuperset(numbered):
        text = "Incorrect table definition; there can be only one auto column and it must be defined as a key"
        raise OperationalError(1075, text)


def _check_size(table: Table) -> None:
    nulls = (sum(column.nullable for column in table.columns) + 7) // 8
    if (
        sum(_size(column) for column in table.columns if column.generated is None or column.stored) + nulls
        > LONGEST_ROW
    ):
        text = f"Row size too large. The maximum row size, not counting BLOBs, is {LONGEST_ROW}."
        raise OperationalError(1118, f"{text} You have to change some columns to TEXT or BLOBs")


def _size(column: Column) -> int:
    """Return how many bytes of a row a column takes."""
    numbers = numbers_of(column.type)
    if column.kind in INTEGER_BITS:
        return INTEGER_BITS[column.kind] // 8
    if column.kind in TEXT_BYTES:
        return _POINTER + next((size for name, size in _LENGTHS.items() if column.kind.startswith(name)), 2)
    if column.kind in {"char", "varchar", "binary", "varbinary"}:
        size = numbers[0] * charsets.bytes_per_character(column.charset or "binary")
        return size + column.kind.startswith("var") * (1 if size <= _SHORT else 2)
    return _SIZES.get(column.kind, 1)
