"""Small chains, run in memory and on real engines: both must come to the same schema."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects, servers
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.execution import replay
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.servers import Server

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
    """A project with a chain for each of two dialects, of which a test writes the revisions."""

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
            return told(connection)

    def run(self, dialect: str, engine: sa.Engine, *bodies: str) -> list[str]:
        target = self.target(dialect, *bodies)
        with engine.connect() as connection:
            ChainRunner(chain.load(target), connection, target, options(target)).upgrade()
            return told(connection)


def told(connection: sa.Connection) -> list[str]:
    """Tell a schema, a line a part."""
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


@pytest.fixture
def chains(tmp_path: Path) -> Chains:
    return Chains(tmp_path)


PLAIN_CREATE = """
op.create_table(
    "note",
    sa.Column("id", sa.BigInteger(), nullable=False),
    sa.Column("text", sa.Text(), nullable=True),
    sa.Column("price", sa.Float(), server_default="0", nullable=False),
    sa.Column("rate", sa.String(9), server_default="50%", nullable=False),
    sa.Column("owner", sa.String(9), server_default="it's", nullable=True),
    sa.Column("empty", sa.String(9), server_default="", nullable=True),
    sa.Column("parent_id", sa.Integer(), sa.ForeignKey("parent.id", name="fk_note"), nullable=True),
    sa.Column("code", sa.String(9), index=True, nullable=True),
    sa.PrimaryKeyConstraint("id"),
)
"""

SELF_REFERENCE = """
op.create_table(
    "node",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("up", sa.Integer(), sa.ForeignKey("node.id", name="fk_node")),
)
with op.batch_alter_table("node") as node:
    node.alter_column("up", nullable=False, existing_type=sa.Integer())
op.rename_table("node", "knot")
"""

NAMELESS_KEYS = """
op.create_table(
    "kid",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("a", sa.Integer(), sa.ForeignKey("parent.id"), index=True),
    sa.Column("b", sa.Integer(), sa.ForeignKey("parent.id"), index=True),
)
op.rename_table("kid", "grandchild")
"""

KEY_OF_TWO = """
op.create_table(
    "pair",
    sa.Column("a", sa.Integer(), nullable=False),
    sa.Column("b", sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint("a", "b", name="pk_pair"),
)
"""

# What a revision does, and what of the schema changes by it: on both dialects, on SQLite alone, on MySQL alone.
BOTH = {
    "create-table": (
        PLAIN_CREATE,
        """
        + note code VARCHAR(9)
        + note empty VARCHAR(9) default ''
        + note foreign key fk_note (parent_id) to parent (id)
        + note id BIGINT not null{auto}
        + note index ix_note_code (code)
        + note owner VARCHAR(9) default 'it''s'
        + note parent_id INTEGER
        + note price FLOAT not null default '0'
        + note primary key (id)
        + note rate VARCHAR(9) not null default '50%'
        + note text TEXT
        """,
    ),
    "create-table-that-is-there": (
        """
        op.create_table("child", sa.Column("x", sa.Integer()), if_not_exists=True)
        """,
        "",
    ),
    "drop-table-that-is-not-there": (
        """
        op.drop_table("absent", if_exists=True)
        """,
        "",
    ),
    "create-and-drop-table": (
        """
        op.create_table("x", sa.Column("y", sa.Integer()))
        op.drop_table("x")
        """,
        "",
    ),
    "rename-parent": (
        """
        op.rename_table("parent", "owner")
        """,
        """
        + child foreign key fk_child (parent_id) to owner (id) ondelete CASCADE
        + owner code VARCHAR(20) not null
        + owner id INTEGER not null{auto}
        + owner primary key (id)
        + owner unique uq_parent (code)
        - child foreign key fk_child (parent_id) to parent (id) ondelete CASCADE
        - parent code VARCHAR(20) not null
        - parent id INTEGER not null{auto}
        - parent primary key (id)
        - parent unique uq_parent (code)
        """,
    ),
    "rename-there-and-back": (
        """
        op.rename_table("parent", "owner")
        op.rename_table("owner", "parent")
        """,
        "",
    ),
    "alter-and-rename-table-that-refers-to-itself": (
        SELF_REFERENCE,
        """
        + knot foreign key fk_node (up) to knot (id)
        + knot id INTEGER not null{auto}
        + knot primary key (id)
        + knot up INTEGER not null
        """,
    ),
    "add-column": (
        """
        op.add_column("child", sa.Column("n", sa.String(5), server_default="y", nullable=False))
        """,
        """
        + child n VARCHAR(5) not null default 'y'
        """,
    ),
    "add-column-with-index": (
        """
        op.add_column("child", sa.Column("n", sa.Integer(), index=True))
        """,
        """
        + child index ix_child_n (n)
        + child n INTEGER
        """,
    ),
    "add-column-with-foreign-key": (
        """
        with op.batch_alter_table("child") as child:
            child.add_column(sa.Column("o_id", sa.Integer()))
            child.create_foreign_key("fk_o", "parent", ["o_id"], ["id"], onupdate="CASCADE")
        """,
        """
        + child foreign key fk_o (o_id) to parent (id) onupdate CASCADE
        + child o_id INTEGER
        """,
    ),
    "add-and-drop-column": (
        """
        op.add_column("child", sa.Column("n", sa.Integer()))
        with op.batch_alter_table("child") as child:
            child.drop_column("n")
        """,
        "",
    ),
    "drop-column-with-its-check": (
        """
        with op.batch_alter_table("child") as child:
            child.drop_constraint("ck_child", type_="check")
            child.drop_column("amount")
        """,
        """
        - child amount INTEGER
        - child check ck_child
        """,
    ),
    "change-type": (
        """
        with op.batch_alter_table("child") as child:
            child.alter_column("amount", existing_type=sa.Integer(), type_=sa.BigInteger())
        """,
        """
        + child amount BIGINT
        - child amount INTEGER
        """,
    ),
    "set-default": (
        """
        with op.batch_alter_table("child") as child:
            child.alter_column("amount", existing_type=sa.Integer(), server_default="7")
        """,
        """
        + child amount INTEGER default '7'
        - child amount INTEGER
        """,
    ),
    "rename-column-of-foreign-key-and-index": (
        """
        with op.batch_alter_table("child") as child:
                child.alter_column(
                "parent_id", new_column_name="p_id", existing_type=sa.Integer(), existing_nullable=False,
            )
        """,
        """
        + child foreign key fk_child (p_id) to parent (id) ondelete CASCADE
        + child index ix_child (p_id, name)
        + child p_id INTEGER not null
        - child foreign key fk_child (parent_id) to parent (id) ondelete CASCADE
        - child index ix_child (parent_id, name)
        - child parent_id INTEGER not null
        """,
    ),
    "rename-column-of-unique": (
        """
        with op.batch_alter_table("parent") as parent:
                parent.alter_column(
                "code", new_column_name="c", existing_type=sa.String(20), existing_nullable=False,
            )
        """,
        """
        + parent c VARCHAR(20) not null
        + parent unique uq_parent (c)
        - parent code VARCHAR(20) not null
        - parent unique uq_parent (code)
        """,
    ),
    "create-index": (
        """
        op.create_index("ix_2", "child", ["amount"])
        """,
        """
        + child index ix_2 (amount)
        """,
    ),
    "replace-index": (
        """
        op.create_index("ix_2", "child", ["parent_id"])
        op.drop_index("ix_child", table_name="child")
        """,
        """
        + child index ix_2 (parent_id)
        - child index ix_child (parent_id, name)
        """,
    ),
    "create-unique": (
        """
        with op.batch_alter_table("child") as child:
            child.create_unique_constraint("uq_2", ["name", "amount"])
        """,
        """
        + child unique uq_2 (name, amount)
        """,
    ),
    "drop-unique": (
        """
        with op.batch_alter_table("parent") as parent:
            parent.drop_constraint("uq_parent", type_="unique")
        """,
        """
        - parent unique uq_parent (code)
        """,
    ),
    "drop-foreign-key": (
        """
        with op.batch_alter_table("child") as child:
            child.drop_constraint("fk_child", type_="foreignkey")
        """,
        """
        - child foreign key fk_child (parent_id) to parent (id) ondelete CASCADE
        """,
    ),
    "replace-foreign-key": (
        """
        with op.batch_alter_table("child") as child:
            child.drop_constraint("fk_child", type_="foreignkey")
            child.create_foreign_key("fk_2", "parent", ["parent_id"], ["id"], ondelete="RESTRICT")
        """,
        """
        + child foreign key fk_2 (parent_id) to parent (id) ondelete RESTRICT
        - child foreign key fk_child (parent_id) to parent (id) ondelete CASCADE
        """,
    ),
    "create-check": (
        """
        with op.batch_alter_table("child") as child:
            child.create_check_constraint("ck_2", "amount < 100")
        """,
        """
        + child check ck_2
        """,
    ),
    "drop-check": (
        """
        with op.batch_alter_table("child") as child:
            child.drop_constraint("ck_child", type_="check")
        """,
        """
        - child check ck_child
        """,
    ),
    "create-primary-key": (
        """
        op.create_table("x", sa.Column("a", sa.Integer(), nullable=False))
        with op.batch_alter_table("x") as x:
            x.create_primary_key("pk_x", ["a"])
        """,
        """
        + x a INTEGER not null
        + x primary key (a)
        """,
    ),
    "drop-primary-key": (
        """
        op.create_table(
            "pair",
            sa.Column("a", sa.Integer(), nullable=False),
            sa.Column("b", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("a", "b", name="pk_pair"),
        )
        with op.batch_alter_table("pair") as pair:
            pair.drop_constraint("pk_pair", type_="primary")
        """,
        """
        + pair a INTEGER not null
        + pair b INTEGER not null
        + pair primary key ()
        """,
    ),
    "drop-column-of-primary-key": (
        """
        op.create_table(
            "pair",
            sa.Column("a", sa.Integer(), nullable=False),
            sa.Column("b", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("a", "b", name="pk_pair"),
        )
        with op.batch_alter_table("pair") as pair:
            pair.drop_column("b")
        """,
        """
        + pair a INTEGER not null
        + pair primary key (a)
        """,
    ),
    "several-blocks": (
        """
        with op.batch_alter_table("child") as child:
            child.drop_constraint("ck_child", type_="check")
            child.alter_column("amount", new_column_name="sum", existing_type=sa.Integer())
        with op.batch_alter_table("child") as child:
            child.create_index("ix_sum", ["sum"])
            child.add_column(sa.Column("n", sa.Integer()))
        with op.batch_alter_table("child") as child:
            child.alter_column("n", existing_type=sa.Integer(), nullable=False)
            child.drop_index("ix_sum")
        """,
        """
        + child n INTEGER not null
        + child sum INTEGER
        - child amount INTEGER
        - child check ck_child
        """,
    ),
    "rows": (
        """
        op.bulk_insert(sa.table("parent", sa.column("id"), sa.column("code")), [{"id": 1, "code": "a"}])
        op.execute("UPDATE parent SET code = 'b' WHERE id = 1")
        op.execute(sa.delete(sa.table("child")))
        """,
        "",
    ),
}

# Operations in forms that people use seldom; what they come to is the same in memory and on the engine.
FORMS = {
    "batch-with-naming-convention": """
        with op.batch_alter_table("child", naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}) as child:
            child.create_unique_constraint(op.f("uq_child_name"), ["name"])
    """,
    "batch-with-table-args": """
        with op.batch_alter_table(
            "parent", table_args=(sa.CheckConstraint("id > 0", name="ck_args"),), table_kwargs={"mysql_engine": "InnoDB"}
        ) as parent:
            parent.alter_column("code", existing_type=sa.String(20), type_=sa.String(30), existing_nullable=False)
    """,
    "batch-with-reflect-args": """
        with op.batch_alter_table("child", reflect_args=[sa.Column("amount", sa.BigInteger())]) as child:
            child.alter_column("amount", existing_type=sa.BigInteger(), server_default="5")
    """,
    "batch-with-copy-from": """
        known = sa.Table(
            "parent", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("code", sa.String(20), nullable=False), sa.UniqueConstraint("code", name="uq_parent"),
        )
        with op.batch_alter_table("parent", copy_from=known) as parent:
            parent.add_column(sa.Column("z", sa.Integer()))
    """,
    "batch-without-changes": """
        with op.batch_alter_table("child"):
            pass
    """,
    "invoke": """
        from alembic.operations import Operations, ops
        Operations(op.get_context()).invoke(ops.AddColumnOp("child", sa.Column("z", sa.Integer())))
    """,
    "custom-operation": """
        from alembic.operations import MigrateOperation, Operations

        class Stamp(MigrateOperation):
            @classmethod
            def stamp(cls, operations, table):
                return operations.invoke(cls())

        Operations.register_operation("stamp")(Stamp)
        Operations.implementation_for(Stamp)(
            lambda operations, operation: operations.add_column("child", sa.Column("stamp", sa.DateTime()))
        )
        op.stamp("child")
    """,
    "identity": """
        op.create_table("i", sa.Column("id", sa.Integer(), sa.Identity(start=5), primary_key=True))
    """,
    "computed": """
        op.create_table(
            "c", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer(), sa.Computed("a + 1", persisted=True)),
            sa.Column("n", sa.String(9)),
        )
    """,
    "checks-with-and-without-a-name": """
        op.create_table(
            "c", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0")), sa.CheckConstraint("a < 9", name="named"),
            sa.CheckConstraint("a <> 5"), sa.Column("e", sa.Enum("x", "y", name="xy", create_constraint=True)),
        )
    """,
    "indexes": """
        op.create_index("ix_desc", "child", [sa.text("amount DESC"), "name"])
        op.create_index("ix_unique", "child", ["amount"], unique=True)
        op.create_index("ix_length", "child", ["name"], mysql_length=5)
        op.create_index("ix_lengths", "child", ["name", "amount"], mysql_length={"name": 5})
        op.drop_index("ix_unique", table_name="child")
    """,
    "keys-with-actions": """
        op.create_table(
            "k", sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer()), sa.Column("c", sa.Integer()),
            sa.ForeignKeyConstraint(["a"], ["parent.id"], name="fk_a", ondelete="SET NULL", onupdate="CASCADE"),
            sa.ForeignKeyConstraint(["b"], ["parent.id"], name="fk_b", ondelete="RESTRICT"),
            sa.ForeignKeyConstraint(["c"], ["parent.id"], name="fk_c", ondelete="NO ACTION"),
        )
    """,
    "column-that-refers-inline": """
        op.create_table("k", sa.Column("a", sa.Integer(), sa.ForeignKey("parent.id", name="fk_k", ondelete="CASCADE")))
    """,
    "table-of-metadata": """
        sa.Table("x", sa.MetaData(), sa.Column("y", sa.Integer(), primary_key=True)).create(op.get_bind())
    """,
    "text": """
        op.execute("CREATE TABLE t (a INTEGER NOT NULL, b VARCHAR(9) DEFAULT 'x;y', PRIMARY KEY (a))")
        op.execute(sa.text("CREATE UNIQUE INDEX ix_t ON t (b)"))
        op.execute("ALTER TABLE t ADD COLUMN c INTEGER;")
        op.execute(sa.DDL("ALTER TABLE t RENAME TO u"))
    """,
}
"""Bodies of revisions."""

MYSQL_FORMS = {
    "index-on-an-expression": """
        op.create_index("ix_expression", "child", [sa.text("(lower(name))"), sa.text("amount DESC")])
    """,
    "fulltext": """
        op.create_table("t", sa.Column("x", sa.Text()), sa.Index("ix_x", "x", mysql_prefix="FULLTEXT"))
    """,
    "inline-reference": """
        op.add_column("child", sa.Column("p", sa.Integer(), sa.ForeignKey("parent.id")), inline_references=True)
    """,
    "options": """
        op.create_table("t", sa.Column("x", sa.String(9)), mysql_charset="latin1", mysql_engine="InnoDB", comment="it's")
        op.create_table("u", sa.Column("x", sa.String(9)), mysql_collate="utf8mb4_bin")
        op.create_table_comment("t", "50%")
    """,
    "text-of-mysql": """
        op.execute("ALTER TABLE child MODIFY amount BIGINT NOT NULL COMMENT 'how much' FIRST, ADD z INT AFTER id, DROP CHECK ck_child")
        op.execute("ALTER TABLE child CHANGE COLUMN z zz INT UNSIGNED, RENAME COLUMN name TO title, RENAME INDEX ix_child TO ix_2")
        op.execute("RENAME TABLE child TO kid")
        op.execute("CREATE TABLE other LIKE kid")
    """,
    "existing-arguments": """
        op.alter_column(
            "child", "amount", existing_type=sa.Integer(), existing_nullable=True, existing_comment="kept", nullable=False,
        )
        op.alter_column(
            "child", "amount", existing_type=sa.Integer(), existing_nullable=False, existing_server_default="7",
            existing_comment="lost", existing_autoincrement=False, comment="new", type_=sa.BigInteger(),
        )
        op.drop_constraint("ck_child", "child", type_="check")
        op.alter_column("child", "amount", existing_type=sa.BigInteger(), new_column_name="sum")
    """,
}

BRANCHES = {
    "a1": ("None", "None", 'op.create_table("a", sa.Column("x", sa.Integer()))'),
    "b2": ("'a1'", "None", 'op.add_column("a", sa.Column("b", sa.Integer()))'),
    "c2": ("'a1'", "None", 'op.add_column("a", sa.Column("c", sa.Integer()))'),
    "d1": ("None", "'a1'", 'op.create_index("ix_x", "a", ["x"])'),
    "e3": ("('b2', 'c2', 'd1')", "None", "pass"),
    "f4": ("'e3'", "'a1'", 'op.add_column("a", sa.Column("f", sa.Integer()))'),
}
"""Two bases, branches, a merge and dependencies: down_revision, depends_on, body."""

SQLITE = {
    "forgotten-parts-stay": (
        """
        with op.batch_alter_table("child") as child:
            child.alter_column("name", existing_type=sa.String(20), type_=sa.String(50))
        """,
        """
        + child name VARCHAR(50) not null default 'x'
        - child name VARCHAR(20) not null default 'x'
        """,
    ),
    "recreated-table": (
        """
        with op.batch_alter_table("parent", recreate="always") as parent:
            parent.add_column(sa.Column("z", sa.Integer()))
        """,
        """
        + parent z INTEGER
        """,
    ),
    "column-renamed-in-place": (
        """
        op.alter_column("parent", "id", new_column_name="pid", existing_type=sa.Integer())
        """,
        """
        + child foreign key fk_child (parent_id) to parent (pid) ondelete CASCADE
        + parent pid INTEGER not null
        + parent primary key (pid)
        - child foreign key fk_child (parent_id) to parent (id) ondelete CASCADE
        - parent id INTEGER not null
        - parent primary key (id)
        """,
    ),
    "index-dropped-by-its-name-alone": (
        """
        op.drop_index("ix_child")
        """,
        """
        - child index ix_child (parent_id, name)
        """,
    ),
    "default-that-is-an-expression": (
        """
        op.create_table(
            "x", sa.Column("at", sa.DateTime(), server_default=sa.func.now()),
            sa.Column("n", sa.Integer()),
        )
        with op.batch_alter_table("x") as x:
            x.alter_column("n", existing_type=sa.Integer(), nullable=False)
        """,
        """
        + x at DATETIME default CURRENT_TIMESTAMP
        + x n INTEGER not null
        + x primary key ()
        """,
    ),
    "keys-without-a-name": (
        NAMELESS_KEYS,
        """
        + grandchild a INTEGER
        + grandchild b INTEGER
        + grandchild foreign key None (a) to parent (id)
        + grandchild foreign key None (b) to parent (id)
        + grandchild id INTEGER not null
        + grandchild index ix_kid_a (a)
        + grandchild index ix_kid_b (b)
        + grandchild primary key (id)
        """,
    ),
}

MYSQL = {
    "modify-that-says-all": (
        """
        op.alter_column(
            "child", "name", existing_type=sa.String(20), existing_nullable=False, type_=sa.String(50),
            existing_server_default=sa.text("'x'"), existing_comment="who it is",
        )
        """,
        """
        + child name VARCHAR(50) not null default 'x' comment 'who it is'
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "modify-that-forgets-the-comment": (
        """
        op.alter_column(
            "child", "name", existing_type=sa.String(20), existing_nullable=False, type_=sa.String(50),
            existing_server_default="x",
        )
        """,
        """
        + child name VARCHAR(50) not null default 'x'
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "modify-that-forgets-the-default": (
        """
        op.alter_column(
            "child", "name", existing_type=sa.String(20), existing_nullable=False, type_=sa.String(50),
            existing_comment="who it is",
        )
        """,
        """
        + child name VARCHAR(50) not null comment 'who it is'
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "modify-that-forgets-not-null": (
        """
        op.alter_column("child", "name", existing_type=sa.String(20), type_=sa.String(50))
        """,
        """
        + child name VARCHAR(50)
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "modify-that-forgets-auto-increment": (
        """
        op.alter_column(
            "child", "id", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False,
        )
        """,
        """
        + child id BIGINT not null
        - child id INTEGER not null auto_increment
        """,
    ),
    "modify-that-keeps-auto-increment": (
        """
        op.alter_column(
            "child", "id", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False,
            autoincrement=True,
        )
        """,
        """
        + child id BIGINT not null auto_increment
        - child id INTEGER not null auto_increment
        """,
    ),
    "modify-to-an-empty-default": (
        """
        op.alter_column(
            "child", "name", existing_type=sa.String(20), existing_nullable=False, type_=sa.String(50),
            server_default="",
        )
        """,
        """
        + child name VARCHAR(50) not null default ''
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "modify-of-a-time-to-now": (
        """
        op.add_column("child", sa.Column("at", sa.DateTime(), nullable=False))
        op.alter_column(
            "child", "at", existing_type=sa.DateTime(), existing_nullable=False,
            server_default=sa.func.now(),
        )
        """,
        """
        + child at DATETIME not null default CURRENT_TIMESTAMP
        """,
    ),
    "change-that-renames": (
        """
        op.alter_column(
            "child", "name", existing_type=sa.String(20), existing_nullable=False,
            new_column_name="title", existing_server_default="x", existing_comment="who it is",
        )
        """,
        """
        + child index ix_child (parent_id, title)
        + child title VARCHAR(20) not null default 'x' comment 'who it is'
        - child index ix_child (parent_id, name)
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "alter-default-keeps-the-rest": (
        """
        op.alter_column("child", "name", existing_type=sa.String(20), server_default=sa.text("'y'"))
        """,
        """
        + child name VARCHAR(20) not null default 'y' comment 'who it is'
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "drop-default": (
        """
        op.alter_column("child", "name", existing_type=sa.String(20), server_default=None)
        """,
        """
        + child name VARCHAR(20) not null comment 'who it is'
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "column-comment": (
        """
        op.alter_column("child", "amount", existing_type=sa.Integer(), comment="how much")
        """,
        """
        + child amount INTEGER comment 'how much'
        - child amount INTEGER
        """,
    ),
    "table-comment": (
        """
        op.create_table_comment("child", "new", existing_comment="what parents have")
        """,
        """
        + child comment 'new'
        - child comment 'what parents have'
        """,
    ),
    "no-table-comment": (
        """
        op.drop_table_comment("child", existing_comment="what parents have")
        """,
        """
        - child comment 'what parents have'
        """,
    ),
    "dropped-column-shortens-its-index": (
        """
        op.drop_column("child", "name")
        """,
        """
        + child index ix_child (parent_id)
        - child index ix_child (parent_id, name)
        - child name VARCHAR(20) not null default 'x' comment 'who it is'
        """,
    ),
    "unique-without-a-name": (
        """
        op.create_unique_constraint(None, "child", ["name", "amount"])
        op.create_unique_constraint(None, "child", ["name"])
        """,
        """
        + child unique name (name, amount)
        + child unique name_2 (name)
        """,
    ),
    "keys-without-a-name": (
        NAMELESS_KEYS,
        """
        + grandchild a INTEGER
        + grandchild b INTEGER
        + grandchild foreign key grandchild_ibfk_1 (a) to parent (id)
        + grandchild foreign key grandchild_ibfk_2 (b) to parent (id)
        + grandchild id INTEGER not null auto_increment
        + grandchild index ix_kid_a (a)
        + grandchild index ix_kid_b (b)
        + grandchild primary key (id)
        """,
    ),
    "enum-with-one-more-value": (
        """
        op.add_column("child", sa.Column("e", sa.Enum("a", "b"), server_default="a", nullable=False))
        op.alter_column(
            "child", "e", existing_type=sa.Enum("a", "b"), type_=sa.Enum("a", "b", "c"),
            existing_nullable=False, existing_server_default=sa.text("'a'"),
        )
        """,
        """
        + child e ENUM('a','b','c') not null default 'a'
        """,
    ),
}

CASES = [
    pytest.param(dialect, body, lines, id=f"{dialect}-{name}")
    for dialect, own in (("sqlite", SQLITE), ("mysql", MYSQL))
    for name, (body, lines) in (BOTH | own).items()
]


def expected(dialect: str, lines: str) -> list[str]:
    auto = " auto_increment" if dialect == "mysql" else ""
    return [line.strip().replace("{auto}", auto) for line in lines.strip().splitlines()]


def changed(before: list[str], after: list[str]) -> list[str]:
    """Tell what a schema has more and what it has less."""
    more = [f"+ {line}" for line in after if line not in before]
    return more + [f"- {line}" for line in before if line not in after]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A scratch database on a real engine, of the dialect that the test's parameter names."""
    if request.param == "sqlite":
        with dialects.get("sqlite").scratch.database("real", tmp_path, lambda _text: None) as scratch:
            yield scratch.engine
        return
    server: Server = request.getfixturevalue("server")
    if "mariadb" in server.label.lower():
        pytest.skip("the replay answers as MySQL does")
    with servers.scratch_database(server, "replay") as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        yield engine
        engine.dispose()


@pytest.mark.parametrize(("dialect", "body", "lines"), CASES)
def test_replay_in_memory_changes_the_schema_as_the_revision_says(
    chains: Chains, dialect: str, body: str, lines: str
) -> None:
    assert changed(chains.replayed(dialect, BASE), chains.replayed(dialect, BASE, body)) == expected(dialect, lines)


@pytest.mark.parametrize(
    ("dialect", "body", "lines", "database"),
    [pytest.param(*case.values, case.values[0], id=case.id) for case in CASES],
    indirect=["database"],
)
def test_real_engine_comes_to_the_same_schema(
    chains: Chains, dialect: str, body: str, lines: str, database: sa.Engine
) -> None:
    assert chains.run(dialect, database, BASE, body) == chains.replayed(dialect, BASE, body)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        pytest.param('op.execute("ALTER TABLE child CONVERT TO CHARACTER SET latin1")', "says CONVERT", id="convert"),
        pytest.param('op.execute("ALTER TABLE child PARTITION BY HASH(id)")', "says PARTITION", id="partition"),
        pytest.param('op.execute("ALTER TABLE child ADD z WEIRD")', "the type weird", id="unknown-type"),
        pytest.param('op.execute("ALTER TABLE child ADD z INT SRID 4")', "says SRID of the column z", id="unknown-word"),
        pytest.param('op.execute("CREATE TABLE x AS SELECT 1")', "makes a table out of a query", id="table-of-a-query"),
        pytest.param('op.execute("CALL build()")', "SQL that is not understood", id="routine"),
        pytest.param('op.execute("-- why\\nGRANT ALL ON *.* TO me")', "SQL that is not understood", id="grant"),
        pytest.param("op.execute('op = 1')", "SQL that is not understood", id="no-sql"),
        pytest.param('op.get_bind().execute(sa.text("SELECT 1")).scalar()', "asks the database: SELECT 1", id="query"),
        pytest.param('op.get_bind().exec_driver_sql("SELECT 1").all()', "asks the database", id="driver-sql"),
        pytest.param('op.get_bind().connection.driver_connection.ping()', "uses ping of its driver", id="driver"),
        pytest.param(
            'op.get_bind().scalar(sa.text("SELECT count(*) FROM information_schema.tables"))',
            "asks the database", id="information-schema",
        ),
        pytest.param(
            "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
            'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
            "asks the database: SELECT id FROM parent", id="rows-of-the-chain-itself",
        ),
        pytest.param(
            "op.execute(\"INSERT IGNORE parent VALUES (1, 'a')\")\n"
            'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
            "asks the database: SELECT id FROM parent", id="rows-without-into",
        ),
        pytest.param(
            'op.get_bind().execute(sa.text("SELECT count(*) = 0 FROM child")).scalar()',
            "asks the database: SELECT count(*) = 0", id="more-than-a-count",
        ),
        pytest.param(
            'op.execute("CREATE TRIGGER t AFTER UPDATE ON child FOR EACH ROW INSERT INTO parent VALUES (1, 1)")\n'
            'op.execute("INSERT INTO child VALUES (1, 1, 1, 1)")\n'
            'op.execute("UPDATE child SET amount = 1")\n'
            'op.get_bind().execute(sa.text("SELECT id FROM parent")).all()',
            "asks the database: SELECT id FROM parent", id="rows-of-a-trigger",
        ),
        pytest.param(
            'op.execute("CREATE VIEW v AS SELECT id FROM child")\nsa.inspect(op.get_bind()).get_columns("v")',
            "asks the database: SHOW CREATE TABLE `v`", id="view",
        ),
        pytest.param(
            'op.get_bind().execute(sa.text("ALTER TABLE child ALTER amount SET DEFAULT :d"), {"d": 5})',
            "changes the schema by a statement with parameters", id="parameters",
        ),
        pytest.param('op.execute("CREATE TABLE other.t (a INT)")', "a table of another database, other", id="database"),
        pytest.param(
            "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
            'if op.get_bind().execute(sa.text("UPDATE parent SET id = 2")).rowcount == 1:\n    op.drop_table("child")',
            "asks for the number of changed rows", id="rowcount",
        ),
        pytest.param(
            "parent = sa.table('parent', sa.column('id'), sa.column('code'))\n"
            'print(op.get_bind().execute(sa.insert(parent).values(code="a")).lastrowid + 1)',
            "asks for the key of a new row", id="lastrowid",
        ),
        pytest.param(
            "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\n"
            'from sqlalchemy.orm import Session, declarative_base\n'
            'class Parent(declarative_base()):\n'
            '    __tablename__ = "parent"\n'
            '    id = sa.Column(sa.Integer, primary_key=True)\n'
            'Session(op.get_bind()).query(Parent).all()',
            "asks the database: SELECT parent.id", id="orm-session",
        ),
        pytest.param('op.execute("SET sql_mode = ANSI_QUOTES")', "sets what may change the meaning", id="mode"),
        pytest.param(
            "op.get_bind().execute(sa.text(\"SHOW FULL TABLES LIKE 'x'\")).all()", "asks the database", id="like"
        ),
        pytest.param('op.execute("DROP INDEX IF EXISTS ix_child ON child")', "says IF where MySQL", id="if-exists"),
        pytest.param('op.execute("CREATE TABLE x (a INT, b INT DEFAULT")', "not understood here", id="unbalanced"),
        pytest.param(
            'op.execute("ALTER TABLE child ADD z VARCHAR(9) COLLATE nope_ci")', "the collation nope_ci", id="collation"
        ),
        pytest.param('op.execute("USE other")', "SQL that is not understood here: USE other", id="use"),
        pytest.param('op.execute("ALTER TABLE child ADD z DOUBLE DEFAULT 1e20")', "whose form only a server", id="float"),
        pytest.param('op.execute("ALTER TABLE child ADD z INT DEFAULT 0x41")', "the default 0x41, which is not", id="hex"),
        pytest.param(
            'op.execute("ALTER TABLE child CHANGE name amount INT, CHANGE amount name INT")',
            "gives a column the name of another in one statement", id="swap",
        ),
        pytest.param(
            "op.execute(\"INSERT INTO parent VALUES (1, 'a')\")\nop.rename_table('parent', 'p')\n"
            'op.execute("INSERT INTO child (parent_id) SELECT id FROM p")\n'
            'op.get_bind().execute(sa.text("SELECT id FROM child")).all()',
            "asks the database: SELECT id FROM child", id="rows-out-of-rows",
        ),
    ],
)  # fmt: skip
def test_what_only_a_mysql_server_knows_is_refused_with_file_and_line(
    chains: Chains, statement: str, what: str
) -> None:
    with pytest.raises(replay.CannotReplayError) as caught:
        chains.replayed("mysql", BASE, f"pass\n{statement}")
    lines = range(12, 13 + statement.count("\n"))
    assert any(str(caught.value).startswith(f"mysql/r2.py:{line} ") for line in lines)
    assert what in str(caught.value)


@pytest.mark.parametrize("handler", ["except Exception:", "except BaseException:", "finally:"])
def test_revision_cannot_swallow_that_its_query_was_not_answered(chains: Chains, handler: str) -> None:
    query = 'op.get_bind().execute(sa.text("SELECT 1")).scalar()'
    with pytest.raises(replay.CannotReplayError, match=r"mysql/r2\.py:12 asks the database: SELECT 1"):
        chains.replayed("mysql", BASE, f"try:\n    {query}\n{handler}\n    op.drop_table('child')")


def test_loop_that_changes_rows_comes_to_its_end(chains: Chains) -> None:
    loop = 'while op.get_bind().execute(sa.text("UPDATE child SET amount = 1 LIMIT 9")).rowcount:\n    pass'
    assert chains.replayed("mysql", BASE, loop) == chains.replayed("mysql", BASE)


FORM_CASES = [
    pytest.param(dialect, body, dialect, id=f"{dialect}-{name}")
    for dialect, own in (("sqlite", {}), ("mysql", MYSQL_FORMS))
    for name, body in (FORMS | own).items()
]


@pytest.mark.parametrize(("dialect", "body", "database"), FORM_CASES, indirect=["database"])
def test_seldom_forms_come_to_the_same(chains: Chains, dialect: str, body: str, database: sa.Engine) -> None:
    there = chains.run(dialect, database, BASE, body)
    assert there == chains.replayed(dialect, BASE, body)


@pytest.mark.parametrize(
    ("dialect", "database"), [("sqlite", "sqlite"), ("mysql", "mysql")], ids=dialects.LABELS, indirect=["database"]
)
def test_branches_merges_and_dependencies_come_to_the_same(chains: Chains, dialect: str, database: sa.Engine) -> None:
    target = chains.target(dialect)
    for revision, (down, depends, body) in BRANCHES.items():
        text = REVISION.format(revision=revision, down_revision="?", body=f"    {body}").replace("'?'", down)
        (target.versions / f"{revision}.py").write_text(f"{text}\n\ndepends_on = {depends}\n", encoding="utf-8")
    replayed = chains.replayed(dialect)
    assert replayed == chains.run(dialect, database)
    assert [line for line in replayed if "index" in line] == ["a index ix_x (x)"]
    assert [line.split()[1] for line in replayed if "INTEGER" in line] == ["b", "c", "f", "x"]


def test_dependency_that_is_not_followed_is_explained(chains: Chains) -> None:
    target = chains.target("sqlite", "pass")
    text = REVISION.format(revision="own", down_revision=None, body="    pass")
    (target.versions / "own.py").write_text(text, encoding="utf-8")
    with (target.versions / "r1.py").open("a", encoding="utf-8") as file:
        file.write("\ndepends_on = 'own'\n")
    with pytest.raises(
        CannotRunError, match=r"r1 depends on own and does not follow it\. Name own in its down_revision"
    ):
        chain.load(target)


@pytest.mark.parametrize("dialect", dialects.LABELS)
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("op.execute(\"UPDATE child SET name = 'y'\")", id="update"),
        pytest.param(
            'op.execute("""\n    -- why\n    /* and\n    how */ delete from child""")', id="delete-after-comments"
        ),
        pytest.param('op.execute("INSERT INTO parent SELECT id, name FROM child")', id="insert-select"),
        pytest.param('op.execute("WITH a AS (SELECT 1) UPDATE child SET amount = 2")', id="with"),
        pytest.param('op.execute(sa.text("UPDATE child SET name = :n").bindparams(n="y"))', id="text-with-value"),
        pytest.param('op.execute(sa.table("child", sa.column("name")).update().values(name="y"))', id="core-update"),
        pytest.param("op.execute(sa.select(sa.literal(1)))", id="core-select"),
        pytest.param(
            'op.bulk_insert(sa.table("parent", sa.column("id"), sa.column("code")), [{"id": 1, "code": "a"}])',
            id="bulk-insert",
        ),
        pytest.param('assert sa.inspect(op.get_bind()).has_table("child")', id="look-at-the-schema"),
        pytest.param('assert not sa.inspect(op.get_bind()).has_table("uncle")', id="look-for-what-is-not-there"),
        pytest.param('op.execute("CREATE VIEW v AS SELECT id FROM parent")\nop.execute("DROP VIEW v")', id="view"),
        pytest.param(
            'op.execute("CREATE TRIGGER t BEFORE DELETE ON child FOR EACH ROW BEGIN DELETE FROM child WHERE id = 5; END")',
            id="trigger",
        ),
        pytest.param(
            'for row in op.get_bind().execute(sa.text("SELECT id, name FROM child")):\n    op.drop_table(row.name)',
            id="rows-of-an-empty-table",
        ),
        pytest.param(
            'assert op.get_bind().scalar(sa.text("SELECT max(id) FROM child WHERE id > 5")) is None',
            id="highest-row-of-an-empty-table",
        ),
        pytest.param(
            'assert op.get_bind().scalar(sa.select(sa.func.count()).select_from(sa.table("child"))) == 0',
            id="count-of-an-empty-table",
        ),
        pytest.param(
            "from sqlalchemy.orm import Session, declarative_base\n"
            "class Child(declarative_base()):\n"
            '    __tablename__ = "child"\n'
            "    id = sa.Column(sa.Integer, primary_key=True)\n"
            "    name = sa.Column(sa.String(20))\n"
            "session = Session(op.get_bind())\n"
            "assert session.query(Child).filter(Child.id > 1).all() == []\n"
            'session.query(Child).update({"name": "x"})\n'
            "session.commit()",
            id="orm-session",
        ),
        pytest.param("assert op.get_bind().dialect.name == op.get_context().dialect.name", id="dialect"),
        pytest.param("with op.get_context().autocommit_block():\n    pass", id="autocommit"),
    ],
)
def test_statements_that_leave_the_schema_alone_are_passed_over(chains: Chains, dialect: str, statement: str) -> None:
    assert chains.replayed(dialect, BASE, statement) == chains.replayed(dialect, BASE)


@pytest.mark.parametrize(
    ("dialect", "statement", "cause"),
    [
        pytest.param("mysql", 'op.drop_table("nothing")', "(1051, \"Unknown table 'scratch.nothing'\")", id="drop-table"),
        pytest.param("mysql", 'op.rename_table("nothing", "x")', "1146, \"Table 'scratch.nothing'", id="rename-table"),
        pytest.param(
            "mysql", 'op.create_table("child", sa.Column("x", sa.Integer))', "Table 'child' already exists",
            id="create-table",
        ),
        pytest.param(
            "mysql", 'op.add_column("nothing", sa.Column("x", sa.Integer))', "1146, \"Table 'scratch.nothing'",
            id="add-column",
        ),
        pytest.param("mysql", 'op.drop_column("child", "nothing")', "Can't DROP 'nothing'", id="drop-column"),
        pytest.param("mysql", 'op.drop_index("nothing", table_name="child")', "Can't DROP 'nothing'", id="drop-index"),
        pytest.param("mysql", 'op.drop_column("child", "parent_id")', "(1828, ", id="column-of-foreign-key"),
        pytest.param("mysql", 'op.drop_index("ix_child", "child")', "(1553, ", id="index-of-foreign-key"),
        pytest.param("mysql", 'op.drop_table("parent")', "(3730, ", id="table-of-foreign-key"),
        pytest.param("mysql", 'op.drop_column("child", "amount")\nop.drop_column("child", "amount")', "1091", id="twice"),
        pytest.param(
            "mysql", 'op.add_column("child", sa.Column("t", sa.Text(), server_default="x"))', "(1101, ",
            id="default-of-a-text",
        ),
        pytest.param("mysql", "raise ZeroDivisionError", "ZeroDivisionError", id="mysql-own-error"),
        pytest.param("sqlite", "raise ZeroDivisionError", "ZeroDivisionError", id="sqlite-own-error"),
        pytest.param("sqlite", 'op.drop_table("nobody")', "no such table: nobody", id="sqlite-drop-table"),
    ],
)  # fmt: skip
def test_revision_that_fails_is_named_with_file_line_and_cause(
    chains: Chains, dialect: str, statement: str, cause: str
) -> None:
    with pytest.raises((CannotRunError, replay.RefusedError)) as caught:
        chains.replayed(dialect, BASE, f"pass\n{statement}")
    line = 12 + statement.count("\n")
    assert str(caught.value.args[0]).startswith(f"{dialect}_app: {dialect}/r2.py:{line}: ")
    assert cause in str(caught.value.args[0])


def test_chain_is_replayed_from_its_base_whatever_its_files_are_called(chains: Chains) -> None:
    target = chains.target("sqlite", BASE, 'op.drop_table("child")', 'op.drop_table("parent")')
    for name, new in (("r1", "z"), ("r2", "a"), ("r3", "m")):
        (target.versions / f"{name}.py").rename(target.versions / f"{new}.py")
    with replay.replayed(chain.load(target), target, options(target)) as connection:
        assert told(connection) == []
