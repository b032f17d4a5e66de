"""Random statements on a few tables: about half of them fail, since they know nothing of what is there."""

from __future__ import annotations

from hypothesis import strategies as st

TABLES = ["p", "t", "u"]
VIEW = "v"
"""A name for tables, too."""
COLUMNS = ["id", "a", "b", "n", "d"]
NAMES = ["k", "l", "f"]
TYPES = [
    "int", "int", "int", "bigint", "int unsigned", "smallint", "tinyint(1)", "varchar(20)", "varchar(20)", "varchar(40)",
    "varchar(300)", "varchar(1000)", "varchar(20) collate utf8mb4_bin", "char(5)", "text", "blob", "text(100)", "json",
    "datetime", "datetime(6)", "timestamp", "date", "decimal(8,2)", "float", "enum('x','y')", "set('x','y')", "bit(1)",
    "varbinary(9)", "year", "varchar(20) character set latin1", "enum('x','y','z')", "vector(3)", "varchar(70000)",
    "decimal(70,2)", "enum('x','x')",
]  # fmt: skip
DEFAULTS = ["0", "5", "-1", "300", "1.5", "'x'", "''", "'2020-01-01'", "'abcdefgh'", "null", "current_timestamp", "true",
            "(a + 1)", "('x')", "(now())", "(z)", "b'1'", "'0'", "current_timestamp(6)", "'x,y'"]  # fmt: skip
CONDITIONS = [
    "a > 0", "a > b", "b is not null or a > 5", "n like 'x%'", "length(n) > 2", "a in (1, 2)", "not (a = 1 and b = 2)",
    "z > 0", "a", "a + 1", "n regexp '^x'", "a between 1 and 5", "d > '2020-01-01'", "d < now()", "id > 0",
    "coalesce(a, 0) >= 0", "(select 1) > 0", "A > B", "json_valid(n)", "case when a > 1 then 1 else 0 end = 1",
]  # fmt: skip
VALUES = ["a + 1", "a * b", "lower(n)", "concat(n, '-', a)", "a + z", "if(a > 1, 1, 0)", "rand()", "coalesce(a, b)", "1",
          "length(n)", "cast(a as char(5))", "n"]  # fmt: skip
WORDS = ["", "", "", "not null", "null", "unique", "primary key", "auto_increment primary key", "comment 'it''s'",
         "auto_increment", "on update current_timestamp", "auto_increment unique", "not null primary key", "invisible",
         "default current_timestamp on update current_timestamp", "nope"]  # fmt: skip
ACTIONS = ["", "", "", "on delete cascade", "on delete set null", "on update cascade", "on delete restrict"]

tables = st.sampled_from(TABLES)
any_names = st.sampled_from([*TABLES, *TABLES, VIEW])
columns = st.sampled_from(COLUMNS)
names = st.sampled_from(NAMES)


def chosen(*texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(texts)


def joined(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return the parts of a statement, one behind the other."""
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map(
        lambda drawn: " ".join(part for part in drawn if part)
    )


named = st.one_of(st.just(""), st.just(""), joined("constraint", names))
references = joined("references", tables, columns.map(lambda name: f"({name})"), st.sampled_from(ACTIONS))
conditions = st.sampled_from(CONDITIONS).map(lambda text: f"({text})")
columns_of_keys = st.lists(
    st.one_of(columns, columns, columns.map(lambda name: f"{name}(7)"), columns.map(lambda name: f"{name} desc")),
    min_size=1, max_size=2,
).map(lambda drawn: f"({', '.join(drawn)})")  # fmt: skip
parts_of_keys = st.one_of(
    columns_of_keys, columns_of_keys, columns_of_keys, st.sampled_from(VALUES).map(lambda text: f"(({text}))")
)
clauses = st.one_of(
    st.sampled_from(WORDS),
    joined("default", st.sampled_from(DEFAULTS)),
    joined("not null default", st.sampled_from(DEFAULTS)),
    joined(named, "check", conditions),
    references,
    joined("as", st.sampled_from(VALUES).map(lambda text: f"({text})"), chosen("", "stored", "virtual not null")),
)
definitions = joined(st.sampled_from(TYPES), clauses)
constraints = st.one_of(
    joined("primary key", columns_of_keys),
    joined("key", names, parts_of_keys),
    joined(named, "unique", st.one_of(st.just(""), names), parts_of_keys),
    joined(named, "foreign key", columns.map(lambda name: f"({name})"), references),
    joined(named, "foreign key (a, b)", "references", tables, chosen("(a, b)", "(id, a)", "(id)")),
    joined(named, "check", conditions, chosen("", "", "not enforced")),
    joined("fulltext key", names, columns_of_keys),
)


@st.composite
def created(draw: st.DrawFn) -> str:
    """Give a CREATE TABLE."""
    chosen_columns = draw(st.lists(columns, min_size=1, max_size=4, unique=True))
    parts = [f"{name} {draw(definitions)}" for name in chosen_columns]
    if draw(st.booleans()):
        parts[0] = draw(chosen("id int primary key", "id int auto_increment primary key", "id varchar(20) primary key"))
        parts[1:] = [part for part in parts[1:] if not part.startswith("id ")]
    parts += draw(st.lists(constraints, max_size=2))
    options = draw(chosen("", "", "", "comment 'x'", "row_format=compact", "charset latin1", "auto_increment=7"))
    return f"create table {draw(any_names)} ({', '.join(parts)}) {options}".strip()


actions = st.one_of(
    joined("add", columns, definitions, chosen("", "first", "after a")),
    joined("add", constraints),
    joined("add", constraints),
    joined("modify", columns, definitions),
    joined("modify", columns, definitions),
    joined("change", columns, columns, definitions),
    joined("rename column", columns, "to", columns),
    joined("drop", columns),
    joined("drop", columns),
    joined("drop foreign key", st.one_of(names, tables.map(lambda name: f"{name}_ibfk_1"))),
    joined("drop check", st.one_of(names, tables.map(lambda name: f"{name}_chk_1"))),
    joined("drop constraint", names),
    joined("drop key", st.one_of(names, columns)),
    st.just("drop primary key"),
    joined("alter", columns, "set default", st.sampled_from(DEFAULTS)),
    joined("alter", columns, "drop default"),
    joined("alter check", names, chosen("not enforced", "enforced")),
    joined("rename key", names, "to", names),
    joined("alter index", names, chosen("visible", "invisible")),
    chosen("comment 'y'", "auto_increment=9", "convert to character set latin1", "row_format=default", "engine=nope"),
)
altered = joined("alter table", any_names, st.one_of(actions, actions, actions, joined(actions, ",", actions)))
others = st.one_of(
    joined("create", chosen("index", "unique index"), names, "on", tables, parts_of_keys),
    joined("drop index", st.one_of(names, columns), "on", tables),
    joined("drop table", any_names),
    joined("rename table", tables, "to", tables),
    joined("create table", tables, "like", tables),
    joined(chosen("create view", "create or replace view"), any_names, "as select 1"),
    joined("drop view", any_names),
    joined("update", tables, "set", columns, "= null where 1 = 0"),
    joined("delete from", tables),
    joined("truncate", tables),
    chosen("create table order (a int)", "alter table t add rank int", "slect 1", "drop table t, p", "update t a = 1"),
)
scripts = st.tuples(
    st.just("create table p (id int primary key, a int unique, n varchar(20) unique, b int)"),
    st.lists(st.one_of(created(), created(), altered, altered, altered, others), min_size=3, max_size=12),
).map(lambda drawn: [drawn[0], *drawn[1]])
"""Statements that are executed one after the other."""
