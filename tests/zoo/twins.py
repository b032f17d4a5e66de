"""Pairs of chains for one database on two dialects: some differ, some only seem to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """One more revision behind a first one, on both dialects.

    Attributes:
        name: what it is about.
        mysql: the body of the last upgrade on MySQL.
        sqlite: the same on SQLite.
        finds: words of the difference; empty where there is none.
        reason: declared in the last revision on MySQL.
        accepted: the difference is declared.
    """

    name: str
    mysql: str
    sqlite: str
    finds: tuple[str, ...] = ()
    reason: str = ""
    accepted: bool = False


def table(columns: str, name: str = "bill") -> str:
    """Return the body that makes a table with an id and these columns."""
    key = f'sa.PrimaryKeyConstraint("id", name="pk_{name}")'
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), nullable=False), {columns}, {key})'


NUMBER = 'sa.Column("number", sa.Integer(), nullable=True)'

EVERY_TYPE = table(
    ", ".join(
        f'sa.Column("c{number}", sa.{type_})'
        for number, type_ in enumerate(
            [
                "SmallInteger()",
                "Float()",
                "Double()",
                "Date()",
                "DateTime()",
                "Time()",
                "LargeBinary()",
                "Uuid()",
                "CHAR(3)",
                "Text()",
            ]
        )
    )
)

WRONG = [
    Pair(
        "another type",
        table('sa.Column("x", sa.Integer())'),
        table('sa.Column("x", sa.String(20))'),
        ("bill.x", "type", "integer", "string(20)"),
    ),
    Pair(
        "another length",
        table('sa.Column("x", sa.String(30))'),
        table('sa.Column("x", sa.String(20))'),
        ("bill.x", "string(30)", "string(20)"),
    ),
    Pair(
        "another scale",
        table('sa.Column("x", sa.Numeric(10, 2))'),
        table('sa.Column("x", sa.Numeric(10, 4))'),
        ("bill.x", "decimal(10, 2)", "decimal(10, 4)"),
    ),
    Pair(
        "a longer text",
        table('sa.Column("x", mysql.LONGTEXT())'),
        table('sa.Column("x", sa.Text())'),
        ("bill.x", "longtext", "text"),
    ),
    Pair(
        "a server default on one",
        table('sa.Column("x", sa.Integer(), server_default="1")'),
        table('sa.Column("x", sa.Integer())'),
        ("bill.x", "default", "1", "none"),
    ),
    Pair(
        "another server default",
        table('sa.Column("x", sa.String(9), server_default="a")'),
        table('sa.Column("x", sa.String(9), server_default="b")'),
        ("bill.x", "default", "'a'", "'b'"),
    ),
    Pair(
        "nullability",
        table('sa.Column("x", sa.Integer(), nullable=False)'),
        table('sa.Column("x", sa.Integer())'),
        ("bill.x", "nullable", "no", "yes"),
    ),
    Pair(
        "an index on one",
        table(NUMBER) + '\nop.create_index("ix", "bill", ["number"])',
        table(NUMBER),
        ("index (number) of bill", "only on mysql_zoo"),
    ),
    Pair(
        "an index that is unique on one",
        table(NUMBER) + '\nop.create_index("ix", "bill", ["number"], unique=True)',
        table(NUMBER) + '\nop.create_index("ix", "bill", ["number"])',
        ("unique (number) of bill", "only on mysql_zoo"),
    ),
    Pair(
        "a unique on one",
        table(NUMBER),
        table(NUMBER + ', sa.UniqueConstraint("number", name="uq")'),
        ("unique (number) of bill", "only on sqlite_zoo"),
    ),
    Pair("a whole table on one", table(NUMBER), "pass", ("table bill", "only on mysql_zoo")),
    Pair(
        "a column on one",
        table(NUMBER),
        table(NUMBER + ', sa.Column("more", sa.Integer())'),
        ("column bill.more", "only on sqlite_zoo"),
    ),
    Pair(
        "a foreign key on one",
        table('sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", name="fk"))'),
        table('sa.Column("user_id", sa.Integer())'),
        ("foreign key (user_id) of bill", "only on mysql_zoo"),
    ),
    Pair(
        "another ON DELETE",
        table('sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", name="fk", ondelete="CASCADE"))'),
        table('sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", name="fk", ondelete="SET NULL"))'),
        ("foreign key (user_id) of bill", "on delete", "CASCADE", "SET NULL"),
    ),
    Pair(
        "another primary key",
        'op.create_table("p", sa.Column("a", sa.Integer(), nullable=False), sa.Column("b", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("a", "b"))',
        'op.create_table("p", sa.Column("a", sa.Integer(), nullable=False), sa.Column("b", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("a"))',
        ("primary key of p", "a, b"),
    ),
    Pair("a reason without a difference", table(NUMBER), table(NUMBER), ("no need",), reason="no need"),
]

RIGHT = [
    Pair(
        "booleans",
        table('sa.Column("x", sa.Boolean(), server_default=sa.false(), nullable=False)'),
        table('sa.Column("x", sa.Boolean(), server_default=sa.false(), nullable=False)'),
    ),
    Pair(
        "integers of any width",
        table('sa.Column("x", sa.BigInteger(), server_default="7")'),
        table('sa.Column("x", sa.Integer(), server_default="7")'),
    ),
    Pair(
        "enumerations",
        table('sa.Column("x", sa.Enum("a", "bbb", name="e"), server_default="a")'),
        table('sa.Column("x", sa.Enum("a", "bbb", name="e"), server_default="a")'),
    ),
    Pair("JSON", table('sa.Column("x", sa.JSON())'), table('sa.Column("x", sa.JSON())')),
    Pair(
        "the time of now",
        table('sa.Column("x", sa.DateTime(), server_default=sa.func.now())'),
        table('sa.Column("x", sa.DateTime(), server_default=sa.func.now())'),
    ),
    Pair(
        "numbers and quotes as defaults",
        table(
            'sa.Column("x", sa.Numeric(5, 2), server_default="1.5"), sa.Column("y", sa.String(20), server_default="it\'s")'
        ),
        table(
            'sa.Column("x", sa.Numeric(5, 2), server_default="1.5"), sa.Column("y", sa.String(20), server_default="it\'s")'
        ),
    ),
    Pair(
        "a foreign key and the index that MySQL makes for it",
        table('sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", name="fk_bill"))'),
        table('sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", name="fk_bill"))'),
    ),
    Pair(
        "names of indexes",
        table(NUMBER) + '\nop.create_index("ix", "bill", ["number"])',
        table(NUMBER) + '\nop.create_index("ix_bill_number", "bill", ["number"])',
    ),
    Pair(
        "comments",
        table('sa.Column("x", sa.Integer(), comment="only MySQL keeps it")'),
        table('sa.Column("x", sa.Integer(), comment="only MySQL keeps it")'),
    ),
    Pair(
        "the prefix of an index",
        table('sa.Column("x", sa.Text())') + '\nop.create_index("ix", "bill", ["x"], mysql_length=20)',
        table('sa.Column("x", sa.Text())') + '\nop.create_index("ix", "bill", ["x"])',
    ),
    Pair("every type", EVERY_TYPE, EVERY_TYPE),
    Pair(
        "a difference with a reason",
        table('sa.Column("x", mysql.LONGTEXT())'),
        table('sa.Column("x", sa.Text())'),
        ("bill.x", "longtext", "text"),
        reason="SQLite has no limit",
        accepted=True,
    ),
]
