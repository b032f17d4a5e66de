"""The values of expressions that depend on no row: literals, aggregates of empty tables, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from alembic_lockstep.memory_mysql.literals import decoded
from alembic_lockstep.schema.sql import Cursor, Token, split
from alembic_lockstep.schema.types import INTEGER_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alembic_lockstep.memory_mysql.table import Table

AGGREGATES = frozenset(["COUNT", "MAX", "MIN", "SUM", "AVG"])
"""Aggregate functions whose result over no rows is known."""
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_SUMS: dict[str, Callable[[Any, Any], Any]] = {"+": lambda a, b: a + b, "-": lambda a, b: a - b}
_PRODUCTS: dict[str, Callable[[Any, Any], Any]] = {"*": lambda a, b: a * b}
_LITERALS = {"NULL": None, "TRUE": 1, "FALSE": 0}


class UnknownValueError(Exception):
    """Only a real server knows the value."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value.

    Attributes:
        value: as the driver hands it out; None for NULL.
        kind: int, Decimal or str, which a NULL has, too; None for a bare NULL, object for any other type.
    """

    value: Any
    kind: type | None


def value(item: list[Token], tables: Mapping[str, Table], query: Callable[[list[Token]], Any]) -> Any:
    """Return the value of an expression, which may have an alias.

    Args:
        item: its tokens.
        tables: those after FROM, and all others.
        query: returns the rows of a subquery, None where they are unknown.

    Raises:
        UnknownValueError: only a real server knows it.
    """
    reader = _Reader(Cursor(item), tables, query)
    found = reader.either()
    reader.cursor.take("AS")
    if len(item) - reader.cursor.at > 1:
        raise UnknownValueError
    return found.value


def _truth(value: Value) -> bool | None:
    if value.value is not None and value.kind is not int:
        raise UnknownValueError
    return None if value.value is None else value.value != 0


def _boolean(truth: bool | None) -> Value:
    return Value(None if truth is None else int(truth), int)


def _one_of(chosen: Value, values: list[Value]) -> Value:
    """Return one of several values in the type that all of them have together."""
    kinds = {each.kind for each in values} - {None}
    if chosen.value is None:
        return Value(None, next(iter(kinds)) if len(kinds) == 1 else (object if kinds else None))
    if kinds == {int, Decimal}:
        return Value(Decimal(chosen.value), Decimal)
    if len(kinds) != 1 or object in kinds:
        raise UnknownValueError
    return chosen


def _literal(token: Token) -> Value:
    if token.kind == "string":
        return Value(decoded(token.text), str)
    if token.kind == "other" and token.text.isdigit():
        return Value(int(token.text), int)
    word = token.text.upper() if token.kind == "word" else ""
    if word not in _LITERALS:
        raise UnknownValueError
    return Value(_LITERALS[word], None if word == "NULL" else int)


class _Reader:
    """Reads an expression and computes it, operator by operator."""

    def __init__(self, cursor: Cursor, tables: Mapping[str, Table], query: Callable[[list[Token]], Any]) -> None:
        self.cursor, self._tables, self._query = cursor, tables, query

    def either(self) -> Value:
        """Read operands of OR."""
        found = self._both()
        while self.cursor.take("OR"):
            truths = {_truth(found), _truth(self._both())}
            found = _boolean(True if True in truths else None if None in truths else False)
        return found

    def _both(self) -> Value:
        found = self._not()
        while self.cursor.take("AND"):
            truths = {_truth(found), _truth(self._not())}
            found = _boolean(False if False in truths else None if None in truths else True)
        return found

    def _not(self) -> Value:
        if self.cursor.take("NOT"):
            truth = _truth(self._not())
            return _boolean(None if truth is None else not truth)
        return self._compared()

    def _compared(self) -> Value:
        found = self._chain(_SUMS, lambda: self._chain(_PRODUCTS, self._operand))
        while True:
            if self.cursor.take("IS"):
                wanted = not self.cursor.take("NOT")
                if not self.cursor.take("NULL"):
                    raise UnknownValueError
                found = _boolean((found.value is None) == wanted)
            elif (compare := _COMPARISONS.get(self.cursor.peek().text)) and self.cursor.peek().kind == "other":
                self.cursor.next()
                other = self._chain(_SUMS, lambda: self._chain(_PRODUCTS, self._operand))
                found = self._computed(compare, found, other)
                found = Value(None if found.value is None else int(found.value), int)
            else:
                return found

    def _chain(self, operators: dict[str, Callable[[Any, Any], Any]], operand: Callable[[], Value]) -> Value:
        found = operand()
        while self.cursor.peek().kind == "other" and self.cursor.peek().text in operators:
            found = self._computed(operators[self.cursor.next().text], found, operand())
        return found

    @staticmethod
    def _computed(operator: Callable[[Any, Any], Any], one: Value, other: Value) -> Value:
        kinds = {one.kind, other.kind} - {None}
        kind = Decimal if Decimal in kinds else int if kinds == {int} else object
        if one.value is None or other.value is None:
            return Value(None, kind)
        if not kinds <= {int, Decimal}:
            raise UnknownValueError  # strings compare by their collation
        return Value(operator(one.value, other.value), kind)

    def _operand(self) -> Value:
        cursor = self.cursor
        if cursor.opens():
            return self._inner(cursor.group())
        token = cursor.next()
        if token.text == "-" and token.kind == "other":
            found = self._operand()
            return self._computed(lambda a, b: b - a, found, Value(0, int))
        word = token.text.upper() if token.kind == "word" else ""
        if word == "CASE":
            return self._case()
        return self._call(word, cursor.group()) if word and cursor.opens() else _literal(token)

    def _inner(self, tokens: list[Token]) -> Value:
        if tokens and tokens[0].text.upper() == "SELECT":
            return self._only(self._rows(tokens))
        reader = _Reader(Cursor(tokens), self._tables, self._query)
        found = reader.either()
        if not reader.cursor.over():
            raise UnknownValueError
        return found

    def _rows(self, tokens: list[Token]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] | None = self._query(tokens)
        if rows is None:
            raise UnknownValueError
        return rows

    @staticmethod
    def _only(rows: list[tuple[Any, ...]]) -> Value:
        """Return the value of a subquery, whose type is not known if it is NULL."""
        found = rows[0][0] if rows else None
        return Value(found, object if found is None else type(found))

    def _call(self, name: str, arguments: list[Token]) -> Value:
        if name in AGGREGATES:
            return self._aggregate(name, arguments)
        if name == "EXISTS":
            return _boolean(bool(self._rows(arguments)))
        values = [self._inner(part) for part in split(arguments)]
        match name, len(values):
            case ("COALESCE", _) | ("IFNULL", 2):
                chosen = next((each for each in values if each.value is not None), Value(None, None))
                return _one_of(chosen, values)
            case "IF", 3:
                return _one_of(values[1] if _truth(values[0]) else values[2], values[1:])
            case "NULLIF", 2:
                same = self._computed(lambda a, b: a == b, *values).value
                return Value(None, values[0].kind) if same else values[0]
            case "ISNULL", 1:
                return _boolean(values[0].value is None)
            case _:
                raise UnknownValueError

    def _aggregate(self, name: str, arguments: list[Token]) -> Value:
        """Return what an aggregate function makes of no rows."""
        if name == "COUNT":
            return Value(0, int)
        column = arguments[-1].text.lower() if arguments and arguments[-1].kind in {"name", "word"} else ""
        kinds = {each.kind for table in self._tables.values() for each in table.columns if each.name.lower() == column}
        if kinds and kinds <= INTEGER_BITS.keys() and name != "AVG":
            return Value(None, Decimal if name == "SUM" else int)
        is_text = bool(kinds) and kinds <= {"char", "varchar"} and name in {"MAX", "MIN"}
        return Value(None, str if is_text else object)

    def _case(self) -> Value:
        cursor = self.cursor
        subject = None if cursor.word() == "WHEN" else self.either()
        values: list[Value] = []
        chosen: Value | None = None
        while cursor.take("WHEN"):
            condition = self.either()
            if subject is not None:
                condition = self._computed(lambda a, b: int(a == b), subject, condition)
            if not cursor.take("THEN"):
                raise UnknownValueError
            values.append(self.either())
            chosen = chosen or (values[-1] if condition.value is not None and condition.value != 0 else None)
        values.append(self.either() if cursor.take("ELSE") else Value(None, None))
        if not cursor.take("END"):
            raise UnknownValueError
        return _one_of(chosen or values[-1], values)
