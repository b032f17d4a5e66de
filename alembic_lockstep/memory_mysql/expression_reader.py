"""The reader of expressions: it writes what it reads as the server does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql import casts, conditions, functions, special_calls
from alembic_lockstep.memory_mysql.conditions import Node, compared, condition
from alembic_lockstep.memory_mysql.dbapi_errors import syntax_error
from alembic_lockstep.memory_mysql.identifiers import RESERVED
from alembic_lockstep.memory_mysql.literals import decoded, quoted, within_expression
from alembic_lockstep.schema.sql import Cursor, Token, split

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS: list[dict[str, str]] = [
    {"OR": "or", "||": "or"},
    {"XOR": "xor"},
    {"AND": "and", "&&": "and"},
    {"=": "=", "<=>": "<=>", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "<>": "<>", "!=": "<>"},
    {"|": "|"},
    {"&": "&"},
    {"<<": "<<", ">>": ">>"},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%", "MOD": "%", "DIV": "DIV"},
    {"^": "^"},
]
"""Binary operators by precedence, the lowest first, and how the server writes them."""
_COMPARISONS = 3
"""The precedence level of comparisons and IS; that of IN, BETWEEN and LIKE is between it and the next one."""
_LITERALS = {"NULL": Node("NULL"), "TRUE": condition("true"), "FALSE": condition("false")}
_MOMENTS = {"DATE", "TIME", "TIMESTAMP"}
_NO_OPERAND = frozenset("= < > <= >= <> != <=> * / % & | ^ && || ,".split())
"""What cannot begin an operand."""


class UnknownFormError(Exception):
    """An expression of an unknown form."""


class Reader:
    """Reads the tokens of an expression and writes it as the server does.

    Attributes:
        cursor: at the next token.
        unknown: the names of columns that do not exist.
    """

    def __init__(self, cursor: Cursor, spelling: dict[str, str], known: dict[str, str]) -> None:
        self.cursor = cursor
        self._spelling, self._known = spelling, known
        self.unknown: list[str] = []

    def whole(self) -> Node:
        """Read all of the tokens.

        Raises:
            UnknownFormError: their form is unknown.
            ProgrammingError: they are no SQL.
        """
        node = self._binary(0)
        if not self.cursor.over():
            raise UnknownFormError
        return node

    def _inner(self, tokens: list[Token]) -> Node:
        reader = Reader(Cursor(tokens), self._spelling, self._known)
        reader.unknown = self.unknown
        return reader.whole()

    def _operator(self, level: int) -> str | None:
        token = self.cursor.peek()
        return _LEVELS[level].get(token.text.upper()) if token.kind in {"word", "other"} else None

    def _binary(self, level: int) -> Node:
        """Read the operands and operators of a precedence level."""
        if level == _COMPARISONS:
            return self._comparison()
        if level == len(_LEVELS):
            return self._unary()
        chain = [self._binary(level + 1)]
        joined = ""
        while (operator := self._operator(level)) is not None:
            self.cursor.next()
            right = self._interval(chain[0], operator) if self.cursor.word() == "INTERVAL" else None
            if right is not None:
                chain = [right]
                continue
            right, joined = self._binary(level + 1), operator
            if operator in {"and", "or"}:
                chain.append(right)
            elif operator == "xor":
                chain = [conditions.exclusive(chain[0], right)]
            else:
                chain = [Node(f"({chain[0].text} {operator} {right.text})")]
        return chain[0] if len(chain) == 1 else conditions.joined(joined, chain)

    def _comparison(self) -> Node:
        if self.cursor.take("NOT"):
            return conditions.negation(self._comparison())
        left = self._predicate()
        while True:
            operator = self._operator(_COMPARISONS)
            if operator is not None:
                self.cursor.next()
                left = compared(left.text, operator, self._predicate().text)
            elif self.cursor.take("IS"):
                left = self._is(left)
            else:
                return left

    def _is(self, left: Node) -> Node:
        no = self.cursor.take("NOT")
        token = self.cursor.next()
        word = {"UNKNOWN": "null"}.get(token.text.upper(), token.text.lower())
        if word not in {"null", "true", "false"}:
            raise syntax_error(token)
        operand = left.text if word == "null" else conditions.truth(left).text
        texts = f"({operand} is {word})", f"({operand} is not {word})"
        return condition(texts[no], texts[not no])

    def _predicate(self) -> Node:
        """Read an operand, and IN, BETWEEN, LIKE or REGEXP behind it."""
        left = self._binary(_COMPARISONS + 1)
        no = self.cursor.take("NOT")
        forms: dict[str, Callable[[str], Node]] = {
            "IN": self._in, "BETWEEN": self._between, "LIKE": self._like, "REGEXP": self._regexp,
            "RLIKE": self._regexp, "SOUNDS": self._sounds, "MEMBER": self._member,
        }  # fmt: skip
        form = forms.get(self.cursor.word())
        if form is None:
            if no:
                raise syntax_error(self.cursor.peek())
            return left
        self.cursor.next()
        found = form(left.text)
        return conditions.negation(found) if no else found

    def _in(self, left: str) -> Node:
        if not self.cursor.opens():
            raise syntax_error(self.cursor.peek())
        values = [self._inner(part).text for part in split(self.cursor.group())]
        if not values:
            raise syntax_error(Token("other", ")"))
        if len(values) == 1:
            return compared(left, "=", values[0])
        listed = ",".join(values)
        return condition(f"({left} in ({listed}))", f"({left} not in ({listed}))")

    def _between(self, left: str) -> Node:
        low = self._binary(_COMPARISONS + 1).text
        if not self.cursor.take("AND"):
            raise syntax_error(self.cursor.peek())
        high = self._binary(_COMPARISONS + 1).text
        return condition(f"({left} between {low} and {high})", f"({left} not between {low} and {high})")

    def _like(self, left: str) -> Node:
        text = f"{left} like {self._unary().text}"
        if self.cursor.take("ESCAPE"):
            text += f" escape {self._unary().text}"
        return condition(f"({text})")

    def _regexp(self, left: str) -> Node:
        return condition(f"regexp_like({left},{self._binary(_COMPARISONS + 1).text})")

    def _sounds(self, left: str) -> Node:
        if not self.cursor.take("LIKE"):
            raise syntax_error(self.cursor.peek())
        return compared(f"soundex({left})", "=", f"soundex({self._binary(_COMPARISONS + 1).text})")

    def _member(self, left: str) -> Node:
        self.cursor.take("OF")
        return condition(f"{left} member of ({self._inner(self.cursor.group()).text})")

    def _interval(self, left: Node, operator: str) -> Node | None:
        """Read INTERVAL with its unit, after + or -; return None if it is the function of that name."""
        start = self.cursor.at
        self.cursor.next()
        if self.cursor.opens() and len(split(Cursor(self.cursor.tokens, self.cursor.at).group())) > 1:
            self.cursor.at = start
            return None
        number = self._binary(0).text
        unit = self.cursor.next().text
        if unit.upper() not in special_calls.UNITS or operator not in {"+", "-"}:
            raise UnknownFormError
        return Node(f"({left.text} {operator} interval {number} {unit.lower()})")

    def _unary(self) -> Node:
        token = self.cursor.peek()
        if token.kind == "other" and token.text in {"-", "~"}:
            self.cursor.next()
            return Node(f"{token.text}({self._unary().text})")
        if token.kind == "other" and token.text == "+":
            self.cursor.next()
            return self._unary()
        if token.kind == "other" and token.text == "!":
            self.cursor.next()
            return conditions.negation(self._unary())
        if self.cursor.take("BINARY"):
            return Node(f"cast({self._unary().text} as char charset binary)")
        return self._postfix(self._operand())

    def _postfix(self, operand: Node) -> Node:
        """Read JSON paths, -> and ->>, and COLLATE."""
        cursor = self.cursor
        while cursor.peek().text in {"->", "->>"}:
            deep = cursor.next().text == "->>"
            found = f"json_extract({operand.text},{self._operand().text})"
            operand = Node(f"json_unquote({found})" if deep else found)
        while cursor.take("COLLATE"):
            operand = Node(f"({operand.text} collate {cursor.next().text.lower()})")
        return operand

    def _operand(self) -> Node:
        cursor = self.cursor
        token = cursor.peek()
        if cursor.over() or (token.kind == "other" and token.text in _NO_OPERAND):
            raise syntax_error(token)
        if cursor.opens():
            return self._inner(cursor.group())
        cursor.next()
        if token.kind == "string":
            return Node(f"_utf8mb4{self._string(token)}")
        if token.kind == "name":
            return self._name(token.text)
        if token.kind == "other":
            return self._number(token)
        return self._word(token)

    def _string(self, token: Token) -> str:
        """Return a string literal, with those that follow it."""
        value = decoded(token.text)
        while self.cursor.peek().kind == "string":
            value += decoded(self.cursor.next().text)
        return within_expression(value)

    def _number(self, token: Token) -> Node:
        text = token.text
        if text == "." and self.cursor.peek().text.isdigit():
            text = f"0.{self.cursor.next().text}"
        if not text[0].isdigit():
            raise UnknownFormError
        if re.fullmatch(r"(?i)e\d+", self.cursor.peek().text) and self.cursor.peek().kind == "word":
            text += self.cursor.next().text
        return Node(text.removesuffix("."))

    def _name(self, name: str) -> Node:
        if self.cursor.peek().text == ".":  # after the name of its table
            self.cursor.next()
            return self._name(self.cursor.next().text)
        if name.lower() not in self._known:
            self.unknown.append(name)
        return Node(quoted(self._spelling.get(name.lower(), name)))

    def _word(self, token: Token) -> Node:
        cursor, word, upper = self.cursor, token.text, token.text.upper()
        special: dict[str, Callable[[], Node]] = {"CASE": self._case, "CAST": self._cast, "CONVERT": self._convert}
        if upper in special:
            return special[upper]()
        if cursor.peek().kind == "string":
            return self._introduced(word)
        if cursor.opens() and upper != "ROW":
            return self._call(word)
        if word[0].isdigit():
            return self._word_number(word)
        return self._bare_word(token)

    def _bare_word(self, token: Token) -> Node:
        """Read a word that is neither a call nor a number."""
        name = token.text.lower()
        if token.text.upper() in _LITERALS:
            return _LITERALS[token.text.upper()]
        if name in functions.WITHOUT_PARENTHESES:
            return Node(f"{functions.NAMES.get(name, name)}()")
        if token.text.upper() in RESERVED:
            raise syntax_error(token) if name in self._known else UnknownFormError
        return self._name(token.text)

    def _word_number(self, word: str) -> Node:
        """Read a number that the tokens have as a word: 1e3, 1E-3, 0x41."""
        if re.fullmatch(r"(?i)\d+e", word) and self.cursor.peek().text in {"-", "+"}:
            word += self.cursor.next().text + self.cursor.next().text
        if not re.fullmatch(r"(?i)\d+e[-+]?\d+|0x[0-9a-f]+", word):
            raise UnknownFormError
        return Node(word)

    def _introduced(self, word: str) -> Node:
        """Read a string literal behind a character set, a type or x or b."""
        token = self.cursor.next()
        value = decoded(token.text)
        if word.upper() in _MOMENTS:
            return Node(f"{word.upper()}{within_expression(value)}")
        if word.lower() == "x":
            return Node(f"0x{value.upper()}")
        if word.lower() == "b" and value:
            return Node(f"0x{int(value, 2):0{(len(value) + 7) // 8 * 2}X}")
        if word.startswith("_"):
            return Node(f"{word.lower()}{self._string(token)}")
        raise UnknownFormError

    def _call(self, word: str) -> Node:
        group, name = self.cursor.group(), word.lower()

        def text(tokens: list[Token]) -> str:
            return self._inner(tokens).text

        if name in functions.AGGREGATES or (name == "char" and any(token.text.upper() == "USING" for token in group)):
            raise UnknownFormError
        if (special := special_calls.read(name, group, text)) is not None:
            return Node(special)
        arguments = [text(part) for part in split(group)]
        if name == "isnull" and len(arguments) == 1:
            return condition(f"({arguments[0]} is null)", f"({arguments[0]} is not null)")
        return Node(functions.call(name, arguments), is_condition=name in functions.CONDITIONS)

    def _case(self) -> Node:
        cursor = self.cursor
        parts = ["case"] if cursor.word() == "WHEN" else ["case", self._binary(0).text]
        while cursor.take("WHEN"):
            parts += ["when", self._binary(0).text]
            if not cursor.take("THEN"):
                raise UnknownFormError
            parts += ["then", self._binary(0).text]
        if cursor.take("ELSE"):
            parts += ["else", self._binary(0).text]
        if not cursor.take("END"):
            raise UnknownFormError
        return Node(f"({' '.join(parts)} end)")

    def _cast(self) -> Node:
        group = self.cursor.group()
        at = max((n for n, token in enumerate(group) if token.text.upper() == "AS"), default=0)
        return self._as_type(group[:at], group[at + 1 :])

    def _convert(self) -> Node:
        group = self.cursor.group()
        parts = split(group)
        if len(parts) > 1:
            return self._as_type(parts[0], parts[1])
        if len(group) < len("n USING c".split()) or group[-2].text.upper() != "USING":
            raise UnknownFormError
        return Node(f"convert({self._inner(group[:-2]).text} using {group[-1].text.lower()})")

    def _as_type(self, operand: list[Token], type_: list[Token]) -> Node:
        name = casts.cast_type(Cursor(type_)) if operand and type_ else None
        if name is None:
            raise UnknownFormError
        return Node(f"cast({self._inner(operand).text} as {name})")
