"""A table of the server in memory: its parts, what MySQL makes of them by itself, and how it describes them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.columns import COLLATIONS
from alembic_lockstep.memory_mysql.driver import OperationalError
from alembic_lockstep.memory_mysql.expressions import encoded, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.memory_mysql.columns import Column

_ORDER = {"PRIMARY": 0, "UNIQUE": 1, "": 3, "SPATIAL": 3, "FULLTEXT": 5}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a key: a column, or an expression as the server writes it."""

    column: str | None
    length: int | None = None
    descending: bool = False
    expression: str = ""

    def __str__(self) -> str:
        text = f"({self.expression})" if self.column is None else quoted(self.column)
        text += f"({self.length})" if self.length is not None else ""
        return f"{text} DESC" if self.descending else text


@dataclass(slots=True, eq=False)
class Key:
    """A key. `generated` is one that the server has made for a foreign key, and takes back by itself."""

    name: str
    kind: str
    parts: list[Part]
    options: str = ""
    generated: bool = False

    def described(self) -> str:
        """Return the key's line in SHOW CREATE TABLE."""
        parts = ",".join(str(part) for part in self.parts)
        if self.kind == "PRIMARY":
            return f"PRIMARY KEY ({parts})"
        kind = f"{self.kind} " if self.kind else ""
        return f"{kind}KEY {quoted(self.name)} ({parts}){self.options}"

    def begins_with(self, columns: list[str]) -> bool:
        """Return whether the key serves a foreign key of these columns."""
        start = [part.column if part.length is None and not part.descending else None for part in self.parts]
        return [name.lower() if name else None for name in start[: len(columns)]] == [name.lower() for name in columns]

    def columns(self) -> list[str]:
        """Return the columns that it is on."""
        return [part.column for part in self.parts if part.column is not None]


@dataclass(slots=True, eq=False)
class ForeignKey:
    """A foreign key; `actions` is what follows the referred columns."""

    name: str
    columns: list[str]
    table: str
    referred: list[str]
    actions: str

    def described(self) -> str:
        """Return the line in SHOW CREATE TABLE."""
        return (
            f"CONSTRAINT {quoted(self.name)} FOREIGN KEY ({_listed(self.columns)}) "
            f"REFERENCES {quoted(self.table)} ({_listed(self.referred)}){self.actions}"
        )


@dataclass(slots=True, eq=False)
class Check:
    """A CHECK; `columns` are those that it names."""

    name: str
    condition: str
    columns: set[str]
    enforced: bool = True

    def described(self) -> str:
        """Return the line in SHOW CREATE TABLE."""
        hint = "" if self.enforced else " /*!80016 NOT ENFORCED */"
        return f"CONSTRAINT {quoted(self.name)} CHECK ({self.condition}){hint}"


def _listed(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)


@dataclass(slots=True)
class Table:
    """A table; each list is in the order in which its parts came. `filled` is one that may have rows."""

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

    def described(self) -> str:
        """Return what SHOW CREATE TABLE says."""
        lines = [column.described(self.collation) for column in self.columns]
        lines += [key.described() for key in self.keys]
        lines += [key.described() for key in sorted(self.foreign_keys, key=lambda key: key.name)]
        lines += [check.described() for check in sorted(self.checks, key=lambda check: check.name)]
        charset = self.collation.partition("_")[0]
        end = [f"ENGINE={self.engine}", f"DEFAULT CHARSET={charset}"]
        if charset == "utf8mb4" or self.collation != COLLATIONS.get(charset):
            end.append(f"COLLATE={self.collation}")
        end += [f"{name}={value}" for name, value in self.options.items()]
        end += [f"COMMENT={encoded(self.comment)}"] if self.comment else []
        body = ",\n  ".join(lines)
        return f"CREATE TABLE {quoted(self.name)} (\n  {body}\n) {' '.join(end)}"

    def find(self, name: str) -> Column | None:
        """Return the column of this name, in whatever case."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises:
            OperationalError: there is none.
        """
        found = self.find(name)
        if found is None:
            raise OperationalError(1054, f"Unknown column '{name}' in '{self.name}'")
        return found

    def names(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.columns]

    def key(self, name: str) -> Key | None:
        """Return the key of this name."""
        return next((key for key in self.keys if key.name.lower() == name.lower()), None)

    def primary(self) -> Key | None:
        """Return the primary key."""
        return next((key for key in self.keys if key.kind == "PRIMARY"), None)

    def add_key(self, key: Key) -> None:
        """Add a key; one without a name gets one when the table is settled.

        Raises:
            OperationalError: there is one of this name, or a second primary key, or a column is missing.
        """
        if key.kind == "PRIMARY":
            if self.primary() is not None:
                raise OperationalError(1068, "Multiple primary key defined")
            for name in key.columns():
                self._key_column(name).forbid_null()
        same = self.key(key.name) if key.name else None
        if same is not None and same.generated and key.begins_with(same.columns()):
            self.keys.remove(same)  # the server would not have made it
            same = None
        if same is not None:
            raise OperationalError(1061, f"Duplicate key name '{key.name}'")
        key.parts = [self._part(part) for part in key.parts]
        self.keys.append(key)

    def _key_column(self, name: str) -> Column:
        found = self.find(name)
        if found is None:
            raise OperationalError(1072, f"Key column '{name}' doesn't exist in table")
        return found

    def _part(self, part: Part) -> Part:
        """Return a part with the column's own spelling; a prefix as long as the column is none."""
        if part.column is None:
            return part
        column = self._key_column(part.column)
        whole = re.fullmatch(r"(?:var)?(?:char|binary)\((\d+)\)", column.type)
        long = whole or column.kind.endswith(("text", "blob"))
        length = None if not long or (whole and part.length and part.length >= int(whole[1])) else part.length
        return Part(column.name, length, part.descending)

    def refit_keys(self) -> None:
        """Drop prefixes that are as long as a column has become, or that its type has not got."""
        for key in self.keys:
            key.parts = [self._part(part) for part in key.parts]

    def _free_name(self, key: Key) -> str:
        first = key.parts[0].column or "functional_index"
        number, name = 1, first
        while self.key(name) is not None:
            number += 1
            name = f"{first}_{number}"
        return name

    def add_foreign_key(self, key: ForeignKey, index: str) -> None:
        """Add a foreign key and the index that the server makes for it, which goes again if another serves.

        Args:
            key: without a name it is called after the table.
            index: the name of the index; empty for that of its first column.

        Raises:
            OperationalError: there is one of this name, or a column is missing.
        """
        key.name = key.name or self._numbered("ibfk", [known.name for known in self.foreign_keys])
        if any(known.name.lower() == key.name.lower() for known in self.foreign_keys):
            raise OperationalError(1826, f"Duplicate foreign key constraint name '{key.name}'")
        key.columns = [self._key_column(name).name for name in key.columns]
        self.foreign_keys.append(key)
        if any(known.begins_with(key.columns) and not known.generated for known in self.keys):
            return
        same = self.key(index) if index else None
        if same is None or not same.generated or not same.begins_with(key.columns):
            self.add_key(Key(index, "", [Part(name) for name in key.columns], generated=True))

    def _numbered(self, word: str, taken: list[str]) -> str:
        numbers = [re.fullmatch(rf"{re.escape(self.name)}_{word}_(\d+)", name) for name in taken]
        return f"{self.name}_{word}_{max((int(match[1]) for match in numbers if match), default=0) + 1}"

    def add_check(self, check: Check) -> None:
        """Add a CHECK; one without a name is called after the table."""
        check.name = check.name or self._numbered("chk", [known.name for known in self.checks])
        if any(known.name.lower() == check.name.lower() for known in self.checks):
            raise OperationalError(3822, f"Duplicate check constraint name '{check.name}'.")
        self.checks.append(check)

    def settle(self) -> None:
        """Drop generated keys that another makes superfluous, name the nameless, and sort all as the server does."""
        kept: list[Key] = []
        for key in self.keys:
            other = next((other for other in kept if _one_serves(key, other)), None)
            if other is None:
                kept.append(key)
            elif other.generated and not (key.generated and len(key.parts) < len(other.parts)):
                kept.remove(other)
                kept.append(key)
        self.keys = sorted(kept, key=self._rank)
        for key in kept:
            key.name = key.name or self._free_name(key)

    def _rank(self, key: Key) -> int:
        if key.kind == "UNIQUE" and any(self.column(name).nullable for name in key.columns()):
            return 2
        if not key.kind and any(part.column is None for part in key.parts):
            return 4
        return _ORDER[key.kind]

    def drop_column(self, name: str) -> None:
        """Drop a column, from its keys too.

        Raises:
            OperationalError: something else needs it.
        """
        column = self.find(name)
        if column is None:
            raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
        self.in_no_check(column.name, alone=True)
        self.in_no_expression(column.name)
        for foreign in self.foreign_keys:
            if column.name in foreign.columns:
                text = f"Cannot drop column '{column.name}': needed in a foreign key constraint '{foreign.name}'"
                raise OperationalError(1828, text)
        self.checks = [check for check in self.checks if column.name not in check.columns]
        self.columns.remove(column)
        for key in list(self.keys):
            key.parts = [part for part in key.parts if part.column != column.name]
            if not key.parts:
                self.keys.remove(key)

    def in_no_check(self, name: str, *, alone: bool = False) -> None:
        """See that no CHECK stands in the way of a column's end.

        Args:
            name: the column.
            alone: a CHECK of this column alone goes with it.

        Raises:
            OperationalError: one does.
        """
        for check in self.checks:
            if name in check.columns and not (alone and check.columns == {name}):
                text = (
                    f"Check constraint '{check.name}' uses column '{name}', hence column cannot be dropped or renamed."
                )
                raise OperationalError(3959, text)

    def in_no_expression(self, name: str) -> None:
        """See that no computed column, and no key on an expression, stands in the way of a column's end.

        Raises:
            OperationalError: one does.
        """
        for column in self.columns:
            if column.generated and quoted(name) in column.generated:
                raise OperationalError(3108, f"Column '{name}' has a generated column dependency.")
        for key in self.keys:
            if any(quoted(name) in part.expression for part in key.parts):
                raise OperationalError(3837, f"Column '{name}' has a functional index dependency.")

    def rename_column(self, old: str, new: str) -> None:
        """Let a column have another name, in keys and foreign keys of this table too."""
        column = self.column(old)
        if new != column.name:
            self.in_no_check(column.name)
            self.in_no_expression(column.name)
        was, column.name = column.name, new
        for key in self.keys:
            key.parts = [Part(new, part.length, part.descending) if part.column == was else part for part in key.parts]
        for foreign in self.foreign_keys:
            foreign.columns = [new if name == was else name for name in foreign.columns]

    def rename(self, new: str) -> None:
        """Let the table have another name; constraints that the server has named after it follow."""
        named: list[ForeignKey | Check] = [*self.foreign_keys, *self.checks]
        for part in named:
            part.name = re.sub(rf"^{re.escape(self.name)}(?=_(ibfk|chk)_\d+$)", new, part.name)
        self.name = new

    def draft(self) -> Table:
        """Return a copy to be changed: a statement that fails leaves the table as it was."""
        made = copy.copy(self)
        made.columns = [copy.copy(column) for column in self.columns]
        made.keys = [copy.copy(key) for key in self.keys]
        made.foreign_keys = [copy.copy(key) for key in self.foreign_keys]
        made.checks = [copy.copy(check) for check in self.checks]
        made.options = dict(self.options)
        return made

    def copied(self, name: str) -> Table:
        """Return a table like this one, which is without foreign keys."""
        made = self.draft()
        made.rename(name)
        made.foreign_keys, made.filled = [], False
        for key in made.keys:
            key.generated = False
        for number, check in enumerate(made.checks, 1):
            check.name = f"{name}_chk_{number}"
        return made

    def constraints(self, name: str) -> Iterator[Key | ForeignKey | Check]:
        """Give the constraints of this name."""
        parts: list[Key | ForeignKey | Check] = [*self.keys, *self.foreign_keys, *self.checks]
        for part in parts:
            unique = not isinstance(part, Key) or part.kind in {"PRIMARY", "UNIQUE"}
            if unique and part.name.lower() == name.lower():
                yield part


def _one_serves(one: Key, other: Key) -> bool:
    """Return whether one of two keys, generated for a foreign key, is a part of the other."""
    generated = [key for key in (one, other) if key.generated]
    if not generated or "FULLTEXT" in {one.kind, other.kind}:
        return False
    short = min(generated, key=lambda key: len(key.parts))
    return (other if short is one else one).begins_with(short.columns())
