"""The form in which the schemas of twins are compared, whatever their dialects call things.

It passes from process to process as JSON: `dataclasses.asdict` makes data of it, `NeutralTable.from_data` makes it
of such data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from alembic_lockstep.schema.table import (
    Attributes,
    ForeignKey,
    PartName,
    PrimaryKey,
    compared,
    foreign_key_names,
    key_name,
)
from alembic_lockstep.schema.types import ColumnType, smallest_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.schema.table import Index, Table

_WRAPPED = re.compile(r"\((?:[^()']|'(?:[^']|'')*'|\((?:[^()']|'(?:[^']|'')*'|\([^()]*\))*\))*\)", re.DOTALL)
"""What is in parentheses as a whole."""
_TODAY = re.compile(r"(?i)(curdate\(\)|current_date(\(\))?)")
_NUMBER = re.compile(r"(?<!\w)\((-?[\d.]+)\)")
"""A number in parentheses: MySQL makes -(1) of -1."""
_NUMBERS = frozenset({"boolean", "integer", "decimal", "float"})
_LITERAL = re.compile(r"b?'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_BITS = re.compile(r"(?i)(?:(0x|x')|0b|b')([0-9a-f]+)'?")
"""A number as MySQL writes that of a BIT: b'101', 0x05."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}
_NOW = re.compile(r"(?i)\(?(now|current_timestamp|localtime|localtimestamp)(\(\d*\))?\)?")


@dataclass(frozen=True, slots=True)
class NeutralColumn:
    """A column as twins have it in common.

    Attributes:
        type: the family of its type, with its size where it is the same on all dialects.
        nullable: whether it can be NULL.
        default: in a form that is the same on all dialects.
        computed: whether it is a generated column.
    """

    type: str
    nullable: bool
    default: str | None
    computed: bool


@dataclass(frozen=True, slots=True)
class NeutralForeignKey:
    """A foreign key as twins have it in common.

    Attributes:
        name: its name among the keys of its table, made of its columns.
        refers_to: the table and columns that it refers to.
        on_delete: what happens to its rows when the row they refer to is deleted.
        on_update: the same for an update.
    """

    name: str
    refers_to: str
    on_delete: str
    on_update: str


@dataclass(frozen=True, slots=True)
class NeutralIndex:
    """An index or a unique constraint as twins have it in common.

    Attributes:
        name: its columns, and the condition of a partial index.
        unique: whether it allows no duplicates.
    """

    name: str
    unique: bool


@dataclass(frozen=True, slots=True)
class NeutralTable:
    """A table as twins have it in common.

    Left out is what one of the dialects does not have (comments, engines, collations), what it does by itself (the
    index of a foreign key), and names of constraints and indexes: they are unique in a file of SQLite.

    Attributes:
        columns: by name.
        primary_key: its columns, None if it has none.
        foreign_keys: its foreign keys.
        indexes: its indexes and unique constraints.
        view: True for a view, otherwise None.
    """

    columns: Mapping[str, NeutralColumn] = field(default_factory=dict)
    primary_key: tuple[str, ...] | None = None
    foreign_keys: tuple[NeutralForeignKey, ...] = ()
    indexes: tuple[NeutralIndex, ...] = ()
    view: bool | None = None

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> NeutralTable:
        """Return the table of which `dataclasses.asdict`, and perhaps JSON, has made this data."""
        return cls(
            columns={name: NeutralColumn(**column) for name, column in data["columns"].items()},
            primary_key=None if data["primary_key"] is None else tuple(data["primary_key"]),
            foreign_keys=tuple(NeutralForeignKey(**key) for key in data["foreign_keys"]),
            indexes=tuple(NeutralIndex(**index) for index in data["indexes"]),
            view=data["view"],
        )

    def parts(self) -> dict[PartName, Attributes]:
        """Return all that is compared, part by part."""
        found: dict[PartName, Attributes] = {PartName(): {"view": self.view}}
        found |= {PartName("column", name): compared(column) for name, column in self.columns.items()}
        if self.primary_key is not None:
            found[PartName("primary key")] = compared(PrimaryKey(self.primary_key))
        found |= {PartName("foreign key", key.name): compared(key, "name") for key in self.foreign_keys}
        found |= {PartName("unique" if index.unique else "index", index.name): {} for index in self.indexes}
        return found


NeutralSchema = dict[str, NeutralTable]
"""Tables by name."""


def tables_from_data(tables: dict[str, Any]) -> dict[str, Any]:
    """Return tables by name, with a `NeutralTable` for each that is still data; None stays None."""
    return {name: NeutralTable.from_data(table) if isinstance(table, dict) else table for name, table in tables.items()}


def neutral(table: Table) -> NeutralTable:
    """Return a table in the form in which twins are compared."""
    key = table.primary_key.columns if table.primary_key else None
    return NeutralTable(
        columns={name: _column(table, name, in_key=name in (key or ())) for name in table.columns},
        primary_key=key,
        foreign_keys=tuple(
            _foreign_key(each, name.name)
            for each, name in zip(table.foreign_keys, foreign_key_names(table.foreign_keys), strict=True)
        ),
        indexes=_indexes(table),
        view=True if table.view is not None else None,
    )


def _column(table: Table, name: str, *, in_key: bool) -> NeutralColumn:
    column, type_ = table.columns[name], table.type_of(name)
    return NeutralColumn(
        type=_type(type_, column.type),
        nullable=column.nullable and not in_key,  # SQLite lets columns of a key be NULL, and nobody means it
        default=_default(column.default, type_),
        computed=column.computed is not None,
    )


def _foreign_key(key: ForeignKey, name: str) -> NeutralForeignKey:
    actions = ("NO ACTION" if action == "RESTRICT" else action for action in (key.on_delete, key.on_update))
    return NeutralForeignKey(name, f"{key.referred_table} ({', '.join(key.referred_columns)})", *actions)


def _indexes(table: Table) -> tuple[NeutralIndex, ...]:
    found = [NeutralIndex(key_name("unique", key.columns).name, unique=True) for key in table.uniques]
    for name, index in table.indexes.items():
        if not _serves_foreign_key(name, index, table):
            where = f" where {index.where}" if index.where is not None else ""
            columns = tuple(_index_column(column) for column in index.columns)
            found.append(NeutralIndex(key_name("index", columns, where).name, index.unique))
    return tuple(dict.fromkeys(found))


def _serves_foreign_key(name: str, index: Index, table: Table) -> bool:
    """Return whether MySQL has made this index for a foreign key: it has the name of the key, or of its column."""
    return not index.unique and any(
        index.columns == key.columns and name in {key.name, key.columns[0]} for key in table.foreign_keys
    )


def _index_column(text: str) -> str:
    text = re.sub(r"^(\w+)\(\d+\)", r"\1", text)  # SQLite has no prefixes
    return re.sub(r"^\((.*)\)$", r"\1", text).removesuffix(" ASC")


def _type(type_: ColumnType, written: str) -> str:  # noqa: PLR0911 - a family each
    match type_.family:
        case "string" | "enum" | "set":
            return f"string({type_.size})" if type_.size else "string"
        case "text" if "(" in written:
            return smallest_text(type_.size or 0)
        case "text":
            return type_.name if type_.name in {"tinytext", "mediumtext", "longtext"} else "text"
        case "decimal":
            return f"decimal({type_.size}, {type_.scale})"
        case "uuid":  # CHAR(32) where there is no such type
            return "string(32)"
        case "unknown":
            return type_.name
        case _:
            return type_.family


def _default(text: str | None, type_: ColumnType) -> str | None:
    if text is None:
        return None
    bare = re.sub(r"_\w+ ?(?=')", "", text)
    while _WRAPPED.fullmatch(bare):
        bare = bare[1:-1]
    bits = _BITS.fullmatch(bare) if type_.family in _NUMBERS else None
    if bits is not None:
        return str(int(bits[2], 16 if bits[1] else 2))
    literal = _LITERAL.fullmatch(bare)
    if literal is None:
        return _expression(bare)
    value = _ESCAPE.sub(lambda found: _ESCAPES.get(found.group(1), found.group(1)), literal.group(1)).replace("''", "'")
    is_text = type_.family in {"string", "text", "enum", "set"}
    return repr(value) if is_text else _number(value) or repr(value)


def _expression(text: str) -> str:
    """Return a default that is no literal."""
    if _NOW.fullmatch(text):
        return "now"
    if _TODAY.fullmatch(text):
        return "today"
    plain = {"true": "1", "false": "0"}.get(text.lower(), _NUMBER.sub(r"\1", text))
    return _number(plain) or re.sub(r"\s+", "", plain).lower()


def _number(text: str) -> str:
    """Return a number in one way of writing it, empty for what is none."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return ""
