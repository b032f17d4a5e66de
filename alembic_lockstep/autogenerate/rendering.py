"""How operations that Alembic does not find, and types that the application defines, are written into scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from alembic.autogenerate import renderers
from alembic.operations import ops

from alembic_lockstep import compat, dialects
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison.operations import (
    RenameColumnOp,
    ReplacePrimaryKeyOp,
    RestoreTableOp,
    StatedCheckOp,
    StatedIndexOp,
    TableOptionOp,
    rename_steps,
)
from alembic_lockstep.schema import default_names
from alembic_lockstep.schema.table import column_names

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render what Alembic does not render as it should be, as the option of the same name asks.

    Returns:
        The text for the script; False to let Alembic render the item.
    """
    if kind == "server_default":
        text = dialects.get(context.dialect.name).comparison.default_text(item, context.dialect)
        return False if text is None else f"sa.text({text!r})"
    if kind != "type" or not isinstance(item, DDLType):
        return False
    context.imports.add("from alembic_lockstep import DDLType")
    return repr(item)


def _execute(statement: str) -> str:
    return f"op.execute({compat.with_escaped_colons(statement)!r})"


@renderers.dispatch_for(ops.RenameTableOp)
def _rename_table(_context: AutogenContext, op: ops.RenameTableOp) -> list[str]:
    steps = rename_steps(op)
    lines = [f"op.rename_table({step.table_name!r}, {step.new_table_name!r})" for step in steps]
    return lines if len(steps) == 1 else ["# by way of a third name: servers can take these two for one", *lines]


@renderers.dispatch_for(RestoreTableOp)
def _restore_table(_context: AutogenContext, op: RestoreTableOp) -> list[str]:
    return [_execute(statement) for statement in op.statements]


@renderers.dispatch_for(StatedIndexOp)
@renderers.dispatch_for(StatedCheckOp)
@renderers.dispatch_for(RenameColumnOp)
def _stated(_context: AutogenContext, op: StatedIndexOp | StatedCheckOp | RenameColumnOp) -> str:
    return _execute(op.statement)


@renderers.dispatch_for(TableOptionOp)
def _table_option(_context: AutogenContext, op: TableOptionOp) -> str:
    return _execute(op.statements[0])


@renderers.dispatch_for(ReplacePrimaryKeyOp)
def _replace_primary_key(_context: AutogenContext, op: ReplacePrimaryKeyOp) -> list[str]:
    statement = op.statement(op.new, op.old)
    if statement:
        return [_execute(statement)]
    name = f"batch_op.f({default_names.primary_key(op.table_name)!r})"
    dropped = [f"batch_op.drop_constraint({name}, type_='primary')"] if op.old else []
    return [*dropped, *([f"batch_op.create_primary_key({name}, {list(column_names(op.new))!r})"] if op.new else [])]
