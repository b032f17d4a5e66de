"""Tables of models as the operations that create or drop them, in the words of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op_text
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.errors import FailedError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from alembic_lockstep.execution.model_tables import ModelTable
    from alembic_lockstep.project.targets import Target


def statements(
    tables: list[ModelTable],
    connection: sa.Connection,
    target: Target,
    settings: dict[str, Any],
    imports: set[str],
) -> str:
    """Return the statements of a script that do what one call has done.

    Args:
        tables: what it has created or dropped, in this order.
        connection: to a database of the dialect.
        target: whose script it is.
        settings: how scripts are written.
        imports: gets the imports that the statements need.

    Raises:
        FailedError: the models do more than to create tables.
    """
    dialect = dialects.get(target.dialect)
    for each in tables:
        if list(each.item.dispatch.after_create) or list(each.item.metadata.dispatch.after_create):
            raise FailedError(
                f"{target.name}: {each.location}: after {each.table} is created, statements of its models run. "
                "Write the operations by hand",
                kind="cannot-freeze",
            )
    is_drop = tables[0].does == "drops"
    listed = [each.item for each in tables]
    made = _drops(listed) if is_drop else _creates(listed)
    if not dialect.traits.enforces_foreign_keys_during_ddl:
        made = [ops.DropTableOp.from_table(each) for each in listed] if is_drop else _whole(listed)
    context = AutogenContext(MigrationContext.configure(connection, opts=settings), opts=settings)
    context.imports = imports
    with dialect.comparison.rendering(connection):
        return "\n".join(render_op_text(context, each) for each in made)


def _whole(tables: list[sa.Table]) -> list[ops.MigrateOperation]:
    """Return the operations that create tables with all of their foreign keys."""
    made: list[ops.MigrateOperation] = []
    for table in tables:
        made += [ops.CreateTableOp.from_table(table), *_indexes(table)]
    return made


def _creates(tables: list[sa.Table]) -> list[ops.MigrateOperation]:
    """Return the operations that create tables, and after them the foreign keys to those that come later."""
    made: list[ops.MigrateOperation] = []
    added: list[ops.MigrateOperation] = []
    for number, table in enumerate(tables):
        later = _referring(table, tables[number + 1 :])
        create = ops.CreateTableOp.from_table(table)
        create.columns = [each for each in create.columns if not any(each is key for key in later)]
        made += [create, *_indexes(table)]
        added += [ops.CreateForeignKeyOp.from_constraint(key) for key in later]
    return made + added


def _drops(tables: list[sa.Table]) -> list[ops.MigrateOperation]:
    """Return the operations that drop tables, and before them the foreign keys to those that go earlier."""
    keys = [key for number, table in enumerate(tables) for key in _referring(table, tables[:number])]
    return [
        *(ops.DropConstraintOp.from_constraint(key) for key in keys),
        *(ops.DropTableOp.from_table(table) for table in tables),
    ]


def _referring(table: sa.Table, others: list[sa.Table]) -> list[sa.ForeignKeyConstraint]:
    return [key for key in table.foreign_key_constraints if key.referred_table in others]


def _indexes(table: sa.Table) -> list[ops.MigrateOperation]:
    return [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda each: str(each.name))]
