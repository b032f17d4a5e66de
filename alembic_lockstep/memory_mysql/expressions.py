"""Expressions as SHOW CREATE TABLE writes them: names quoted, functions in lower case, operations in parentheses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.memory_mysql.expression_reader import Reader, UnknownFormError
from alembic_lockstep.memory_mysql.identifiers import RESERVED
from alembic_lockstep.memory_mysql.literals import quoted
from alembic_lockstep.schema.sql import Cursor, Token, written

if TYPE_CHECKING:
    from collections.abc import Collection

    from alembic_lockstep.memory_mysql.conditions import Node


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, and what is known of it.

    Attributes:
        text: as the server writes it.
        columns: the names of the columns that it uses, as their table spells them.
        unknown: a column that it uses and that does not exist; empty if there is none.
        is_condition: it is true or false; None if that is unknown.
        tokens: the expression as it was read.
    """

    text: str
    columns: frozenset[str] = frozenset()
    unknown: str = field(default="", compare=False)
    is_condition: bool | None = field(default=None, compare=False)
    tokens: tuple[Token, ...] = field(default=(), compare=False, repr=False)


def expression(tokens: list[Token], columns: Collection[str], *, as_spelt: bool = False) -> Expression:
    """Return an expression as the server writes it, or with names in quotes only if its form is unknown.

    Args:
        tokens: the expression without the parentheses around it.
        columns: the names of columns.
        as_spelt: names are written as the expression spells them, as in a CHECK.

    Raises:
        ProgrammingError: it is no SQL.
    """
    names = {name.lower(): name for name in columns}
    used = [_column(tokens, at, names) for at in range(len(tokens))]
    found = frozenset(name for name in used if name is not None)
    reader = Reader(Cursor(tokens), {} if as_spelt else names, names)
    node: Node | None = None
    try:
        node = reader.whole()
        unknown = next(iter(reader.unknown), "")
    except UnknownFormError:
        unknown = next((name for at in range(len(tokens)) if (name := _unknown(tokens, at, names))), "")
    text = node.text if node is not None else _with_quotes(tokens, used)
    return Expression(text, found, unknown, node.is_condition if node is not None else None, tuple(tokens))


def respelt(before: Expression, columns: Collection[str]) -> Expression:
    """Return an expression with the names of columns as their table spells them, as after an ALTER TABLE."""
    names = {name.lower(): name for name in columns}
    words = {token.text for token in before.tokens if token.kind in {"name", "word"}}
    if all(names.get(word.lower(), word) == word for word in words):
        return before
    return expression(list(before.tokens), columns)


def _with_quotes(tokens: list[Token], used: list[str | None]) -> str:
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
        if is_type or is_function or token.text.upper() in RESERVED:
            return None
    elif token.kind != "name":
        return None
    return None if after is not None and after.text == "." else names.get(token.text.lower())


def _unknown(tokens: list[Token], at: int, names: dict[str, str]) -> str:
    """Return the name in quotes at a place of an expression if no column has it, else nothing."""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    is_column = tokens[at].kind == "name" and after not in {".", "("}
    return tokens[at].text if is_column and tokens[at].text.lower() not in names else ""
