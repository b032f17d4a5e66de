"""Read the CREATE statements with which a server describes its own tables and indexes.

That is SHOW CREATE TABLE of MySQL and sqlite_master of SQLite: one statement has all of a table, where pragmas leave
out half and each query to MySQL's information_schema takes milliseconds. What people write is not read here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from alembic_lockstep.schema.sql import Cursor, Token, split, tokens, written
from alembic_lockstep.schema.table import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique

_CLAUSES = frozenset(
    "CONSTRAINT NOT NULL DEFAULT COLLATE CHARACTER CHARSET COMMENT AUTO_INCREMENT AUTOINCREMENT GENERATED AS VIRTUAL "
    "STORED PERSISTENT ON CHECK PRIMARY UNIQUE REFERENCES INVISIBLE VISIBLE".split()
)
"""Words that end the type of a column."""
_KEY_OPTIONS = frozenset("MATCH FULL PARTIAL SIMPLE NOT DEFERRABLE INITIALLY DEFERRED IMMEDIATE".split())
_INDEX_KINDS = {"FULLTEXT", "SPATIAL", "VECTOR"}


@lru_cache(maxsize=4096)
def read_table(sql: str, *, backslashes: bool) -> Table:
    """Return the table that a CREATE TABLE describes.

    Args:
        sql: the statement.
        backslashes: whether a backslash escapes in strings and double quotes are for strings, as on MySQL.
    """
    cursor = Cursor(tokens(sql, backslashes=backslashes))
    if cursor.peek(1).text.upper() == "VIRTUAL":
        return Table(definition=written(cursor.tokens))
    _skip_to_parenthesis(cursor)
    body = cursor.group()
    options = _options(cursor)
    reader = _TableReader(expressions=backslashes)
    for definition in split(body):
        reader.read(Cursor(definition))
    return reader.table(options)


@lru_cache(maxsize=4096)
def read_index(sql: str) -> Index:
    """Return the index that a CREATE INDEX of SQLite makes."""
    cursor = Cursor(tokens(sql, backslashes=False))
    unique = cursor.peek(1).text.upper() == "UNIQUE"
    _skip_to_parenthesis(cursor)
    columns = _columns(cursor)
    return Index(columns, unique, where=written(cursor.rest()) if cursor.take("WHERE") else None)


def _skip_to_parenthesis(cursor: Cursor) -> None:
    while not cursor.over() and not cursor.opens():
        cursor.next()


def _columns(cursor: Cursor) -> tuple[str, ...]:
    """Take a list of columns in parentheses."""
    return tuple(written(part) for part in split(cursor.group()))


def _options(cursor: Cursor) -> dict[str, str | bool]:
    """Take what stands behind the columns of a table."""
    options: dict[str, str | bool] = {}
    while not cursor.over():
        if cursor.take("DEFAULT"):
            continue
        if cursor.peek().text == ",":
            cursor.next()
        elif cursor.word() == "PARTITION":
            options["partition"] = written(cursor.rest())
            break
        elif cursor.peek(1).text == "=":
            name = cursor.next().text.lower()
            cursor.next()
            value = cursor.value()
            options[name] = _unquoted(value) if name == "comment" else value
        else:
            options[cursor.next().text.lower()] = True
    options.pop("auto_increment", None)  # the next number is data
    return options


def _unquoted(text: str) -> str:
    """Return what a string literal says; escapes other than doubled quotes stay."""
    return text[1:-1].replace("''", "'") if text[:1] == "'" else text


class _TableReader:
    """Reads the definitions in the body of a CREATE TABLE, one after the other.

    Args:
        expressions: whether parentheses make another default of a literal, as on MySQL.
    """

    def __init__(self, *, expressions: bool) -> None:
        self._expressions = expressions
        self._columns: dict[str, Column] = {}
        self._primary_key: PrimaryKey | None = None
        self._uniques: dict[tuple[str, ...], Unique] = {}
        self._foreign_keys: list[ForeignKey] = []
        self._indexes: dict[str, Index] = {}
        self._checks: dict[str, Check] = {}
        self._periods: dict[str, str] = {}

    def table(self, options: dict[str, str | bool]) -> Table:
        """Return the table that was read."""
        return Table(
            columns=self._columns,
            primary_key=self._primary_key,
            uniques=tuple(self._uniques.values()),
            foreign_keys=tuple(self._foreign_keys),
            indexes=self._indexes,
            checks=tuple(self._checks.values()),
            periods=self._periods,
            options=options,
        )

    def read(self, cursor: Cursor) -> None:
        """Read one definition."""
        if cursor.take("CONSTRAINT"):
            named = cursor.word() not in {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"}
            self._constraint(cursor, cursor.next().text if named else None)
        elif cursor.peek().kind == "name" or not _is_constraint(cursor):
            self._column(cursor)
        else:
            self._constraint(cursor, None)

    def _constraint(self, cursor: Cursor, name: str | None) -> None:
        word = cursor.next().text.upper()
        if word == "PRIMARY":
            cursor.take("KEY")
            self._primary_key = PrimaryKey(_columns(cursor))
        elif word == "CHECK":
            self._check(cursor, name)
        elif word == "PERIOD":
            self._periods[written(cursor.tokens[2:3])] = written(cursor.tokens)
        elif word == "FOREIGN":
            cursor.take("KEY")
            self._foreign_key(_columns(cursor), cursor, name)
        elif word == "UNIQUE" and cursor.opens():
            self._unique(_columns(cursor), cursor, name)
        else:
            self._index(cursor, word)

    def _index(self, cursor: Cursor, word: str) -> None:
        _ = cursor.take("KEY") or cursor.take("INDEX")
        name = cursor.next().text
        columns = _columns(cursor)
        options = written(cursor.rest())
        self._indexes[name] = Index(
            columns,
            unique=word == "UNIQUE",
            kind=word if word in _INDEX_KINDS else None,
            options=options if options not in {"", "USING BTREE"} else None,
        )

    def _unique(self, columns: tuple[str, ...], cursor: Cursor, name: str | None) -> None:
        on_conflict = cursor.next().text.upper() if cursor.take("ON", "CONFLICT") else None
        self._uniques[columns] = Unique(columns, name, on_conflict)

    def _check(self, cursor: Cursor, name: str | None) -> None:
        condition = written(cursor.group())
        self._checks[name or condition] = Check(name, condition, enforced=not cursor.take("NOT", "ENFORCED"))

    def _foreign_key(self, columns: tuple[str, ...], cursor: Cursor, name: str | None) -> None:
        cursor.take("REFERENCES")
        refers_to = cursor.next().text
        refers_to_columns = _columns(cursor) if cursor.opens() else ()
        actions = {"DELETE": "NO ACTION", "UPDATE": "NO ACTION"}
        options: list[str] = []
        while not cursor.over():
            if cursor.take("ON"):
                event = cursor.next().text.upper()
                action = cursor.next().text.upper()
                two = action in {"SET", "NO"}
                actions[event] = f"{action} {cursor.next().text.upper()}" if two else action
            elif cursor.word() in _KEY_OPTIONS:
                options.append(cursor.next().text.upper())
            else:
                break
        self._foreign_keys.append(
            ForeignKey(
                name,
                columns,
                refers_to,
                refers_to_columns,
                on_delete=actions["DELETE"],
                on_update=actions["UPDATE"],
                options=" ".join(options) or None,
            )
        )

    def _column(self, cursor: Cursor) -> None:
        name = cursor.next().text
        clauses: dict[str, Any] = {"type": _type(cursor)}
        constraint: str | None = None
        while not cursor.over():
            if cursor.take("CONSTRAINT"):
                constraint = cursor.next().text
            elif not (self._clause(clauses, cursor) or self._column_constraint(name, cursor, constraint)):
                clauses["other"] = f"{clauses.get('other', '')} {cursor.next().text}".strip()
        self._columns[name] = Column(**clauses)

    def _clause(self, clauses: dict[str, Any], cursor: Cursor) -> bool:  # noqa: C901 - a clause each
        """Take a clause that describes a column; return whether one is next."""
        if cursor.take("NOT", "NULL"):
            clauses["nullable"] = False
        elif cursor.take("NULL"):
            clauses["nullable"] = True
        elif cursor.take("DEFAULT"):
            value = cursor.value()
            bare = value[1:-1] if value.startswith("(") and not self._expressions else value
            clauses["default"] = None if bare.upper() == "NULL" else bare
        elif cursor.take("COLLATE"):
            clauses["collation"] = cursor.next().text
        elif cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
            clauses["charset"] = cursor.next().text
        elif cursor.take("COMMENT"):
            clauses["comment"] = _unquoted(cursor.next().text)
        elif cursor.take("AUTO_INCREMENT") or cursor.take("AUTOINCREMENT"):
            clauses["autoincrement"] = True
        elif cursor.take("GENERATED", "ALWAYS", "AS") or cursor.take("AS"):
            clauses |= {"computed": written(cursor.group()), "stored": False}
        elif cursor.word() in {"VIRTUAL", "STORED", "PERSISTENT"}:
            clauses["stored"] = cursor.next().text.upper() != "VIRTUAL"
        elif cursor.take("ON", "UPDATE"):
            clauses["on_update"] = cursor.value()
        elif cursor.take("INVISIBLE"):
            clauses["invisible"] = True
        else:
            return False
        return True

    def _column_constraint(self, column: str, cursor: Cursor, name: str | None) -> bool:
        """Take a constraint that stands with its column; return whether one is next."""
        if cursor.take("CHECK"):
            self._check(cursor, name)
        elif cursor.take("PRIMARY", "KEY"):
            direction = [cursor.next().text.upper()] if cursor.word() in {"ASC", "DESC"} else []
            self._primary_key = PrimaryKey((" ".join([column, *direction]),))
        elif cursor.take("UNIQUE"):
            self._unique((column,), cursor, name)
        elif cursor.word() == "REFERENCES":
            self._foreign_key((column,), cursor, name)
        else:
            return False
        return True


def _is_constraint(cursor: Cursor) -> bool:
    """Return whether a definition that begins with a word is one of a constraint or index, not of a column."""
    word, after = cursor.word(), cursor.peek(1)
    if word == "PERIOD":
        return after.text.upper() == "FOR"
    if word in {"PRIMARY", "FOREIGN"} | _INDEX_KINDS:
        return after.text.upper() in {"KEY", "INDEX"}
    return word in {"CHECK", "UNIQUE", "KEY", "INDEX"} and (after.kind == "name" or after.text.upper() in {"(", "KEY"})


def _type(cursor: Cursor) -> str:
    """Take the type of a column."""
    taken: list[Token] = []
    while not cursor.over() and cursor.word() not in _CLAUSES:
        token = cursor.next()
        taken.append(token if token.kind == "string" else Token(token.kind, token.text.lower()))
    return written(taken)
