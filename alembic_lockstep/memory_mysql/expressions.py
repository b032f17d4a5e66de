"""Expressions as MySQL writes them in SHOW CREATE TABLE: names quoted, functions in lower case, all in parentheses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.schema.ddl import Cursor, Token, split, written

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
"""Binary operators from the loosest to the tightest, and how they are written."""
_COMPARISONS = 3
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
_FUNCTIONS = {"current_timestamp": "now", "localtime": "now", "localtimestamp": "now", "current_date": "curdate",
              "current_time": "curtime", "lcase": "lower", "ucase": "upper", "substring": "substr", "mid": "substr",
              "character_length": "char_length", "power": "pow", "ceiling": "ceil"}  # fmt: skip
_WITHOUT_PARENTHESES = {"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"}
_LITERALS = {"NULL": "NULL", "TRUE": "true", "FALSE": "false"}
_CASTS = {"signed", "unsigned", "date", "datetime", "time", "json", "double", "float", "year"}


class _UnknownError(Exception):
    """A form of expression that is not understood here."""


def expression(tokens: list[Token], columns: Collection[str]) -> str:
    """Return an expression as the server writes it; one that is not understood as it was written.

    Args:
        tokens: of the expression, without the parentheses around it.
        columns: the names that are columns.
    """
    reader = _Reader(Cursor(tokens), {name.lower(): name for name in columns})
    try:
        text = reader.binary(0)
    except _UnknownError:
        text = ""
    if text and reader.cursor.over():
        return text
    # As it was written; no space between a literal and what says how to read it.
    return re.sub(r"(?i)(?<!\w)([bnx]|_\w+) (?=')", r"\1", written(tokens))


def literal(token: Token) -> str:
    """Return a string as the server writes it: backslashes, line ends and NUL escaped, quotes doubled."""
    return encoded(decoded(token.text))


def decoded(text: str) -> str:
    """Return what a string literal says."""
    escapes = {"n": "\n", "r": "\r", "0": "\0", "t": "\t", "b": "\b", "Z": "\x1a"}
    inner = text[1:-1].replace("''", "'") if text[:1] == "'" else text[1:-1].replace('""', '"')
    # Before a wildcard of LIKE the backslash stays.
    return re.sub(r"\\([^%_])", lambda match: escapes.get(match[1], match[1]), inner, flags=re.DOTALL)


def _quoted(token: Token) -> str:
    """Return a string within an expression: there the server escapes quotes."""
    inner = encoded(decoded(token.text))[1:-1]
    return "'" + inner.replace("''", "\\'") + "'"


def encoded(value: str) -> str:
    """Return a string literal that says `value`."""
    for plain, escaped in (("\\", "\\\\"), ("\0", "\\0"), ("\n", "\\n"), ("\r", "\\r"), ("'", "''")):
        value = value.replace(plain, escaped)
    return f"'{value}'"


class _Reader:
    def __init__(self, cursor: Cursor, columns: dict[str, str], truths: set[str] | None = None) -> None:
        self.cursor, self._columns = cursor, columns
        self._truths = set() if truths is None else truths

    def _true_or_false(self, text: str) -> str:
        """Remember what is a truth value."""
        self._truths.add(text)
        return text

    def _truth(self, text: str) -> str:
        """Return an operand of AND, OR and IS TRUE: the server compares what is no truth value with zero."""
        return text if text in self._truths or text.startswith("json_valid(") else f"(0 <> {text})"

    def _operator(self, level: int) -> str | None:
        token = self.cursor.peek()
        if token.kind not in {"word", "other"}:
            return None
        return _LEVELS[level].get(token.text.upper())

    def binary(self, level: int) -> str:
        """Read operands and operators of a level; chains of AND and of OR share their parentheses."""
        if level == _COMPARISONS and self.cursor.take("NOT"):
            return self._true_or_false(_negated(self.binary(level)))
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
                chain = [self._true_or_false(f"({self._truth(chain[0])} xor {self._truth(right)})")]
            else:
                chain = [f"({chain[0]} {operator} {right})"]
                if level == _COMPARISONS:
                    self._truths.add(chain[0])
            joined = operator
        if len(chain) == 1:
            return chain[0]
        return self._true_or_false(f"({f' {joined} '.join(self._truth(each) for each in chain)})")

    def _predicate(self, left: str) -> str:
        """Read IS, IN, BETWEEN and LIKE after their operand."""
        cursor = self.cursor
        if cursor.take("IS"):
            no = "not " if cursor.take("NOT") else ""
            if cursor.word() not in _LITERALS:
                raise _UnknownError
            word = cursor.next().text.lower()
            return self._true_or_false(f"({left if word == 'null' else self._truth(left)} is {no}{word})")
        no = "not " if cursor.take("NOT") else ""
        if cursor.take("IN") and cursor.opens():
            values = [self._inner(part) for part in split(cursor.group())]
            if len(values) == 1:
                return self._true_or_false(f"({left} {'<>' if no else '='} {values[0]})")
            return self._true_or_false(f"({left} {no}in ({','.join(values)}))")
        if cursor.take("BETWEEN"):
            low = self.binary(_COMPARISONS + 1)
            if not cursor.take("AND"):
                raise _UnknownError
            return self._true_or_false(f"({left} {no}between {low} and {self.binary(_COMPARISONS + 1)})")
        if cursor.take("LIKE"):
            like = f"({left} like {self.binary(_COMPARISONS + 1)})"
            return self._true_or_false(f"(not({like}))" if no else like)
        if no:
            raise _UnknownError
        return left

    def _arguments(self) -> str:
        parts = split(self.cursor.group())
        return ",".join(self._inner(part) for part in parts)

    def _inner(self, tokens: list[Token]) -> str:
        reader = _Reader(Cursor(tokens), self._columns, self._truths)
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
        """Read the arrows into JSON."""
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
        if self.cursor.peek().text == ".":  # a column with its table
            self.cursor.next()
            return self._name(self.cursor.next().text)
        return quoted(self._columns.get(name.lower(), name))

    def _word(self, word: str) -> str:  # noqa: PLR0911 - a form each
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
                return self._true_or_false(f"({self._arguments()} is null)")
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
        inner = _Reader(Cursor(self.cursor.group()), self._columns, self._truths)
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
    """Return NOT of an expression: the server turns comparisons round."""
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
