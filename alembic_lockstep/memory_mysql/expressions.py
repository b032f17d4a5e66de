"""Expressions as SHOW CREATE TABLE writes them: names quoted, functions in lower case, operations in parentheses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.schema.sql import Cursor, Token, split, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_LEVELS = [
    {"OR": "or", "||": "or"},
    {"XOR": "xor"},
    {"AND": "and", "&&": "and"},
    {"=": "=", "<=>": "<=>", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "<>": "<>", "!=": "<>"},
    {"|": "|"},
    {"&": "&"},
    {"<<": "<<", ">>": ">>"},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%", "MOD": "%", "DIV": "DIV"},
]
"""Binary operators by precedence, the lowest first, and how the server writes them."""
_COMPARISONS = 3
"""The precedence level of comparisons, IS, IN, BETWEEN and LIKE."""
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
_FUNCTIONS = {"current_timestamp": "now", "localtime": "now", "localtimestamp": "now", "current_date": "curdate",
              "current_time": "curtime", "lcase": "lower", "ucase": "upper", "substring": "substr", "mid": "substr",
              "character_length": "char_length", "power": "pow", "ceiling": "ceil"}  # fmt: skip
_WITHOUT_PARENTHESES = {"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"}
_LITERALS = {"NULL": "NULL", "TRUE": "true", "FALSE": "false"}
_CASTS = {"signed", "unsigned", "date", "datetime", "time", "json", "double", "float", "year"}


class _UnknownError(Exception):
    """An expression of an unknown form."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, and the columns that it uses.

    Attributes:
        text: as the server writes it.
        columns: the names of the columns, as their table spells them.
    """

    text: str
    columns: frozenset[str] = frozenset()


def expression(tokens: list[Token], columns: Collection[str]) -> Expression:
    """Return an expression as the server writes it, or with names in quotes only if its form is unknown.

    Args:
        tokens: the expression without the parentheses around it.
        columns: the names of columns.
    """
    names = {name.lower(): name for name in columns}
    used = [_column(tokens, at, names) for at in range(len(tokens))]
    return Expression(_text(tokens, names, used), frozenset(name for name in used if name is not None))


def _text(tokens: list[Token], names: dict[str, str], used: list[str | None]) -> str:
    reader = _Reader(Cursor(tokens), names)
    try:
        text = reader.binary(0)
    except _UnknownError:
        text = ""
    if text and reader.cursor.over():
        return text
    shown = [
        Token(token.kind, quoted(name or token.text)) if name or token.kind == "name" else token
        for token, name in zip(tokens, used, strict=True)
    ]
    # Without a space between an introducer such as _utf8mb4 and its literal.
    return re.sub(r"(?i)(?<!\w)([bnx]|_\w+) (?=')", r"\1", written(shown))


def _column(tokens: list[Token], at: int, names: dict[str, str]) -> str | None:
    """Return the column that a token of an expression names, None if it names none."""
    token = tokens[at]
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.kind == "word":
        is_type = at > 0 and tokens[at - 1].kind == "word" and tokens[at - 1].text.upper() == "AS"
        is_function = after is not None and (after.kind == "string" or after.text == "(")
        if is_type or is_function:
            return None
    elif token.kind != "name":
        return None
    return None if after is not None and after.text == "." else names.get(token.text.lower())


def literal(token: Token) -> str:
    """Return a string literal as the server writes it: backslashes, line ends and NUL escaped, quotes doubled."""
    return encoded(decoded(token.text))


def decoded(text: str) -> str:
    """Return the value of a string literal."""
    escapes = {"n": "\n", "r": "\r", "0": "\0", "t": "\t", "b": "\b", "Z": "\x1a"}
    inner = text[1:-1].replace("''", "'") if text[:1] == "'" else text[1:-1].replace('""', '"')
    # Before a wildcard of LIKE the server keeps the backslash.
    return re.sub(r"\\([^%_])", lambda match: escapes.get(match[1], match[1]), inner, flags=re.DOTALL)


def _quoted(token: Token) -> str:
    """Return a string literal within an expression, where the server escapes quotes with backslashes."""
    inner = encoded(decoded(token.text))[1:-1]
    return "'" + inner.replace("''", "\\'") + "'"


def encoded(value: str) -> str:
    """Return the string literal of a value."""
    for plain, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\n", "\\n"), ("\r", "\\r"), ("'", "''")):
        value = value.replace(plain, escaped)
    return f"'{value}'"


class _Reader:
    """Reads the tokens of an expression and writes it as the server does.

    The server compares operands of logical operators with zero unless they are boolean, so the reader remembers the
    texts that are.
    """

    def __init__(self, cursor: Cursor, columns: dict[str, str], booleans: set[str] | None = None) -> None:
        self.cursor, self._columns = cursor, columns
        self._booleans = set() if booleans is None else booleans

    def _boolean(self, text: str) -> str:
        """Remember that a text is a boolean expression, and return it."""
        self._booleans.add(text)
        return text

    def _as_boolean(self, text: str) -> str:
        """Return an operand of AND, OR or IS TRUE, compared with zero if it is not boolean."""
        return text if text in self._booleans or text.startswith("json_valid(") else f"(0 <> {text})"

    def _operator(self, level: int) -> str | None:
        token = self.cursor.peek()
        if token.kind not in {"word", "other"}:
            return None
        return _LEVELS[level].get(token.text.upper())

    def binary(self, level: int) -> str:
        """Read the operands and operators of a precedence level; a chain of AND or of OR shares its parentheses."""
        if level == _COMPARISONS and self.cursor.take("NOT"):
            return self._boolean(_negated(self.binary(level)))
        if level == len(_LEVELS):
            return self._unary()
        left = self.binary(level + 1)
        if level == _COMPARISONS:
            left = self._predicate(left)
        chain = [left]
        while (operator := self._operator(level)) is not None:
            self.cursor.next()
            right = self.binary(level + 1)
            if level == _COMPARISONS:
                right = self._predicate(right)
            if operator in {"and", "or"}:
                chain.append(right)
            elif operator == "xor":
                chain = [self._boolean(f"({self._as_boolean(chain[0])} xor {self._as_boolean(right)})")]
            else:
                chain = [f"({chain[0]} {operator} {right})"]
                if level == _COMPARISONS:
                    self._booleans.add(chain[0])
            joined = operator
        if len(chain) == 1:
            return chain[0]
        return self._boolean(f"({f' {joined} '.join(self._as_boolean(each) for each in chain)})")

    def _predicate(self, left: str) -> str:
        """Read IS, IN, BETWEEN or LIKE after its first operand."""
        cursor = self.cursor
        if cursor.take("IS"):
            no = "not " if cursor.take("NOT") else ""
            if cursor.word() not in _LITERALS:
                raise _UnknownError
            word = cursor.next().text.lower()
            return self._boolean(f"({left if word == 'null' else self._as_boolean(left)} is {no}{word})")
        no = "not " if cursor.take("NOT") else ""
        if cursor.take("IN") and cursor.opens():
            values = [self._inner(part) for part in split(cursor.group())]
            if len(values) == 1:
                return self._boolean(f"({left} {'<>' if no else '='} {values[0]})")
            return self._boolean(f"({left} {no}in ({','.join(values)}))")
        if cursor.take("BETWEEN"):
            low = self.binary(_COMPARISONS + 1)
            if not cursor.take("AND"):
                raise _UnknownError
            return self._boolean(f"({left} {no}between {low} and {self.binary(_COMPARISONS + 1)})")
        if cursor.take("LIKE"):
            like = f"({left} like {self.binary(_COMPARISONS + 1)})"
            return self._boolean(f"(not({like}))" if no else like)
        if no:
            raise _UnknownError
        return left

    def _arguments(self) -> str:
        parts = split(self.cursor.group())
        return ",".join(self._inner(part) for part in parts)

    def _inner(self, tokens: list[Token]) -> str:
        reader = _Reader(Cursor(tokens), self._columns, self._booleans)
        text = reader.binary(0)
        if not reader.cursor.over():
            raise _UnknownError
        return text

    def _unary(self) -> str:
        cursor = self.cursor
        token = cursor.peek()
        if token.text == "-" and token.kind == "other":
            cursor.next()
            return f"-({self._unary()})"
        if token.text == "+" and token.kind == "other":
            cursor.next()
            return self._unary()
        return self._path(self._operand())

    def _path(self, operand: str) -> str:
        """Read JSON paths: -> and ->>."""
        cursor = self.cursor
        while cursor.peek().text in {"->", "->>"}:
            deep = cursor.next().text == "->>"
            found = f"json_extract({operand},{self._operand()})"
            operand = f"json_unquote({found})" if deep else found
        return operand

    def _operand(self) -> str:
        cursor = self.cursor
        if cursor.over():
            raise _UnknownError
        if cursor.opens():
            return self._inner(cursor.group())
        token = cursor.next()
        if token.kind == "string":
            return f"_utf8mb4{_quoted(token)}"
        if token.kind == "name":
            return self._name(token.text)
        if token.kind == "other":
            if token.text[0].isdigit():
                return token.text
            raise _UnknownError
        return self._word(token.text)

    def _name(self, name: str) -> str:
        if self.cursor.peek().text == ".":  # after the name of its table
            self.cursor.next()
            return self._name(self.cursor.next().text)
        return quoted(self._columns.get(name.lower(), name))

    def _word(self, word: str) -> str:  # noqa: PLR0911 - one for each form
        cursor = self.cursor
        if word.startswith("_") and cursor.peek().kind == "string":
            return f"{word.lower()}{_quoted(cursor.next())}"
        special: dict[str, Callable[[], str]] = {"CASE": self._case, "CAST": self._cast}
        if word.upper() in special:
            return special[word.upper()]()
        if cursor.opens():
            if word.upper() == "MOD":
                return f"({self._arguments().replace(',', ' % ', 1)})"
            if word.upper() == "ISNULL":
                return self._boolean(f"({self._arguments()} is null)")
            if word.upper() == "DATE":
                return f"cast({self._arguments()} as date)"
            return f"{_FUNCTIONS.get(word.lower(), word.lower())}({self._arguments()})"
        if word.upper() in _LITERALS:
            return _LITERALS[word.upper()]
        if word.lower() in _WITHOUT_PARENTHESES:
            return f"{_FUNCTIONS[word.lower()]}()"
        if word.lower() in self._columns or cursor.peek().text == ".":
            return self._name(word)
        raise _UnknownError

    def _case(self) -> str:
        cursor = self.cursor
        parts = ["case"] if cursor.word() == "WHEN" else ["case", self.binary(0)]
        while cursor.take("WHEN"):
            parts += ["when", self.binary(0)]
            if not cursor.take("THEN"):
                raise _UnknownError
            parts += ["then", self.binary(0)]
        if cursor.take("ELSE"):
            parts += ["else", self.binary(0)]
        if not cursor.take("END"):
            raise _UnknownError
        return f"({' '.join(parts)} end)"

    def _cast(self) -> str:
        inner = _Reader(Cursor(self.cursor.group()), self._columns, self._booleans)
        operand = inner.binary(0)
        type_ = inner.cursor.tokens[inner.cursor.at + 1 :]
        if not inner.cursor.take("AS"):
            raise _UnknownError
        name = type_[0].text.lower() if type_ else ""
        words = [token.text.lower() for token in type_[1:] if token.kind == "word"]
        if name in {"signed", "unsigned"} and words == ["integer"]:
            type_ = type_[:1]
        elif words:
            raise _UnknownError
        if name == "char":
            return f"cast({operand} as {_plain(type_)} charset utf8mb4)"
        if name not in _CASTS | {"decimal"}:
            raise _UnknownError
        return f"cast({operand} as {_plain(type_)})"


def _plain(tokens: list[Token]) -> str:
    return "".join(token.text.lower() for token in tokens)


def _negated(text: str) -> str:
    """Return the negation of an expression: the server inverts comparisons."""
    compared = re.fullmatch(r"\((`[^`]*`|[\d.]+) (<>|<=|>=|=|<|>) (`[^`]*`|[\d.]+)\)", text)
    if compared:
        return f"({compared[1]} {_NEGATED[compared[2]]} {compared[3]})"
    for word in ("in", "between", "null"):
        predicate = re.fullmatch(rf"\((`[^`]*`) (is )?({word})( .*|)\)", text, re.DOTALL)
        if predicate:
            return f"({predicate[1]} {predicate[2] or ''}not {predicate[3]}{predicate[4]})"
    raise _UnknownError


def quoted(name: str) -> str:
    """Return a name in backquotes."""
    return f"`{name.replace('`', '``')}`"
