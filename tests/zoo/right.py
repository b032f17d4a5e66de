"""Revisions that are right, of as many kinds: none of them is an alarm."""

from __future__ import annotations

from tests.zoo.harness import USER_AND_POST, Case
from tests.zoo.wrong import ADD_NICK, BILL, POST, TRIGGER, USER, VIEW, table

ROLE = (
    'op.create_table("role", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(20), nullable=True),\n'
    '    sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("name", name="uq_role_name"))',
    'op.drop_table("role")',
)
PAIR = (
    'op.create_table("pair", sa.Column("id", sa.Integer(), nullable=False), sa.Column("a", sa.String(20)),\n'
    '    sa.Column("b", sa.String(20)), sa.PrimaryKeyConstraint("id"))',
    'op.drop_table("pair")',
)
SWAP = 'for old, new in (("a", "tmp"), ("b", "a"), ("tmp", "b")):\n    op.execute(f"ALTER TABLE pair RENAME COLUMN {old} TO {new}")'
BUSY_TRIGGER = (
    'body = "UPDATE user SET age = coalesce(age, 0) % 1000 + 100 WHERE id = NEW.user_id"\n'
    'body = f"BEGIN {body}; END" if op.get_bind().dialect.name == "sqlite" else body.replace("%", "%%")\n'
    'op.get_bind().exec_driver_sql(f"CREATE TRIGGER tr_post AFTER INSERT ON post FOR EACH ROW {body}")',
    'op.execute("DROP TRIGGER tr_post")',
)

ORDER = (
    """
op.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT)")
op.execute('''CREATE TABLE "Order" (id INTEGER PRIMARY KEY AUTOINCREMENT, -- what is numbered
    "a name" VARCHAR(20) COLLATE NOCASE, [group] INT DEFAULT 1, size INT CHECK (size <> 77),
    label TEXT GENERATED ALWAYS AS ("a name" || '!') STORED, twice INT AS (size * 2),
    up_id INTEGER REFERENCES "Order" ON DELETE SET NULL, CHECK ("Order"."group" <> -77),
    UNIQUE ("a name", "group") ON CONFLICT ABORT)''')
op.execute('CREATE TABLE item (id INTEGER PRIMARY KEY, order_id INT NOT NULL REFERENCES "Order" (id) ON DELETE CASCADE)')
op.execute('CREATE INDEX ix_down ON "Order" ("group" DESC, "a name")')
op.execute('CREATE INDEX ix_lower ON "Order" (lower("a name"))')
op.execute('CREATE UNIQUE INDEX ix_part ON "Order" (size, id) WHERE size > 3')
op.execute('CREATE VIEW large AS SELECT id, "a name" AS name FROM "Order" WHERE size > 3')
op.execute("CREATE VIEW names AS SELECT name FROM large")
op.execute('CREATE TRIGGER tr_order AFTER INSERT ON "Order" BEGIN INSERT INTO log (text) VALUES (NEW."a name"); END')
op.execute('CREATE TRIGGER tr_log AFTER DELETE ON log BEGIN UPDATE "Order" SET "group" = 2 WHERE id = OLD.id; END')
""",
    """
for name in ("names", "large"):
    op.execute(f"DROP VIEW {name}")
for name in ("item", "Order", "log"):
    op.execute(f'DROP TABLE "{name}"')
""",
)
"""A table of SQLite with all that Alembic's batch mode loses."""
CHANGE_ORDER = 'with op.batch_alter_table("Order") as batch:\n    '
PLACE = (
    """
op.execute("CREATE TABLE place (country TEXT NOT NULL, city TEXT NOT NULL, size INT, note TEXT,\\n"
    "    PRIMARY KEY (country COLLATE NOCASE, city DESC)) STRICT, WITHOUT ROWID")
op.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, country TEXT, city TEXT,\\n"
    "    FOREIGN KEY (country, city) REFERENCES place (country, city) DEFERRABLE INITIALLY DEFERRED)")
""",
    'op.drop_table("visit")\nop.drop_table("place")',
)

CASES = [
    Case("a column", ADD_NICK, 'op.drop_column("user", "nick")'),
    Case(
        "a column that is NOT NULL with a default",
        'op.add_column("user", sa.Column("level", sa.Integer(), server_default="7", nullable=False))',
        USER + 'batch.drop_column("level")',
    ),
    Case(
        "a column whose default goes again",
        'op.add_column("user", sa.Column("level", sa.Integer(), server_default="7", nullable=False))\n'
        + USER
        + 'batch.alter_column("level", server_default=None, existing_type=sa.Integer(), existing_nullable=False)',
        USER + 'batch.drop_column("level")',
    ),
    Case(
        "a column that is filled before it is NOT NULL",
        'op.add_column("user", sa.Column("nick", sa.String(60), nullable=True))\n'
        'op.execute("UPDATE user SET nick = name")\n'
        + USER
        + 'batch.alter_column("nick", nullable=False, existing_type=sa.String(60))',
        USER + 'batch.drop_column("nick")',
    ),
    Case(
        "the time of now as a default",
        'op.add_column("bill", sa.Column("made", sa.DateTime(), server_default=sa.func.now(), nullable=True))',
        BILL + 'batch.drop_column("made")',
        only="mysql",
        before=table('sa.Column("number", sa.Integer())'),
    ),
    Case(
        "a value from the clock for every row",
        'op.add_column("user", sa.Column("seen", sa.DateTime(), nullable=True))\n'
        'user = sa.table("user", sa.column("seen", sa.DateTime()))\n'
        "op.execute(user.update().values(seen=datetime.datetime.now()))",
        USER + 'batch.drop_column("seen")',
    ),
    Case(
        "widening",
        USER + 'batch.alter_column("email", type_=sa.String(200), existing_type=sa.String(100))',
        USER + 'batch.alter_column("email", type_=sa.String(100), existing_type=sa.String(200))',
    ),
    Case(
        "a larger integer",
        USER + 'batch.alter_column("age", type_=sa.BigInteger(), existing_type=sa.Integer())',
        USER + 'batch.alter_column("age", type_=sa.Integer(), existing_type=sa.BigInteger())',
    ),
    Case(
        "a string becomes a text",
        USER + 'batch.alter_column("status", type_=sa.Text(), existing_type=sa.String(20), server_default=None)\n',
        USER + 'batch.alter_column("status", type_=sa.String(20), existing_type=sa.Text(), server_default="active")\n',
        before=(
            (
                USER_AND_POST[0].replace('op.create_index("ix_user_status", "user", ["status", "name"])', ""),
                USER_AND_POST[1],
            ),
        ),
    ),
    Case(
        "more digits",
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(14, 4), existing_type=sa.Numeric(10, 2))',
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(10, 2), existing_type=sa.Numeric(14, 4))',
        before=table('sa.Column("amount", sa.Numeric(10, 2), nullable=True)'),
    ),
    Case(
        "NULL is allowed",
        USER + 'batch.alter_column("name", nullable=True, existing_type=sa.String(50), existing_server_default="x",\n'
        '        existing_comment="what it is called")',
        USER + 'batch.alter_column("name", nullable=False, existing_type=sa.String(50), existing_server_default="x",\n'
        '        existing_comment="what it is called")',
    ),
    Case(
        "a renamed column",
        USER
        + 'batch.alter_column("name", new_column_name="full_name", existing_type=sa.String(50), existing_nullable=False,\n'
        '        existing_server_default="x", existing_comment="what it is called")',
        USER
        + 'batch.alter_column("full_name", new_column_name="name", existing_type=sa.String(50), existing_nullable=False,\n'
        '        existing_server_default="x", existing_comment="what it is called")',
    ),
    Case(
        "a renamed table that others refer to",
        'op.rename_table("user", "person")',
        'op.rename_table("person", "user")',
    ),
    Case(
        "two columns that change names",
        POST
        + 'batch.alter_column("title", new_column_name="t2", existing_type=sa.String(200), existing_nullable=False)\n'
        '    batch.alter_column("body", new_column_name="content", existing_type=sa.Text())',
        POST
        + 'batch.alter_column("t2", new_column_name="title", existing_type=sa.String(200), existing_nullable=False)\n'
        '    batch.alter_column("content", new_column_name="body", existing_type=sa.Text())',
    ),
    Case(
        "data changed both ways",
        "op.execute(\"UPDATE user SET status = 'enabled' WHERE status = 'active'\")",
        "op.execute(\"UPDATE user SET status = 'active' WHERE status = 'enabled'\")",
    ),
    Case(
        "a value moves into a table of its own and back",
        'op.create_table("profile", sa.Column("user_id", sa.Integer(), autoincrement=False), sa.Column("email", sa.String(100)),\n'
        '    sa.PrimaryKeyConstraint("user_id"), sa.UniqueConstraint("email", name="uq_profile_email"))\n'
        'op.execute("INSERT INTO profile (user_id, email) SELECT id, email FROM user")\n'
        + USER
        + 'batch.drop_constraint("uq_user_email", type_="unique")\n    batch.drop_column("email")',
        'op.add_column("user", sa.Column("email", sa.String(100), nullable=True))\n'
        'op.execute("UPDATE user SET email = (SELECT email FROM profile WHERE profile.user_id = user.id)")\n'
        + USER
        + 'batch.create_unique_constraint("uq_user_email", ["email"])\n'
        'op.drop_table("profile")',
    ),
    Case(
        "rows of its own that go again",
        "op.execute(\"INSERT INTO user (id, name) VALUES (4711, 'root')\")",
        'op.execute("DELETE FROM user WHERE id = 4711")',
    ),
    Case(
        "a new table with rows",
        'role = op.create_table("role", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(20)),\n'
        '    sa.PrimaryKeyConstraint("id"))\n'
        'op.bulk_insert(role, [{"id": 1, "name": "admin"}, {"id": 2, "name": "𝒳"}])',
        'op.drop_table("role")',
    ),
    Case(
        "a table made anew in batch mode",
        'with op.batch_alter_table("user", recreate="always") as batch:\n'
        '    batch.add_column(sa.Column("nick", sa.String(20), nullable=True))',
        'with op.batch_alter_table("user", recreate="always") as batch:\n    batch.drop_column("nick")',
        only="sqlite",
    ),
    Case(
        "a composite key and a foreign key to it",
        'op.create_table("page", sa.Column("space", sa.String(20), nullable=False), sa.Column("number", sa.Integer(), nullable=False),\n'
        '    sa.PrimaryKeyConstraint("space", "number"))\n'
        'op.create_table("line", sa.Column("id", sa.Integer(), nullable=False), sa.Column("space", sa.String(20)),\n'
        '    sa.Column("number", sa.Integer()), sa.PrimaryKeyConstraint("id"),\n'
        '    sa.ForeignKeyConstraint(["space", "number"], ["page.space", "page.number"], name="fk_line_page"))',
        'op.drop_table("line")\nop.drop_table("page")',
    ),
    Case(
        "a table that refers to itself",
        'op.create_table("node", sa.Column("id", sa.Integer(), nullable=False), sa.Column("parent_id", sa.Integer(), nullable=True),\n'
        '    sa.PrimaryKeyConstraint("id"), sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name="fk_node_parent"))',
        'op.drop_table("node")',
    ),
    Case(
        "a change of a table that refers to itself",
        'with op.batch_alter_table("node") as batch:\n    batch.add_column(sa.Column("name", sa.String(20), nullable=True))',
        'with op.batch_alter_table("node") as batch:\n    batch.drop_column("name")',
        before=(
            (
                'op.create_table("node", sa.Column("id", sa.Integer(), nullable=False), sa.Column("parent_id", sa.Integer(), nullable=False),\n'
                '    sa.PrimaryKeyConstraint("id"), sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name="fk_node_parent"))',
                'op.drop_table("node")',
            ),
        ),
    ),
    Case(
        "foreign keys in a circle",
        'op.create_table("a", sa.Column("id", sa.Integer(), nullable=False), sa.Column("b_id", sa.Integer(), nullable=True),\n'
        '    sa.PrimaryKeyConstraint("id"))\n'
        'op.create_table("b", sa.Column("id", sa.Integer(), nullable=False), sa.Column("a_id", sa.Integer(), nullable=True),\n'
        '    sa.PrimaryKeyConstraint("id"), sa.ForeignKeyConstraint(["a_id"], ["a.id"], name="fk_b_a"))\n'
        'with op.batch_alter_table("a") as batch:\n    batch.create_foreign_key("fk_a_b", "b", ["b_id"], ["id"])',
        'with op.batch_alter_table("a") as batch:\n    batch.drop_constraint("fk_a_b", type_="foreignkey")\n'
        'op.drop_table("b")\nop.drop_table("a")',
    ),
    Case(
        "words that are reserved",
        'op.create_table("order", sa.Column("key", sa.Integer(), nullable=False), sa.Column("group", sa.String(20)),\n'
        '    sa.Column("check", sa.Boolean(), nullable=False, server_default=sa.false()), sa.Column("primary", sa.Integer()),\n'
        '    sa.Column("default", sa.String(20), server_default="select"), sa.PrimaryKeyConstraint("key"))\n'
        'op.create_index("index", "order", ["group", "primary"])',
        'op.drop_table("order")',
    ),
    Case(
        "a change beside words that are reserved",
        'with op.batch_alter_table("order") as batch:\n    batch.add_column(sa.Column("where", sa.Integer(), nullable=True))',
        'with op.batch_alter_table("order") as batch:\n    batch.drop_column("where")',
        before=(
            (
                'op.create_table("order", sa.Column("key", sa.Integer(), nullable=False), sa.Column("group", sa.String(20)),\n'
                '    sa.Column("check", sa.Integer()), sa.PrimaryKeyConstraint("key"))',
                'op.drop_table("order")',
            ),
        ),
    ),
    Case(
        "names in mixed case, with blanks and percent signs",
        'op.create_table("Mixed Case", sa.Column("Id", sa.Integer(), nullable=False), sa.Column("rawTemplates", sa.Text()),\n'
        '    sa.Column("100 % of it", sa.String(20)), sa.PrimaryKeyConstraint("Id"))\n'
        'op.create_index("ix Mixed", "Mixed Case", ["100 % of it"])',
        'op.drop_table("Mixed Case")',
    ),
    Case(
        "a computed column",
        BILL.replace('("bill")', '("bill", recreate="never")')
        + 'batch.add_column(sa.Column("gross", sa.Integer(), sa.Computed("net + 2", persisted=False)))',
        BILL.replace('("bill")', '("bill", recreate="never")') + 'batch.drop_column("gross")',
        before=table('sa.Column("net", sa.SmallInteger(), nullable=True)'),
    ),
    Case(
        "an enumeration with one more value",
        BILL
        + 'batch.alter_column("kind", type_=sa.Enum("a", "b", "long one", name="kind"), existing_type=sa.Enum("a", "b", name="kind"))',
        BILL
        + 'batch.alter_column("kind", type_=sa.Enum("a", "b", name="kind"), existing_type=sa.Enum("a", "b", "long one", name="kind"))',
        before=table('sa.Column("kind", sa.Enum("a", "b", name="kind"), nullable=True)'),
    ),
    Case(
        "an enumeration becomes a string",
        BILL + 'batch.alter_column("kind", type_=sa.String(20), existing_type=sa.Enum("a", "b", name="kind"))',
        BILL + 'batch.alter_column("kind", type_=sa.Enum("a", "b", name="kind"), existing_type=sa.String(20))',
        before=table('sa.Column("kind", sa.Enum("a", "b", name="kind"), nullable=True)'),
    ),
    Case(
        "a check that the rows keep",
        BILL + 'batch.create_check_constraint("ck_bill_number", "number > -99999999999")',
        BILL + 'batch.drop_constraint("ck_bill_number", type_="check")',
        before=table('sa.Column("number", sa.Integer(), nullable=True)'),
    ),
    Case(
        "a table whose checks allow little",
        'op.create_table("rated", sa.Column("id", sa.Integer(), nullable=False), sa.Column("stars", sa.Integer(), nullable=False),\n'
        '    sa.Column("mood", sa.String(10), nullable=False), sa.PrimaryKeyConstraint("id"),\n'
        '    sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_stars"),\n'
        "    sa.CheckConstraint(\"mood IN ('good', 'bad')\", name=\"ck_mood\"))",
        'op.drop_table("rated")',
    ),
    Case(
        "an index in another order and back",
        'op.drop_index("ix_user_status", "user")\nop.create_index("ix_user_status", "user", ["name", "status"])',
        'op.drop_index("ix_user_status", "user")\nop.create_index("ix_user_status", "user", ["status", "name"])',
    ),
    Case(
        "an index of an expression",
        'op.create_index("ix_user_lower", "user", [sa.text("(lower(name))")])',
        'op.drop_index("ix_user_lower", "user")',
        lacks="mariadb",
    ),
    Case(
        "a unique on a new column",
        USER + 'batch.add_column(sa.Column("login", sa.String(20), nullable=True))\n'
        '    batch.create_unique_constraint("uq_user_login", ["login"])',
        USER + 'batch.drop_constraint("uq_user_login", type_="unique")\n    batch.drop_column("login")',
    ),
    Case(
        "another ON DELETE and back",
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")\n'
        '    batch.create_foreign_key("fk_post_user", "user", ["user_id"], ["id"], ondelete="RESTRICT")',
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")\n'
        '    batch.create_foreign_key("fk_post_user", "user", ["user_id"], ["id"], ondelete="CASCADE")',
    ),
    Case(
        "comments with quotes",
        'op.create_table("quoted", sa.Column("id", sa.Integer(), nullable=False, comment="it\'s \\"x\\", 100 % \\\\ (y)"),\n'
        '    sa.Column("name", sa.String(20), server_default="it\'s, (so)"), sa.PrimaryKeyConstraint("id"), comment="a\'b")',
        'op.drop_table("quoted")',
    ),
    Case(
        "a comment and back",
        'op.alter_column("user", "email", comment="new", existing_type=sa.String(100))',
        'op.alter_column("user", "email", comment=None, existing_comment="new", existing_type=sa.String(100))',
        only="mysql",
    ),
    Case(
        "every type",
        'op.create_table("types", sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),\n'
        '    sa.Column("a", sa.SmallInteger()), sa.Column("b", sa.Float()), sa.Column("c", sa.Double()), sa.Column("d", sa.Date()),\n'
        '    sa.Column("e", sa.DateTime()), sa.Column("f", sa.Time()), sa.Column("g", sa.LargeBinary()), sa.Column("h", sa.Boolean()),\n'
        '    sa.Column("i", sa.Uuid()), sa.Column("j", sa.JSON()), sa.Column("k", sa.CHAR(3)), sa.Column("l", sa.Numeric(20, 6)),\n'
        '    sa.Column("m", sa.Enum("x", "it\'s")), sa.Column("n", sa.TIMESTAMP(), nullable=True), sa.Column("o", sa.Text()),\n'
        '    sa.PrimaryKeyConstraint("id"))',
        'op.drop_table("types")',
    ),
    Case(
        "a change of a table with every type",
        'with op.batch_alter_table("types") as batch:\n    batch.alter_column("a", type_=sa.Integer(), existing_type=sa.SmallInteger())',
        'with op.batch_alter_table("types") as batch:\n    batch.alter_column("a", type_=sa.SmallInteger(), existing_type=sa.Integer())',
        before=(
            (
                'op.create_table("types", sa.Column("id", sa.Integer(), nullable=False), sa.Column("a", sa.SmallInteger()),\n'
                '    sa.Column("b", sa.Float()), sa.Column("d", sa.Date()), sa.Column("e", sa.DateTime()), sa.Column("g", sa.LargeBinary()),\n'
                '    sa.Column("h", sa.Boolean()), sa.Column("j", sa.JSON()), sa.Column("l", sa.Numeric(20, 6)), sa.PrimaryKeyConstraint("id"))',
                'op.drop_table("types")',
            ),
        ),
    ),
    Case(
        "a table without a key",
        'op.add_column("log", sa.Column("level", sa.Integer(), nullable=True))',
        'with op.batch_alter_table("log") as batch:\n    batch.drop_column("level")',
        before=(('op.create_table("log", sa.Column("line", sa.String(20), nullable=True))', 'op.drop_table("log")'),),
    ),
    Case(
        "a view and back",
        VIEW,
        'op.execute("DROP VIEW active_user")',
    ),
    Case(
        "a trigger and back",
        TRIGGER.replace("{begin}", "BEGIN ").replace("{end}", "; END"),
        'op.execute("DROP TRIGGER tr_post")',
        only="sqlite",
    ),
    Case(
        "a trigger and back on MySQL",
        TRIGGER.replace("{begin}", "").replace("{end}", ""),
        'op.execute("DROP TRIGGER tr_post")',
        only="mysql",
    ),
    Case("nothing at all", "pass", "pass"),
    Case(
        "a column is renamed, and another takes its name",
        'op.execute("ALTER TABLE pair RENAME COLUMN a TO a_old")\nop.add_column("pair", sa.Column("a", sa.String(20)))',
        'op.drop_column("pair", "a")\nop.execute("ALTER TABLE pair RENAME COLUMN a_old TO a")',
        before=(PAIR,),
    ),
    Case(
        "two columns are exchanged and exchanged back",
        SWAP,
        SWAP,
        before=(PAIR,),
    ),
    Case(
        "a table is renamed, and a new one takes its name",
        'op.rename_table("pair", "pair_old")\n' + PAIR[0],
        'op.drop_table("pair")\nop.rename_table("pair_old", "pair")',
        before=(PAIR,),
    ),
    Case(
        "two tables are exchanged",
        'op.rename_table("user", "tmp")\nop.rename_table("pair", "user")\nop.rename_table("tmp", "pair")',
        'op.rename_table("user", "tmp")\nop.rename_table("pair", "user")\nop.rename_table("tmp", "pair")',
        before=(
            (
                PAIR[0] + '\nop.create_table("user", sa.Column("id", sa.Integer(), nullable=False),\n'
                '    sa.Column("name", sa.String(20), nullable=False), sa.PrimaryKeyConstraint("id"))',
                'op.drop_table("user")\nop.drop_table("pair")',
            ),
        ),
    ),
    Case(
        "a column beside a foreign key that is unique",
        'op.add_column("face", sa.Column("x", sa.Integer(), nullable=True))',
        'with op.batch_alter_table("face") as batch:\n    batch.drop_column("x")',
        before=(
            USER_AND_POST,
            (
                'op.create_table("face", sa.Column("user_id", sa.Integer(), nullable=False), sa.Column("name", sa.String(20)),\n'
                '    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_face"), sa.UniqueConstraint("user_id", name="uq_face"))',
                'op.drop_table("face")',
            ),
        ),
    ),
    Case(
        "seeds whose keys the server makes",
        'op.bulk_insert(sa.table("role", sa.column("name")), [{"name": "read"}, {"name": "write"}])',
        "op.execute(\"DELETE FROM role WHERE name IN ('read', 'write')\")",
        before=(ROLE,),
    ),
    Case(
        "a row for each row of another table",
        "op.execute(\"INSERT INTO post (user_id, title) SELECT id, 'welcome' FROM user\")",
        "op.execute(\"DELETE FROM post WHERE title = 'welcome'\")",
    ),
    Case(
        "a count over other rows",
        'op.add_column("user", sa.Column("posts", sa.Integer(), nullable=True))\n'
        'op.execute("UPDATE user SET posts = (SELECT COUNT(*) FROM post WHERE post.user_id = user.id)")',
        USER + 'batch.drop_column("posts")',
    ),
    Case(
        "random values",
        'op.add_column("user", sa.Column("token", sa.String(40), nullable=True))\n'
        "import secrets\n"
        'for (number,) in op.get_bind().execute(sa.text("SELECT id FROM user")).all():\n'
        '    op.execute(sa.text("UPDATE user SET token = :t WHERE id = :i").bindparams(t=secrets.token_hex(9), i=number))',
        USER + 'batch.drop_column("token")',
    ),
    Case(
        "a new NOT NULL column that is filled by the revision",
        'op.execute("ALTER TABLE post ADD mood VARCHAR(200) NOT NULL")\nop.execute("UPDATE post SET mood = title")',
        'op.drop_column("post", "mood")',
        only="mysql",
    ),
    Case(
        "a revision that needs what an earlier one has put in",
        "assert op.get_bind().execute(sa.text(\"SELECT id FROM role WHERE name = 'admin'\")).scalar_one()",
        "pass",
        before=(
            ROLE,
            (
                "op.execute(\"INSERT INTO role (id, name) VALUES (900, 'admin')\")",
                'op.execute("DELETE FROM role WHERE id = 900")',
            ),
            *(
                (
                    f'op.add_column("role", sa.Column("c{n}", sa.Integer()))',
                    f'with op.batch_alter_table("role") as batch:\n    batch.drop_column("c{n}")',
                )
                for n in range(8)
            ),
        ),
        ids=tuple(f"{n:x}{n:x}" for n in range(1, 14)),
    ),
    Case(
        "a trigger that writes elsewhere, and a change beside it",
        'op.add_column("post", sa.Column("mood", sa.Integer(), nullable=True))',
        POST.replace('("post")', '("post", recreate="never")') + 'batch.drop_column("mood")',
        before=(USER_AND_POST, BUSY_TRIGGER),
    ),
    Case(
        "a view on a table that is renamed",
        'op.rename_table("user", "person")',
        'op.rename_table("person", "user")',
        only="sqlite",
        before=(USER_AND_POST, (VIEW, 'op.execute("DROP VIEW active_user")')),
    ),
    Case(
        "a table of a full text search",
        'op.execute("CREATE VIRTUAL TABLE doc USING fts5(title, body)")\n'
        "op.execute(\"INSERT INTO doc VALUES ('a', 'b')\")",
        'op.drop_table("doc")',
        only="sqlite",
    ),
    Case(
        "a wider character set",
        'op.execute("ALTER TABLE small CONVERT TO CHARACTER SET utf8mb4")',
        'op.execute("ALTER TABLE small CONVERT TO CHARACTER SET latin1")',
        only="mysql",
        before=(
            (
                'op.execute("CREATE TABLE small (id INT PRIMARY KEY, name VARCHAR(20)) DEFAULT CHARSET latin1")',
                'op.drop_table("small")',
            ),
        ),
    ),
    Case(
        "TIMESTAMP becomes DATETIME",
        BILL + 'batch.alter_column("at", type_=sa.DateTime(), existing_type=sa.TIMESTAMP(), existing_nullable=True)',
        BILL + 'batch.alter_column("at", type_=sa.TIMESTAMP(), existing_type=sa.DateTime(), existing_nullable=True)',
        before=table('sa.Column("at", sa.TIMESTAMP(), nullable=True)'),
    ),
    Case(
        "fewer digits before the point, and back",
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(12, 2), existing_type=sa.Numeric(8, 2))',
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(8, 2), existing_type=sa.Numeric(12, 2))',
        before=table('sa.Column("amount", sa.Numeric(8, 2), nullable=True)'),
    ),
    Case(
        "data changed both ways beside a clock",
        'op.execute("UPDATE ticked SET n = -n")',
        'op.execute("UPDATE ticked SET n = -n")',
        only="mysql",
        before=(
            (
                'op.execute("CREATE TABLE ticked (id INT PRIMARY KEY, n SMALLINT UNSIGNED, at TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP)")\n'
                'op.execute("ALTER TABLE ticked MODIFY n INT, ADD CHECK (n <> -2147483648)")',
                'op.drop_table("ticked")',
            ),
        ),
    ),
    Case(
        "tables whose names differ in case alone",
        'op.add_column("Item", sa.Column("x", sa.Integer(), nullable=True))',
        'op.drop_column("Item", "x")',
        only="mysql",
        before=(
            (
                'for name in ("item", "Item"):\n    op.create_table(name, sa.Column("id", sa.Integer(), primary_key=True))',
                'op.drop_table("item")\nop.drop_table("Item")',
            ),
        ),
    ),
    Case(
        "a name that begins with a digit",
        'op.execute("ALTER TABLE 2fa_token ADD COLUMN x INT")',
        'op.execute("ALTER TABLE 2fa_token DROP COLUMN x")',
        only="mysql",
        before=(
            (
                'op.create_table("2fa_token", sa.Column("id", sa.Integer(), primary_key=True))',
                'op.drop_table("2fa_token")',
            ),
        ),
    ),
    Case(
        "a column whose values may go",
        'op.drop_column("post", "body")',
        'op.add_column("post", sa.Column("body", sa.Text(), nullable=True))',
        top='lossy = "nobody reads it"',
        status="lossy",
    ),
    Case(
        "a table whose rows may go",
        'op.drop_table("post")',
        USER_AND_POST[0][USER_AND_POST[0].index('    op.create_table(\n        "post"') :],
        top='lossy = "nobody reads it"',
        status="lossy",
    ),
    Case(
        "no way back, and it says so",
        'op.drop_column("post", "body")',
        'raise NotImplementedError("post.body is gone")',
        top='irreversible = "what stood in it is in no table any more"',
        status="irreversible",
    ),
    Case(
        "an index that a foreign key needs, in the right order",
        'op.create_index("ix_post_user_title", "post", ["user_id", "title"])\nop.drop_index("ix_post_user", "post")',
        'op.create_index("ix_post_user", "post", ["user_id"])\nop.drop_index("ix_post_user_title", "post")',
    ),
    Case(
        "another type in a table with views, triggers and all else that SQLite has",
        CHANGE_ORDER + 'batch.alter_column("a name", type_=sa.String(40), existing_type=sa.String(20))',
        CHANGE_ORDER + 'batch.alter_column("a name", type_=sa.String(20), existing_type=sa.String(40))',
        only="sqlite",
        before=(ORDER,),
    ),
    Case(
        "a column with a view and a computed column on it, renamed",
        CHANGE_ORDER + 'batch.alter_column("a name", new_column_name="name")',
        CHANGE_ORDER + 'batch.alter_column("name", new_column_name="a name")',
        only="sqlite",
        before=(ORDER,),
    ),
    Case(
        "a key to a table and from it, by blocks that copy both",
        CHANGE_ORDER
        + 'batch.add_column(sa.Column("log_id", sa.Integer(), sa.ForeignKey("log.id", name="fk_order_log", ondelete="SET NULL")))\n'
        + 'with op.batch_alter_table("item") as batch:\n    batch.add_column(sa.Column("n", sa.Integer(), sa.Computed("id + 1", persisted=True)))',
        'with op.batch_alter_table("item") as batch:\n    batch.drop_column("n")\n'
        + CHANGE_ORDER
        + 'batch.drop_constraint("fk_order_log", type_="foreignkey")\n    batch.drop_column("log_id")',
        only="sqlite",
        before=(ORDER,),
    ),
    Case(
        "constraints without a name, by the names that they have by default",
        CHANGE_ORDER
        + 'batch.drop_constraint("uq_Order_a name_group", type_="unique")\n'
        + '    batch.drop_constraint("ck_Order_2", type_="check")\n'
        + '    batch.drop_constraint("fk_Order_up_id", type_="foreignkey")',
        CHANGE_ORDER
        + 'batch.create_unique_constraint(None, ["a name", "group"], sqlite_on_conflict="ABORT")\n'
        + "    batch.create_check_constraint(None, '\"group\" <> -77')\n"
        + '    batch.create_foreign_key(None, "Order", ["up_id"], ["id"], ondelete="SET NULL")',
        only="sqlite",
        before=(ORDER,),
    ),
    Case(
        "a column of a STRICT table WITHOUT ROWID",
        'with op.batch_alter_table("place") as batch:\n    batch.alter_column("note", server_default="none")',
        'with op.batch_alter_table("place") as batch:\n    batch.alter_column("note", server_default=None)',
        only="sqlite",
        before=(PLACE,),
    ),
    Case(
        "a copy of a table where foreign keys are enforced",
        "with op.get_context().autocommit_block():\n"
        '    op.execute("PRAGMA foreign_keys = ON")\n'
        '    with op.batch_alter_table("user") as batch:\n'
        '        batch.alter_column("email", type_=sa.String(200), existing_type=sa.String(100))\n'
        '    op.execute("PRAGMA foreign_keys = OFF")',
        USER + 'batch.alter_column("email", type_=sa.String(100), existing_type=sa.String(200))',
        only="sqlite",
    ),
]
