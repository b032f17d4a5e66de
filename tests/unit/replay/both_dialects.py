"""Revisions that change the schema on both dialects in the same way."""

from __future__ import annotations

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
"""Body of a revision and the lines of the schema that it changes, by case."""
