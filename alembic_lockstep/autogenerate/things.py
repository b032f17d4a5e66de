"""What operations remove, make and change, and what those things use: the facts from which their order follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.autogenerate.table_order import referred_table
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison.operations import ReplacePrimaryKeyOp
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.table import ForeignKey, column_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from alembic_lockstep.schema.table import Index, Table


class Thing(NamedTuple):
    """A thing in a schema, such as the column `name` of the table `person`.

    The names of foreign keys and CHECKs are unique in a whole schema: they have no table here. A unique constraint is
    an index. `indexes` stands for all indexes of a table, its primary key included.
    """

    kind: str
    table: str
    name: str = ""

    def seen_as(self, kind: str) -> Thing:
        """Return the same thing as one of another kind."""
        return Thing(kind, self.table, self.name)


class Kept(NamedTuple):
    """A thing that stays, with the operations that take it off and put it back."""

    thing: Thing
    uses: AbstractSet[Thing]
    drop: Any
    create: Any


def table_of(op: Any) -> str:
    """Return the table that an operation changes."""
    return str(op.source_table if isinstance(op, ops.CreateForeignKeyOp) else op.table_name)


def removed(op: Any) -> Iterator[Thing]:
    """Yield what an operation removes."""
    match op:
        case ops.DropTableOp():
            yield Thing("table", op.table_name)
        case ops.DropColumnOp():
            yield _column(op.table_name, op.column_name)
        case ops.DropIndexOp():
            yield Thing("index", table_of(op), _lower(op.index_name))
        case ops.DropConstraintOp():
            yield _constraint(op.constraint_type, op.table_name, op.constraint_name)
        case _:
            pass


def made(op: Any) -> Iterator[Thing]:
    """Yield what an operation makes."""
    match op:
        case ops.CreateTableOp():
            yield Thing("table", op.table_name)
        case ops.AddColumnOp():
            yield _column(op.table_name, op.column.name)
        case ops.CreateIndexOp():
            yield Thing("index", op.table_name, _lower(op.index_name))
        case ops.CreateUniqueConstraintOp():
            yield _constraint("unique", op.table_name, op.constraint_name)
        case ops.CreateForeignKeyOp():
            yield _constraint("foreignkey", op.source_table, op.constraint_name)
        case ops.CreateCheckConstraintOp():
            yield _constraint("check", op.table_name, op.constraint_name)
        case _:
            pass


def changed(op: Any) -> Iterator[Thing]:
    """Yield what is other behind an operation than before it."""
    match op:
        case ops.AlterColumnOp():
            column = _column(op.table_name, op.column_name)
            yield column
            if op.modify_name:
                yield _column(op.table_name, op.modify_name)
            if is_long(op.modify_type):
                yield column.seen_as("column as text")
        case ReplacePrimaryKeyOp() | ops.CreateIndexOp() | ops.DropIndexOp() | ops.CreateUniqueConstraintOp():
            yield Thing("indexes", table_of(op))
            if isinstance(op, ReplacePrimaryKeyOp):
                yield Thing("primary key", op.table_name)
        case ops.DropConstraintOp() if op.constraint_type == "unique":
            yield Thing("indexes", table_of(op))
        case _:
            pass


def disturbed(op: Any) -> Iterator[Thing]:
    """Yield what an operation changes in a way that only works while nothing uses it."""
    match op:
        case ops.AlterColumnOp() if op.modify_name:
            yield _column(op.table_name, op.column_name).seen_as("name")
        case ops.AlterColumnOp() if op.modify_type is not None:
            yield _column(op.table_name, op.column_name).seen_as("type")
        case ops.DropColumnOp():
            yield _column(op.table_name, op.column_name)
            yield _column(op.table_name, op.column_name).seen_as("type")
        case ReplacePrimaryKeyOp():
            yield Thing("primary key", op.table_name)
        case _:
            pass


def is_long(type_: sa.types.TypeEngine[Any] | None) -> bool:
    """Return whether a type is one of the long texts, which have no literal defaults and no indexes of all of them."""
    name = getattr(type_, "__visit_name__", "").lower()
    return bool(name == "json" or name.endswith(("text", "blob")))


def used_by_removed(op: Any, tables: Mapping[str, Table]) -> Iterable[Thing]:  # noqa: PLR0911 - one case each
    """Return what is not to change before an operation has removed a thing.

    Args:
        op: the operation.
        tables: as they are without the revision.
    """
    if isinstance(op, ops.DropTableOp):
        return _referred(compat.restoring_operation(op))
    table = tables.get(table_of(op)) if hasattr(op, "table_name") else None
    if table is None:
        return ()
    match op:
        case ops.DropColumnOp():
            column = table.columns.get(op.column_name)
            return _in_texts([column.expression if column else ""], op.table_name)
        case ops.DropIndexOp():
            return _indexed(table.indexes.get(str(op.index_name)), table_of(op))
        case ops.DropConstraintOp() if op.constraint_type == "foreignkey":
            keys = [key for key in table.foreign_keys if _lower(key.name) == _lower(op.constraint_name)]
            return {thing for key in keys for thing in _of_foreign_key(key, op.table_name)}
        case ops.DropConstraintOp() if op.constraint_type == "check":
            checks = [check for check in table.checks if _lower(check.name) == _lower(op.constraint_name)]
            return _in_texts([check.text for check in checks], op.table_name)
        case ops.DropConstraintOp():
            return _indexed(table.indexes.get(str(op.constraint_name)), op.table_name)
        case ReplacePrimaryKeyOp():
            return {_column(op.table_name, name) for name in column_names(op.old)}
        case _:
            return ()


def used_by_made(op: Any) -> Iterable[Thing]:  # noqa: PLR0911 - one case each
    """Return what has to be there, and to be as it will be, before an operation makes a thing."""
    match op:
        case ops.CreateTableOp():
            return _referred(op)
        case ops.CreateForeignKeyOp():
            return _of_foreign_key(_foreign_key(op), op.source_table)
        case ops.CreateIndexOp():
            return {*_in_texts(map(_text, op.columns), table_of(op)), Thing("table", table_of(op))}
        case ops.CreateUniqueConstraintOp():
            return {_column(op.table_name, str(name)) for name in op.columns}
        case ops.CreateCheckConstraintOp():
            return _in_texts([str(op.condition)], op.table_name)
        case ops.AddColumnOp() if op.column.computed is not None:
            return _in_texts([str(op.column.computed.sqltext)], op.table_name)
        case ReplacePrimaryKeyOp():
            return {_column(op.table_name, name) for name in column_names(op.new)}
        case _:
            return ()


def kept(tables: Mapping[str, Table], gone: AbstractSet[Thing]) -> Iterator[Kept]:
    """Yield what stays.

    Args:
        tables: as they are without the revision.
        gone: what the revision removes.
    """
    for name, table in tables.items():
        if Thing("table", name) not in gone:
            everything = (_kept_keys, _kept_checks, _kept_columns, _kept_indexes)
            found = (each for find in everything for each in find(name, table) if each.thing not in gone)
            yield from (each for each in found if not _goes_along(each, gone))


def _goes_along(each: Kept, gone: AbstractSet[Thing]) -> bool:
    """Return whether something is an index all of whose columns are removed, which the server removes with them."""
    return each.thing.kind == "index" and {used for used in each.uses if used.kind == "column"} <= gone


def _kept_keys(name: str, table: Table) -> Iterator[Kept]:
    for key in table.foreign_keys:
        uses = {thing.seen_as("type") for thing in _of_foreign_key(key, name) if thing.kind == "column"}
        uses |= {Thing("primary key", name), Thing("primary key", key.referred_table)}
        create = ops.CreateForeignKeyOp(
            conv(str(key.name)),
            name,
            key.referred_table,
            list(key.columns),
            list(key.referred_columns),
            ondelete=_action(key.on_delete),
            onupdate=_action(key.on_update),
        )
        yield Kept(_constraint("foreignkey", name, key.name), uses, create.reverse(), create)


def _kept_checks(name: str, table: Table) -> Iterator[Kept]:
    for check in table.checks:
        condition = sa.text(compat.with_escaped_colons(check.text))
        create = ops.CreateCheckConstraintOp(conv(str(check.name)), name, condition)
        uses = _in_expressions([check.text], name)
        yield Kept(_constraint("check", name, check.name), uses, create.reverse(), create)


def _kept_columns(name: str, table: Table) -> Iterator[Kept]:
    for column_name, column in table.columns.items():
        if column.computed is not None:
            computed = sa.Computed(compat.with_escaped_colons(column.expression), persisted=column.stored)
            given: Any = {"nullable": column.nullable, "comment": column.comment}
            create = ops.AddColumnOp(name, sa.Column(column_name, DDLType(column.type), computed, **given))
            uses = _in_expressions([column.expression], name)
            yield Kept(_column(name, column_name), uses, create.reverse(), create)


def _kept_indexes(name: str, table: Table) -> Iterator[Kept]:
    for index_name, index in table.indexes.items():
        if index.kind is None:
            parts: list[Any] = [sa.literal_column(part) for part in index.parts]
            create = ops.CreateIndexOp(conv(index_name), name, parts, unique=index.unique)
            uses = _indexed(index, name) | _in_expressions((part for part in index.parts if " " in part), name)
            yield Kept(Thing("index", name, index_name.lower()), uses, create.reverse(), create)


def _of_foreign_key(key: ForeignKey, table: str) -> set[Thing]:
    """Return what a foreign key uses: the columns of both sides and the indexes that serve it."""
    columns = {_column(table, column) for column in key.columns}
    columns |= {_column(key.referred_table, column) for column in key.referred_columns}
    both = (table, key.referred_table)
    return columns | {Thing(kind, name) for name in both for kind in ("indexes", "table")}


def _foreign_key(op: ops.CreateForeignKeyOp) -> ForeignKey:
    return ForeignKey(str(op.constraint_name), tuple(op.local_cols), op.referent_table, tuple(op.remote_cols))


def _referred(op: Any) -> set[Thing]:
    """Return the tables, their keys and columns that a new table refers to."""
    keys = [part for part in getattr(op, "columns", ()) if isinstance(part, sa.ForeignKeyConstraint)]
    columns = {
        _column(referred_table(key), each.target_fullname.rpartition(".")[2]) for key in keys for each in key.elements
    }
    return {Thing(kind, referred_table(key)) for key in keys for kind in ("table", "primary key")} | columns


def _indexed(index: Index | None, table: str) -> set[Thing]:
    """Return what an index uses: its columns, as long as they are of a type that can be indexed as a whole."""
    found = _in_texts(index.parts if index else (), table)
    whole = {thing.seen_as("column as text") for thing in found}
    return {thing for thing in found if thing.kind == "column"} | whole


def _in_texts(texts: Iterable[str], table: str) -> set[Thing]:
    """Return the columns that expressions name; words of SQL among them do no harm."""
    return {_column(table, word) for text in texts for word in sql.words(text, backslashes=True)}


def _in_expressions(texts: Iterable[str], table: str) -> set[Thing]:
    """Return the columns that expressions name, whose names they hold on to."""
    found = _in_texts(texts, table)
    return found | {thing.seen_as("name") for thing in found}


def _text(part: Any) -> str:
    return part if isinstance(part, str) else str(getattr(part, "name", None) or part)


def _column(table: str, name: str) -> Thing:
    return Thing("column", table, name.lower())


def _constraint(kind: str | None, table: str, name: Any) -> Thing:
    return Thing("index", table, _lower(name)) if kind == "unique" else Thing(kind or "", "", _lower(name))


def _lower(name: Any) -> str:
    return str(name or "").lower()


def _action(text: str) -> str | None:
    return None if text == "NO ACTION" else text
