"""Conditions within expressions: the server compares with zero what is no condition, and resolves NOT."""

from __future__ import annotations

from dataclasses import dataclass

OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
"""The comparison that NOT makes of another."""
_OTHER = {"and": "or", "or": "and"}


@dataclass(frozen=True, slots=True)
class Node:
    """An expression, or a part of one.

    Attributes:
        text: as the server writes it.
        is_condition: it is true or false, so that the server does not compare it with zero.
        opposite: the text of its negation, empty if that is NOT with it in parentheses.
        operator: the logical operator at its top; empty for none.
        operands: those of that operator.
    """

    text: str
    is_condition: bool = False
    opposite: str = ""
    operator: str = ""
    operands: tuple[Node, ...] = ()


def condition(text: str, opposite: str = "") -> Node:
    """Return a condition."""
    return Node(text, is_condition=True, opposite=opposite)


def compared(left: str, operator: str, right: str) -> Node:
    """Return the comparison of two operands."""
    other = OPPOSITES.get(operator)
    return condition(f"({left} {operator} {right})", f"({left} {other} {right})" if other else "")


def truth(node: Node) -> Node:
    """Return a part as a condition."""
    return node if node.is_condition else compared("0", "<>", node.text)


def joined(operator: str, nodes: list[Node]) -> Node:
    """Return conditions that AND or OR joins, in one pair of parentheses however deep they stand."""
    operands: list[Node] = []
    for node in nodes:
        operands += node.operands if node.operator == operator else [truth(node)]
    text = f" {operator} ".join(operand.text for operand in operands)
    return Node(f"({text})", is_condition=True, operator=operator, operands=tuple(operands))


def exclusive(left: Node, right: Node) -> Node:
    """Return two conditions of which one holds."""
    operands = truth(left), truth(right)
    text = f"({operands[0].text} xor {operands[1].text})"
    return Node(text, is_condition=True, operator="xor", operands=operands)


def negation(node: Node) -> Node:
    """Return what the server makes of NOT before a part."""
    node = truth(node)
    if node.operator in _OTHER:
        return joined(_OTHER[node.operator], [negation(operand) for operand in node.operands])
    if node.operator == "xor":
        return exclusive(negation(node.operands[0]), node.operands[1])
    if node.operator == "not":
        return node.operands[0]
    if node.opposite:
        return condition(node.opposite, node.text)
    return Node(f"(not({node.text}))", is_condition=True, operator="not", operands=(node,))
