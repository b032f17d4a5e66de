"""Revisions that are wrong, each in a way of its own, with the words that tell what is wrong with it."""

from __future__ import annotations

from tests.zoo.harness import USER_AND_POST, Case

USER = 'with op.batch_alter_table("user") as batch:\n    '
POST = 'with op.batch_alter_table("post") as batch:\n    '
ADD_NICK = 'op.add_column("user", sa.Column("nick", sa.String(20), nullable=True))'
VIEW = "op.execute(\"CREATE VIEW active_user AS SELECT id, name FROM user WHERE status = 'active'\")"
TRIGGER = (
    'op.execute("CREATE TRIGGER tr_post AFTER INSERT ON post FOR EACH ROW {begin}UPDATE user SET age = 1 '
    'WHERE id = -1{end}")'
)
MONEY = ('op.create_table("bill", sa.Column("id", sa.Integer(), nullable=False), {columns}, sa.PrimaryKeyConstraint("id", name="pk_bill"))',
         'op.drop_table("bill")')  # fmt: skip


def table(columns: str) -> tuple[tuple[str, str], ...]:
    """Return a first revision that makes the table bill with an id and these columns."""
    return ((MONEY[0].replace("{columns}", columns), MONEY[1]),)


BILL = 'with op.batch_alter_table("bill") as batch:\n    '

CASES = [
    Case("the downgrade does nothing", ADD_NICK, finds=("downgrade", "user.nick", ": unexpected")),
    Case(
        "a column is emptied, and another one stays",
        BILL + 'batch.drop_column("a")\nop.add_column("bill", sa.Column("b", sa.Integer(), nullable=True))',
        'op.add_column("bill", sa.Column("a", sa.Integer(), nullable=True))',
        finds=("downgrade", "bill.b", ": unexpected"),
        also=("downgrade: bill.a: ", "rows have another value"),
        before=table('sa.Column("a", sa.Integer())'),
    ),
    Case(
        "the second upgrade makes another column, and leaves it empty",
        "RUNS.append(1)\n"
        'op.add_column("bill", sa.Column("b", sa.Integer() if len(RUNS) == 1 else sa.String(9), nullable=True))\n'
        'if len(RUNS) == 1:\n    op.execute("UPDATE bill SET b = a")',
        BILL + 'batch.drop_column("b")',
        finds=("second upgrade", "column bill.b", "varchar(9)"),
        also=("second upgrade: bill.b: ", "is NULL after the second"),
        before=table('sa.Column("a", sa.Integer())'),
        top="RUNS: list[int] = []",
    ),
    Case(
        "another length on the way down",
        USER + 'batch.alter_column("email", type_=sa.String(200), existing_type=sa.String(100))',
        USER + 'batch.alter_column("email", type_=sa.String(150), existing_type=sa.String(200))',
        ("downgrade", "user.email", "varchar(100)", "varchar(150)"),
    ),
    Case(
        "a server default is forgotten",
        USER + 'batch.alter_column("status", server_default=None, existing_type=sa.String(20))',
        USER + 'batch.alter_column("status", type_=sa.String(20), existing_type=sa.String(20))',
        ("downgrade", "user.status", "default", "'active'", "none"),
    ),
    Case(
        "another server default on the way down",
        USER + 'batch.alter_column("status", server_default="new", existing_type=sa.String(20))',
        USER + 'batch.alter_column("status", server_default="old", existing_type=sa.String(20))',
        ("downgrade", "user.status", "default", "'active'", "'old'"),
    ),
    Case(
        "a comment is forgotten",
        'op.alter_column("user", "name", type_=sa.String(60), existing_type=sa.String(50), existing_nullable=False,\n'
        '    existing_server_default="x", existing_comment="what it is called")',
        'op.alter_column("user", "name", type_=sa.String(50), existing_type=sa.String(60), existing_nullable=False,\n'
        '    existing_server_default="x")',
        ("downgrade", "user.name", "comment", "what it is called"),
        only="mysql",
    ),
    Case(
        "a table's comment is forgotten",
        'op.create_table_comment("user", "customers", existing_comment="people")',
        "pass",
        ("downgrade", "table user", "comment", "people", "customers"),
        only="mysql",
    ),
    Case(
        "nullability is forgotten",
        USER + 'batch.alter_column("name", nullable=True, existing_type=sa.String(50), existing_server_default="x",\n'
        '        existing_comment="what it is called")',
        "pass",
        ("downgrade", "user.name", "nullable", "expected no"),
    ),
    Case(
        "ON DELETE is forgotten",
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")\n'
        '    batch.create_foreign_key("fk_post_user", "user", ["user_id"], ["id"], ondelete="RESTRICT")',
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")\n'
        '    batch.create_foreign_key("fk_post_user", "user", ["user_id"], ["id"])',
        ("downgrade", "foreign key (user_id) of post", "on delete", "CASCADE"),
    ),
    Case(
        "ON UPDATE stays",
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")\n'
        '    batch.create_foreign_key("fk_post_user", "user", ["user_id"], ["id"], ondelete="CASCADE", onupdate="CASCADE")',
        "pass",
        ("downgrade", "foreign key (user_id) of post", "on update", "CASCADE"),
    ),
    Case(
        "a foreign key does not come back",
        POST + 'batch.drop_constraint("fk_post_user", type_="foreignkey")',
        "pass",
        ("downgrade", "foreign key (user_id) of post", ": missing"),
    ),
    Case(
        "the columns of an index in another order",
        'op.drop_index("ix_user_status", "user")',
        'op.create_index("ix_user_status", "user", ["name", "status"])',
        ("downgrade", "index ix_user_status of user", "status, name", "name, status"),
    ),
    Case(
        "an index is not unique any more",
        'op.drop_index("ix_bill_number", "bill")',
        'op.create_index("ix_bill_number", "bill", ["number"])',
        ("downgrade", "index ix_bill_number of bill", "unique", "expected yes, found no"),
        before=(
            (
                MONEY[0].replace("{columns}", 'sa.Column("number", sa.Integer(), nullable=False)')
                + '\nop.create_index("ix_bill_number", "bill", ["number"], unique=True)',
                MONEY[1],
            ),
        ),
    ),
    Case(
        "the direction of an index is forgotten",
        'op.drop_index("ix_bill_number", "bill")',
        'op.create_index("ix_bill_number", "bill", ["number"])',
        ("downgrade", "index ix_bill_number of bill", "number DESC"),
        before=(
            (
                MONEY[0].replace("{columns}", 'sa.Column("number", sa.Integer(), nullable=False)')
                + '\nop.create_index("ix_bill_number", "bill", [sa.text("number DESC")])',
                MONEY[1],
            ),
        ),
    ),
    Case(
        "the prefix of an index is forgotten",
        'op.drop_index("ix_post_title", "post")',
        'op.create_index("ix_post_title", "post", ["title"])',
        ("downgrade", "index ix_post_title of post", "title(10)"),
        only="mysql",
        before=(
            USER_AND_POST,
            (
                'op.create_index("ix_post_title", "post", ["title"], mysql_length=10)',
                'op.drop_index("ix_post_title", "post")',
            ),
        ),
    ),
    Case(
        "the condition of an index is forgotten",
        'op.drop_index("ix_post_title", "post")',
        'op.create_index("ix_post_title", "post", ["title"])',
        ("downgrade", "index ix_post_title of post", "where", "body IS NOT NULL"),
        only="sqlite",
        before=(
            USER_AND_POST,
            (
                'op.create_index("ix_post_title", "post", ["title"], sqlite_where=sa.text("body IS NOT NULL"))',
                'op.drop_index("ix_post_title", "post")',
            ),
        ),
    ),
    Case(
        "an index is left behind",
        'op.create_index("ix_post_title", "post", ["title"])',
        "pass",
        ("downgrade", "index ix_post_title of post", ": unexpected"),
    ),
    Case(
        "a unique constraint does not come back",
        USER + 'batch.drop_constraint("uq_user_email", type_="unique")',
        "pass",
        ("downgrade", "user", "email", ": missing"),
    ),
    Case(
        "duplicates break a unique on the way down",
        USER + 'batch.drop_constraint("uq_user_email", type_="unique")',
        USER + 'batch.create_unique_constraint("uq_user_email", ["email"])',
        ("downgrade", "fails", "email"),
    ),
    Case(
        "a check does not come back",
        USER + 'batch.drop_constraint("ck_user_age", type_="check")',
        "pass",
        ("downgrade", "check ck_user_age of user", ": missing"),
    ),
    Case(
        "another check on the way down",
        USER + 'batch.drop_constraint("ck_user_age", type_="check")',
        USER + 'batch.create_check_constraint("ck_user_age", "age <> 99")',
        ("downgrade", "check ck_user_age of user", "13", "99"),
    ),
    Case(
        "a collation is forgotten",
        USER
        + 'batch.alter_column("email", type_=sa.String(100, collation="{collation}"), existing_type=sa.String(100))',
        "pass",
        ("downgrade", "user.email", "collation", "{collation}"),
    ),
    Case(
        "a character set that has not got what rows have",
        'op.execute("ALTER TABLE post MODIFY body TEXT CHARACTER SET utf8mb3")',
        'op.execute("ALTER TABLE post MODIFY body TEXT")',
        ("upgrade", "fails", "body"),
        only="mysql",
    ),
    Case(
        "the engine's row format is forgotten",
        'op.execute("ALTER TABLE post ROW_FORMAT=COMPRESSED")',
        "pass",
        ("downgrade", "table post", "row format", "COMPRESSED"),
        only="mysql",
    ),
    Case(
        "unsigned is forgotten",
        BILL + 'batch.alter_column("number", comment="no", existing_type=mysql.SMALLINT(unsigned=True))',
        BILL + 'batch.alter_column("number", comment=None, existing_comment="no", existing_type=sa.Integer())',
        ("downgrade", "bill.number", "unsigned"),
        only="mysql",
        before=table('sa.Column("number", mysql.SMALLINT(unsigned=True), nullable=True)'),
    ),
    Case(
        "autoincrement is lost",
        'op.execute("CREATE TABLE copy (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20))")\n'
        'op.execute("INSERT INTO copy SELECT id, name FROM counter")\n'
        'op.drop_table("counter")\nop.rename_table("copy", "counter")',
        "pass",
        ("counter.id", "autoincrement"),
        before=(
            (
                'op.create_table("counter", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(20)),\n'
                '    sa.PrimaryKeyConstraint("id"), sqlite_autoincrement=True)',
                'op.drop_table("counter")',
            ),
        ),
    ),
    Case(
        "the digits behind the point stay",
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(12, 4), existing_type=sa.Numeric(10, 2))',
        BILL + 'batch.alter_column("amount", type_=sa.Numeric(10, 4), existing_type=sa.Numeric(12, 4))',
        ("downgrade", "amount"),
        before=table('sa.Column("amount", sa.Numeric(10, 2), nullable=True)'),
    ),
    Case(
        "another type on the way down",
        USER + 'batch.alter_column("age", type_=sa.BigInteger(), existing_type=sa.Integer())',
        USER + 'batch.alter_column("age", type_=sa.String(30), existing_type=sa.BigInteger())',
        ("downgrade", "user.age", "varchar(30)"),
    ),
    Case(
        "another expression of a computed column",
        'op.drop_column("bill", "gross")',
        'op.add_column("bill", sa.Column("gross", sa.Integer(), sa.Computed("net + 3"), nullable=True))',
        ("downgrade", "bill.gross", "computed", "net + 2", "net + 3"),
        before=table(
            'sa.Column("net", sa.SmallInteger(), nullable=True), sa.Column("gross", sa.Integer(), sa.Computed("net + 2"))'
        ),
    ),
    Case(
        "another primary key on the way down",
        'op.drop_table("pair")',
        'op.create_table("pair", sa.Column("a", sa.Integer(), nullable=False), sa.Column("b", sa.Integer(), nullable=False),\n'
        '    sa.PrimaryKeyConstraint("b", "a"))',
        ("downgrade", "primary key of pair", "a, b", "b, a"),
        before=(
            (
                'op.create_table("pair", sa.Column("a", sa.Integer(), nullable=False),\n'
                '    sa.Column("b", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("a", "b"))',
                'op.drop_table("pair")',
            ),
        ),
        top='lossy = "nobody used it"',
    ),
    Case(
        "a table is left behind",
        'op.create_table("tag", sa.Column("id", sa.Integer(), primary_key=True))',
        "pass",
        ("downgrade", "table tag", ": unexpected"),
    ),
    Case(
        "a table comes back under another name",
        'op.rename_table("post", "article")',
        'op.rename_table("article", "posts")',
        ("downgrade", "table post: missing"),
    ),
    Case(
        "a view does not come back",
        'op.execute("DROP VIEW active_user")',
        "pass",
        ("downgrade", "active_user", ": missing"),
        before=(USER_AND_POST, (VIEW, 'op.execute("DROP VIEW active_user")')),
    ),
    Case(
        "a trigger does not come back",
        'op.execute("DROP TRIGGER tr_post")',
        "pass",
        ("downgrade", "trigger tr_post of post", ": missing"),
        only="sqlite",
        before=(
            USER_AND_POST,
            (TRIGGER.replace("{begin}", "BEGIN ").replace("{end}", "; END"), 'op.execute("DROP TRIGGER tr_post")'),
        ),
    ),
    Case(
        "a trigger does not come back on MySQL",
        'op.execute("DROP TRIGGER tr_post")',
        "pass",
        ("downgrade", "trigger tr_post of post", ": missing"),
        only="mysql",
        before=(
            USER_AND_POST,
            (TRIGGER.replace("{begin}", "").replace("{end}", ""), 'op.execute("DROP TRIGGER tr_post")'),
        ),
    ),
    Case(
        "the downgrade takes a column of an earlier revision",
        'op.add_column("post", sa.Column("tags", sa.JSON(), nullable=True))',
        'op.drop_column("post", "tags")\nop.drop_column("user", "nick")',
        ("downgrade", "user.nick", ": missing"),
        before=(USER_AND_POST, (ADD_NICK, 'op.drop_column("user", "nick")')),
    ),
    Case(
        "an index that a foreign key needs goes first on the way down",
        'op.create_index("ix_post_user_title", "post", ["user_id", "title"])\nop.drop_index("ix_post_user", "post")',
        'op.drop_index("ix_post_user_title", "post")\nop.create_index("ix_post_user", "post", ["user_id"])',
        ("downgrade", "fails", "1553", "ix_post_user_title"),
        only="mysql",
    ),
    Case(
        "a column is dropped and comes back empty",
        'op.drop_column("post", "body")',
        'op.add_column("post", sa.Column("body", sa.Text(), nullable=True))',
        ("downgrade", "post.body", "found NULL"),
    ),
    Case(
        "a rename that drops and adds",
        'op.add_column("user", sa.Column("mail", sa.String(100), nullable=True))\n'
        + USER
        + 'batch.drop_constraint("uq_user_email", type_="unique")\n    batch.drop_column("email")',
        'op.add_column("user", sa.Column("email", sa.String(100), nullable=True))\n'
        + USER
        + 'batch.drop_column("mail")\n    batch.create_unique_constraint("uq_user_email", ["email"])',
        ("downgrade", "user.email", "found NULL"),
    ),
    Case(
        "an update of data is not undone",
        "op.execute(\"UPDATE user SET status = 'gone'\")",
        "pass",
        ("downgrade", "user.status", "'gone'"),
    ),
    Case(
        "what was JSON is emptied",
        "op.execute(\"UPDATE user SET settings = '{}' WHERE settings IS NOT NULL\")",
        "pass",
        ("downgrade", "user.settings"),
    ),
    Case(
        "rows are deleted for good",
        'op.execute("DELETE FROM post WHERE body IS NULL")',
        "pass",
        ("downgrade", "post", "rows are gone"),
    ),
    Case(
        "rows are put in and stay",
        "op.execute(\"INSERT INTO user (id, name) VALUES (4711, 'root')\")",
        "pass",
        ("downgrade", "user", "1 row too many"),
    ),
    Case(
        "rows without a key are put in and stay",
        "op.execute(\"INSERT INTO log (line) VALUES ('seed')\")",
        "pass",
        ("downgrade", "log", "1 row too many"),
        before=(('op.create_table("log", sa.Column("line", sa.String(20), nullable=True))', 'op.drop_table("log")'),),
    ),
    Case(
        "long values stop a narrowing or do not fit it",
        USER + 'batch.alter_column("email", type_=sa.String(10), existing_type=sa.String(100))',
        USER + 'batch.alter_column("email", type_=sa.String(100), existing_type=sa.String(10))',
        ("upgrade", "email"),
    ),
    Case(
        "long values are cut",
        'op.execute("UPDATE user SET status = substr(status, 1, 8)")\n'
        + USER
        + 'batch.alter_column("status", type_=sa.String(8), existing_type=sa.String(20), existing_server_default="active")',
        USER
        + 'batch.alter_column("status", type_=sa.String(20), existing_type=sa.String(8), existing_server_default="active")',
        ("user.status",),
    ),
    Case(
        "NOT NULL without a default on a table with rows",
        'op.add_column("post", sa.Column("mood", sa.Integer(), nullable=False))',
        'op.drop_column("post", "mood")',
        ("upgrade", "NOT NULL"),
    ),
    Case(
        "NULLs stop a NOT NULL",
        USER + 'batch.alter_column("age", nullable=False, existing_type=sa.Integer())',
        USER + 'batch.alter_column("age", nullable=True, existing_type=sa.Integer())',
        ("upgrade", "fails"),
    ),
    Case(
        "NULLs are filled in and stay so",
        'op.execute("UPDATE user SET age = 0 WHERE age IS NULL")\n'
        + USER
        + 'batch.alter_column("age", nullable=False, existing_type=sa.Integer())',
        USER + 'batch.alter_column("age", nullable=True, existing_type=sa.Integer())',
        ("downgrade", "user.age", "expected NULL, found 0"),
    ),
    Case(
        "a unique that duplicates stop on the way up",
        USER + 'batch.create_unique_constraint("uq_user_age", ["age"])',
        USER + 'batch.drop_constraint("uq_user_age", type_="unique")',
        ("upgrade", "fails"),
    ),
    Case(
        "a copy of a table takes the rows of its children along",
        "with op.get_context().autocommit_block():\n"
        '    op.execute("PRAGMA foreign_keys = ON")\n'
        '    op.execute("CREATE TABLE copy AS SELECT * FROM user")\n'
        '    op.execute("DROP TABLE user")\n'
        '    op.execute("ALTER TABLE copy RENAME TO user")',
        "pass",
        ("upgrade", "post", "rows are gone"),
        only="sqlite",
    ),
    Case(
        "rows that go and come back take those of their children along",
        'op.execute("CREATE TABLE copy AS SELECT * FROM user")\nop.execute("DELETE FROM user")\n'
        'op.execute("INSERT INTO user SELECT * FROM copy")\nop.drop_table("copy")',
        "pass",
        ("upgrade", "post", "rows are gone"),
        only="mysql",
    ),
    Case(
        "a time of day is cut off",
        BILL + 'batch.alter_column("due", type_=sa.Date(), existing_type=sa.DateTime())',
        BILL + 'batch.alter_column("due", type_=sa.DateTime(), existing_type=sa.Date())',
        ("bill.due",),
        only="mysql",
        before=table('sa.Column("due", sa.DateTime(), nullable=True)'),
    ),
    Case(
        "a value of an enumeration goes that rows have",
        BILL
        + 'batch.alter_column("kind", type_=sa.Enum("a", "b", name="kind"), existing_type=sa.Enum("a", "b", "c", name="kind"))',
        BILL
        + 'batch.alter_column("kind", type_=sa.Enum("a", "b", "c", name="kind"), existing_type=sa.Enum("a", "b", name="kind"))',
        ("upgrade", "kind"),
        only="mysql",
        before=table('sa.Column("kind", sa.Enum("a", "b", "c", name="kind"), nullable=True)'),
    ),
    Case(
        "text becomes a number",
        BILL + 'batch.alter_column("code", type_=sa.Integer(), existing_type=sa.String(20))',
        BILL + 'batch.alter_column("code", type_=sa.String(20), existing_type=sa.Integer())',
        ("value",),
        before=table('sa.Column("code", sa.String(20), nullable=True)'),
    ),
    Case(
        "the downgrade is not written",
        ADD_NICK,
        'raise NotImplementedError("no way back")',
        ("downgrade", "fails", "no way back"),
    ),
    Case(
        "the downgrade fails without rows, too",
        ADD_NICK,
        'op.drop_column("user", "nickname")',
        ("downgrade", "fails", "nickname"),
    ),
    Case(
        "rows that have come since go on the way down",
        'op.add_column("post", sa.Column("mood", sa.Integer(), nullable=True))',
        'op.execute("DELETE FROM post WHERE id > 6")\n' + POST + 'batch.drop_column("mood")',
        ("downgrade", "post", "rows are gone"),
    ),
    Case(
        "rows that have come since go from a table without a key",
        'op.add_column("log", sa.Column("level", sa.Integer(), nullable=True))',
        'op.execute("DELETE FROM log WHERE level IS NOT NULL")\n'
        'with op.batch_alter_table("log") as batch:\n    batch.drop_column("level")',
        ("downgrade", "log", "rows are gone"),
        before=(('op.create_table("log", sa.Column("line", sa.String(20), nullable=True))', 'op.drop_table("log")'),),
    ),
    Case(
        "rows are put in beside a new table and stay",
        'op.create_table("role", sa.Column("id", sa.Integer(), primary_key=True))\n'
        "op.execute(\"INSERT INTO user (name) VALUES ('root')\")",
        'op.drop_table("role")',
        ("downgrade", "user", "1 row too many"),
    ),
    Case(
        "a column of an earlier revision is dropped and comes back empty",
        'op.drop_column("user", "nick")',
        ADD_NICK,
        ("downgrade", "user.nick", "found NULL"),
        before=(USER_AND_POST, (ADD_NICK, 'op.drop_column("user", "nick")')),
    ),
    Case(
        "a column goes after many changes of its table",
        'op.drop_column("bill", "c13")',
        'op.add_column("bill", sa.Column("c13", sa.Integer(), nullable=True))',
        ("downgrade", "bill.c13", "found NULL"),
        before=(
            table('sa.Column("c0", sa.Integer(), nullable=True)')[0],
            *(
                (
                    f'op.add_column("bill", sa.Column("c{n}", sa.Integer(), nullable=True))',
                    f'op.drop_column("bill", "c{n}")',
                )
                for n in range(1, 14)
            ),
        ),
        ids=tuple(f"{n:x}{n:x}" for n in range(1, 16)),
    ),
    Case(
        "two columns come back exchanged",
        POST
        + 'batch.alter_column("a", new_column_name="x", existing_type=sa.String(20))\n'.replace("POST", "")
        + '    batch.alter_column("b", new_column_name="y", existing_type=sa.String(20))',
        POST
        + 'batch.alter_column("x", new_column_name="b", existing_type=sa.String(20))\n'
        + '    batch.alter_column("y", new_column_name="a", existing_type=sa.String(20))',
        ("downgrade", "post.a", "another value"),
        before=(
            (
                'op.create_table("post", sa.Column("id", sa.Integer(), nullable=False), sa.Column("a", sa.String(20)),\n'
                '    sa.Column("b", sa.String(20)), sa.PrimaryKeyConstraint("id"))',
                'op.drop_table("post")',
            ),
        ),
    ),
    Case(
        "empty strings become NULL",
        "op.execute(\"UPDATE user SET status = '' WHERE status IS NULL\")",
        "op.execute(\"UPDATE user SET status = NULL WHERE status = ''\")",
        ("downgrade", "user.status", "expected '', found NULL"),
    ),
    Case(
        "a unique on the children of a parent",
        POST + 'batch.create_unique_constraint("uq_post_user", ["user_id"])',
        POST + 'batch.drop_constraint("uq_post_user", type_="unique")',
        ("upgrade", "fails"),
    ),
    Case(
        "negative numbers stop an unsigned column",
        'op.execute("ALTER TABLE user MODIFY age INT UNSIGNED NULL")',
        'op.execute("ALTER TABLE user MODIFY age INT NULL")',
        ("upgrade", "fails", "age"),
        only="mysql",
    ),
    Case(
        "large numbers do not fit a smaller type",
        BILL + 'batch.alter_column("number", type_=sa.SmallInteger(), existing_type=sa.Integer())',
        BILL + 'batch.alter_column("number", type_=sa.Integer(), existing_type=sa.SmallInteger())',
        ("upgrade", "number"),
        before=table('sa.Column("number", sa.Integer(), nullable=True)'),
    ),
    Case(
        "what becomes JSON is none",
        BILL + 'batch.alter_column("body", type_=sa.JSON(), existing_type=sa.Text())',
        BILL + 'batch.alter_column("body", type_=sa.Text(), existing_type=sa.JSON())',
        ("upgrade", "body"),
        before=table('sa.Column("body", sa.Text(), nullable=True)'),
    ),
    Case(
        "what becomes a time is none",
        BILL + 'batch.alter_column("at", type_=sa.DateTime(), existing_type=sa.String(60))',
        BILL + 'batch.alter_column("at", type_=sa.String(60), existing_type=sa.DateTime())',
        ("upgrade", "at"),
        before=table('sa.Column("at", sa.String(60), nullable=True)'),
    ),
    Case(
        "a new NOT NULL column that the server fills",
        'op.execute("ALTER TABLE post ADD mood INT NOT NULL")',
        'op.drop_column("post", "mood")',
        ("upgrade", "post.mood", "NOT NULL"),
        only="mysql",
    ),
    Case(
        "a view refers to what is gone",
        USER
        + 'batch.alter_column("status", new_column_name="state", existing_type=sa.String(20), existing_server_default="active")',
        USER
        + 'batch.alter_column("state", new_column_name="status", existing_type=sa.String(20), existing_server_default="active")',
        ("upgrade", "view active_user does not work any more"),
        only="mysql",
        before=(USER_AND_POST, (VIEW, 'op.execute("DROP VIEW active_user")')),
    ),
    Case(
        "a conflict clause does not come back",
        'op.drop_table("named")',
        'op.execute("CREATE TABLE named (id INTEGER PRIMARY KEY, name TEXT, UNIQUE (name))")',
        ("downgrade", "unique (name) of named", "REPLACE"),
        only="sqlite",
        before=(
            (
                'op.execute("CREATE TABLE named (id INTEGER PRIMARY KEY, name TEXT, UNIQUE (name) ON CONFLICT REPLACE)")',
                'op.drop_table("named")',
            ),
        ),
        top='lossy = "not used"',
    ),
    Case(
        "what a trigger does to another table is not undone",
        "op.execute(\"UPDATE post SET title = 'x' WHERE id = 1\")",
        "pass",
        ("downgrade", "user.age"),
        before=(
            USER_AND_POST,
            (
                'body = "UPDATE user SET age = 77"\n'
                'body = f"BEGIN {body}; END" if op.get_bind().dialect.name == "sqlite" else body\n'
                'op.execute(f"CREATE TRIGGER tr_post AFTER UPDATE ON post FOR EACH ROW {body}")',
                'op.execute("DROP TRIGGER tr_post")',
            ),
        ),
    ),
    Case(
        "what no statement names is changed",
        'op.get_bind().connection.cursor().execute("UPDATE user SET age = 99 WHERE id = 1")',
        "pass",
        ("no statement names it", "user.age"),
    ),
    Case(
        "the second upgrade makes another schema",
        'global times\ntimes += 1\nop.add_column("post", sa.Column("mood", sa.String(20 * times), nullable=True))',
        POST + 'batch.drop_column("mood")',
        ("second upgrade", "post.mood", "varchar(20)", "varchar(40)"),
        top="times = 0",
    ),
    Case(
        "the second upgrade fills nothing",
        'global times\ntimes += 1\nop.add_column("post", sa.Column("mood", sa.String(20), nullable=True))\n'
        "if times == 1:\n    op.execute(\"UPDATE post SET mood = 'x'\")",
        POST + 'batch.drop_column("mood")',
        ("second upgrade", "post.mood", "NULL after the second"),
        top="times = 0",
    ),
    Case(
        "the second upgrade puts in fewer rows",
        "global times\ntimes += 1\n"
        "if times == 1:\n    op.execute(\"INSERT INTO post (user_id, title) SELECT min(id), 'x' FROM user\")",
        "op.execute(\"DELETE FROM post WHERE title = 'x'\")",
        ("second upgrade", "post", "rows are missing"),
        top="times = 0",
    ),
    Case(
        "a revision ends the program",
        "import sys\nsys.exit(3)",
        "pass",
        ("upgrade", "fails", "SystemExit: 3"),
    ),
    Case(
        "a revision asks something",
        'input("sure? ")',
        "pass",
        ("upgrade", "fails"),
    ),
    Case(
        "lossy without a loss",
        ADD_NICK,
        'op.drop_column("user", "nick")',
        ("declared lossy", "no data was lost"),
        top='lossy = "who knows"',
    ),
    Case(
        "irreversible, and it is not",
        ADD_NICK,
        'op.drop_column("user", "nick")',
        ("declared irreversible",),
        top='irreversible = "who knows"',
    ),
    Case(
        "lossy without a reason",
        'op.drop_column("post", "body")',
        'op.add_column("post", sa.Column("body", sa.Text(), nullable=True))',
        ("lossy must be a reason in words",),
        top="lossy = True",
    ),
    Case(
        "lossy, and the schema is lost too",
        'op.drop_column("post", "body")',
        'op.add_column("post", sa.Column("body", sa.String(10), nullable=True))',
        ("downgrade", "post.body", "text", "varchar(10)"),
        top='lossy = "nobody reads it"',
    ),
]
