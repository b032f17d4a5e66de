"""Read the DDL with which a server describes its own tables: SHOW CREATE TABLE of MySQL, sqlite_master of SQLite.

One statement tells all of a table, where pragmas leave out half and each query to MySQL's information_schema takes
milliseconds. `table` and `index` read what servers write, not whatever people might; tokens and `Cursor` serve
`alembic_lockstep.memory_mysql`, too, which reads what people write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.schema.snapshot import Attributes, Parts

VERSION_TABLE = "alembic_version"
"""Alembic's own table, which is no part of a schema."""
_PATTERN = r"""
    (?P<skip>\s+|{comment}|/\*!\d*|/\*(?!!).*?\*/|\*/)
  | (?P<string>{string})
  | (?P<name>`(?:[^`]|``)*`{name})
  | (?P<word>\d*[^\W\d][\w$]*)
  | (?P<other>\d[\d.]*|<=>|<=|>=|<>|!=|<<|\|\||&&|->>|->|.)
"""
_FLAGS = re.VERBOSE | re.DOTALL
_SQL = re.compile(
    _PATTERN.format(comment=r"--[^\n]*", string=r"'(?:[^']|'')*'", name=r'|"(?:[^"]|"")*"|\[[^\]]*\]'), _FLAGS
)
_MYSQL = re.compile(
    _PATTERN.format(
        comment=r"--(?=\s|$)[^\n]*|\#[^\n]*", string=r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*\"""", name=""
    ),
    _FLAGS,
)

_CLAUSES = frozenset(
    "CONSTRAINT NOT NULL DEFAULT COLLATE CHARACTER CHARSET COMMENT AUTO_INCREMENT AUTOINCREMENT GENERATED AS VIRTUAL "
    "STORED PERSISTENT ON CHECK PRIMARY UNIQUE REFERENCES INVISIBLE VISIBLE".split()
)
"""Words with which the type of a column is over."""
_KEY_OPTIONS = frozenset("MATCH FULL PARTIAL SIMPLE NOT DEFERRABLE INITIALLY DEFERRED IMMEDIATE".split())
_INDEX_KINDS = {"FULLTEXT", "SPATIAL", "VECTOR"}
_NO_SPACE_BEFORE = {"(", ")", ",", "."}
_NO_SPACE_AFTER = {"(", "."}


class Token(NamedTuple):
    """A piece of SQL: its kind (string, name, word or other), and its text; a quoted name is without its quotes."""

    kind: str
    text: str


_OPEN, _CLOSE, _COMMA, _END = Token("other", "("), Token("other", ")"), Token("other", ","), Token("end", "")


def tokens(sql: str, *, backslashes: bool) -> list[Token]:
    """Split SQL; comments go, and what MySQL hides in `/*!80023 … */` stays.

    Args:
        sql: the text.
        backslashes: whether a backslash escapes in strings and double quotes are for strings, as on MySQL.
    """
    found = []
    for match in (_MYSQL if backslashes else _SQL).finditer(sql):
        kind, text = match.lastgroup or "", match.group()
        if kind == "name":
            close = {"[": "]"}.get(text[0], text[0])
            text = text[1:-1].replace(close * 2, close)
        if kind != "skip":
            found.append(Token(kind, text))
    return found


def written(some: Iterable[Token]) -> str:
    """Return tokens as text, the same for all ways to quote and to space them."""
    parts: list[str] = []
    for token in some:
        if parts and token.text not in _NO_SPACE_BEFORE and parts[-1] not in _NO_SPACE_AFTER:
            parts.append(" ")
        parts.append(token.text)
    return "".join(parts)


@dataclass(slots=True)
class Cursor:
    """A place among tokens, for reading them one after the other."""

    tokens: list[Token]
    at: int = 0

    def over(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else _END

    def word(self) -> str:
        """Return the next token in capitals if it is a word, without taking it."""
        return self.peek().text.upper() if self.peek().kind == "word" else ""

    def next(self) -> Token:
        self.at += 1
        return self.peek(-1)

    def take(self, *words: str) -> bool:
        """Take the next words if they are these."""
        if any(self.peek(n).kind != "word" or self.peek(n).text.upper() != word for n, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def group(self) -> list[Token]:
        """Take what stands between the parenthesis that is next and its counterpart."""
        depth, start = 0, self.at + 1
        while not self.over():
            token = self.next()
            depth += (token == _OPEN) - (token == _CLOSE)
            if depth == 0:
                break
        return self.tokens[start : self.at - 1]

    def opens(self) -> bool:
        return self.peek() == _OPEN

    def value(self) -> str:
        """Take a literal, a call or an expression in parentheses."""
        if self.opens():
            return f"({written(self.group())})"
        taken = [self.next()]
        if taken[0].text in {"-", "+"} or (taken[0].kind == "word" and self.peek().kind == "string"):
            taken.append(self.next())
        text = "".join(token.text for token in taken)
        return f"{text}({written(self.group())})" if self.opens() else text


def split(some: list[Token]) -> list[list[Token]]:
    """Split at the commas that stand in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in some:
        depth += (token == _OPEN) - (token == _CLOSE)
        if depth == 0 and token == _COMMA:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _columns(some: list[Token]) -> list[str]:
    return [written(part) for part in split(some)]


@lru_cache(maxsize=4096)
def table(sql: str, *, backslashes: bool) -> Parts:
    """Return the parts of the table that a CREATE TABLE describes; they are shared, nobody may change them.

    Args:
        sql: the statement.
        backslashes: as for `tokens`.
    """
    cursor = Cursor(tokens(sql, backslashes=backslashes))
    if cursor.peek(1).text.upper() == "VIRTUAL":
        return {"": {"definition": written(cursor.tokens)}}
    while not cursor.over() and not cursor.opens():
        cursor.next()
    body = cursor.group()
    reader = _Table(_options(cursor), expressions=backslashes)
    for definition in split(body):
        reader.read(Cursor(definition))
    return reader.parts


def _options(cursor: Cursor) -> Attributes:
    options: Attributes = {}
    while not cursor.over():
        if cursor.take("DEFAULT") or cursor.peek().text == ",":
            cursor.at += cursor.peek().text == ","
        elif cursor.word() == "PARTITION":
            options["partition"] = written(cursor.tokens[cursor.at :])
            break
        elif cursor.peek(1).text == "=":
            name = cursor.next().text.lower()
            cursor.next()
            options[name] = cursor.value()
        else:
            options[cursor.next().text.lower()] = True
    options.pop("auto_increment", None)  # the next number is data
    if "comment" in options:
        options["comment"] = unquoted(options["comment"])
    return options


def unquoted(text: str) -> str:
    """Return what a string literal says, for people and for keys: escapes other than doubled quotes stay."""
    return text[1:-1].replace("''", "'") if text[:1] == "'" else text


class _Table:
    """Collects the parts of one table.

    Args:
        options: of the table.
        expressions: parentheses make another default of a literal, as on MySQL.
    """

    def __init__(self, options: Attributes, *, expressions: bool) -> None:
        self.parts: dict[str, Attributes] = {"": options}
        self._expressions = expressions
        self._position = 0

    def read(self, cursor: Cursor) -> None:
        """Read one definition of the body."""
        name = None
        if cursor.take("CONSTRAINT"):
            name = cursor.next().text if cursor.word() not in {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"} else None
        elif cursor.peek().kind == "name" or not self._constrains(cursor):
            self._column(cursor)
            return
        self._constraint(cursor, name)

    @staticmethod
    def _constrains(cursor: Cursor) -> bool:
        word, after = cursor.word(), cursor.peek(1)
        if word == "PERIOD":
            return after.text.upper() == "FOR"
        if word in {"PRIMARY", "FOREIGN"} | _INDEX_KINDS:
            return after.text.upper() in {"KEY", "INDEX"}
        return word in {"CHECK", "UNIQUE", "KEY", "INDEX"} and (
            after.kind == "name" or after.text.upper() in {"(", "KEY"}
        )

    def _constraint(self, cursor: Cursor, name: str | None) -> None:
        word = cursor.next().text.upper()
        if word == "PRIMARY":
            cursor.take("KEY")
            self.parts["primary key"] = {"columns": _columns(cursor.group())}
        elif word == "CHECK":
            self._check(cursor, name)
        elif word == "PERIOD":
            self.parts[f"period {written(cursor.tokens[2:3])}"] = {"definition": written(cursor.tokens)}
        elif word == "FOREIGN":
            cursor.take("KEY")
            self._foreign_key(_columns(cursor.group()), cursor, name)
        elif word == "UNIQUE" and cursor.opens():
            self._unique(_columns(cursor.group()), cursor, name)
        else:
            kind = word if word in _INDEX_KINDS else None
            _ = cursor.take("KEY") or cursor.take("INDEX")
            called = cursor.next().text
            columns = _columns(cursor.group())
            rest = written(cursor.tokens[cursor.at :])
            self.parts[f"index {called}"] = {
                "unique": word == "UNIQUE", "columns": columns, **({"kind": kind} if kind else {}),
                **({"options": rest} if rest and rest != "USING BTREE" else {}),
            }  # fmt: skip

    def _unique(self, columns: list[str], cursor: Cursor, name: str | None) -> None:
        conflict = {"on_conflict": cursor.next().text.upper()} if cursor.take("ON", "CONFLICT") else {}
        self.parts[f"unique ({', '.join(columns)})"] = {"name": name, **conflict}

    def _check(self, cursor: Cursor, name: str | None) -> None:
        condition = written(cursor.group())
        enforced = not cursor.take("NOT", "ENFORCED")
        self.parts[f"check {name or condition}"] = {"condition": condition, "enforced": enforced}

    def _foreign_key(self, columns: list[str], cursor: Cursor, name: str | None) -> None:
        cursor.take("REFERENCES")
        key: Attributes = {"name": name, "columns": columns, "refers_to": cursor.next().text}
        key["refers_to_columns"] = _columns(cursor.group()) if cursor.opens() else []
        key |= {"on_delete": "NO ACTION", "on_update": "NO ACTION"}
        while not cursor.over():
            if cursor.take("ON"):
                event = cursor.next().text.lower()
                action = cursor.next().text.upper()
                two = action in {"SET", "NO"}
                key[f"on_{event}"] = f"{action} {cursor.next().text.upper()}" if two else action
            elif cursor.word() in _KEY_OPTIONS:
                key["options"] = f"{key.get('options', '')} {cursor.next().text.upper()}".strip()
            else:
                break
        part = f"foreign key ({', '.join(columns)})"
        if part in self.parts:
            part = f"{part} to {key['refers_to']}"
        while part in self.parts:
            part += " again"
        self.parts[part] = key

    def _column(self, cursor: Cursor) -> None:
        self._position += 1
        name = cursor.next().text
        column: Attributes = {"type": _type(cursor), "nullable": True, "default": None, "position": self._position}
        self.parts[f"column {name}"] = column
        constraint: str | None = None
        while not cursor.over():
            if cursor.take("CONSTRAINT"):
                constraint = cursor.next().text
            elif not self._part_of(name, column, cursor, constraint):
                column["other"] = f"{column.get('other', '')} {cursor.next().text}".strip()

    def _part_of(self, name: str, column: Attributes, cursor: Cursor, constraint: str | None) -> bool:  # noqa: C901, PLR0912 - a clause each
        if cursor.take("NOT", "NULL"):
            column["nullable"] = False
        elif cursor.take("NULL"):
            column["nullable"] = True
        elif cursor.take("DEFAULT"):
            value = cursor.value()
            bare = value[1:-1] if value.startswith("(") and not self._expressions else value
            column["default"] = None if bare.upper() == "NULL" else bare
        elif cursor.take("COLLATE"):
            column["collation"] = cursor.next().text
        elif cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
            column["charset"] = cursor.next().text
        elif cursor.take("COMMENT"):
            column["comment"] = unquoted(cursor.next().text)
        elif cursor.take("AUTO_INCREMENT") or cursor.take("AUTOINCREMENT"):
            column["autoincrement"] = True
        elif cursor.take("GENERATED", "ALWAYS", "AS") or cursor.take("AS"):
            column["computed"] = written(cursor.group())
            column["stored"] = False
        elif cursor.word() in {"VIRTUAL", "STORED", "PERSISTENT"}:
            column["stored"] = cursor.next().text.upper() != "VIRTUAL"
        elif cursor.take("ON", "UPDATE"):
            column["on_update"] = cursor.value()
        elif cursor.take("INVISIBLE"):
            column["invisible"] = True
        elif cursor.take("CHECK"):
            self._check(cursor, constraint)
        elif cursor.take("PRIMARY", "KEY"):
            direction = [cursor.next().text.upper()] if cursor.word() in {"ASC", "DESC"} else []
            self.parts["primary key"] = {"columns": [" ".join([name, *direction])]}
        elif cursor.take("UNIQUE"):
            self._unique([name], cursor, constraint)
        elif cursor.word() == "REFERENCES":
            self._foreign_key([name], cursor, constraint)
        else:
            return False
        return True


def _type(cursor: Cursor) -> str:
    taken: list[Token] = []
    while not cursor.over() and cursor.word() not in _CLAUSES:
        token = cursor.next()
        taken.append(token if token.kind == "string" else Token(token.kind, token.text.lower()))
    return written(taken)


@lru_cache(maxsize=4096)
def index(sql: str) -> Attributes:
    """Return what a CREATE INDEX of SQLite makes; as with `table`, nobody may change it."""
    cursor = Cursor(tokens(sql, backslashes=False))
    unique = cursor.peek(1).text.upper() == "UNIQUE"
    while not cursor.over() and not cursor.opens():
        cursor.next()
    made: Attributes = {"unique": unique, "columns": _columns(cursor.group())}
    if cursor.take("WHERE"):
        made["where"] = written(cursor.tokens[cursor.at :])
    return made


@lru_cache(maxsize=4096)
def words(sql: str, *, backslashes: bool) -> frozenset[str]:
    """Return the words and names of SQL, quoted or not, in lower case."""
    return frozenset(
        token.text.lower() for token in tokens(sql, backslashes=backslashes) if token.kind in {"name", "word"}
    )


def names(statement: str, known: dict[str, list[str]], *, backslashes: bool) -> set[str]:
    """Return the tables that a statement names.

    Args:
        statement: SQL.
        known: the tables, by their names in lower case.
        backslashes: as for `tokens`.
    """
    return {name for word in words(statement, backslashes=backslashes) for name in known.get(word, ())}
