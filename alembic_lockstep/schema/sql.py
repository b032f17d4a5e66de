"""Split SQL into tokens and read them one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERSION_TABLE = "alembic_version"
"""Alembic's own table, which is no part of a schema."""
VERSION_COLUMNS = ["version_num"]
"""Its columns, also where `version_table` gives it another name."""
_PATTERN = r"""
    (?P<skip>\s+|{comment}|/\*!\d*|/\*(?!!).*?\*/|\*/)
  | (?P<string>{string})
  | (?P<name>`(?:[^`]|``)*`{name})
  | (?P<word>\d*[^\W\d][\w$]*)
  | (?P<other>\d[\d.]*|<=>|<=|>=|<>|!=|<<|>>|\|\||&&|->>|->|.)
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

_DELIMITER = re.compile(r"(?im)^[ \t]*delimiter[ \t]+(\S+)[ \t]*$")
"""The line of a MySQL client that says what ends a statement from here on."""

_QUOTES = {"'", '"', "`"}
_NO_SPACE_BEFORE = {"(", ")", ",", "."}
_NO_SPACE_AFTER = {"(", "."}


class Token(NamedTuple):
    """A piece of SQL: its kind (string, name, word or other), and its text; a quoted name is without its quotes."""

    kind: str
    text: str


_OPEN, _CLOSE, _COMMA, _END = Token("other", "("), Token("other", ")"), Token("other", ","), Token("end", "")


def tokens(sql: str, *, backslashes: bool) -> list[Token]:
    """Split SQL into tokens, without comments, but with what MySQL hides in `/*!80023 … */`.

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


def places(sql: str, *, backslashes: bool) -> list[tuple[int, int]]:
    """Return where each token that `tokens` finds stands in SQL: its first character, and the one behind its last."""
    found = (_MYSQL if backslashes else _SQL).finditer(sql)
    return [match.span() for match in found if match.lastgroup != "skip"]


def without_literals(text: str, instead: str, *, backslashes: bool) -> str:
    """Return SQL without comments, and with something else for each string and number.

    Args:
        text: the SQL.
        instead: what stands for a literal.
        backslashes: as for `tokens`.
    """

    def shown(match: re.Match[str]) -> str:
        piece, kind = match.group(), match.lastgroup
        if kind == "skip":
            return " "
        return instead if kind == "string" or piece[0].isdigit() else piece

    parts: list[str] = []
    for match in (_MYSQL if backslashes else _SQL).finditer(text):
        if match.group() in _QUOTES:  # one that is never closed: all behind it may be the value
            parts.append(instead)
            break
        parts.append(shown(match))
    return "".join(parts).strip()


def statements(text: str, *, backslashes: bool) -> list[str]:
    """Return the statements of a file of SQL, as dumps have them, without comments before them.

    Args:
        text: the file.
        backslashes: as for `tokens`.
    """
    _first, *others = _DELIMITER.split(text)
    delimited = [(";", _first), *zip(others[::2], others[1::2], strict=True)]
    parts = [
        part
        for end, section in delimited
        for part in (_parts(section, backslashes=backslashes) if end == ";" else section.split(end))
    ]
    return [part.strip() for part in parts if tokens(part, backslashes=backslashes)]


def _parts(text: str, *, backslashes: bool) -> Iterator[str]:
    """Split SQL at its semicolons, but not within the body of a trigger or routine."""
    start: int | None = None
    body: list[str] = []
    for match in (_MYSQL if backslashes else _SQL).finditer(text):
        kind, piece = match.lastgroup, match.group()
        if start is None and (kind != "skip" or piece.startswith("/*!")):
            start = match.start()
        if kind == "word":
            body.append(piece.upper())
        if kind == "other" and piece == ";" and not _is_open(body):
            if start is not None:
                yield text[start : match.start()]
            start, body = None, []
    if start is not None:
        yield text[start:]


def _is_open(words: list[str]) -> bool:
    """Return whether a statement goes on behind a semicolon: BEGIN … END in what CREATE TRIGGER or the like makes."""
    if words[:1] != ["CREATE"] or not {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"} & set(words[:8]):
        return False
    return words.count("BEGIN") + words.count("CASE") > words.count("END")


def created_table(statement: str, *, backslashes: bool) -> str:
    """Return the name of the table that a statement creates; empty for another statement."""
    cursor = Cursor(tokens(statement, backslashes=backslashes))
    if not (cursor.take("CREATE", "TABLE") or cursor.take("CREATE", "VIRTUAL", "TABLE")):
        return ""
    cursor.take("IF", "NOT", "EXISTS")
    name = cursor.next()
    if cursor.peek().text == ".":
        cursor.next()
        name = cursor.next()
    return name.text


def written(some: Iterable[Token]) -> str:
    """Return tokens as text, which is the same however they were quoted and spaced."""
    parts: list[str] = []
    before, after_sign = _COMMA, False
    for token in some:
        if parts and token.text not in _NO_SPACE_BEFORE and before.text not in _NO_SPACE_AFTER and not after_sign:
            parts.append(" ")
        parts.append(token.text)
        after_sign = token.text in {"-", "+"} and _expects_value(before)
        before = token
    return "".join(parts)


def requoted(some: Iterable[Token], quote: str) -> str:
    """Return tokens as SQL in which each name that was quoted is quoted again.

    Args:
        some: the tokens.
        quote: the character around a name.
    """
    return written(
        Token("word", f"{quote}{token.text.replace(quote, quote * 2)}{quote}") if token.kind == "name" else token
        for token in some
    )


def with_renamed(expression: str, old: str, new: str) -> str:
    """Return an expression as MySQL describes it, with each name in backticks, with another name of a column."""
    some = [
        Token("name", new) if token.kind == "name" and token.text.lower() == old.lower() else token
        for token in tokens(expression, backslashes=True)
    ]
    return requoted(some, "`")


def _expects_value(token: Token) -> bool:
    """Return whether a value comes behind a token, so that a minus there is a sign."""
    return token.kind == "other" and token.text != ")" and not token.text[0].isdigit()


@dataclass(slots=True)
class Cursor:
    """A place among tokens, for reading them one after the other."""

    tokens: list[Token]
    at: int = 0

    def over(self) -> bool:
        """Return whether no token is left."""
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        """Return a token without taking it: the next one, or one further ahead."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else _END

    def word(self) -> str:
        """Return the next token in capitals if it is a word, without taking it."""
        return self.peek().text.upper() if self.peek().kind == "word" else ""

    def next(self) -> Token:
        """Take the next token."""
        self.at += 1
        return self.peek(-1)

    def take(self, *words: str) -> bool:
        """Take the next words if they are these; return whether they were."""
        if any(self.peek(n).kind != "word" or self.peek(n).text.upper() != word for n, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def group(self) -> list[Token]:
        """Take a group in parentheses; return the tokens between them."""
        depth, start = 0, self.at + 1
        while not self.over():
            token = self.next()
            depth += (token == _OPEN) - (token == _CLOSE)
            if depth == 0:
                break
        return self.tokens[start : self.at - 1]

    def rest(self) -> list[Token]:
        """Return the tokens that are left, without taking them."""
        return self.tokens[self.at :]

    def opens(self) -> bool:
        """Return whether the next token is an opening parenthesis."""
        return self.peek() == _OPEN

    def value(self) -> list[Token]:
        """Take a literal, a call or an expression in parentheses; return its tokens."""
        start = self.at
        if not self.opens():
            first = self.next()
            if first.text in {"-", "+"} or (first.kind == "word" and self.peek().kind == "string"):
                self.next()
        if self.opens():
            self.group()
        return self.tokens[start : self.at]


def split(some: list[Token]) -> list[list[Token]]:
    """Split tokens at the commas outside parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in some:
        depth += (token == _OPEN) - (token == _CLOSE)
        if depth == 0 and token == _COMMA:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def position(some: list[Token], word: str) -> int | None:
    """Return the place of a word outside parentheses among tokens, None if it is not there."""
    depth = 0
    for number, token in enumerate(some):
        depth += (token == _OPEN) - (token == _CLOSE)
        if depth == 0 and token.kind == "word" and token.text.upper() == word:
            return number
    return None


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
