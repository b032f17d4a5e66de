"""What operations remove, make and change, and what those things use: the facts from which their order follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.autogenerate.table_order import referred_table
from alembic_lockstep.comparison.operations import AutoincrementOp, RenameColumnOp, ReplacePrimaryKeyOp
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.table import ForeignKey, column_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from alembic_lockstep.schema.table import Index, Table


class Thing(NamedTuple):
    """A thing in a schema, such as the column `name` of the table `person`.

    The names of foreign keys and CHECKs are unique in a whole schema: they have no table here. A unique constraint is
    an index; on SQLite the names of indexes, too, are unique, so that an index is there a second time without a table.
    `indexes` stands for all indexes of a table, its primary key included.
    """

    kind: str
    table: str
    name: str = ""

    def seen_as(self, kind: str) -> Thing:
        """Return the same thing as one of another kind."""
        return Thing(kind, self.table, self.name)


def table_of(op: Any) -> str:
    """Return the table that an operation changes; empty for one that is of no table."""
    return str(op.source_table if isinstance(op, ops.CreateForeignKeyOp) else getattr(op, "table_name", ""))


def removed(op: Any) -> Iterator[Thing]:
    """Yield what an operation removes."""
    match op:
        case ops.DropTableOp():
            yield Thing("table", op.table_name)
        case ops.DropColumnOp():
            yield column_thing(op.table_name, op.column_name)
        case ops.DropIndexOp():
            yield Thing("index", table_of(op), _lower(op.index_name))
            yield Thing("index", "", _lower(op.index_name))
        case ops.DropConstraintOp():
            yield constraint_thing(op.constraint_type, op.table_name, op.constraint_name)
        case _:
            pass


def made(op: Any) -> Iterator[Thing]:
    """Yield what an operation makes."""
    match op:
        case ops.CreateTableOp():
            yield Thing("table", op.table_name)
            yield from (_named(constraint, op.table_name) for constraint in named_constraints(op))
        case ops.AddColumnOp():
            yield column_thing(op.table_name, op.column.name)
        case ops.CreateIndexOp():
            yield Thing("index", op.table_name, _lower(op.index_name))
            yield Thing("index", "", _lower(op.index_name))
        case ops.CreateUniqueConstraintOp():
            yield constraint_thing("unique", op.table_name, op.constraint_name)
        case ops.CreateForeignKeyOp():
            yield constraint_thing("foreignkey", op.source_table, op.constraint_name)
        case ops.CreateCheckConstraintOp():
            yield constraint_thing("check", op.table_name, op.constraint_name)
        case _:
            pass


def named_constraints(create: ops.CreateTableOp) -> list[sa.ForeignKeyConstraint | sa.CheckConstraint]:
    """Return the constraints of a new table whose names are unique in the whole schema."""
    return [part for part in create.columns if isinstance(part, (sa.ForeignKeyConstraint, sa.CheckConstraint))]


def drops_of_names(drop: ops.DropTableOp, taken: AbstractSet[Thing]) -> Iterator[ops.DropConstraintOp]:
    """Yield what drops the constraints of a table before it is dropped, since others are to have their names.

    Args:
        drop: drops the table.
        taken: what the revision makes.
    """
    restoring = compat.restoring_operation(drop)
    for constraint in named_constraints(restoring) if isinstance(restoring, ops.CreateTableOp) else ():
        named = _named(constraint, drop.table_name)
        if named in taken:
            yield ops.DropConstraintOp(conv(str(constraint.name)), drop.table_name, named.kind)


def _named(constraint: sa.ForeignKeyConstraint | sa.CheckConstraint, table: str) -> Thing:
    kind = "foreignkey" if isinstance(constraint, sa.ForeignKeyConstraint) else "check"
    return constraint_thing(kind, table, constraint.name)


def changed(op: Any) -> Iterator[Thing]:
    """Yield what is other behind an operation than before it."""
    match op:
        case AutoincrementOp() if op.modify_type is None:
            pass
        case RenameColumnOp():
            yield column_thing(op.table_name, op.column_name)
            yield column_thing(op.table_name, op.modify_name)
        case ops.AlterColumnOp():
            here = column_thing(op.table_name, op.column_name)
            yield here
            if op.modify_name:
                yield column_thing(op.table_name, op.modify_name)
            if is_long(op.modify_type):
                yield here.seen_as("column as text")
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
        case ops.AlterColumnOp() | RenameColumnOp() if op.modify_name:
            yield column_thing(op.table_name, op.column_name).seen_as("name")
        case ops.AlterColumnOp() if op.modify_type is not None or isinstance(op, AutoincrementOp):
            yield column_thing(op.table_name, op.column_name).seen_as("type")
        case ops.DropColumnOp():
            yield column_thing(op.table_name, op.column_name)
            yield column_thing(op.table_name, op.column_name).seen_as("type")
        case ReplacePrimaryKeyOp():
            yield Thing("primary key", op.table_name)
        case _:
            pass


def is_long(type_: sa.types.TypeEngine[Any] | None) -> bool:
    """Return whether a type is one of the long texts, which have no literal defaults and no indexes of all of them."""
    name = getattr(type_, "__visit_name__", "").lower()
    return bool(name == "json" or name.endswith(("text", "blob")))


def used_by_removed(op: Any, tables: Mapping[str, Table]) -> Iterable[Thing]:
    """Return what is not to change before an operation has removed a thing.

    Args:
        op: the operation.
        tables: as they are without the revision; what is not in them is known from what would restore it.
    """
    if isinstance(op, ReplacePrimaryKeyOp):
        return {column_thing(op.table_name, name) for name in column_names(op.old)}
    found, restoring = _used_in(tables.get(table_of(op)), op), compat.restoring_operation(op)
    if found is None and restoring is not None:
        return used_by_made(restoring)
    return found or ()


def _used_in(table: Table | None, op: Any) -> set[Thing] | None:
    """Return what a thing that an operation removes uses in a table, None if it is not there."""
    name = _lower(getattr(op, "index_name", None) or getattr(op, "constraint_name", None))
    if table is None or isinstance(op, ops.DropTableOp):
        return None
    if isinstance(op, ops.DropConstraintOp) and op.constraint_type == "foreignkey":
        keys = [key for key in table.foreign_keys if _lower(key.name) == name]
        return {thing for key in keys for thing in of_foreign_key(key, op.table_name)} or None
    if isinstance(op, ops.DropConstraintOp) and op.constraint_type == "check":
        return in_texts([check.text for check in table.checks if _lower(check.name) == name], op.table_name) or None
    if isinstance(op, (ops.DropIndexOp, ops.DropConstraintOp)):
        index = next((index for each, index in table.indexes.items() if each.lower() == name), None)
        return indexed(index, table_of(op)) if index else None
    return None


def used_by_made(op: Any) -> Iterable[Thing]:  # noqa: PLR0911 - one case each
    """Return what has to be there, and to be as it will be, before an operation makes a thing."""
    match op:
        case ops.CreateTableOp():
            return _referred(op)
        case ops.CreateForeignKeyOp():
            return of_foreign_key(_foreign_key(op), op.source_table)
        case ops.CreateIndexOp():
            return {*in_texts(map(_text, op.columns), table_of(op)), Thing("table", table_of(op))}
        case ops.CreateUniqueConstraintOp():
            return {column_thing(op.table_name, str(name)) for name in op.columns}
        case ops.CreateCheckConstraintOp():
            return in_texts([str(op.condition)], op.table_name)
        case ops.AddColumnOp() if op.column.computed is not None:
            return in_texts([str(op.column.computed.sqltext)], op.table_name)
        case ReplacePrimaryKeyOp():
            return {column_thing(op.table_name, name) for name in column_names(op.new)}
        case _:
            return ()


def of_foreign_key(key: ForeignKey, table: str) -> set[Thing]:
    """Return what a foreign key uses: the columns of both sides and the indexes that serve it."""
    columns = {column_thing(table, column) for column in key.columns}
    columns |= {column_thing(key.referred_table, column) for column in key.referred_columns}
    both = (table, key.referred_table)
    return columns | {Thing(kind, name) for name in both for kind in ("indexes", "table")}


def _foreign_key(op: ops.CreateForeignKeyOp) -> ForeignKey:
    return ForeignKey(str(op.constraint_name), tuple(op.local_cols), op.referent_table, tuple(op.remote_cols))


def _referred(op: Any) -> set[Thing]:
    """Return the tables, columns and indexes that a new table refers to."""
    keys = [part for part in getattr(op, "columns", ()) if isinstance(part, sa.ForeignKeyConstraint)]
    columns = [each.target_fullname.rpartition(".") for key in keys for each in key.elements]
    tables = {Thing(kind, referred_table(key)) for key in keys for kind in ("table", "indexes", "primary key")}
    return tables | {column_thing(table, name) for table, _, name in columns}


def indexed(index: Index | None, table: str) -> set[Thing]:
    """Return what an index uses: its columns, as long as they are of a type that can be indexed as a whole."""
    found = in_texts(index.parts if index else (), table)
    whole = {thing.seen_as("column as text") for thing in found}
    return {thing for thing in found if thing.kind == "column"} | whole


def in_texts(texts: Iterable[str], table: str) -> set[Thing]:
    """Return the columns that expressions name; words of SQL among them do no harm."""
    return {column_thing(table, word) for text in texts for word in sql.words(text, backslashes=True)}


def in_expressions(texts: Iterable[str], table: str) -> set[Thing]:
    """Return the columns that expressions name, whose names they hold on to."""
    found = in_texts(texts, table)
    return found | {thing.seen_as("name") for thing in found}


def _text(part: Any) -> str:
    return part if isinstance(part, str) else str(getattr(part, "name", None) or part)


def column_thing(table: str, name: str) -> Thing:
    """Return a column as a thing."""
    return Thing("column", table, name.lower())


def constraint_thing(kind: str | None, table: str, name: Any) -> Thing:
    """Return a constraint as a thing, by its kind as Alembic names it."""
    return Thing("index", table, _lower(name)) if kind == "unique" else Thing(kind or "", "", _lower(name))


def _lower(name: Any) -> str:
    return str(name or "").lower()
