"""Operations in words, one line each, for reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops

from alembic_lockstep import compat
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison.operations import (
    AutoincrementOp,
    RenameColumnOp,
    ReplacePrimaryKeyOp,
    TableOptionOp,
    flat,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANY = 3
"""More new tables than this are listed in one line."""


def describe(upgrade: ops.UpgradeOps) -> list[str]:
    """Return what a revision does, a line each, such as `+ column user.status  String(20) not null`."""
    everything = list(flat(upgrade.ops))
    created = [op.table_name for op in everything if isinstance(op, ops.CreateTableOp)]
    lines = [f"+ {len(created)} tables: {', '.join(created)}"] if len(created) > MANY else []
    for op in everything:
        part_of_table = isinstance(op, ops.CreateIndexOp) and op.table_name in created
        if not part_of_table and not (len(created) > MANY and isinstance(op, ops.CreateTableOp)):
            lines.append(line(op))
    return _joined(lines)


def _joined(lines: list[str]) -> list[str]:
    """Return lines with one for what is dropped and added again, in the same form or in another."""
    forms = {sign: dict(text[2:].partition("  ")[::2] for text in lines if text[0] == sign) for sign in "-+"}
    found: dict[str, None] = {}
    for text in lines:
        subject = text[2:].partition("  ")[0]
        if text[0] in forms and all(subject in some for some in forms.values()):
            old, new = (forms[sign][subject] for sign in "-+")
            change = f"{old} to {new}" if old != new else old
            found.setdefault(f"~ {subject}  {change}".rstrip())
        else:
            found.setdefault(text)
    return list(found)


@dataclass(frozen=True, slots=True)
class Caution:
    """What goes wrong where a table has rows already.

    Attributes:
        table: the table.
        column: the column.
        text: what goes wrong, as the end of a sentence about the column.
        step: `downgrade` if that is the only one in which it does.
    """

    table: str
    column: str
    text: str
    step: str = ""

    def __str__(self) -> str:
        return f"! {self.table}.{self.column} {self.text}"


def cautions(upgrade: ops.UpgradeOps) -> list[Caution]:
    """Return what would go wrong with rows that are there already."""
    found = []
    for op in flat(upgrade.ops):
        if isinstance(op, ops.AddColumnOp) and not op.column.nullable and op.column.server_default is None:
            text = (
                "is not null and has no server default: where the table has rows the upgrade fails or makes up a value"
            )
            found.append(Caution(op.table_name, op.column.name, text))
        elif isinstance(op, ops.AlterColumnOp):
            if op.modify_nullable is False:
                text = "becomes not null: rows without a value stop the upgrade"
                found.append(Caution(op.table_name, op.column_name, text))
            found += _type_cautions(op)
    return found


def _type_cautions(op: ops.AlterColumnOp) -> Iterator[Caution]:
    """Yield what would go wrong with values that only one of two types takes."""
    before, after = op.existing_type, compat.variant(op.modify_type, op.existing_type)
    old, new = (getattr(type_, "length", None) for type_ in (before, after))
    known, values = (getattr(type_, "enums", None) for type_ in (before, after))
    if known is None and isinstance(new, int) and isinstance(old, int) and new < old:
        text = "becomes shorter: longer values stop the upgrade or are cut"
        yield Caution(op.table_name, op.column_name, text)
    if values is None:
        return
    if known is None:  # where an Enum is a string all that is known of the older one is its length
        known = [value for value in values if not isinstance(old, int) or len(value) <= old]
    gone, added = (
        ", ".join(repr(value) for value in one if value not in other)
        for one, other in ((known, values), (values, known))
    )
    if gone:
        text = f"no longer takes {gone}: rows with it stop the upgrade, or keep what the new type does not know"
        yield Caution(op.table_name, op.column_name, text)
    if added:
        text = f"takes {added}, too: rows with it stop the downgrade, or keep what the older type does not know"
        yield Caution(op.table_name, op.column_name, text, "downgrade")


def line(op: Any) -> str:
    """Return what an operation does, in one line that begins with +, - or ~."""
    return next((describe(op) for kind, describe in _LINES.items() if isinstance(op, kind)), f"~ {type(op).__name__}")


def _constraint(op: Any) -> str:
    sign = "-" if isinstance(op, ops.DropConstraintOp) else "+"
    kind = getattr(op, "constraint_type", None) or type(op).__name__
    constraint = op.to_constraint()
    return f"{sign} {_KINDS.get(kind, kind)} {constraint.name or ''} of {constraint.table.name}".replace("  ", " ")


def _index(op: Any) -> str:
    """Return an index; to MySQL a unique constraint is one, and it is called alike on all dialects."""
    return f"unique {op.index_name} of {op.table_name}" if op.to_index().unique else f"index {op.index_name}"


def _primary_key(op: ReplacePrimaryKeyOp) -> str:
    old, new = (", ".join(columns) or "none" for columns in (op.old, op.new))
    return f"~ primary key of {op.table_name}  {old} to {new}"


_LINES: dict[type[Any], Callable[[Any], str]] = {
    ops.CreateTableOp: lambda op: f"+ table {op.table_name}",
    ops.DropTableOp: lambda op: f"- table {op.table_name}",
    ops.RenameTableOp: lambda op: f"~ table {op.table_name} is now {op.new_table_name}",
    ops.AddColumnOp: lambda op: f"+ column {op.table_name}.{op.column.name}  {_column(op.column)}",
    ops.DropColumnOp: lambda op: f"- column {op.table_name}.{op.column_name}  {_column(op.to_column())}",
    ops.AlterColumnOp: lambda op: f"~ column {op.table_name}.{op.column_name}  {', '.join(_changes(op))}",
    ops.CreateIndexOp: lambda op: f"+ {_index(op)}",
    ops.DropIndexOp: lambda op: f"- {_index(op)}",
    ops.AddConstraintOp: _constraint,
    ops.DropConstraintOp: _constraint,
    RenameColumnOp: lambda op: f"~ column {op.table_name}.{op.column_name}  is now {op.modify_name}",
    ReplacePrimaryKeyOp: _primary_key,
    TableOptionOp: lambda op: f"~ {op.name} of table {op.table_name}  {op.old} to {op.new}",
    ops.CreateTableCommentOp: lambda op: f"~ comment of table {op.table_name}",
    ops.DropTableCommentOp: lambda op: f"~ comment of table {op.table_name}",
}
"""How operations are described, by their kind."""
_KINDS = {"foreignkey": "foreign key", "CreateForeignKeyOp": "foreign key", "unique": "unique",
          "CreateUniqueConstraintOp": "unique", "primary": "primary key", "check": "check"}  # fmt: skip


def _column(column: sa.Column[Any]) -> str:
    words = [_type(column.type)]
    if not column.nullable:
        words.append("not null")
    if column.server_default is not None:
        text = _default(column.server_default)
        words.append(text if isinstance(column.server_default, _GENERATED) else f"default {text}")
    return " ".join(words)


def _type(type_: sa.types.TypeEngine[Any]) -> str:
    if isinstance(type_, sa.Enum):
        return f"Enum({', '.join(repr(value) for value in type_.enums)})"
    if isinstance(type_, DDLType):  # servers report it in lower case
        return re.sub(r"^\w+", lambda name: name[0].upper(), type_.ddl)
    numbers = [getattr(type_, name, None) for name in ("length", "precision", "scale")]
    given = ", ".join(str(number) for number in numbers if isinstance(number, int))
    name = _AS_IN_MODELS.get(type(type_).__name__, type(type_).__name__)
    return f"{name}({given})" if given else name


_AS_IN_MODELS = {"BIGINT": "BigInteger", "BLOB": "LargeBinary", "BOOLEAN": "Boolean", "DATE": "Date",
                 "DATETIME": "DateTime",
                 "DECIMAL": "Numeric", "DOUBLE": "Double", "FLOAT": "Float", "INTEGER": "Integer", "NUMERIC": "Numeric",
                 "SMALLINT": "SmallInteger", "TEXT": "Text", "TIME": "Time", "VARCHAR": "String"}  # fmt: skip
"""The types that databases report, as models spell them."""


_OPTIONS = {"collation": "collation", "charset": "character set", "timezone": "time zone", "fsp": "fractional digits",
            "unsigned": "unsigned", "zerofill": "zerofill", "display_width": "display width"}  # fmt: skip
"""What types can have beside their name and size, and how it is called."""
_GENERATED = (sa.Computed, sa.Identity)


def _type_change(before: Any, after: Any) -> str:
    """Return what differs between two types."""
    after = compat.variant(after, before)
    names = [_type(before), _type(after)]
    values = {name: (_option(before, name), _option(after, name)) for name in _OPTIONS}
    changed = {name: " to ".join(pair) for name, pair in values.items() if pair[0] != pair[1]}
    if "collation" in changed or values["collation"][1] != "default":  # it begins with its character set
        changed.pop("charset", None)
    options = [f"{_OPTIONS[name]} {text}" for name, text in changed.items()]
    if names[0] != names[1]:
        return ", ".join([" to ".join(names), *options])
    return f"{names[0]} {', '.join(options)}" if options else f"{before!r} to {after!r}"


def _option(type_: Any, name: str) -> str:
    value = getattr(type_, name, None)
    if isinstance(value, bool) or name in {"timezone", "unsigned", "zerofill"}:
        return "yes" if value else "no"
    return "default" if value is None else str(value)


def _default(default: Any) -> str:
    """Return a server default as SQL; a string as in Python."""
    if isinstance(default, sa.Computed):
        return f"computed as {_sql(default.sqltext)}"
    if isinstance(default, sa.Identity):
        return "identity"
    argument = getattr(default, "arg", default)
    if argument is None or argument is False:
        return "none"
    return repr(argument) if isinstance(argument, str) else _sql(argument)


def _sql(expression: Any) -> str:
    """Return an expression with its values in it, if they can be written."""
    if isinstance(expression, sa.TextClause):
        return compat.as_text(expression)
    try:
        return str(expression.compile(compile_kwargs={"literal_binds": True}))
    except sa.exc.CompileError:
        return str(expression)


def _changes(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_name:
        yield f"is now {op.modify_name}"
    if op.modify_type is not None and op.modify_type is not op.existing_type:
        known = op.existing_type is not None
        yield _type_change(op.existing_type, op.modify_type) if known else _type(op.modify_type)
    if op.modify_nullable is not None:
        yield "null" if op.modify_nullable else "not null"
    if op.modify_server_default is not False:
        yield f"default {_default(op.existing_server_default)} to {_default(op.modify_server_default)}"
    if op.modify_comment is not False:
        yield "comment"
    if isinstance(op, AutoincrementOp):
        yield f"auto-increment {'on' if op.kw['autoincrement'] else 'off'}"
