"""Small projects with a chain on each dialect, and schemas described in lines."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.execution import replay
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

INI = """
[DEFAULT]
script_location = %(here)s
path_separator = os
models = models:metadata
[alembic_sqlite_app]
version_locations = %(here)s/sqlite
url = sqlite://
[alembic_mysql_app]
version_locations = %(here)s/mysql
url = mysql://
"""

REVISION = """
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade():
{body}
"""

BASE = """
op.create_table(
    "parent",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("code", sa.String(20), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("code", name="uq_parent"),
)
op.create_table(
    "child",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("parent_id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(20), server_default="x", nullable=False, comment="who it is"),
    sa.Column("amount", sa.Integer(), nullable=True),
    sa.CheckConstraint("amount > 0", name="ck_child"),
    sa.ForeignKeyConstraint(["parent_id"], ["parent.id"], name="fk_child", ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id"),
    comment="what parents have",
)
op.create_index("ix_child", "child", ["parent_id", "name"])
"""


class Chains:
    """A project with a chain on each dialect, whose revisions a test writes."""

    def __init__(self, root: Path) -> None:
        self.ini = root / "alembic.ini"
        self.ini.write_text(INI, encoding="utf-8")
        for name in dialects.LABELS:
            (root / name).mkdir()

    def target(self, dialect: str, *bodies: str) -> Target:
        target = targets.load_one(self.ini, f"alembic_{dialect}_app")
        for number, body in enumerate(bodies, 1):
            down_revision = f"r{number - 1}" if number > 1 else None
            indented = textwrap.indent(textwrap.dedent(body).strip(), "    ")
            text = REVISION.format(revision=f"r{number}", down_revision=down_revision, body=indented)
            (target.versions / f"r{number}.py").write_text(text, encoding="utf-8")
        return target

    def replayed(self, dialect: str, *bodies: str) -> list[str]:
        target = self.target(dialect, *bodies)
        with replay.replayed(chain.load(target), target, options(target)) as connection:
            return described(connection)

    def run(self, dialect: str, engine: sa.Engine, *bodies: str) -> list[str]:
        target = self.target(dialect, *bodies)
        with engine.connect() as connection:
            ChainRunner(chain.load(target), connection, target, options(target)).upgrade()
            return described(connection)


def described(connection: sa.Connection) -> list[str]:
    """Describe a schema, one line for each of its parts."""
    inspector = sa.inspect(connection)
    lines = []
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        lines += [f"{table} {line}" for line in (*columns(inspector, table), *constraints(inspector, table))]
    return sorted(lines)


def columns(inspector: sa.Inspector, table: str) -> Iterator[str]:
    for column in inspector.get_columns(table):
        words = [column["name"], str(column["type"].compile(inspector.dialect))]
        words += [] if column["nullable"] else ["not null"]
        words += [f"default {column['default']}"] if column["default"] is not None else []
        if inspector.dialect.supports_comments:
            words += ["auto_increment"] if column.get("autoincrement") is True else []
            words += [f"comment {column['comment']!r}"] if column.get("comment") else []
        yield " ".join(words)


def constraints(inspector: sa.Inspector, table: str) -> Iterator[str]:
    yield f"primary key {listed(inspector.get_pk_constraint(table)['constrained_columns'])}"
    keys = inspector.get_foreign_keys(table)
    for key in keys:
        referred = f"{key['referred_table']} {listed(key['referred_columns'])}"
        actions = "".join(f" {option} {action}" for option, action in sorted(key.get("options", {}).items()))
        yield f"foreign key {key['name']} {listed(key['constrained_columns'])} to {referred}{actions}"
    for unique in inspector.get_unique_constraints(table):
        yield f"unique {unique['name']} {listed(unique['column_names'])}"
    for index in inspector.get_indexes(table):
        if index["name"] in {key["name"] for key in keys} or (inspector.dialect.name == "mysql" and index["unique"]):
            continue  # MySQL's own index for a foreign key, and its index for a unique constraint
        parts = index.get("expressions", index["column_names"])
        yield f"{'unique ' if index['unique'] else ''}index {index['name']} {listed(parts)}"
    for check in inspector.get_check_constraints(table):
        yield f"check {check['name']}"
    if inspector.dialect.supports_comments and inspector.get_table_comment(table)["text"]:
        yield f"comment {inspector.get_table_comment(table)['text']!r}"


def listed(names: Any) -> str:
    return f"({', '.join(str(name) for name in names)})"
