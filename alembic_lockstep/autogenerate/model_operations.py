"""Tables of models as the operations that create or drop them, in the words of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op_text
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import compat, dialects
from alembic_lockstep.comparison.explicit import UNNAMED, make_explicit
from alembic_lockstep.errors import FailedError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect

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
    made = _drops(listed, target) if is_drop else _creates(listed, target, connection.dialect)
    context = AutogenContext(MigrationContext.configure(connection, opts=settings), opts=settings)
    context.imports = imports
    with dialect.comparison.rendering(connection):
        return "\n".join(render_op_text(context, each) for each in made)


def _creates(tables: list[sa.Table], target: Target, dialect: Dialect) -> list[ops.MigrateOperation]:
    """Return the operations that create tables, and after them the foreign keys that have to wait for a table."""
    made: list[ops.MigrateOperation] = []
    added: list[ops.MigrateOperation] = []
    for number, table in enumerate(tables):
        later = _keys_to(tables[number + 1 :], table, target)
        made += [_create(table, later, dialect), *_indexes(table)]
        added += [ops.CreateForeignKeyOp.from_constraint(key) for key in later]
    return made + added


def _create(table: sa.Table, without: list[sa.ForeignKeyConstraint], dialect: Dialect) -> ops.CreateTableOp:
    """Return the operation that creates a table, which says everything itself but names that the table does not have.

    Args:
        table: a table of the models.
        without: its foreign keys that are created later.
        dialect: SQLAlchemy's.
    """
    op = ops.CreateTableOp.from_table(table)
    op.columns = [each for each in op.columns if not any(each is key for key in without)]
    made = op.to_table()
    make_explicit(made, dialect)
    for constraint in made.constraints:
        if UNNAMED in constraint.info:  # databases that have the revision have no such name
            constraint.name = None
    return ops.CreateTableOp.from_table(made, _namespace_metadata=compat.namespace(op))


def _drops(tables: list[sa.Table], target: Target) -> list[ops.MigrateOperation]:
    """Return the operations that drop tables, and before them the foreign keys to those that go first."""
    keys = [key for number, table in enumerate(tables) for key in _keys_to(tables[:number], table, target)]
    return [
        *(ops.DropConstraintOp.from_constraint(key) for key in keys),
        *(ops.DropTableOp.from_table(table) for table in tables),
    ]


def _keys_to(others: list[sa.Table], table: sa.Table, target: Target) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a table to others, where the server refuses them without these."""
    if not dialects.get(target.dialect).traits.enforces_foreign_keys_during_ddl:
        return []
    return [key for key in table.foreign_key_constraints if key.referred_table in others]


def _indexes(table: sa.Table) -> list[ops.MigrateOperation]:
    return [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda each: str(each.name))]
