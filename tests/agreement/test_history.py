"""What stands in the repository's chains is what the generator writes today, but for what was written by hand.

Each chain is replayed in memory. The state after a revision is taken as the models; what is generated from the state
before has to be the operations of the revision's script, in whatever order. BY_HAND names what is otherwise.
"""

from __future__ import annotations

import difflib
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import render_op_text
from alembic.operations import ops
from alembic.operations.base import AbstractOperations
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import renames
from alembic_lockstep.autogenerate.change import Rename
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.comparison.operations import flat
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, revision_file, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import Script

    from alembic_lockstep.project.targets import Target

OWN = targets.load(Path(__file__).parents[2] / "alembic.ini")
Both = tuple[list[str], list[str]]

AVAILABLE = [
    "- op.add_column('tool', sa.Column('available', sa.Boolean(), nullable=False))",
    "+ op.add_column('tool', sa.Column('available', sa.Boolean(), server_default=sa.text('1'), nullable=False))",
    "+ op.alter_column('tool', 'available', existing_type=sa.Boolean(), server_default=None, existing_nullable=False)",
]
FINDING = "'ix_user_session_key_to_be_unique'"
BY_HAND: dict[str, Both] = {
    "feat_v0_1_3_plugin_inputs_and_tool_availability": (AVAILABLE, []),
    "feat_quick_experience_environment": (
        [],
        [
            f"+ op.create_index({FINDING}, 'user', ['session_key'], unique=False)",
            f"+ op.drop_index({FINDING}, table_name='user')",
        ],
    ),
}  # fmt: skip
"""What is otherwise in a script than in what is generated, upgrade and downgrade; rows are no operations."""


@pytest.mark.parametrize("target", OWN, ids=[each.name for each in OWN])
def test_chain_is_what_is_generated_today(target: Target) -> None:
    script, dialect, models = chain.load(target), dialects.get(target.dialect), sa.MetaData()
    found: dict[str, Both] = {}
    with dialect.scratch.memory() as engine, engine.connect() as connection:
        runner = ChainRunner(script, connection, target, options(target))
        for revision in reversed(list(script.walk_revisions())):
            own = operations_of(revision, target)
            renamed = [
                Rename(op.table_name, op.column_name, op.modify_name)
                for op in own[0]
                if isinstance(op, ops.AlterColumnOp) and op.modify_name
            ]
            for op in own[0]:
                become(models, op)
            generated = operations_found(connection, target, models, renamed)
            runner.run_alone(revision)
            by_hand = tuple(difference(*pair) for pair in zip(generated, (texts(each) for each in own), strict=True))
            if any(by_hand):
                found[revision_file.slug(revision.path, revision.revision)] = (by_hand[0], by_hand[1])
    known = {revision_file.slug(each.path, each.revision) for each in script.walk_revisions()}
    assert found == {slug: both for slug, both in BY_HAND.items() if slug in known}


def operations_of(revision: Script, target: Target) -> tuple[list[ops.MigrateOperation], list[ops.MigrateOperation]]:
    """Return what a revision does on its way up and on its way down."""
    script = chain.load(target)
    with dialects.get(target.dialect).scratch.memory() as engine, engine.connect() as connection:
        runner = ChainRunner(script, connection, target, options(target))
        runner.upgrade(str(revision.down_revision or "base"))
        with recording() as up:
            runner.run_alone(revision)
        with recording() as down:
            runner.run_alone(revision, "downgrade")
    return up, down


@contextmanager
def recording() -> Iterator[list[ops.MigrateOperation]]:
    """Note every operation that is invoked."""
    seen: list[ops.MigrateOperation] = []

    def invoke(self: AbstractOperations, operation: ops.MigrateOperation) -> Any:
        seen.append(operation)
        return known(self, operation)

    known = AbstractOperations.invoke
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AbstractOperations, "invoke", invoke)
        yield seen


def operations_found(connection: sa.Connection, target: Target, models: sa.MetaData, wanted: list[Rename]) -> Both:
    """Return what the generator finds between a database and models, up and down."""
    settings = options(target, models)
    renamed = renames.apply(wanted, connection, models, settings)
    with dialects.get(target.dialect).comparison.rendering(connection):
        context = MigrationContext.configure(connection, opts=settings)
        script = produce_migrations(context, models)
        renames.hook(renamed, settings["process_revision_directives"])(context, (), [script])
        assert script.upgrade_ops is not None
        assert script.downgrade_ops is not None
        both = texts(flat(script.upgrade_ops.ops)), texts(flat(script.downgrade_ops.ops))
    renames.undo(renamed, connection, settings)
    connection.commit()
    return both


def texts(operations: Any) -> list[str]:
    """Return operations as they stand in scripts, without line breaks."""
    with dialects.get("sqlite").scratch.memory() as engine, engine.connect() as connection:
        context = AutogenContext(MigrationContext.configure(connection, opts=options(OWN[0])))
        return sorted(plain(" ".join(render_op_text(context, op).split())) for op in operations)


def plain(operation: str) -> str:
    """Return an operation without the names of primary keys, which the older scripts do not have, and op.f."""
    named = re.sub(r"op\.f\(('\w+')\)", r"\1", operation)
    return re.sub(r"(PrimaryKeyConstraint\([^)]*), name='pk_\w+'\)", r"\1)", named)


def difference(generated: list[str], own: list[str]) -> list[str]:
    return [line for line in difflib.ndiff(generated, own) if line[0] in "-+"]


def become(models: sa.MetaData, op: ops.MigrateOperation) -> None:
    """Let models have what an operation does."""
    match op:
        case ops.CreateTableOp():
            op.to_table().to_metadata(models)
        case ops.DropTableOp():
            models.remove(models.tables[op.table_name])
        case ops.CreateIndexOp():
            table = models.tables[op.table_name]
            sa.Index(op.index_name, *(table.c[str(name)] for name in op.columns), unique=op.unique)
        case ops.DropIndexOp() | ops.DropConstraintOp():
            drop(models, op)
        case ops.AddColumnOp():
            models.tables[op.table_name].append_column(op.column._copy())
        case ops.DropColumnOp():
            table = models.tables[op.table_name]
            table._columns.remove(table.c[op.column_name])
        case ops.AlterColumnOp():
            alter(models.tables[op.table_name], op)
        case _:
            pytest.fail(f"{op} is not known here yet")


def drop(models: sa.MetaData, op: Any) -> None:
    """MySQL drops a unique constraint as an index."""
    table = models.tables[op.table_name]
    name = op.index_name if isinstance(op, ops.DropIndexOp) else op.constraint_name
    parts: list[set[Any]] = [table.indexes, table.constraints]
    for some in parts:
        some -= {each for each in some if each.name == name}


def alter(table: sa.Table, op: ops.AlterColumnOp) -> None:
    column = table.c[op.column_name]
    if op.modify_type is not None:
        column.type = op.modify_type
    if op.modify_server_default is not False:
        column.server_default = op.modify_server_default
    if op.modify_name:
        table._columns.remove(column)
        new = column._copy()
        new.name = new.key = op.modify_name
        table.append_column(new)
    assert op.modify_nullable is None
    assert op.modify_comment is False
