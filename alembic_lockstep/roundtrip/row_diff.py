"""Compare the rows of a table with earlier ones: which are gone, which have other values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic_lockstep.roundtrip.rows import Rows


@dataclass(frozen=True, slots=True)
class RowLoss:
    """Rows or values of a table that were lost.

    Attributes:
        table: the table.
        column: the column; empty if whole rows are gone.
        text: what happened to them.
    """

    table: str
    column: str
    text: str

    def __str__(self) -> str:
        return f"{self.table}{f'.{self.column}' if self.column else ''}: {self.text}"


def losses(table: str, before: Rows, after: Rows | None, names: Sequence[str], key: Sequence[str]) -> list[RowLoss]:
    """Return what was lost of earlier rows; additional rows do not matter.

    Args:
        table: the table.
        before: its rows then.
        after: its rows now; None if the table is gone.
        names: the columns in which they have to agree.
        key: the columns of the primary key; empty if there is none.
    """
    if not before.values:
        return []
    count = len(before.values)
    if after is None:
        return [RowLoss(table, "", f"its {count} rows are gone")]
    names = [name for name in names if name in before.columns and name in after.columns]
    if key and set(key) <= set(names):
        return _by_key(table, before, after, names, key)
    was, now = Counter(before.select(names).values), Counter(after.select(names).values)
    if not was - now:
        return []
    gone = max(0, count - len(after.values))
    found = [RowLoss(table, "", f"{gone} of {count} rows are gone")] if gone else []
    for name in names:
        missing = Counter(before.of(name)) - Counter(after.of(name))
        if missing and not gone:
            text = f"{sum(missing.values())} of {count} rows lost their value, such as {shown(next(iter(missing)))}"
            found.append(RowLoss(table, name, text))
    return found or [RowLoss(table, "", f"{sum((was - now).values())} of {count} rows have other values")]


def _by_key(table: str, before: Rows, after: Rows, names: Sequence[str], key: Sequence[str]) -> list[RowLoss]:
    """Compare rows with those that have the same primary key."""
    was = dict(zip(before.select(key).values, before.select(names).values, strict=True))
    now = dict(zip(after.select(key).values, after.select(names).values, strict=True))
    gone = [each for each in was if each not in now]
    found = [RowLoss(table, "", f"{len(gone)} of {len(was)} rows are gone")] if gone else []
    for number, name in enumerate(names):
        changed = [
            (each, row[number], now[each][number])
            for each, row in was.items()
            if each in now and not _same(row[number], now[each][number])
        ]
        if changed:
            each, expected, value = changed[0]
            where = ", ".join(f"{part}={shown(of)}" for part, of in zip(key, each, strict=True))
            text = f"{len(changed)} of {len(was)} rows have another value"
            text = f"{text}: expected {shown(expected)}, found {shown(value)} ({where})"
            found.append(RowLoss(table, name, text))
    return found


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same: 1 and 1.0 are, 1 and '1' are not."""
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def shown(value: Any) -> str:
    """Return a value for people, cut if it is long."""
    text = "NULL" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:40]}… ({len(str(value))} long)"
