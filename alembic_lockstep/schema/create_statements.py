"""Read the CREATE statements with which a server describes its own tables and indexes.

That is SHOW CREATE TABLE of MySQL and sqlite_master of SQLite: one statement has all of a table, where pragmas leave
out half and each query to MySQL's information_schema takes milliseconds. What people write is not read here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from alembic_lockstep.schema import grammar
from alembic_lockstep.schema.sql import Cursor, Token, requoted, split, tokens, written
from alembic_lockstep.schema.table import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique

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
    reader = _TableReader(mysql=backslashes)
    for definition in split(body):
        reader.read(Cursor(definition))
    return reader.table(options)


@lru_cache(maxsize=4096)
def read_index(sql: str) -> Index:
    """Return the index that a CREATE INDEX of SQLite makes."""
    cursor = Cursor(tokens(sql, backslashes=False))
    unique = cursor.peek(1).text.upper() == "UNIQUE"
    _skip_to_parenthesis(cursor)
    start = cursor.at
    columns = _columns(cursor)
    parts = _parts(cursor.tokens[start + 1 : cursor.at - 1], '"')
    where = cursor.rest() if cursor.take("WHERE") else []
    return Index(columns, unique, where=written(where) or None, parts=parts, condition=requoted(where, '"'))


def _skip_to_parenthesis(cursor: Cursor) -> None:
    while not cursor.over() and not cursor.opens():
        cursor.next()


def _columns(cursor: Cursor) -> tuple[str, ...]:
    """Take a list of columns in parentheses."""
    return tuple(map(_part, split(cursor.group())))


def _part(part: list[Token]) -> str:
    """Return a column of a key or an index, with its direction in one way to write it."""
    direction = part[-1].text.upper() if len(part) > 1 and part[-1].kind == "word" else ""
    if direction not in {"ASC", "DESC"}:
        return written(part)
    return written(part[:-1]) + (" DESC" if direction == "DESC" else "")


def _parts(some: list[Token], quote: str) -> tuple[str, ...]:
    """Return the parts of a list as SQL that can be executed."""
    return tuple(requoted(part, quote) for part in split(some))


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
            value = _value(cursor.value())
            options[name] = _unquoted(value) if name == "comment" else value
        else:
            options[cursor.next().text.lower()] = True
    options.pop("auto_increment", None)  # the next number is data
    return options


def _value(value: list[Token]) -> str:
    """Return a literal, a call or an expression as text; a sign or an introducer stands next to its literal."""
    return written(value[:1]) + written(value[1:])


def _unquoted(text: str) -> str:
    """Return what a string literal says; escapes other than doubled quotes stay."""
    return text[1:-1].replace("''", "'") if text[:1] == "'" else text


class _TableReader:
    """Reads the definitions in the body of a CREATE TABLE, one after the other.

    Args:
        mysql: whether parentheses make another default of a literal, and more words are reserved.
    """

    def __init__(self, *, mysql: bool) -> None:
        self._mysql = mysql
        self._quote = "`" if mysql else '"'
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
        if grammar.is_constraint(cursor, mysql=self._mysql):
            self._constraint(cursor, grammar.constraint_name(cursor))
        else:
            self._column(cursor)

    def _constraint(self, cursor: Cursor, name: str | None) -> None:
        word = cursor.next().text.upper()
        if word == "PRIMARY":
            cursor.take("KEY")
            self._primary_key = PrimaryKey(tuple(map(self._numbered, _columns(cursor))))
        elif word == "CHECK":
            self._check(grammar.check(cursor, name), name)
        elif word == "PERIOD":
            self._periods[written(cursor.tokens[2:3])] = written(cursor.tokens)
        elif word == "FOREIGN":
            cursor.take("KEY")
            columns = _columns(cursor)
            cursor.take("REFERENCES")
            self._foreign_key(columns, grammar.reference(cursor), name)
        elif word == "UNIQUE" and cursor.opens():
            self._unique(_columns(cursor), grammar.on_conflict(cursor), name)
        else:
            self._index(cursor, word)

    def _numbered(self, column: str) -> str:
        """Return a column of the primary key, of which SQLite can say there that it is AUTOINCREMENT."""
        name, _, word = column.rpartition(" ")
        if word.upper() != "AUTOINCREMENT" or name not in self._columns:
            return column
        self._columns[name] = replace(self._columns[name], autoincrement=True)
        return name

    def _index(self, cursor: Cursor, word: str) -> None:
        _ = cursor.take("KEY") or cursor.take("INDEX")
        name, start = cursor.next().text, cursor.at
        columns = _columns(cursor)
        parts = _parts(cursor.tokens[start + 1 : cursor.at - 1], self._quote)
        options = written(cursor.rest())
        self._indexes[name] = Index(
            columns,
            unique=word == "UNIQUE",
            kind=word if word in _INDEX_KINDS else None,
            options=options if options not in {"", "USING BTREE"} else None,
            parts=parts,
        )

    def _unique(self, columns: tuple[str, ...], on_conflict: list[Token], name: str | None) -> None:
        self._uniques[columns] = Unique(columns, name, written(on_conflict).upper() or None)

    def _check(self, clause: grammar.Clause, name: str | None) -> None:
        condition = written(clause.tokens)
        text = requoted(clause.tokens, self._quote)
        self._checks[name or condition] = Check(name, condition, enforced=clause.enforced, text=text)

    def _foreign_key(self, columns: tuple[str, ...], reference: grammar.Reference, name: str | None) -> None:
        self._foreign_keys.append(
            ForeignKey(
                name,
                columns,
                written(reference.table),
                reference.columns,
                on_delete=reference.actions.get("DELETE", "NO ACTION"),
                on_update=reference.actions.get("UPDATE", "NO ACTION"),
                options=" ".join(reference.options) or None,
            )
        )

    def _column(self, cursor: Cursor) -> None:
        name = cursor.next().text
        attributes: dict[str, Any] = {"type": _type(cursor)}
        constraint: str | None = None
        while not cursor.over():
            clause = grammar.clause(cursor)
            constraint = clause.name or constraint  # SQLite gives it to all that follow
            if not self._column_constraint(name, clause, constraint):
                self._describe(attributes, clause)
        self._columns[name] = Column(**attributes)

    def _describe(self, attributes: dict[str, Any], clause: grammar.Clause) -> None:  # noqa: C901 - a case each
        """Add what a clause says of its column to the column's attributes."""
        match clause.kind:
            case "NOT NULL" | "NULL":
                attributes["nullable"] = clause.kind == "NULL"
            case "DEFAULT":
                value = _value(clause.tokens)
                bare = value[1:-1] if value.startswith("(") and not self._mysql else value
                attributes["default"] = None if bare.upper() == "NULL" else bare
            case "COLLATE":
                attributes["collation"] = written(clause.tokens)
            case "CHARACTER SET" | "CHARSET":
                attributes["charset"] = written(clause.tokens)
            case "COMMENT":
                attributes["comment"] = _unquoted(written(clause.tokens))
            case "AUTO_INCREMENT" | "AUTOINCREMENT":
                attributes["autoincrement"] = True
            case "GENERATED ALWAYS AS" | "AS":
                expression = requoted(clause.tokens, self._quote)
                attributes |= {"computed": written(clause.tokens), "stored": False, "expression": expression}
            case "VIRTUAL" | "STORED" | "PERSISTENT":
                attributes["stored"] = clause.kind != "VIRTUAL"
            case "ON UPDATE":
                attributes["on_update"] = _value(clause.tokens)
            case "INVISIBLE":
                attributes["invisible"] = True
            case _:
                text = clause.kind or written(clause.tokens)
                attributes["other"] = f"{attributes.get('other', '')} {text}".strip()

    def _column_constraint(self, column: str, clause: grammar.Clause, name: str | None) -> bool:
        """Add a constraint that stands with its column; return whether the clause is one."""
        if clause.kind == "CHECK":
            self._check(clause, name)
        elif clause.kind == "PRIMARY KEY":
            direction = written(clause.tokens).upper()
            self._primary_key = PrimaryKey((f"{column} {direction}" if direction else column,))
        elif clause.kind == "UNIQUE":
            self._unique((column,), clause.tokens, name)
        elif clause.reference is not None:
            self._foreign_key((column,), clause.reference, name)
        else:
            return False
        return True


def _type(cursor: Cursor) -> str:
    """Take the type of a column."""
    taken: list[Token] = []
    while not cursor.over() and not grammar.begins_clause(cursor):
        token = cursor.next()
        taken.append(token if token.kind == "string" else Token(token.kind, token.text.lower()))
    return written(taken)
