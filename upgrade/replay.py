"""Replay a chain in memory: each revision runs, and its DDL acts on a `Catalog` instead of a database.

Alembic's own implementation of the dialect runs unchanged up to the point where it would execute a construct; here
each kind of construct is a short function over the catalog. So a MODIFY that forgets a comment loses it, as it does
on a server.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.ddl import base, mysql
from alembic.ddl.impl import DefaultImpl
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import schema
from sqlalchemy.sql import elements
from sqlalchemy.sql.dml import UpdateBase

from upgrade import catalog as memory
from upgrade import defaults
from upgrade.catalog import Catalog, NeedsServerError, TableEntry
from upgrade.errors import CannotRunError, first_line, place

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

    from upgrade.dialects.base import DialectBase
    from upgrade.targets import Target

    Reflected = dict[str, Any]

NO_SCHEMA_CHANGE = frozenset(["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SET", "ANALYZE"])
"""First words of SQL text that leaves the schema as it is."""


class CannotReplayError(Exception):
    """A revision does what only a real server can answer.

    Args:
        where: file and line of the revision.
        what: the operation, as a clause that follows the place.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where} {what}")


def replay(script: ScriptDirectory, target: Target, dialect: DialectBase, options: dict[str, Any]) -> Catalog:
    """Run the whole chain in memory.

    Args:
        script: the chain.
        target: whose chain it is.
        dialect: the target's dialect.
        options: the options of MigrationContext.configure that a real run has.

    Returns:
        The schema at the head.

    Raises:
        CannotReplayError: a revision needs a server.
        CannotRunError: a revision fails.
    """
    catalog = Catalog(unique_is_index=dialect.unique_is_index)
    with memory.connect(catalog, dialect) as connection, operations(connection, catalog, dialect, options):
        for revision in reversed(list(script.walk_revisions())):
            try:
                revision.module.upgrade()
            except NeedsServerError as error:
                raise CannotReplayError(place(error, target.root) or revision.path, str(error)) from error
            except Exception as error:
                where = place(error, target.root) or revision.path
                raise CannotRunError(f"{target.name}: {where}: {first_line(error)}") from error
    return catalog


def operations(connection: sa.Connection, catalog: Catalog, dialect: DialectBase, options: dict[str, Any]) -> Any:
    """Return a context in which `alembic.op` acts on `catalog`, for a connection made by `upgrade.catalog.connect`."""
    context = MigrationContext.configure(connection, opts=options)
    replaying: Any = type("ReplayImpl", (_ReplayImpl, type(context.impl)), {})
    context.impl = replaying(connection.dialect, connection, False, None, None, options)
    context.impl.catalog, context.impl.ours = catalog, dialect  # type: ignore[attr-defined]
    return Operations.context(context)


class _ReplayImpl(DefaultImpl):
    catalog: Catalog
    ours: DialectBase

    def _exec(self, construct: Any, *_args: Any, **_kwargs: Any) -> None:
        _apply(sa.text(construct) if isinstance(construct, str) else construct, self)


@singledispatch
def _apply(construct: Any, _impl: _ReplayImpl) -> None:
    raise NeedsServerError(f"executes {type(construct).__name__}, which only a server understands")


@_apply.register
def _(construct: elements.TextClause, _impl: _ReplayImpl) -> None:
    word = re.match(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)", construct.text, re.DOTALL)
    if word is None or word.group(1).upper() not in NO_SCHEMA_CHANGE:
        statement = " ".join(construct.text.split())
        raise NeedsServerError(f"executes SQL text that may change the schema: {statement[:60]}")


@_apply.register(UpdateBase)
@_apply.register(sa.Select)
def _(_construct: Any, _impl: _ReplayImpl) -> None:
    """Leave the schema as it is: rows are not part of it."""


@_apply.register
def _(construct: schema.CreateTable, impl: _ReplayImpl) -> None:
    table = construct.element
    if table.name in impl.catalog.tables:
        if construct.if_not_exists:
            return
        raise sa.exc.InvalidRequestError(f"table {table.name} exists already")
    entry = TableEntry(comment=table.comment, options=dict(table.dialect_kwargs))
    impl.catalog.tables[str(table.name)] = entry
    for column in table.columns:
        entry.columns[column.name] = _column(column, impl)
    for constraint in sorted(table.constraints, key=lambda item: item._creation_order):
        if not constraint._create_rule or constraint._create_rule(_compiler(impl)):
            _add(constraint, table, entry, impl)


@_apply.register
def _(construct: schema.DropTable, impl: _ReplayImpl) -> None:
    name = construct.element.name
    if name in impl.catalog.tables or not construct.if_exists:
        _entry(impl, name)
        del impl.catalog.tables[name]


@_apply.register
def _(construct: base.RenameTable, impl: _ReplayImpl) -> None:
    old, new = construct.table_name, str(construct.new_table_name)
    _entry(impl, old)
    impl.catalog.tables[new] = impl.catalog.tables.pop(old)
    for reference in _references(impl.catalog, old):
        reference["referred_table"] = new
    for key in impl.catalog.tables[new].foreign_keys:
        key["name"] = impl.ours.rename_foreign_key(key["name"], old, new)


@_apply.register
def _(construct: base.AddColumn, impl: _ReplayImpl) -> None:
    if construct.inline_references or construct.inline_primary_key:
        raise NeedsServerError("adds a column with a constraint in its own clause, which not every server heeds")
    entry = _entry(impl, construct.table_name)
    if construct.column.name not in entry.columns or not construct.if_not_exists:
        entry.columns[construct.column.name] = _column(construct.column, impl)


@_apply.register
def _(construct: base.DropColumn, impl: _ReplayImpl) -> None:
    entry = _entry(impl, construct.table_name)
    if construct.column.name not in entry.columns and construct.if_exists:
        return
    _existing(entry, construct.table_name, construct.column.name)
    del entry.columns[construct.column.name]
    with suppress(ValueError):
        entry.pk_constraint["constrained_columns"].remove(construct.column.name)
    for index in list(entry.indexes):
        if construct.column.name in index["column_names"]:
            index["column_names"].remove(construct.column.name)
            if not index["column_names"]:
                entry.indexes.remove(index)


@_apply.register
def _(construct: mysql.MySQLChangeColumn, impl: _ReplayImpl) -> None:
    """CHANGE and MODIFY restate the whole column: what they do not say is gone."""
    entry = _entry(impl, construct.table_name)
    _existing(entry, construct.table_name, construct.column_name)
    default: Any = None if construct.default is False else construct.default
    column = sa.Column(
        construct.newname,
        construct.type_,
        nullable=bool(construct.nullable),
        server_default=default,
        comment=construct.comment or None,
    )
    _rename_column(impl.catalog, construct.table_name, construct.column_name, str(construct.newname))
    changed = _column(column, impl, altered=True)
    entry.columns[str(construct.newname)] = {**changed, "autoincrement": bool(construct.autoincrement)}


@_apply.register
def _(construct: mysql.MySQLAlterDefault, impl: _ReplayImpl) -> None:
    column = _existing(_entry(impl, construct.table_name), construct.table_name, construct.column_name)
    changed = sa.Column(construct.column_name, column["type"], server_default=construct.default)
    column["default"] = defaults.reported(changed, impl.dialect, impl.ours, altered=True)


@_apply.register
def _(construct: base.ColumnName, impl: _ReplayImpl) -> None:
    _existing(_entry(impl, construct.table_name), construct.table_name, construct.column_name)
    _rename_column(impl.catalog, construct.table_name, construct.column_name, str(construct.newname))


@_apply.register
def _(construct: schema.CreateIndex, impl: _ReplayImpl) -> None:
    index = construct.element
    entry = _entry(impl, index.table.name)  # type: ignore[union-attr]
    if construct.if_not_exists and any(known["name"] == index.name for known in entry.indexes):
        return
    names = [_indexed_column(expression, entry) for expression in index.expressions]
    reflected: Reflected = {
        "name": _final_name(index, impl),
        "column_names": names,
        "unique": bool(index.unique),
        "dialect_options": {key: value for key, value in index.dialect_kwargs.items() if value is not None},
    }
    if None in names:
        compiler = _compiler(impl)
        rendered = [str(compiler.sql_compiler.process(e, literal_binds=True)) for e in index.expressions]
        reflected["expressions"] = [name or text for name, text in zip(names, rendered, strict=True)]
    entry.indexes.append(reflected)
    _forget_superfluous(entry, names)


def _indexed_column(expression: Any, entry: TableEntry) -> str | None:
    """Return the column that an index is on, as servers report it: whatever its order is."""
    if isinstance(expression, elements.UnaryExpression):
        expression = expression.element
    if isinstance(expression, sa.Column):
        return str(expression.name)
    text = re.sub(r"(?i)\s+(asc|desc)$", "", str(expression)).strip('`"')
    return text if text in entry.columns else None


@_apply.register
def _(construct: schema.DropIndex, impl: _ReplayImpl) -> None:
    name = str(construct.element.name)
    table = construct.element.table
    known = table is not None and table.name != "no_table"  # which is what Alembic says where none is given
    entries = [_entry(impl, table.name)] if known else list(impl.catalog.tables.values())  # type: ignore[union-attr]
    found = [(entry, index) for entry in entries for index in entry.indexes if index["name"] == name]
    made_by_server = [entry.implicit.pop(name, None) for entry in entries]
    if not found and not any(made_by_server) and not construct.if_exists:
        raise sa.exc.InvalidRequestError(f"there is no index {name}")
    for entry, index in found:
        entry.indexes.remove(index)


@_apply.register
def _(construct: schema.AddConstraint, impl: _ReplayImpl) -> None:
    table = construct.element.table
    _add(construct.element, table, _entry(impl, table.name), impl)


@_apply.register
def _(construct: schema.DropConstraint, impl: _ReplayImpl) -> None:
    constraint = construct.element
    entry = _entry(impl, constraint.table.name)
    if isinstance(constraint, schema.PrimaryKeyConstraint):
        entry.pk_constraint = {"constrained_columns": [], "name": None}
        return
    kinds = {
        schema.ForeignKeyConstraint: [entry.foreign_keys],
        schema.UniqueConstraint: [entry.unique_constraints, entry.indexes],
        schema.CheckConstraint: [entry.check_constraints],
    }
    parts = kinds.get(type(constraint), [part for group in kinds.values() for part in group])
    name = str(constraint.name)
    for part in parts:
        for known in part:
            if known["name"] == name:
                part.remove(known)
                return
    if not construct.if_exists:
        raise sa.exc.InvalidRequestError(f"table {constraint.table.name} has no constraint {name}")


@_apply.register(schema.SetTableComment)
def _(construct: schema.SetTableComment, impl: _ReplayImpl) -> None:
    _entry(impl, construct.element.name).comment = construct.element.comment


@_apply.register(schema.DropTableComment)
def _(construct: schema.DropTableComment, impl: _ReplayImpl) -> None:
    _entry(impl, construct.element.name).comment = None


def _entry(impl: _ReplayImpl, name: str) -> TableEntry:
    try:
        return impl.catalog.tables[name]
    except KeyError:
        raise sa.exc.InvalidRequestError(f"there is no table {name}") from None


def _existing(entry: TableEntry, table: str, column: str) -> Reflected:
    try:
        return entry.columns[column]
    except KeyError:
        raise sa.exc.InvalidRequestError(f"table {table} has no column {column}") from None


def _column(column: sa.Column[Any], impl: _ReplayImpl, *, altered: bool = False) -> Reflected:
    reflected: Reflected = {
        "name": column.name,
        "type": column.type,
        "nullable": bool(column.nullable),
        "default": defaults.reported(column, impl.dialect, impl.ours, altered=altered),
        "autoincrement": column.table is not None and column is column.table._autoincrement_column,
        "comment": column.comment if impl.dialect.supports_comments else None,
    }
    if isinstance(column.server_default, sa.Computed):
        sqltext = str(column.server_default.sqltext.compile(dialect=impl.dialect))
        reflected["computed"] = {"sqltext": sqltext, "persisted": column.server_default.persisted}
    return reflected


def _compiler(impl: _ReplayImpl) -> Any:
    nothing: Any = None
    return impl.dialect.ddl_compiler(impl.dialect, nothing)


def _final_name(item: schema.Constraint | schema.Index, impl: _ReplayImpl) -> str | None:
    """Return the name that reaches the server, after naming convention and the dialect's limit of length."""
    if item.name is None:
        return None
    preparer: Any = impl.dialect.identifier_preparer
    name: str | None = preparer.format_constraint(item, _alembic_quote=False)
    return name


def _add(constraint: schema.Constraint, table: sa.Table, entry: TableEntry, impl: _ReplayImpl) -> None:
    name = _final_name(constraint, impl)
    columns = [column.name for column in getattr(constraint, "columns", ())]  # batch mode leaves old names as keys
    if isinstance(constraint, schema.PrimaryKeyConstraint):
        if columns:
            entry.pk_constraint = {"constrained_columns": columns, "name": name}
    elif isinstance(constraint, schema.ForeignKeyConstraint):
        name = name or impl.ours.name_foreign_key(table.name, [key["name"] for key in entry.foreign_keys])
        entry.foreign_keys.append(_foreign_key(constraint, name, columns))
        indexes = [entry.pk_constraint["constrained_columns"], *(index["column_names"] for index in entry.indexes)]
        if impl.ours.foreign_key_brings_index and not any(_serves(names, columns) for names in indexes):
            entry.implicit[_final_name(constraint, impl) or columns[0]] = columns
    elif isinstance(constraint, schema.UniqueConstraint):
        if impl.catalog.unique_is_index:
            name = name or impl.ours.name_unique(columns[0], [index["name"] for index in entry.indexes])
            entry.indexes.append({"name": name, "column_names": columns, "unique": True, "dialect_options": {}})
            _forget_superfluous(entry, columns)
        else:
            entry.unique_constraints.append({"name": name, "column_names": columns})
    elif isinstance(constraint, schema.CheckConstraint):
        text = str(constraint.sqltext.compile(dialect=impl.dialect, compile_kwargs={"literal_binds": True}))
        entry.check_constraints.append({"name": name, "sqltext": text})


def _foreign_key(key: schema.ForeignKeyConstraint, name: str | None, columns: list[str]) -> Reflected:
    referred = [element.target_fullname.rpartition(".") for element in key.elements]
    options = {"ondelete": key.ondelete, "onupdate": key.onupdate}
    return {
        "name": name,
        "constrained_columns": columns,
        "referred_schema": None,
        "referred_table": referred[0][0],
        "referred_columns": [column for _, _, column in referred],
        "options": {option: action for option, action in options.items() if action},
    }


def _serves(index: list[str | None], columns: list[str]) -> bool:
    """Return whether an index serves a foreign key: it begins with the key's columns."""
    return index[: len(columns)] == columns


def _forget_superfluous(entry: TableEntry, index: list[str | None]) -> None:
    """Forget what the server drops by itself once an index of ours serves the same foreign key."""
    for name, columns in list(entry.implicit.items()):
        if _serves(index, columns):
            del entry.implicit[name]


def _references(catalog: Catalog, table: str) -> list[Reflected]:
    return [key for entry in catalog.tables.values() for key in entry.foreign_keys if key["referred_table"] == table]


def _rename_column(catalog: Catalog, table: str, old: str, new: str) -> None:
    entry = catalog.tables[table]
    entry.columns = {
        (new if name == old else name): ({**column, "name": new} if name == old else column)
        for name, column in entry.columns.items()
    }
    lists = [entry.pk_constraint["constrained_columns"]]
    lists += [item["column_names"] for item in (*entry.indexes, *entry.unique_constraints)]
    lists += [*(key["constrained_columns"] for key in entry.foreign_keys), *entry.implicit.values()]
    lists += [key["referred_columns"] for key in _references(catalog, table)]
    for names in lists:
        names[:] = [new if name == old else name for name in names]
