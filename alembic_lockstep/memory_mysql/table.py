"""A table: its columns, keys and constraints, what MySQL derives from them, and its SHOW CREATE TABLE."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import key_parts
from alembic_lockstep.memory_mysql.charsets import COLLATIONS, charset_of
from alembic_lockstep.memory_mysql.constraints import Check, ForeignKey, Key, Part
from alembic_lockstep.memory_mysql.dbapi_errors import OperationalError
from alembic_lockstep.memory_mysql.expressions import respelt
from alembic_lockstep.memory_mysql.literals import encoded, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.columns import Column

_ORDER = {"PRIMARY": 0, "UNIQUE": 1, "": 3, "SPATIAL": 3, "FULLTEXT": 5}
"""The order in which the server sorts keys, by kind; `Table._rank` has the exceptions."""

_ALWAYS_A_VALUE = re.compile(r"(?:`[^`]+`|[-+*()<>=,\s\d]|(?:abs|length|char_length)(?=\())+")
"""Expressions that are NULL only if a column in them is."""
_NEVER_NULL = re.compile(r"if\(.+,\d+,\d+\)|\d+")


@dataclass(slots=True)
class Table:
    """A table; its lists are in order of creation.

    Attributes:
        options: further table options, such as ROW_FORMAT.
        filled: it may have rows.
        next_number: the number that AUTO_INCREMENT gives to the next row, as far as statements name it; 0 if none does.
        numbers: the last number in the name of an unnamed constraint, by its word; explicit names do not count in
            the statement that gives them.
    """

    name: str
    collation: str
    columns: list[Column] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    engine: str = "InnoDB"
    comment: str = ""
    options: dict[str, str] = field(default_factory=dict)
    filled: bool = False
    next_number: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def described(self) -> str:
        """Return the answer of SHOW CREATE TABLE."""
        lines = [column.described(self.collation) for column in self.columns]
        lines += [key.described() for key in self.keys]
        lines += [key.described() for key in sorted(self.foreign_keys, key=lambda key: key.name)]
        lines += [check.described() for check in sorted(self.checks, key=lambda check: check.name)]
        charset = charset_of(self.collation)
        end = [f"ENGINE={self.engine}"]
        end += [f"AUTO_INCREMENT={self.next_number}"] if self.next_number > 1 else []
        end.append(f"DEFAULT CHARSET={charset}")
        if charset == "utf8mb4" or self.collation != COLLATIONS.get(charset):
            end.append(f"COLLATE={self.collation}")
        end += [f"{name}={value}" for name, value in self.options.items()]
        end += [f"COMMENT={encoded(self.comment)}"] if self.comment else []
        body = ",\n  ".join(lines)
        return f"CREATE TABLE {quoted(self.name)} (\n  {body}\n) {' '.join(end)}"

    def find(self, name: str) -> Column | None:
        """Return the column of this name in any case, None if there is none."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    def column(self, name: str) -> Column:
        """Return the column of this name in any case.

        Raises:
            OperationalError: there is none.
        """
        found = self.find(name)
        if found is None:
            raise OperationalError(1054, f"Unknown column '{name}' in '{self.name}'")
        return found

    def names(self) -> list[str]:
        """Return the names of all columns."""
        return [column.name for column in self.columns]

    def key(self, name: str) -> Key | None:
        """Return the key of this name in any case, None if there is none."""
        return next((key for key in self.keys if key.name.lower() == name.lower()), None)

    def existing_key(self, name: str) -> Key:
        """Return the key of this name in any case.

        Raises:
            OperationalError: there is none.
        """
        key = self.key(name)
        if key is None:
            raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
        return key

    def primary(self) -> Key | None:
        """Return the primary key, None if there is none."""
        return next((key for key in self.keys if key.kind == "PRIMARY"), None)

    def add_key(self, key: Key) -> None:
        """Add a key; `settle` names it if it has no name.

        Raises:
            OperationalError: the name is taken, there is a primary key already, or a column does not exist.
        """
        if key.kind == "PRIMARY":
            if self.primary() is not None:
                raise OperationalError(1068, "Multiple primary key defined")
            for name in key.columns():
                self._key_column(name).require_value()
        same = self.key(key.name) if key.name else None
        if same is not None and same.generated and key.begins_with(same.columns()):
            self.keys.remove(same)  # the new key replaces the generated one
            same = None
        if same is not None:
            raise OperationalError(1061, f"Duplicate key name '{key.name}'")
        for name in key.columns():
            self._key_column(name)
        key_parts.check_new(key, {column.name.lower(): column for column in self.columns})
        key.parts = [self._part(part, key) for part in key.parts]
        self.keys.append(key)

    def _key_column(self, name: str) -> Column:
        found = self.find(name)
        if found is None:
            raise OperationalError(1072, f"Key column '{name}' doesn't exist in table")
        return found

    def _part(self, part: Part, key: Key) -> Part:
        """Return a part with the column's own spelling, without a prefix length that covers the whole column."""
        if part.column is None:
            return part
        column = self._key_column(part.column)
        whole = re.fullmatch(r"(?:var)?(?:char|binary)\((\d+)\)", column.type)
        long = whole or column.kind.endswith(("text", "blob"))
        whole_text = key.kind == "FULLTEXT" or not long
        length = None if whole_text or (whole and part.length and part.length >= int(whole[1])) else part.length
        return Part(column.name, length, part.descending)

    def adjust_prefixes(self) -> None:
        """Drop prefix lengths that the columns' present types make superfluous or impossible."""
        for key in self.keys:
            key.parts = [self._part(part, key) for part in key.parts]

    def _free_name(self, key: Key) -> str:
        first = key.parts[0].column or "functional_index"
        number, name = 1, first
        while self.key(name) is not None:
            number += 1
            name = f"{first}_{number}"
        return name

    def add_foreign_key(self, key: ForeignKey, index: str) -> None:
        """Add a foreign key, and the index that the server generates for it if no other serves.

        Args:
            key: the foreign key; the server names it if it has no name.
            index: the name of the index; empty for that of its first column.

        Raises:
            OperationalError: the name is taken, or a column does not exist.
        """
        self.numbers.setdefault("ibfk", 0)
        key.name = key.name or self._numbered("ibfk")
        key.columns = [self._key_column(name).name for name in key.columns]
        if not any(known.begins_with(key.columns) and not known.generated for known in self.keys):
            same = self.key(index) if index else None
            if same is None or not same.generated or not same.begins_with(key.columns):
                self.add_key(Key(index, "", [Part(name) for name in key.columns], generated=True))
        if self.foreign_key(key.name) is not None:
            raise OperationalError(1826, f"Duplicate foreign key constraint name '{key.name}'")
        self.foreign_keys.append(key)

    def foreign_key(self, name: str) -> ForeignKey | None:
        """Return the foreign key of this name in any case, None if there is none."""
        return next((key for key in self.foreign_keys if key.name.lower() == name.lower()), None)

    def _numbered(self, word: str) -> str:
        """Return the next name of an unnamed constraint."""
        if word not in self.numbers:
            self.numbers[word] = self._last_number(word, [check.name for check in self.checks if not check.is_new])
        self.numbers[word] += 1
        return f"{self.name}_{word}_{self.numbers[word]}"

    def _last_number(self, word: str, names: list[str]) -> int:
        """Return the highest number in the names that unnamed constraints would get."""
        matches = [re.fullmatch(rf"{re.escape(self.name)}_{word}_(\d+)", name) for name in names]
        return max((int(match[1]) for match in matches if match), default=0)

    def check_indexes(self, dropped: str = "") -> None:
        """Check that each foreign key has the index that it needs.

        Args:
            dropped: the name of the index that is being dropped, for the message.

        Raises:
            OperationalError: one has none.
        """
        for key in self.foreign_keys:
            if not any(each.begins_with(key.columns) for each in self.keys):
                text = f"Cannot drop index '{dropped or key.name}': needed in a foreign key constraint"
                raise OperationalError(1553, text)

    def add_check(self, check: Check) -> None:
        """Add a CHECK constraint; the server names it if it has no name.

        Raises:
            OperationalError: the name is taken.
        """
        check.name = check.name or self._numbered("chk")
        if any(known.name.lower() == check.name.lower() for known in self.checks):
            raise OperationalError(3822, f"Duplicate check constraint name '{check.name}'.")
        self.checks.append(check)

    def existing_check(self, name: str) -> Check:
        """Return the CHECK constraint of this name in any case.

        Raises:
            OperationalError: there is none.
        """
        check = next((check for check in self.checks if check.name.lower() == name.lower()), None)
        if check is None:
            raise OperationalError(3821, f"Check constraint '{name}' is not found in the table.")
        return check

    def drop_constraint(self, name: str) -> None:
        """Drop the constraint of this name, of whatever kind.

        Raises:
            OperationalError: there is none, or more than one.
        """
        found = list(self.constraints(name))
        if not found:
            raise OperationalError(3940, f"Constraint '{name}' does not exist.")
        if len(found) > 1:
            text = f"Table has multiple constraints with the name '{name}'."
            raise OperationalError(3939, f"{text} Please use constraint specific 'DROP' clause.")
        match found[0]:
            case Key() as key:
                self.keys.remove(key)
            case ForeignKey() as foreign:
                self.foreign_keys.remove(foreign)
            case check:
                self.checks.remove(check)

    def settle(self) -> None:
        """Drop superfluous generated keys, name keys without a name, and sort all as the server does."""
        if not any(column.auto_increment for column in self.columns):
            self.next_number = 0
        kept: list[Key] = []
        for key in self.keys:
            other = next((other for other in kept if _is_redundant(key, other)), None)
            if other is None:
                kept.append(key)
            elif other.generated and not (key.generated and len(key.parts) < len(other.parts)):
                kept.remove(other)
                kept.append(key)
        self.keys = sorted(kept, key=self._rank)
        for key in kept:
            key.name = key.name or self._free_name(key)

    def _rank(self, key: Key) -> int:
        if key.kind == "UNIQUE" and any(self._may_be_null(part) for part in key.parts):
            return 2
        if not key.kind and any(part.column is None for part in key.parts):
            return 4
        return _ORDER[key.kind]

    def _may_be_null(self, part: Part) -> bool:
        """Return whether the server takes a part of a key for one that may be NULL."""
        if part.expression is None:
            return self.column(part.column or "").nullable
        if _NEVER_NULL.fullmatch(part.expression.text):
            return False
        used = [self.column(name) for name in part.expression.columns if self.find(name) is not None]
        return any(column.nullable for column in used) or _ALWAYS_A_VALUE.fullmatch(part.expression.text) is None

    def drop_column(self, name: str) -> None:
        """Drop a column, also from the keys that it is in.

        Raises:
            OperationalError: it does not exist, or a CHECK uses it.
        """
        column = self.find(name)
        if column is None:
            raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
        self._require_not_in_check(column.name, drop=True)
        self.checks = [check for check in self.checks if column.name not in check.condition.columns]
        self.columns.remove(column)
        for key in list(self.keys):
            key.parts = [part for part in key.parts if part.column != column.name]
            if not key.parts:
                self.keys.remove(key)

    def _require_not_in_check(self, name: str, *, drop: bool = False) -> None:
        """Refuse to drop or rename a column that a CHECK uses; a CHECK of one column is dropped with it."""
        for check in self.checks:
            used = check.condition.columns
            if name in used and not (drop and used == {name}):
                text = (
                    f"Check constraint '{check.name}' uses column '{name}', hence column cannot be dropped or renamed."
                )
                raise OperationalError(3959, text)

    def require_not_in_index(self, name: str) -> None:
        """Refuse to rename a column that an index on an expression uses.

        Raises:
            OperationalError: there is one.
        """
        if any(part.expression is not None and name in part.expression.columns for k in self.keys for part in k.parts):
            raise OperationalError(3837, f"Column '{name}' has a functional index dependency.")

    def rename_column(self, old: str, new: str) -> None:
        """Rename a column, also in the keys and foreign keys of this table.

        Raises:
            OperationalError: it does not exist, or a CHECK uses it.
        """
        column = self.column(old)
        if new != column.name:
            self._require_not_in_check(column.name)
        previous, column.name = column.name, new
        for key in self.keys:
            key.parts = [
                Part(new, part.length, part.descending) if part.column == previous else part for part in key.parts
            ]
        for foreign in self.foreign_keys:
            foreign.columns = [new if name == previous else name for name in foreign.columns]

    def rename(self, new: str) -> None:
        """Rename the table, and the constraints that the server named after it."""
        constraints: list[ForeignKey | Check] = [*self.foreign_keys, *self.checks]
        for constraint in constraints:
            name = re.sub(rf"^{re.escape(self.name)}(?=_(ibfk|chk)_\d+$)", new, constraint.name)
            constraint.is_new = name != constraint.name
            constraint.name = name
        self.name = new

    def draft(self) -> Table:
        """Return a copy for a statement to change, so that a failing one leaves the table as it is."""
        draft = copy.copy(self)
        draft.columns = [copy.copy(column) for column in self.columns]
        draft.keys = [copy.copy(key) for key in self.keys]
        draft.foreign_keys = [copy.copy(key) for key in self.foreign_keys]
        draft.checks = [copy.copy(check) for check in self.checks]
        for check in draft.checks:
            check.condition = respelt(check.condition, self.names())
        draft.options = dict(self.options)
        # The number of a foreign key that a statement drops is not free in it, that of a CHECK is.
        draft.numbers = {"ibfk": self._last_number("ibfk", [key.name for key in self.foreign_keys])}
        for column in draft.columns:
            column.explicit_null = False
        constraints: list[ForeignKey | Check] = [*draft.foreign_keys, *draft.checks]
        for constraint in constraints:
            constraint.is_new = False
        return draft

    def like(self, name: str) -> Table:
        """Return the table that CREATE TABLE name LIKE makes from this one: without foreign keys."""
        table = self.draft()
        table.rename(name)
        table.foreign_keys, table.filled, table.next_number = [], False, 0
        for key in table.keys:
            key.generated = False
        for number, check in enumerate(table.checks, 1):
            check.name, check.is_new = f"{name}_chk_{number}", True
        return table

    def constraints(self, name: str) -> Iterator[Key | ForeignKey | Check]:
        """Yield the constraints of this name."""
        parts: list[Key | ForeignKey | Check] = [*self.keys, *self.foreign_keys, *self.checks]
        for part in parts:
            unique = not isinstance(part, Key) or part.kind in {"PRIMARY", "UNIQUE"}
            if unique and part.name.lower() == name.lower():
                yield part


def _is_redundant(one: Key, other: Key) -> bool:
    """Return whether one of two keys was generated for a foreign key that the other serves, too."""
    generated = [key for key in (one, other) if key.generated]
    if not generated or "FULLTEXT" in {one.kind, other.kind}:
        return False
    short = min(generated, key=lambda key: len(key.parts))
    return (other if short is one else one).begins_with(short.columns())
