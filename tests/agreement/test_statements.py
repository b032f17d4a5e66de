"""A server in memory and a real MySQL, statement by statement: both describe their tables alike, or refuse alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import memory_mysql

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = [
    "TINYINT",
    "TINYINT(1)",
    "TINYINT(4)",
    "BOOL",
    "SMALLINT",
    "MEDIUMINT",
    "INTEGER",
    "INT(11)",
    "INTEGER(5) UNSIGNED ZEROFILL",
    "BIGINT",
    "BIGINT UNSIGNED",
    "BIT",
    "BIT(8)",
    "FLOAT",
    "FLOAT(24)",
    "FLOAT(25)",
    "FLOAT(53)",
    "FLOAT(7, 3)",
    "DOUBLE",
    "DOUBLE PRECISION",
    "DOUBLE(7, 3)",
    "REAL",
    "NUMERIC",
    "NUMERIC(10)",
    "NUMERIC(10, 2)",
    "DECIMAL(5, 2) UNSIGNED",
    "CHAR",
    "CHAR(5)",
    "VARCHAR(20)",
    "NATIONAL VARCHAR(20)",
    "NCHAR(5)",
    "VARCHAR(20) CHARACTER SET latin1",
    "VARCHAR(20) CHARACTER SET utf8mb4",
    "VARCHAR(20) COLLATE utf8mb4_bin",
    "VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin",
    "VARCHAR(20) CHARACTER SET utf8",
    "TEXT",
    "TEXT(10)",
    "TEXT(100)",
    "TEXT(20000)",
    "TINYTEXT",
    "MEDIUMTEXT",
    "LONGTEXT",
    "LONGTEXT COLLATE utf8mb4_bin",
    "BLOB",
    "BLOB(100)",
    "LONGBLOB",
    "BINARY",
    "BINARY(5)",
    "VARBINARY(9)",
    "JSON",
    "ENUM('a','b')",
    "ENUM('it''s','b\\\\c')",
    "SET('a','b')",
    "DATE",
    "TIME",
    "TIME(3)",
    "DATETIME",
    "DATETIME(6)",
    "TIMESTAMP",
    "TIMESTAMP(6)",
    "TIMESTAMP NOT NULL",
    "YEAR",
    "YEAR(4)",
    "GEOMETRY",
    "POINT",
    "VECTOR(3)",
    "DEC(5,1)",
    "FIXED",
    "INTEGER SIGNED",
    "VARCHAR(20) CHARSET latin1",
    "SERIAL",
    "VARCHAR(20) COLLATE utf8mb4_general_ci",
    "VARCHAR(20) COLLATE utf8mb4_0900_ai_ci",
    "TINYINT(1) UNSIGNED",
    "INT ZEROFILL",
    "VARCHAR(20) CHARACTER SET binary",
    "TEXT CHARACTER SET latin1",
    "CHAR(0)",
    "TEXT(65535)",
    "TEXT(63)",
    "TEXT(64)",
    "TEXT(16383)",
    "TEXT(16384)",
    "BLOB(255)",
    "BLOB(256)",
    "BLOB(65536)",
    "TEXT(5000) CHARACTER SET latin1",
    "ENUM('a') COLLATE utf8mb4_bin",
    "CHARACTER VARYING(9)",
    "TIME(0)",
]
DEFAULTS = [
    "VARCHAR(9) DEFAULT _utf8mb4'x'",
    "CHAR(5) DEFAULT 'x  '",
    "TIME DEFAULT '10:11:12'",
    "INT DEFAULT 0",
    "INT DEFAULT '0'",
    "INT DEFAULT -1",
    "INT DEFAULT (-1)",
    "INT DEFAULT (1+2)",
    "INT DEFAULT true",
    "BOOL DEFAULT false",
    "BOOL DEFAULT '1'",
    "INT DEFAULT '007'",
    "NUMERIC(5,2) DEFAULT 1.5",
    "NUMERIC(5,2) DEFAULT '1.5'",
    "NUMERIC(5,2) DEFAULT -1",
    "FLOAT DEFAULT 1.5",
    "FLOAT DEFAULT 1",
    "FLOAT DEFAULT '1.50'",
    "DOUBLE DEFAULT 1e3",
    "DOUBLE DEFAULT 0.1",
    "VARCHAR(9) DEFAULT 'x'",
    "VARCHAR(9) DEFAULT 5",
    "VARCHAR(9) DEFAULT ''",
    "VARCHAR(9) DEFAULT 'it''s'",
    "VARCHAR(9) DEFAULT 'a\\\\b'",
    "VARCHAR(9) DEFAULT 'a\\nb'",
    "VARCHAR(9) DEFAULT '😀'",
    "VARCHAR(9) DEFAULT 'a\"b'",
    "VARCHAR(9) DEFAULT ('x')",
    "VARCHAR(36) DEFAULT (uuid())",
    "TEXT DEFAULT ('x')",
    "TEXT DEFAULT 'x'",
    "JSON DEFAULT ('{}')",
    "JSON DEFAULT (json_array())",
    "JSON DEFAULT (JSON_OBJECT())",
    "DATETIME DEFAULT now()",
    "DATETIME DEFAULT CURRENT_TIMESTAMP",
    "DATETIME DEFAULT current_timestamp()",
    "DATETIME DEFAULT (now())",
    "DATETIME DEFAULT (CURRENT_TIMESTAMP)",
    "DATETIME(6) DEFAULT now(6)",
    "DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6)",
    "DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
    "DATETIME ON UPDATE now()",
    "DATETIME(6) DEFAULT now(6) ON UPDATE now(6)",
    "TIMESTAMP DEFAULT now()",
    "TIMESTAMP NOT NULL DEFAULT now()",
    "TIMESTAMP NULL",
    "DATETIME DEFAULT '2020-01-01'",
    "DATETIME DEFAULT '2020-01-01 10:00:00'",
    "DATETIME(6) DEFAULT '2020-01-01 10:00:00'",
    "DATE DEFAULT '2020-1-1'",
    "DATE DEFAULT (CURRENT_DATE)",
    "DATE DEFAULT (curdate())",
    "TIME DEFAULT '10:00'",
    "ENUM('a','b') DEFAULT 'a'",
    "BIT DEFAULT 1",
    "BIT(8) DEFAULT b'101'",
    "BLOB DEFAULT ('x')",
    "INT DEFAULT NULL",
    "INT NOT NULL DEFAULT 5 COMMENT 'c''o'",
    "YEAR DEFAULT 2020",
    "INT DEFAULT '-1'",
    "INT DEFAULT +1",
    "VARCHAR(9) DEFAULT (concat('a','b'))",
    "INT DEFAULT (2*3)",
    "VARBINARY(9) DEFAULT 'x'",
    "VARCHAR(9) DEFAULT NULL",
    "INT DEFAULT ('5')",
    "INT COMMENT 'a\\\\b'",
    "BINARY(2) DEFAULT 'x'",
    "VARCHAR(9) DEFAULT 'A' COLLATE utf8mb4_bin",
    "DATETIME DEFAULT '2020-01-01T10:00:00'",
    "DATETIME DEFAULT LOCALTIME",
    "INT DEFAULT 1.7",
    "NUMERIC(5,2) DEFAULT 1.555",
]
PARENT = "create table p (id int primary key, b int, c int, unique(b))"
SCRIPTS: dict[str, list[str]] = {
    "fks": [
        PARENT,
        "create table t (id int, a int references p(id), b int, c int, d int, e int, constraint k1 foreign key (a) references p (id) on delete restrict, foreign key (b) references p(id) on delete no action on update no action, constraint foreign key fkn (c) references p(id) on delete set null, foreign key (d) references p(b) on delete set default on update cascade)",
    ],
    "fk-implicit-names": [
        PARENT,
        "create table t (a int, b int, index(a), foreign key (b) references p(id))",
        "alter table t add foreign key (a) references p(id)",
        "alter table t add constraint zz foreign key (b) references p(b)",
    ],
    "fk-implicit-superseded": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "create index ix on t (a,b)",
    ],
    "fk-implicit-superseded-by-unique": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "alter table t add unique uq (a)",
    ],
    "fk-implicit-superseded-by-pk": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "alter table t add primary key (a,b)",
    ],
    "fk-implicit-in-pk-at-create": [
        PARENT,
        "create table t (a int, b int, primary key (a,b), constraint fk foreign key (a) references p(id), constraint fk2 foreign key (b) references p(id))",
    ],
    "fk-implicit-not-superseded-desc-or-prefix": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "create index ix on t (a desc)",
    ],
    "fk-drop-index-stays-then-other-index": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "alter table t drop foreign key fk",
        "create index ix on t (a)",
    ],
    "two-fks-same-col": [
        PARENT,
        "create table t (a int, constraint fk foreign key (a) references p(id))",
        "alter table t add constraint fk2 foreign key (a) references p(b)",
        "alter table t drop foreign key fk",
    ],
    "drop-needed-index": [
        PARENT,
        "create table t (a int, constraint fk foreign key (a) references p(id))",
        "drop index fk on t",
    ],
    "drop-index-after-wider-made": [
        PARENT,
        "create table t (a int, b int, index ix1 (a), constraint fk foreign key (a) references p(id))",
        "create index ix2 on t (a,b)",
        "drop index ix1 on t",
    ],
    "drop-col-in-fk": [
        PARENT,
        "create table t (a int, b int, constraint fk foreign key (a) references p(id))",
        "alter table t drop column a",
    ],
    "rename": [
        PARENT,
        "create table t (a int, b int check (b>0), foreign key (a) references p(id), check (a<b), constraint named check (a > 1))",
        "rename table p to q, t to u",
    ],
    "rename-col": [
        PARENT,
        "create table t (a int, b int, foreign key (a) references p(id), unique (a,b))",
        "alter table t rename column a to z",
        "alter table p change id pid int",
    ],
    "checks": [
        'create table t (a int, b varchar(9), check (a > 0 and b is not null), check (a in (1,2)), check (length(b) > 2), constraint x check (a between 1 and 5 or not (a = 7)), check (b like "x%"), check (a <> 1), check (a != 1), check(-a < 1.5), check (b in ("x","y")), check (a+1*2 > 3), check (json_valid(b)), check (upper(b) = b))',
    ],
    "checks-not-enforced": [
        "create table t (a int, constraint x check (a>0) not enforced)",
    ],
    "generated": [
        'create table t (a int, n varchar(9), b int generated always as (a+1) stored, c int as (a*2) virtual not null, d varchar(20) generated always as (concat(n,"-",a)) comment "x", e varchar(9) as (lower(n)), f int as (case when a > 1 then 2 else null end), g int as (coalesce(a,0)), h int as (a % 2), i int as (a / 2), j varchar(9) as (n->>"$.x"), k date as (cast(n as date)), l int as (if(a>1,1,0)))',
    ],
    "indexes": [
        "create table t (id int auto_increment primary key, a varchar(20), b int, d text, e json)",
        "create index i1 on t (a(5))",
        "create index i2 on t (a desc, b asc)",
        "create unique index i3 on t (b)",
        "create index i4 on t ((lower(a)))",
        "create index i5 on t ((b+1), a)",
        "create fulltext index i6 on t (d)",
        "create index i7 using btree on t (b)",
        "create index i8 on t (d(10), a(3) desc)",
        'create index i9 on t (b) comment "x" invisible',
        "create index i10 on t (a(20))",
        "create index i11 on t (b) using hash",
        "create fulltext index i12 on t (d) with parser ngram",
        "alter table t add unique (b)",
        "alter table t add index (b)",
        "alter table t add unique key uk (a, b)",
        'create index i13 on t ((cast(e->>"$.x" as char(20))))',
        "create index i14 on t ((upper(a)) desc)",
    ],
    "pk": [
        "create table t (a int, b int, primary key (b, a))",
        "alter table t drop primary key",
    ],
    "pk-modify-nullable": [
        "create table t (a int primary key, b int)",
        "alter table t modify a bigint null",
        "alter table t modify a bigint",
        "alter table t drop primary key, add primary key (b)",
    ],
    "auto-inc": [
        "create table t (a int auto_increment primary key, b int)",
        "alter table t modify a bigint auto_increment not null",
        "alter table t change a z bigint",
    ],
    "options": [
        'create table t (a varchar(9)) engine=InnoDB default charset=latin1 comment="it\'s" row_format=dynamic',
    ],
    "options2": [
        "create table t (a varchar(9), b varchar(9) character set utf8mb4, c varchar(9) collate utf8mb4_bin) charset utf8mb4 collate utf8mb4_bin",
        "alter table t add d varchar(9) collate utf8mb4_bin",
        "alter table t add e varchar(9) collate utf8mb4_general_ci",
        'alter table t comment "x"',
        'alter table t comment ""',
        "alter table t engine=myisam",
    ],
    "options3": [
        "create table t (a varchar(9)) collate utf8mb4_general_ci",
        "alter table t default charset latin1",
        "alter table t add b varchar(9)",
    ],
    "first-after": [
        "create table t (a int, b int)",
        "alter table t add c int first, add d int after a",
        "alter table t modify b int first",
        "alter table t add (e int, f int)",
    ],
    "drop-col-keys": [
        "create table t (a int, b int, c int, key k (a,b), unique u (a,c), check (c>0), check (a>0))",
        "alter table t drop column a",
        "alter table t drop column c",
    ],
    "inline": [
        'create table t (a int unique, b int primary key, c int unique key comment "x", d int key)',
    ],
    "inline2": [
        "create table t (b int primary key)",
        "alter table t add a int unique, add c int check (c>0), add d int references p(id)",
    ],
    "default-alter": [
        "create table t (a int not null default 5, b varchar(9), c datetime)",
        "alter table t alter a drop default",
        'alter table t alter b set default "x"',
        "alter table t alter c set default (now())",
    ],
    "default-alter2": [
        'create table t (a int default 5, b varchar(9) default "c")',
        "alter table t alter a drop default",
        "alter table t alter b set default null",
        "create table x like t",
    ],
    "uniq-null": [
        "create table t (a int not null, b int, key k (b), unique ub (b), unique ua (a), fulltext key ft (z), z text)",
    ],
    "modify-unique": [
        "create table t (a int, b int)",
        "alter table t modify a bigint unique",
    ],
    "auto-name-collisions": [
        "create table t (a int, b int, index(a), index(a,b), unique(a), key a_2x (b))",
    ],
    "fk-settle-order": [
        PARENT,
        "create table t (a int, b int, constraint f1 foreign key (a) references p(id), constraint f2 foreign key (a) references p(b), key k (a,b))",
    ],
    "fk-before-key-later-in-same-create": [
        PARENT,
        "create table t (a int, b int, key k (b), constraint f1 foreign key (a) references p(id), unique key u (a))",
    ],
    "alter-add-col-fk-ix": [
        PARENT,
        "create table t (a int)",
        "alter table t add column b int, add constraint f foreign key (b) references p(id), add index ix (b)",
    ],
    "drop-fk-and-its-index": [
        PARENT,
        "create table t (a int, constraint f foreign key (a) references p(id))",
        "alter table t drop foreign key f",
        "drop index f on t",
    ],
    "rename-index": [
        "create table t (a int, key k (a))",
        "alter table t rename index k to z",
    ],
    "drop-constraint": [
        PARENT,
        "create table t (a int, constraint f foreign key (a) references p(id), constraint c check (a>0), unique key u (a))",
        "alter table t drop constraint c",
        "alter table t drop constraint f",
        "alter table t drop constraint u",
    ],
    "table-exists": [
        "create table t (a int)",
        "create table t (a int)",
        "create table if not exists t (b int)",
        "drop table zz",
        "alter table t add a int",
        "alter table t drop zz",
        "alter table t modify zz int",
        "drop index zz on t",
        "create index i on t (zz)",
        "create index i on t (a)",
        "create index i on t (a)",
        "alter table zz add b int",
        "alter table t drop foreign key zz",
        "alter table t drop check zz",
        "alter table t drop constraint zz",
        "alter table t drop primary key",
        "alter table t add primary key (a)",
        "alter table t add primary key (a)",
        "alter table t add constraint x foreign key (a) references zz(id)",
        "alter table t drop a",
        "rename table zz to y",
        "rename table t to t",
        "alter table t rename to u",
        "alter table t rename column q to z",
        "describe zz",
    ],
    "drop-referenced": [
        PARENT,
        "create table t (a int, constraint f foreign key (a) references p(id))",
        "drop table p",
        "drop table p, t",
        "drop table p",
    ],
    "check-inline-names": [
        "create table t (a int check (a>0), constraint q check (a>1), b int constraint zz check (b > 0))",
        "alter table t add check (a > 9)",
        "alter table t drop check t_chk_1",
        "alter table t add check (a > 10)",
        "alter table t add c int, add check (c > 0)",
    ],
    "drop-col-in-check": [
        "create table t (a int, b int, constraint q check (a>b), g int as (a+1))",
        "alter table t drop b",
        "alter table t drop a",
        "alter table t rename column b to z",
    ],
    "like": [
        PARENT,
        'create table o (a int default 5 comment "x", b int, primary key(a), key k (b), constraint f foreign key (b) references p(id), check (b>0)) comment "cc"',
        "create table t like o",
    ],
}
SCRIPTS["alter-a-text's-default"] = [
    "create table t (a int not null, b text not null, c json)",
    "alter table t alter a set default (3)",
    'alter table t alter b set default ("x")',
    "alter table t alter c set default (json_array())",
    "alter table t alter b set default (uuid())",
]
SCRIPTS |= {
    "several-actions-in-one-statement": [
        PARENT,
        "create table t (id int primary key, a int, b int, key ix (a), constraint f foreign key (a) references p (id))",
        "alter table t drop key ix, add key ix (a, b)",
        "alter table t drop key ix, drop foreign key f",
        "alter table t add constraint f foreign key (a) references p (id)",
        "alter table t drop column a, drop foreign key f",
        "alter table t add key k (c), add column c int",
        "alter table t drop primary key, add primary key (b)",
        "alter table t add primary key (id), drop primary key",
        "alter table t algorithm=inplace, lock=none, add d int",
        "alter table t rename column c to d",
        "alter table t add key l (d)",
        "alter table t rename index k to l",
        "alter table t add key m (c), rename column c to z",
        "alter table t rename index k to kk, rename index l to ll",
    ],
    "what-others-need": [
        PARENT,
        "create table t (a int, g int as (a + 1), n varchar(20), key ((lower(n))), constraint f foreign key (a) references p (b))",
        "alter table p drop column b",
        "alter table p drop key b",
        "alter table t drop column a",
        "alter table t rename column a to z",
        "alter table t drop column n",
        "alter table p rename column b to bb",
        "alter table p drop column c",
    ],
    "keys-follow-their-columns": [
        "create table t (a varchar(20), b text, key k (a(10)), key l (b(5)))",
        "alter table t modify a varchar(5)",
        "alter table t modify a varchar(50)",
        "alter table t modify b longtext",
        "create table u like t",
    ],
    "an-index-made-for-a-foreign-key-and-renamed": [
        PARENT,
        "create table t (a int, constraint f foreign key (a) references p (id))",
        "alter table t rename index f to g",
        "create index h on t (a)",
    ],
    "checks-of-a-copy": [
        "create table t (a int, constraint pos check (a > 0), check (a < 9))",
        "create table u like t",
    ],
    "unguarded": [
        "set foreign_key_checks = 0",
        "create table t (a int, constraint f foreign key (a) references later (id))",
        "create table later (id int primary key)",
        "set foreign_key_checks = 1",
        "drop table later",
    ],
}
EXPRESSIONS = [
    "(a = 1) = (b = 1)", "not a > 1", "not (a between 1 and 2)", "not (a in (1))", "a not in (1, 2)",
    "b not between 1 and 2", "a is not true", "a and b or a", "a or b and a", "a - b - 1 > 0", "a = 1 xor b = 2",
    "a > -1", "a div 2 = 1", "a mod 2 = 1", "mod(a, 2) = 1", "a = null", "a = true", "a is null", "isnull(a)",
    "not (a is null)", "char_length(n) > 1", "length(trim(n)) > 0", "a = 1.50", "n in ('x', 'y')",
    "substring(n, 1, 2) = 'x'", "substr(n, 1) = 'x'", "left(n, 1) = 'b'", "cast(a as char) = 'x'",
    "cast(n as signed) = 1", "a * b + 1 > 0", "((a > 1))", "coalesce(a, b, 1) > 0", "a and b and a", "a or b or a",
    "year(d) > 1", "upper(n) like 'X%'", "a > 0 && b < 5", "t.a > 1", "`a` > 1", "n = 'it''s'", "n like 'a%'",
    "case when a > 1 then 2 else 3 end > 1", "case a when 1 then 2 end", "n is not null and (a > 1 or b < 2)",
    "n->>'$.x' = 'y'", "if(a > 1, 1, 0) = 1", "a % 2 = 0", "concat(n, '-', a) <> ''", "json_valid(n)", "a != 1",
    "ifnull(a, 0) >= 0", "a & 1 = 1", "lower(n) = n", "(a + b) * 2 > 10", "date(d) > '2020-01-01'",
]  # fmt: skip


@pytest.fixture(scope="module")
def real(mysql: str) -> Iterator[sa.Connection]:
    """A connection to a real MySQL, on which a database is made anew for each test."""
    engine = sa.create_engine(mysql, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def outcomes(connection: sa.Connection, statements: list[str]) -> list[Any]:
    """Execute statements; return what becomes of each, and how every table is described after it."""
    found: list[Any] = []
    for statement in statements:
        try:
            doubled = statement if connection.dialect.paramstyle == "named" else statement.replace("%", "%%")
            connection.exec_driver_sql(doubled)
            found.append("done")
        except sa.exc.DBAPIError as error:
            found.append(error.orig.args[0] if error.orig else error)
        for name in sorted(sa.inspect(connection).get_table_names()):
            row = connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one()
            found.append((statement, row[1]))
    return found


def both(real: sa.Connection, statements: list[str]) -> tuple[list[Any], list[Any]]:
    """Return the outcomes on the real server and in memory."""
    database = real.exec_driver_sql("SELECT DATABASE()").scalar_one()
    real.exec_driver_sql(f"DROP DATABASE {database}")
    real.exec_driver_sql(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
    real.exec_driver_sql(f"USE {database}")
    with memory_mysql.engine() as engine, engine.connect() as connection:
        return outcomes(real, statements), outcomes(connection, statements)


@pytest.mark.parametrize("definition", [*TYPES, *DEFAULTS])
def test_columns_are_described_alike(real: sa.Connection, definition: str) -> None:
    there, here = both(real, [f"create table t (id int, a {definition})"])
    assert here == there


@pytest.mark.parametrize("statements", SCRIPTS.values(), ids=SCRIPTS)
def test_tables_are_described_alike_after_each_statement(real: sa.Connection, statements: list[str]) -> None:
    there, here = both(real, statements)
    assert here == there


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_are_written_alike(real: sa.Connection, text: str) -> None:
    table = f"create table t (a int, b int, n varchar(20), d datetime, g int as ({text}), key k (({text})))"
    there, here = both(real, [table])
    assert here == there
