"""Revisions that change the schema on one dialect alone."""

from __future__ import annotations

NAMELESS_KEYS = """
op.create_table(
    "kid",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("a", sa.Integer(), sa.ForeignKey("parent.id"), index=True),
    sa.Column("b", sa.Integer(), sa.ForeignKey("parent.id"), index=True),
)
op.rename_table("kid", "grandchild")
"""

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
"""As `BOTH` of `both_dialects`, on SQLite alone."""

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
"""As `BOTH` of `both_dialects`, on MySQL alone."""
