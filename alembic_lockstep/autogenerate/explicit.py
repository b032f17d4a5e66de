"""Operations that leave nothing to models, their types or a naming convention, which change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.comparison.explicit import default_name, explicit_copy, explicit_type, free_name
from alembic_lockstep.comparison.operations import flat

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa
    from sqlalchemy.engine.interfaces import Dialect


def spell_out(upgrade: ops.UpgradeOps, dialect: Dialect, taken: Iterable[str] = ()) -> None:
    """Make the operations of a revision, and those that restore what it drops, say everything themselves.

    Args:
        upgrade: changed in place, before its downgrade is derived from it.
        dialect: SQLAlchemy's.
        taken: the names of constraints that there are.
    """
    names = {name.lower() for name in taken}
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
