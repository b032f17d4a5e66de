"""CREATE TABLE as SQLite keeps it, to be edited: what is not changed stays as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from alembic_lockstep.schema import grammar, sql
from alembic_lockstep.schema.sql import Cursor, Token, split, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPUTED = "GENERATED ALWAYS AS"
CONSTRAINTS = frozenset({"PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK"})
_KINDS = {"AS": COMPUTED, "REFERENCES": "FOREIGN KEY"}
"""Kinds of clauses that have two names."""
_CONTINUED = {"", "AUTOINCREMENT", "VIRTUAL", "STORED"}
"""Kinds that belong to the clause before them; the empty one is ON CONFLICT and the like."""


@dataclass(slots=True, eq=False)
class Clause:
    """A clause of a column, or a constraint of the table.

    Attributes:
        kind: its words, such as `NOT NULL` or `FOREIGN KEY`.
        text: as it is written, with CONSTRAINT and its name.
        name: what CONSTRAINT calls it.
        columns: the columns of a key.
        expression: what is in the parentheses of a CHECK or a computed column.
        reference: what a foreign key refers to.
        gap: what stands between it and what is before it: blanks and comments.
        after: the same behind it, where a comma follows or the end.
    """

    kind: str
    text: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: list[Token] = field(default_factory=list)
    reference: grammar.Reference | None = None
    gap: str = " "
    after: str = ""

    def __str__(self) -> str:
        return f"{self.gap}{self.text}{self.after}"

    def rename(self, shown: str) -> None:
        """Give it a name, quoted where that is necessary."""
        where = sql.places(self.text, backslashes=False)
        start = where[2][0] if self.name and _is_named(self.text) else 0
        self.text = f"CONSTRAINT {shown} {self.text[start:]}"
        self.name = sql.tokens(shown, backslashes=False)[0].text

    def take_name(self, other: Clause) -> None:
        """Write the name of another clause, if it is written there."""
        if _is_named(other.text):
            start, end = sql.places(other.text, backslashes=False)[1]
            self.text = f"CONSTRAINT {other.text[start:end]} {self.text}"

    def leave_out(self, column: str) -> None:
        """Leave a column out of those of a key."""
        found, where = _split_text(self.text)
        start = found.index(sql.Token("other", "("))
        end = _closing(found, start)
        kept = [
            self.text[where[first][0] : where[last - 1][1]]
            for first, last in _parts(found, start + 1, end)
            if found[first].text.lower() != column.lower()
        ]
        self.text = f"{self.text[: where[start][1]]}{', '.join(kept)}{self.text[where[end][0] :]}"
        self.columns = tuple(name for name in self.columns if name.lower() != column.lower())

    def leave_out_word(self, word: str) -> None:
        """Leave out a word, with the blanks before it."""
        found, where = _split_text(self.text)
        for at in reversed(range(1, len(found))):
            if found[at].kind == "word" and found[at].text.upper() == word:
                self.text = f"{self.text[: where[at - 1][1]]}{self.text[where[at][1] :]}"

    def demands(self) -> tuple[object, ...]:
        """Return what it is of a row that it constrains, whatever its name and however it is written."""
        referred = sql.written(self.reference.table).lower() if self.reference else ""
        return self.kind, tuple(map(str.lower, self.columns)), sql.written(self.expression), referred

    def names(self) -> set[str]:
        """Return the words of its expression that can be columns, in lower case."""
        return names(self.expression)


@dataclass(slots=True, eq=False)
class Column:
    """A column.

    Attributes:
        name: its name.
        shown: the name as it is written.
        type: as it is written, with what stands before it; empty if there is none.
        clauses: what follows the type.
        gap, after: as those of a clause.
    """

    name: str
    shown: str
    type: str
    clauses: list[Clause]
    gap: str = " "
    after: str = ""

    def __str__(self) -> str:
        return f"{self.gap}{self.shown}{self.type}{''.join(map(str, self.clauses))}{self.after}"

    def is_computed(self) -> bool:
        """Return whether its values are computed, so that none can be inserted."""
        return any(clause.kind == COMPUTED for clause in self.clauses)

    def remove(self, *kinds: str) -> None:
        """Remove the clauses of some kinds."""
        self.leave_out(clause for clause in self.clauses if clause.kind in kinds)

    def leave_out(self, some: Iterable[Clause]) -> None:
        """Leave out clauses; a name that SQLite carries over from one to the next constraint stays with that."""
        for clause in list(some):
            at = self.clauses.index(clause)
            self.clauses.remove(clause)
            heir = next((after for after in self.clauses[at:] if after.kind in CONSTRAINTS), None)
            if heir and heir.name == clause.name and not _is_named(heir.text):
                heir.take_name(clause)

    def replace(self, *kinds: str, by: list[Clause]) -> None:
        """Put clauses in the place of those of some kinds."""
        at = next((n for n, clause in enumerate(self.clauses) if clause.kind in kinds), len(self.clauses))
        self.remove(*kinds)
        self.clauses[at:at] = by


@dataclass(slots=True)
class Definition:
    """A table.

    Attributes:
        name: its name.
        columns: its columns, in their order.
        constraints: the constraints behind them.
        options: what stands behind the parenthesis, such as WITHOUT ROWID.
    """

    name: str
    columns: list[Column]
    constraints: list[Clause]
    options: str

    def sql(self, shown: str) -> str:
        """Return the CREATE TABLE.

        Args:
            shown: a name for the table, quoted where that is necessary.
        """
        return f"CREATE TABLE {shown} ({','.join(map(str, [*self.columns, *self.constraints]))}){self.options}"

    def column(self, name: str) -> Column | None:
        """Return a column, whatever the case of its name; None if there is none."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    def all_constraints(self) -> list[Clause]:
        """Return its constraints: first those that are written with a column."""
        inline = [clause for column in self.columns for clause in column.clauses if clause.kind in CONSTRAINTS]
        return [*inline, *self.constraints]

    def primary_key(self) -> Clause | None:
        """Return the primary key; None if there is none."""
        return next((clause for clause in self.all_constraints() if clause.kind == "PRIMARY KEY"), None)

    def remove(self, gone: Clause) -> None:
        """Remove a constraint."""
        if gone in self.constraints:
            self.constraints.remove(gone)
        for column in self.columns:
            if gone in column.clauses:
                column.leave_out([gone])

    def add_column(self, text: str, before: str | None = None, after: str | None = None) -> Column:
        """Add a column, last or next to another one.

        Args:
            text: its definition.
            before: the column that follows.
            after: the column before it.
        """
        names = [column.name.lower() for column in self.columns]
        at = names.index(before.lower()) if before else names.index(after.lower()) + 1 if after else len(names)
        column = read_column(text)
        column.gap = self._gap()
        self.columns.insert(at, column)
        return column

    def add_constraint(self, text: str) -> None:
        """Add a constraint."""
        clause = read_constraint(text)
        clause.gap = self._gap()
        self.constraints.append(clause)

    def unqualify(self) -> None:
        """Leave out the table's own name before columns in its CHECKs, which hold under another name, too."""
        for clause in self.all_constraints():
            if clause.kind == "CHECK":
                clause.text = without_qualifier(clause.text, self.name)

    def _gap(self) -> str:
        """Return the blanks before a new definition: those of the one before it."""
        gap = (self.constraints[-1] if self.constraints else self.columns[-1]).gap if self.columns else ""
        return gap if gap.isspace() else "\n\t"


def read(create_table: str) -> Definition:
    """Return the table that a CREATE TABLE of sqlite_master describes."""
    source = _Source(create_table)
    cursor = Cursor(source.tokens)
    while not cursor.opens():
        cursor.next()
    name = source.tokens[cursor.at - 1].text
    start, end = cursor.at, _closing(source.tokens, cursor.at)
    columns: list[Column] = []
    constraints: list[Clause] = []
    for first, last in _parts(source.tokens, start + 1, end):
        if grammar.is_constraint(Cursor(source.tokens[first:last]), mysql=False):
            constraints += _constraints(source, first, last)
        else:
            columns.append(_column(source, first, last))
    return Definition(name, columns, constraints, create_table[source.places[end][1] :])


def read_column(text: str) -> Column:
    """Return the column that a definition describes."""
    source = _Source(text)
    return _column(source, 0, len(source.tokens))


def read_constraint(text: str) -> Clause:
    """Return the constraint that a definition describes."""
    source = _Source(text)
    return next(_constraints(source, 0, len(source.tokens)))


def names(expression: Iterable[Token]) -> set[str]:
    """Return the words and names of SQL that can be columns, in lower case: all but functions and operators."""
    found = [*expression, Token("end", "")]
    operators = OPERATORS if len(found) > 2 else frozenset()  # alone such a word is a column
    return {
        token.text.lower()
        for token, after in pairwise(found)
        if token.kind == "name" or (token.kind == "word" and after.text != "(" and token.text.upper() not in operators)
    }


def indexed(statement: str) -> set[str]:
    """Return the names that can be columns in a CREATE INDEX, in lower case."""
    cursor = Cursor(tokens(statement, backslashes=False))
    while not cursor.opens():
        cursor.next()
    found = {name for part in split(cursor.group()) for name in names(_without_order(part))}
    return found | names(cursor.rest())


def _without_order(part: list[Token]) -> list[Token]:
    """Return a part of an index without its collation and direction."""
    words = [token.text.upper() if token.kind == "word" else "" for token in part]
    end = len(part) - (len(part) > 1 and words[-1] in {"ASC", "DESC"})
    return part[: end - 2] if end > 2 and words[end - 2] == "COLLATE" else part[:end]


OPERATORS = frozenset(
    "AND OR NOT IN IS NULL NOTNULL ISNULL BETWEEN CASE WHEN THEN ELSE END COLLATE EXISTS ESCAPE DISTINCT LIKE GLOB "
    "REGEXP MATCH WHERE SELECT FROM".split()
)
"""Words that are no columns in an expression, unless they are quoted."""


class _Source:
    """Some SQL with its tokens and their places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.tokens, self.places = _split_text(text)

    def text(self, first: int, last: int) -> str:
        """Return the text from one token up to another, which is not included."""
        return self._text[self.places[first][0] : self.places[last - 1][1]] if first < last else ""

    def gap(self, at: int) -> str:
        """Return what stands before a token."""
        start = self.places[at - 1][1] if at else 0
        return self._text[start : self.places[at][0]] if at < len(self.places) else self._text[start:]


def _split_text(text: str) -> tuple[list[Token], list[tuple[int, int]]]:
    return sql.tokens(text, backslashes=False), sql.places(text, backslashes=False)


def _closing(tokens: list[Token], start: int) -> int:
    """Return the place of the parenthesis that closes the one at `start`."""
    cursor = Cursor(tokens, start)
    cursor.group()
    return cursor.at - 1


def _parts(tokens: list[Token], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each of the parts between commas begins and ends."""
    depth, first = 0, start
    for at in range(start, end):
        text = tokens[at].text if tokens[at].kind == "other" else ""
        depth += (text == "(") - (text == ")")
        if text == "," and not depth:
            yield first, at
            first = at + 1
    yield first, end


def _column(source: _Source, first: int, last: int) -> Column:
    cursor = Cursor(source.tokens[first:last])
    name = cursor.next().text
    while not cursor.over() and not grammar.begins_clause(cursor):
        cursor.next()
    type_ = source.gap(first + 1) + source.text(first + 1, first + cursor.at) if cursor.at > 1 else ""
    column = Column(name, source.text(first, first + 1), type_, [], source.gap(first), source.gap(last))
    while not cursor.over():
        start = first + cursor.at
        read_ = grammar.clause(cursor)
        gap, text = source.gap(start), source.text(start, first + cursor.at)
        if read_.kind not in _CONTINUED or read_.name:
            kind = _KINDS.get(read_.kind, read_.kind)
            column.clauses.append(Clause(kind, text, read_.name, (name,), read_.tokens, read_.reference, gap))
        elif column.clauses:
            column.clauses[-1].text += gap + text
        else:  # a word of the type that begins a clause elsewhere, as in CHARACTER VARYING
            column.type += gap + text
    _carry_names(column)
    return column


def _carry_names(column: Column) -> None:
    """Give a constraint without a name that of the clause before it, as SQLite does."""
    name: str | None = None
    for clause in column.clauses:
        clause.name = name = clause.name or name


def _constraints(source: _Source, first: int, last: int) -> Iterator[Clause]:
    """Yield the constraints between two commas; SQLite does not insist on the commas between them."""
    cursor = Cursor(source.tokens[:last], first)
    while not cursor.over():
        start = cursor.at
        clause = _constraint(cursor)
        while not cursor.over() and not grammar.is_constraint(cursor, mysql=False):
            cursor.next()  # ON CONFLICT …
        clause.text, clause.gap = source.text(start, cursor.at), source.gap(start)
        clause.after = source.gap(last) if cursor.over() else ""
        yield clause


def _constraint(cursor: Cursor) -> Clause:
    name = grammar.constraint_name(cursor)
    kind = cursor.next().text.upper()
    if kind == "CHECK":
        return Clause(kind, "", name, expression=grammar.check(cursor, name).tokens)
    kind = f"{kind} KEY" if cursor.take("KEY") else kind
    columns = tuple(part[0].text for part in sql.split(cursor.group()))
    refers = kind == "FOREIGN KEY" and cursor.take("REFERENCES")
    return Clause(kind, "", name, columns, reference=grammar.reference(cursor) if refers else None)


def _is_named(text: str) -> bool:
    return text[: len("CONSTRAINT")].upper() == "CONSTRAINT"


def without_qualifier(text: str, table: str) -> str:
    """Return a CREATE TABLE, or a CHECK, without the table's own name before its columns."""
    if not re.search(rf"(?i){re.escape(table)}[\"`\]]?\s*\.", text):
        return text
    found, where = _split_text(text)
    for at in reversed(range(len(found) - 1)):
        if found[at + 1] == Token("other", ".") and found[at].text.lower() == table.lower():
            text = text[: where[at][0]] + text[where[at + 1][1] :]
    return text
