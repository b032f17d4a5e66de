"""A table as data: its columns, keys, constraints, indexes and triggers; and a view."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from alembic_lockstep.schema import sql
from alembic_lockstep.schema.types import ColumnType, column_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_NAME = re.compile(r"(\(\d+\))?( (?i:COLLATE) \S+)?( ASC| DESC)?$")

Attributes = dict[str, Any]
"""What is compared of a part of a table, by name."""


@dataclass(frozen=True, slots=True, order=True)
class PartName:
    """The name of a part of a table, such as `column status` or `foreign key (user_id)`.

    Attributes:
        kind: what the part is, such as `column`; empty for the table itself.
        name: its name among the parts of this kind; for keys without a name it is made of their columns.
        word: how a migration script calls it, to find the line that deals with it.
    """

    kind: str = ""
    name: str = ""
    word: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        type: as the server writes it, such as `varchar(20)`.
        nullable: whether it can be NULL.
        default: as SQL; None if it has none.
        collation: of its text, if it is named.
        charset: the character set of its text, if it is named.
        comment: its comment.
        autoincrement: True if the server numbers its rows, otherwise None.
        computed: the expression of a generated column.
        stored: whether the values of a generated column are stored; None for an ordinary column.
        expression: that of a generated column as SQL that can be executed.
        on_update: what an UPDATE of the row puts into it, as SQL.
        invisible: True if `SELECT *` leaves it out, otherwise None.
        other: what else stands in its definition.
    """

    type: str
    nullable: bool = True
    default: str | None = None
    collation: str | None = None
    charset: str | None = None
    comment: str | None = None
    autoincrement: bool | None = None
    computed: str | None = None
    stored: bool | None = None
    on_update: str | None = None
    invisible: bool | None = None
    other: str | None = None
    expression: str = field(default="", compare=False)

    def __str__(self) -> str:
        words = [self.type, *([] if self.nullable else ["not null"])]
        return " ".join([*words, *([f"default {self.default}"] if self.default else [])])

    def needs_value(self) -> bool:
        """Return whether an INSERT has to give a value: it cannot be NULL, and the server has no value for it."""
        given = self.default is not None or self.computed is not None or self.autoincrement
        return not self.nullable and not given


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """A primary key.

    Attributes:
        columns: each as SQL, with the length of a prefix and the direction, such as `name(10) DESC`.
    """

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint of SQLite; on MySQL it is an index.

    Attributes:
        columns: as those of a primary key.
        name: None if it has none.
        on_conflict: what SQLite does with a second row.
    """

    columns: tuple[str, ...]
    name: str | None = None
    on_conflict: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key.

    Attributes:
        name: None if it has none.
        columns: its columns.
        referred_table: the table that it refers to.
        referred_columns: columns of that table.
        on_delete: what happens to its rows when the row they refer to is deleted.
        on_update: the same for an update.
        options: when it is checked, and how.
    """

    name: str | None
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    options: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index.

    Attributes:
        columns: as those of a primary key; expressions among them.
        unique: whether it allows no duplicates.
        kind: such as `FULLTEXT`, if it is no ordinary one.
        options: what else stands in its definition.
        where: the condition of a partial index.
        parts: the columns and expressions as SQL that can be executed.
        condition: that of a partial index as such SQL.
    """

    columns: tuple[str, ...]
    unique: bool = False
    kind: str | None = None
    options: str | None = None
    where: str | None = None
    parts: tuple[str, ...] = field(default=(), compare=False)
    condition: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint.

    Attributes:
        name: None if it has none.
        condition: as SQL, however it was quoted.
        enforced: whether the server heeds it.
        text: the condition as SQL that can be executed.
    """

    name: str | None
    condition: str
    enforced: bool = True
    text: str = field(default="", compare=False)

    def part_name(self) -> PartName:
        """Return its name, which without one is its condition."""
        return PartName("check", self.name or self.condition, self.name or "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view. Snapshots share it, so nobody may change it.

    Attributes:
        columns: by name, in their order; empty for a view.
        primary_key: None if it has none.
        uniques: its unique constraints.
        foreign_keys: its foreign keys.
        indexes: by name.
        checks: its CHECK constraints.
        triggers: their definitions by name.
        periods: the definitions of MariaDB's periods by name.
        options: what stands behind the columns, such as the engine, by name; True for a word without a value.
        definition: of a virtual table.
        view: the definition of a view.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: Mapping[str, Index] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    triggers: Mapping[str, str] = field(default_factory=dict)
    periods: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str | bool] = field(default_factory=dict)
    definition: str | None = None
    view: str | None = None

    def type_of(self, column: str) -> ColumnType:
        """Return the meaning of a column's type; JSON is LONGTEXT with a check on MariaDB."""
        found = column_type(self.columns[column].type)
        if found.name == "longtext":
            condition = f"json_valid({column.lower()})"
            if any(check.condition.lower() == condition for check in self.checks):
                return ColumnType("json", found.name)
        return found

    def key_columns(self) -> tuple[str, ...]:
        """Return the names of the columns of the primary key; empty without one."""
        return column_names(self.primary_key.columns) if self.primary_key else ()

    def unique_keys(self) -> Iterator[tuple[str, ...]]:
        """Return the columns of each key that allows no duplicates."""
        if self.primary_key:
            yield self.key_columns()
        for constraint in self.uniques:
            yield column_names(constraint.columns)
        for index in self.indexes.values():
            if index.unique:
                yield column_names(index.columns)

    def constraint_names(self) -> set[str]:
        """Return the names of its keys, indexes and constraints."""
        named: tuple[Unique | ForeignKey | Check, ...] = (*self.uniques, *self.foreign_keys, *self.checks)
        return {part.name for part in named if part.name} | set(self.indexes)

    def referred_tables(self) -> set[str]:
        """Return the tables that its foreign keys refer to."""
        return {key.referred_table for key in self.foreign_keys}

    def with_renamed_column(self, old: str, new: str) -> Table:
        """Return the table with another name of a column in the expressions of CHECKs, columns and indexes."""
        checks = [replace(each, text=sql.with_renamed(each.text, old, new)) for each in self.checks]
        columns = {
            name: replace(column, expression=sql.with_renamed(column.expression, old, new))
            for name, column in self.columns.items()
        }
        indexes = {
            name: replace(index, parts=tuple(sql.with_renamed(part, old, new) for part in index.parts))
            for name, index in self.indexes.items()
        }
        return replace(self, checks=tuple(checks), columns=columns, indexes=indexes)

    def parts(self) -> dict[PartName, Attributes]:
        """Return all that is compared, part by part; the order of columns and constraints is no difference."""
        own = {**self.options, "definition": self.definition, "view": self.view}
        found: dict[PartName, Attributes] = {PartName(): own}
        found |= {PartName("column", name, name): compared(column) for name, column in self.columns.items()}
        if self.primary_key:
            found[PartName("primary key")] = compared(self.primary_key)
        found |= {key_name("unique", key.columns): compared(key, "columns") for key in self.uniques}
        found |= {
            name: compared(key)
            for name, key in zip(foreign_key_names(self.foreign_keys), self.foreign_keys, strict=True)
        }
        found |= {PartName("index", name, name): compared(index) for name, index in self.indexes.items()}
        found |= {check.part_name(): compared(check, "name") for check in self.checks}
        for kind, definitions in (("trigger", self.triggers), ("period", self.periods)):
            found |= {PartName(kind, name, name): {"definition": text} for name, text in definitions.items()}
        return found


def compared(part: Any, *named_by: str) -> Attributes:
    """Return the attributes of a part that is a dataclass, without those that make its name."""
    return {each.name: getattr(part, each.name) for each in fields(part) if each.compare and each.name not in named_by}


def column_names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a key without the lengths of prefixes, collations and directions."""
    return tuple(_NO_NAME.sub("", column) for column in columns)


def key_name(kind: str, columns: tuple[str, ...], more: str = "") -> PartName:
    """Return the name of a key that is known by its columns."""
    return PartName(kind, f"({', '.join(columns)}){more}", columns[-1] if columns else "")


def foreign_key_names(keys: tuple[ForeignKey, ...]) -> list[PartName]:
    """Return the names of a table's foreign keys, which are different also for keys of the same columns."""
    names: list[PartName] = []
    referred: dict[PartName, str] = {}
    for key in keys:
        name = key_name("foreign key", key.columns)
        if referred.get(name, key.referred_table) != key.referred_table:
            name = key_name("foreign key", key.columns, f" to {key.referred_table}")
        while name in names:
            name = PartName(name.kind, f"{name.name} (duplicate)", name.word)
        names.append(name)
        referred.setdefault(name, key.referred_table)
    return names
