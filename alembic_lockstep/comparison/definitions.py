"""Tables as their server defines them: what SQLAlchemy does not reflect, or Alembic does not compare.

The comparator here runs after Alembic's own. For each table that is both in the database and in the models, it takes
what the server says of it, and what the server would say if the models had made it, and adds the operations that the
others have not found.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult

from alembic_lockstep import dialects
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison import checks, computed, primary_keys, table_options, uniques
from alembic_lockstep.comparison.explicit import explicit_copy
from alembic_lockstep.comparison.indexes import restore_as_described
from alembic_lockstep.comparison.operations import AutoincrementOp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic.autogenerate.api import AutogenContext

    from alembic_lockstep.schema.table import Column, Index, Table

PLUGIN = "alembic_lockstep.comparison.definitions"


def _compare_definitions(
    context: AutogenContext, upgrade: ops.UpgradeOps, _schemas: Iterable[str | None]
) -> PriorityDispatchResult:
    """Add what the definitions of tables tell beside what was found already."""
    connection = context.connection
    if connection is not None:
        comparison = dialects.get(context.dialect.name).comparison
        models = {table.name: table for table in context.sorted_tables}
        there = comparison.existing(connection, _in_both(context, models))
        blocks = {op.table_name: op for op in upgrade.ops if isinstance(op, ops.ModifyTableOps)}
        for name, table in there.items():
            indexes, create = list(models[name].indexes), ops.CreateTableOp.from_table(models[name])
            model = explicit_copy(create, connection.dialect, models[name].metadata)
            wanted = comparison.wanted(connection, model, [_as_in_script(context, index) for index in indexes])
            if wanted is not None:
                block = blocks.get(name, ops.ModifyTableOps(name, []))
                _Comparison(context, model, indexes, table, wanted).add_to(block)
                if name not in blocks and block.ops:
                    upgrade.ops.append(block)
    return PriorityDispatchResult.CONTINUE


def _in_both(context: AutogenContext, models: dict[str, sa.Table]) -> list[str]:
    """Return the tables that are in the database and in the models, and are compared."""
    there = context.inspector.get_table_names()
    names = [
        name for name in there if name in models and context.run_name_filters(name, "table", {"schema_name": None})
    ]
    return [name for name in names if context.run_object_filters(models[name], name, "table", False, None)]


def _as_in_script(context: AutogenContext, index: sa.Index) -> sa.Index:
    """Return an index as a script makes it: lengths of columns beside an expression cannot be compiled otherwise."""
    impl = context.migration_context.impl
    parts: Any = index.expressions
    columns: list[Any] = [
        part.name if isinstance(part, sa.Column) else sa.literal_column(impl.render_ddl_sql_expr(part, is_index=True))
        for part in parts
    ]
    op = ops.CreateIndexOp.from_index(index)
    op.columns = columns
    return op.to_index()


class _Comparison:
    """The comparison of one table.

    Args:
        context: Alembic's.
        model: the explicit table of the models.
        indexes: its indexes in the models.
        there: the table as its server defines it.
        wanted: how the server would define it if the models had made it.
    """

    def __init__(
        self, context: AutogenContext, model: sa.Table, indexes: list[sa.Index], there: Table, wanted: Table
    ) -> None:
        self._context, self._model = context, model
        self._there = self._included(there, reflected=True)
        self._wanted = self._included(wanted, reflected=False)
        self._models_indexes = {str(index.name): index for index in indexes}
        self._dialect = dialects.get(context.dialect.name).comparison

    def add_to(self, block: ops.ModifyTableOps) -> None:
        """Add to the operations of the table those that are needed, too."""
        block.ops += self._found(block.ops)

    def _included(self, table: Table, *, reflected: bool) -> Table:
        """Return a table without the columns and constraints that are not to be compared."""
        filters = self._context.run_object_filters
        checks = [sa.CheckConstraint(sa.text(""), name=check.name) for check in table.checks]
        stub = sa.Table(self._model.name, sa.MetaData(), *map(sa.Column, table.columns), *checks)
        columns = {
            name: column
            for name, column in table.columns.items()
            if filters(self._model.c.get(name, stub.c[name]), name, "column", reflected, None)
        }
        included = [
            check
            for check, item in zip(table.checks, checks, strict=True)
            if check.name is None or filters(item, check.name, "check_constraint", reflected, None)
        ]
        return replace(table, columns=columns, checks=tuple(included))

    def _found(self, known: list[Any]) -> list[Any]:
        there, wanted, model = self._there, self._wanted, self._model
        found: list[Any] = [*table_options.compare(there, wanted, model, self._dialect)]
        if any(old.computed is not None for old in (*there.columns.values(), *wanted.columns.values())):
            found += computed.compare(there, wanted, model, self._reflected, known)
        found += self._own_types()
        found += self._collations(known)
        found += self._autoincrement(known)
        found += primary_keys.compare(model.name, there, wanted, self._primary_key_statement)
        found += checks.compare(there, wanted, model)
        found += [op for op in uniques.compare(there, wanted, model.name) if not self._is_index(op)]
        found += self._indexes(known)
        return found

    @cached_property
    def _reflected(self) -> sa.Table:
        table = sa.Table(self._model.name, sa.MetaData())
        sa.event.listen(table, "column_reflect", self._context.migration_context.impl.autogen_column_reflect)
        self._context.inspector.reflect_table(table, None, resolve_fks=False)
        return table

    def _collations(self, known: list[Any]) -> Iterator[ops.AlterColumnOp]:
        """Yield the restatements of columns that have another collation than their type in the models gives them."""
        altered = {op.column_name for op in known if isinstance(op, ops.AlterColumnOp) and op.modify_type is not None}
        for column in self._model.columns:
            old, new = self._there.columns.get(column.name), self._wanted.columns.get(column.name)
            if old is None or new is None or column.name in altered or new.computed is not None:
                continue
            if (old.collation or "").lower() != (self._wanted_collation(column, old, new) or "").lower():
                yield self._altered(column.name, modify_type=column.type)

    def _own_types(self) -> Iterator[ops.AlterColumnOp]:
        """Yield the changes of types that only the application knows, or SQLAlchemy does not reflect."""
        for column in self._model.columns:
            old, new = self._there.columns.get(column.name), self._wanted.columns.get(column.name)
            if old is None or new is None or old.type == new.type or not isinstance(column.type, DDLType):
                continue
            yield self._altered(column.name, existing_type=DDLType(old.type), modify_type=column.type)

    def _altered(self, name: str, **changes: Any) -> ops.AlterColumnOp:
        """Return an operation that restates a column."""
        existing = self._reflected.c[name]
        options = {
            "existing_type": existing.type,
            "existing_nullable": existing.nullable,
            "existing_server_default": existing.server_default or False,
            "existing_comment": existing.comment,
        }
        return ops.AlterColumnOp(self._model.name, name, **{**options, **changes})

    def _autoincrement(self, known: list[Any]) -> Iterator[ops.AlterColumnOp]:
        """Yield the restatements of columns that the server is to number, or not; those that do more are changed."""
        altered = {op.column_name: number for number, op in enumerate(known) if isinstance(op, ops.AlterColumnOp)}
        for name, old in self._there.columns.items() if self._dialect.numbers_columns else ():
            new = self._wanted.columns.get(name)
            if old.autoincrement == (new.autoincrement if new else None):
                continue
            numbered = bool(new and new.autoincrement)
            if name in altered:
                known[altered[name]] = AutoincrementOp.of(known[altered[name]], autoincrement=numbered)
            else:
                yield AutoincrementOp.of(self._altered(name), autoincrement=numbered)

    def _wanted_collation(self, column: sa.Column[Any], old: Column, new: Column) -> str | None:
        """Return the collation that a column should have: the one that it has if types are compared by theirs."""
        default, before = (table.options.get("collate") for table in (self._wanted, self._there))
        if default is None:
            return new.collation
        named = {"collate", "charset"}.intersection(self._dialect.named_options(self._model))
        own = [getattr(column.type, name, None) for name in ("collation", "charset")]
        changes = default != before
        if "collate" not in named:  # which collation a character set has by default is up to the server
            changes = str(default).partition("_")[0] != str(before).partition("_")[0]
        # A column takes part in a change of its table's default; otherwise what models do not say is left alone.
        return str(default) if named and changes and old.collation == before and not any(own) else old.collation

    def _indexes(self, known: list[Any]) -> Iterator[Any]:
        """Yield the operations for indexes that SQLAlchemy does not reflect, or not in all that they are."""
        named = {op.index_name for op in known if isinstance(op, (ops.CreateIndexOp, ops.DropIndexOp))}
        reflected = {index["name"] for index in self._context.inspector.get_indexes(self._model.name)}
        models = self._models_indexes
        for name in sorted((self._there.indexes.keys() | models.keys()) - named):
            old, index = self._there.indexes.get(name), models.get(name)
            if (index is None and name in reflected) or not self._is_compared(name, index):
                continue
            if old is not None and (index is None or old != self._wanted.indexes.get(name)):
                yield self._drop_index(name, old)
            if index is not None and old != self._wanted.indexes.get(name):
                yield ops.CreateIndexOp.from_index(index)

    def _is_index(self, op: Any) -> bool:
        """Return whether the models have an index, and no constraint, by the name that an operation is about."""
        return str(op.constraint_name) in self._models_indexes

    def _is_compared(self, name: str, index: sa.Index | None) -> bool:
        item = index if index is not None else sa.Index(name)
        return bool(self._context.run_object_filters(item, name, "index", index is None, None))

    def _primary_key_statement(self, columns: tuple[str, ...], before: tuple[str, ...]) -> str:
        return self._dialect.primary_key_statement(self._model.name, columns, before)

    def _drop_index(self, name: str, index: Index) -> Any:
        reflected = {str(each.name): each for each in self._reflected.indexes}
        drop: Any = ops.DropIndexOp(name, self._model.name)
        if name in reflected:
            drop = ops.DropIndexOp.from_index(reflected[name])
        restore_as_described(drop, index, self._context.dialect.name)
        return drop


def setup(plugin: Plugin) -> None:
    """Register the comparator, as Alembic asks of a plugin."""
    plugin.add_autogenerate_comparator(_compare_definitions, "schema", "tables", priority=DispatchPriority.LAST)


Plugin.setup_plugin_from_module(sys.modules[__name__], PLUGIN)
