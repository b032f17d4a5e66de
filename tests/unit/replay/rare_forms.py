"""Operations in rarely used forms, and a chain with branches."""

from __future__ import annotations

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
"""Bodies of revisions for both dialects, by case."""

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
