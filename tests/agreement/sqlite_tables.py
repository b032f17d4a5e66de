"""Tables of SQLite drawn at random, with all that a copy could lose, and blocks that change another column of them.

The blocks work on the columns `zz` and `ww`. Whatever does not name these is to stay as it was.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from hypothesis import strategies as st

TABLES = ["item", "My table", "order", "Größe", "it's"]
KEYS = {
    "id INTEGER PRIMARY KEY": "",
    "id INTEGER PRIMARY KEY AUTOINCREMENT": "",
    '"id" INTEGER CONSTRAINT "the key" PRIMARY KEY ON CONFLICT FAIL AUTOINCREMENT NOT NULL': "",
    "id INTEGER NOT NULL": "PRIMARY KEY (id)",
    "[id] INTEGER NOT NULL /* no key */": "",
    "id INTEGER NOT NULL ": "CONSTRAINT pk_item PRIMARY KEY (id DESC, num)",
    "id INTEGER NOT NULL  ": "PRIMARY KEY(`id` AUTOINCREMENT)",
}
"""The column `id`, and the table's constraint for it."""
NUMBERS = ["", " NOT NULL DEFAULT 7", " CHECK (num >= 0)", " CONSTRAINT ck_num CHECK (num < 1e6)", " UNIQUE ON CONFLICT IGNORE",
           " DEFAULT -1.5e3 NOT NULL ON CONFLICT REPLACE", " CONSTRAINT uq_num UNIQUE", " default ( 1 + 1 )"]  # fmt: skip
TEXTS = [
    "",
    " COLLATE NOCASE",
    " collate RTRIM NOT NULL DEFAULT 'it''s, (so)'",
    " CHECK (\"a text\" <> 'x,y')",
    " DEFAULT NULL",
]
COMPUTED = ["", 'sum AS (num * 2)', "sum INTEGER GENERATED ALWAYS AS (num + id) STORED", "sum TEXT AS ('a,b') VIRTUAL -- not stored\n"]  # fmt: skip
PARENTS = ["", "up_id INTEGER REFERENCES {table}", "up_id INTEGER REFERENCES {table} (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
           "up_id INTEGER CONSTRAINT fk_up REFERENCES parent(id) ON UPDATE CASCADE"]  # fmt: skip
CHANGED = ["zz {text}", "zz {text} NOT NULL DEFAULT 'a'", "[zz] {text} CHECK (zz <> 'q')", '"zz" {text} COLLATE NOCASE']
CONSTRAINTS = ["UNIQUE (num, id)", 'CONSTRAINT "uq two" UNIQUE ("a text", id) ON CONFLICT REPLACE', "CHECK (id > 0 or num is null)",
               "CONSTRAINT ck_sum CHECK (id + num > -1000000)", "CHECK ({table}.id <> 77)", "CONSTRAINT uq_zz UNIQUE (zz, id)",
               "FOREIGN KEY (num) REFERENCES parent (id) ON DELETE CASCADE"]  # fmt: skip
INDEXES = ['CREATE INDEX i1 ON {table} (num DESC, "a text" COLLATE RTRIM)', 'CREATE UNIQUE INDEX "i 2" ON {table} (id, lower("a text"))',
           "CREATE INDEX i3 ON {table} (num + 1) WHERE num > 3 AND id IS NOT NULL", "CREATE INDEX i4 ON {table} (zz)"]  # fmt: skip
OTHERS = ['CREATE VIEW v1 AS SELECT id, num AS n, "a text" FROM {table} WHERE id > 0', "CREATE VIEW v2 AS SELECT n FROM v1",
          "CREATE TRIGGER t1 AFTER INSERT ON {table} BEGIN INSERT INTO log VALUES (new.num); END",
          "CREATE TRIGGER t2 BEFORE UPDATE OF num ON {table} WHEN new.num > 5 BEGIN SELECT RAISE(ABORT, 'no'); END",
          "CREATE TRIGGER t3 AFTER DELETE ON parent BEGIN DELETE FROM {table} WHERE num = old.id; END",
          "CREATE TRIGGER t4 INSTEAD OF INSERT ON v1 BEGIN INSERT INTO log VALUES (new.n); END",
          "CREATE VIEW broken AS SELECT * FROM nowhere"]  # fmt: skip
STRICT = sqlite3.sqlite_version_info >= (3, 37)


@dataclass(frozen=True)
class Drawn:
    """A table, what belongs to it, and its rows.

    Attributes:
        name: its name, not quoted.
        statements: what makes it and the others.
        rows: values of `id`, `num` and `a text`.
    """

    name: str
    statements: tuple[str, ...]
    rows: tuple[tuple[int, int | None, str], ...]

    @property
    def quoted(self) -> str:
        """Its name in quotes."""
        return quoted(self.name)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    name = draw(st.sampled_from(TABLES))
    strict = STRICT and draw(st.booleans())
    key = draw(st.sampled_from(list(KEYS)))
    number, text = (
        ("INTEGER", "TEXT")
        if strict
        else draw(st.sampled_from([("INT", "VARCHAR(20)"), ("numeric(10, 2)", "text"), ("", "")]))
    )
    parts = [
        key,
        f"num {number}{draw(st.sampled_from(NUMBERS))}",
        f'"a text" {text}{draw(st.sampled_from(TEXTS))}',
        draw(st.sampled_from(COMPUTED if not strict else [each for each in COMPUTED if not each.startswith("sum AS")])),
        draw(st.sampled_from(PARENTS)),
    ]
    parts.insert(draw(st.integers(1, 4)), draw(st.sampled_from(CHANGED)).format(text=text or "blob"))
    parts += [KEYS[key], *draw(st.lists(st.sampled_from(CONSTRAINTS), max_size=3, unique=True))]
    space = draw(st.sampled_from([", ", ",\n    ", ', -- a comment, (with "quotes)\n  ', "\n  /* ' */ ,"]))
    has_key = "PRIMARY" in key or KEYS[key]
    options = ["STRICT"] * strict
    if has_key and "AUTOINCREMENT" not in key + KEYS[key] and draw(st.booleans()):
        options.append("WITHOUT ROWID")
    create = f"CREATE TABLE {{table}} ({space.join(part for part in parts if part)}) {', '.join(options)}"
    more = draw(st.lists(st.sampled_from(INDEXES), max_size=3, unique=True))
    others = draw(st.lists(st.sampled_from(OTHERS), max_size=5, unique=True))
    more += [each for each in OTHERS if each in others and (OTHERS[0] in others or " v1" not in each)]
    shown = quoted(name)
    rows = draw(st.lists(st.tuples(st.integers(1, 40), st.none() | st.integers(0, 9), st.sampled_from(["a", "B", "b "])),
                         max_size=5))  # fmt: skip
    return Drawn(name, tuple(each.replace("{table}", shown) for each in [create, *more]), tuple(rows))
