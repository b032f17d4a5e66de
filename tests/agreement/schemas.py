"""Random models, as plain data, and random edits of them; `models.built` makes a MetaData of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.agreement.column_kinds import KINDS, WORDS, kinds


@dataclass(frozen=True)
class Column:
    kind: str
    default: int = 0
    nullable: bool = True
    comment: str | None = None


@dataclass(frozen=True)
class Index:
    columns: tuple[str, ...]
    unique: bool = False
    length: int | None = None
    descending: bool = False
    expression: str | None = None
    condition: str | None = None


@dataclass(frozen=True)
class Reference:
    table: str
    ondelete: str | None = None
    onupdate: str | None = None
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    composite: bool = False
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    uniques: frozenset[tuple[str, ...]] = frozenset()
    references: dict[str, Reference] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    """The columns of `COMPUTED` that it has; of those with the same name, the last."""
    checks: frozenset[str] = frozenset()
    """The names of those of `CHECKS` that it has."""
    comment: str | None = None
    pair: bool = False
    """Refer to the two columns of the table `d_e`."""
    link: str | None = None
    """The table that the column `amount` refers to, which is there before and after."""
    key: str = "integer"
    """The type of the primary key, and so of what refers to it; a wide one makes both columns of a pair wider."""
    tenant: bool = False
    """The primary key has a further column, so that nothing can refer to the table."""
    numbered: bool = True
    """The server numbers the rows, where it can."""
    option: str = ""
    """One of `OPTIONS`."""
    watched: bool = False
    """A view and a trigger are on the table, made by hand."""

    def __hash__(self) -> int:
        return id(self)


Schema = dict[str, Table]
TABLES = {"a": False, "b": False, "order": False, "d_e": True}
"""The tables that there may be, and whether their primary key has two columns."""
COLUMNS = ["c1", "c2", "Name", "select", "c5"]
ACTIONS = [None, "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"]
KEYS = ["integer", "integer", "bigint", "string8", "string16"]
COMPUTED = {
    "c_sum": ("c_sum", "amount + 1", True),
    "c_sum twice": ("c_sum", "amount * 2", True),
    "c_sum virtual": ("c_sum", "amount + 1", False),
    "c_low": ("c_low", "lower(label)", False),
    "c_low stored": ("c_low", "lower(label)", True),
    "c_low colon": ("c_low", r"replace(label, '\:x', '50%')", False),
}
"""Columns that are computed of those that every table has: their names, expressions, whether they are stored."""
CHECKS = {
    "amount": "amount > 0",
    "other amount": "amount < 1000000",
    "quote": "label <> 'it''s'",
    "colon": r"label <> 'a\:b'",
    "percent": "label <> '50%'",
    "Form": "label <> '%s %(a)s'",
    "two": "amount > 0 or label is null",
    "unnamed": "amount <> 7",
    "unnamed too": r"label <> '\:x'",
}
"""Conditions on the columns that every table has; those called unnamed have a name only where all have."""
OPTIONS: dict[str, dict[str, Any]] = {
    "": {},
    "compact": {"mysql_row_format": "COMPACT"},
    "dynamic": {"mysql_row_format": "DYNAMIC", "mysql_engine": "InnoDB"},
    "bin": {"mysql_collate": "utf8mb4_bin"},
    "general": {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_general_ci"},
    "numbered": {"sqlite_autoincrement": True},
    "without rowid": {"sqlite_with_rowid": False},
    "strict": {"sqlite_strict": True},
}
"""The options of tables. SQLite's stay what they are."""
PARTS = ["table", "column", "column", "column", "indexes", "uniques", "link", "pair", "references", "computed",
         "comment", "checks", "checks", "key", "tenant", "numbered", "option"]  # fmt: skip
"""What an edit may change."""

comments = st.one_of(st.none(), st.sampled_from([word for word in WORDS if word]))


def options(dialect: str) -> list[str]:
    """Return the options that tables of a dialect can have."""
    prefix = dialect.replace("mariadb", "mysql")
    known = [name for name, given in OPTIONS.items() if all(key.startswith(prefix) for key in given)]
    # MariaDB says in other words that a column has the collation of its table.
    return [name for name in known if dialect != "mariadb" or "mysql_collate" not in OPTIONS[name]]


@st.composite
def columns(draw: st.DrawFn, dialect: str, *, strict: bool = False) -> Column:
    kind = draw(st.sampled_from(kinds(dialect, strict=strict)))
    default = draw(st.integers(0, len(KINDS[kind].defaults) - 1))
    comment = draw(comments) if dialect != "sqlite" else None
    return Column(kind, default, draw(st.booleans()), comment)


@st.composite
def tables(draw: st.DrawFn, name: str, dialect: str, option: str | None = None) -> Table:
    """Draw a table; one that is to replace another on SQLite has that one's option."""
    option = option if option is not None else draw(st.sampled_from(options(dialect)))
    strict = option == "strict"
    own = draw(st.dictionaries(st.sampled_from(COLUMNS), columns(dialect, strict=strict), max_size=4))
    singles = [each for each, two in TABLES.items() if not two]
    references = draw(st.dictionaries(
        st.sampled_from(["up_id", "other_id"]),
        st.builds(Reference, st.sampled_from(singles), st.sampled_from(ACTIONS), st.sampled_from(ACTIONS)),
        max_size=2,
    ))  # fmt: skip
    names = [*own, *references, "amount", "label"]
    lists = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    return Table(
        TABLES[name],
        own,
        draw(st.dictionaries(st.sampled_from(["i1", "i2"]), indexes(lists, dialect), max_size=2)),
        frozenset(draw(st.lists(lists, max_size=1))),
        references,
        frozenset(draw(st.lists(st.sampled_from(list(COMPUTED)), max_size=2))),
        frozenset(draw(st.lists(st.sampled_from(list(CHECKS)), max_size=3))),
        draw(comments) if dialect != "sqlite" else None,
        draw(st.sampled_from([False, False, True])),
        draw(st.sampled_from([None, None, *singles])),
        draw(st.sampled_from(KEYS)) if not strict else "integer",
        draw(st.sampled_from([False, False, False, True])),
        draw(st.booleans()),
        option,
        draw(st.booleans()),
    )


def indexes(lists: st.SearchStrategy[tuple[str, ...]], dialect: str) -> st.SearchStrategy[Index]:
    prefixes = [None, None, 7, 5] if dialect != "sqlite" else [None]
    # MariaDB has none.
    expressions = [None, None, None, "(lower(label))", "(amount + 1)"] if dialect != "mariadb" else [None]
    conditions = [None, None, "amount > 3", "label = 'a:b'"] if dialect == "sqlite" else [None]
    # To MariaDB a descending index serves a foreign key, to MySQL it does not.
    directions = st.booleans() if dialect != "mariadb" else st.just(value=False)
    return st.builds(
        Index, lists, st.booleans(), st.sampled_from(prefixes), directions, st.sampled_from(expressions),
        st.sampled_from(conditions),
    )  # fmt: skip


@st.composite
def schemas(draw: st.DrawFn, dialect: str) -> Schema:
    names = draw(st.lists(st.sampled_from(list(TABLES)), min_size=1, max_size=3, unique=True))
    return {name: draw(tables(name, dialect)) for name in names}


@st.composite
def edits(draw: st.DrawFn, schema: Schema, dialect: str) -> Schema:
    """Give the schema after a few changes."""
    edited = dict(schema)
    for _number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(list(TABLES)))
        if name not in edited:
            option = schema[name].option if name in schema and dialect == "sqlite" else None
            edited[name] = draw(tables(name, dialect, option))
            continue
        before = edited[name]
        other = draw(tables(name, dialect, before.option if dialect == "sqlite" else None))
        part = draw(st.sampled_from(PARTS))
        if part == "table":
            del edited[name]
        elif part == "column":
            edited[name] = _with_column(draw, before, dialect)
        else:
            edited[name] = replace(before, **{part: getattr(other, part)})
    return {name: _with_its_key(name, table, schema, edited) for name, table in edited.items()} or schema


def _with_its_key(name: str, table: Table, before: Schema, after: Schema) -> Table:
    """Return a table with as many columns in its primary key as before if anything refers to it before or after."""
    every = [*before.values(), *after.values()]
    used = any(name == each.link or (each.pair and table.composite) for each in every)
    used = used or any(name == reference.table for each in every for reference in each.references.values())
    return replace(table, tenant=before[name].tenant) if used and name in before else table


def _with_column(draw: st.DrawFn, table: Table, dialect: str) -> Table:
    name = draw(st.sampled_from(COLUMNS))
    changed = dict(table.columns)
    strict = table.option == "strict"
    if name not in changed:
        changed[name] = draw(columns(dialect, strict=strict))
        return replace(table, columns=changed)
    part = draw(st.sampled_from(["drop", "kind", "default", "nullable", "comment"]))
    column = changed[name]
    if part == "drop":
        del changed[name]
    elif part == "kind":
        changed[name] = draw(columns(dialect, strict=strict))
    elif part == "default":
        changed[name] = replace(column, default=draw(st.integers(0, len(KINDS[column.kind].defaults) - 1)))
    elif part == "nullable":
        changed[name] = replace(column, nullable=not column.nullable)
    elif dialect != "sqlite":
        changed[name] = replace(column, comment=draw(comments))
    return replace(table, columns=changed)
