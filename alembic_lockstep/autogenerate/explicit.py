"""Operations that leave nothing to models, their types or a naming convention, which change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat, dialects
from alembic_lockstep.comparison.computed import as_described
from alembic_lockstep.comparison.explicit import default_name, explicit_copy, explicit_type, free_name
from alembic_lockstep.comparison.operations import flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine.interfaces import Dialect

    from alembic_lockstep.schema.table import Table


def spell_out(upgrade: ops.UpgradeOps, dialect: Dialect, tables: Mapping[str, Table]) -> None:
    """Make the operations of a revision, and those that restore what it drops, say everything themselves.

    Args:
        upgrade: changed in place, before its downgrade is derived from it.
        dialect: SQLAlchemy's.
        tables: as they are before it, as their server defines them.
    """
    names = {name.lower() for table in tables.values() for name in table.constraint_names()}
    for op in flat(upgrade.ops):
        _restore_as_described(op, dialect, tables)
    upgrade.ops = [_with_tables(op, dialect, names) for op in upgrade.ops]
    for op in flat(upgrade.ops):
        match op:
            case ops.AddColumnOp():
                op.column = _with_type(op.column, dialect)
            case ops.AlterColumnOp():
                op.modify_type = op.modify_type and explicit_type(op.modify_type, dialect)
                op.existing_type = op.existing_type and explicit_type(op.existing_type, dialect)
            case ops.CreateIndexOp() | ops.DropIndexOp():
                op.index_name = op.index_name and conv(op.index_name)
            case ops.AddConstraintOp() | ops.DropConstraintOp():
                constraint: Any = op
                name = constraint.constraint_name
                if name is None and isinstance(op, ops.AddConstraintOp):
                    name = free_name(default_name(op.to_constraint()), names)
                    names.add(name.lower())
                constraint.constraint_name = conv(name or default_name(op.to_constraint()))
            case _:
                pass


def _restore_as_described(op: Any, dialect: Dialect, tables: Mapping[str, Table]) -> None:
    """Make the downgrade of a drop restore what SQLAlchemy does not reflect, or not as the server describes it.

    It takes a colon in an expression for the beginning of a parameter, and keeps MySQL's character sets in it.
    """
    restoring = compat.restoring_operation(op) if isinstance(op, (ops.DropTableOp, ops.DropColumnOp)) else None
    table = tables.get(op.table_name) if restoring is not None else None
    if table is None:
        return
    if isinstance(restoring, ops.AddColumnOp):
        restoring.column = _as_described(restoring.column, table)
    elif isinstance(restoring, ops.CreateTableOp):
        parts = [part for part in restoring.columns if not isinstance(part, sa.CheckConstraint)]
        columns = [_as_described(part, table) if isinstance(part, sa.Column) else part for part in parts]
        texts = [(check.name, compat.with_escaped_colons(check.text)) for check in table.checks]
        restoring.columns = [*columns, *(sa.CheckConstraint(text, name=name and conv(name)) for name, text in texts)]
        op.table_kw.update(dialects.get(dialect.name).comparison.unreflected_options(table))


def _as_described(column: sa.Column[Any], table: Table) -> sa.Column[Any]:
    described = table.columns.get(column.name)
    return column if described is None or described.computed is None else as_described(column, described)


def _with_tables(op: Any, dialect: Dialect, names: set[str]) -> Any:
    if isinstance(op, ops.CreateTableOp):
        return _create_table(op, dialect, names)
    restoring = compat.restoring_operation(op) if isinstance(op, ops.DropTableOp) else None
    if isinstance(restoring, ops.CreateTableOp):
        compat.restore_by(op, _create_table(restoring, dialect, set()))
    return op


def _create_table(op: ops.CreateTableOp, dialect: Dialect, names: set[str]) -> ops.CreateTableOp:
    metadata = compat.namespace(op)
    table = explicit_copy(op, dialect, metadata, names)
    names |= {str(each.name).lower() for each in table.constraints}
    return ops.CreateTableOp.from_table(table, _namespace_metadata=metadata)


def _with_type(column: sa.Column[Any], dialect: Dialect) -> sa.Column[Any]:
    type_ = explicit_type(column.type, dialect)
    if type_ is not column.type:
        column = compat.copy_column(column)
        column.type = type_
    return column
