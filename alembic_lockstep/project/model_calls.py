"""Calls by which a revision creates or drops tables of models, found in its source and replaced."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALLS = {"create_all", "create", "drop_all", "drop"}
_IMPORTS = {"import sqlalchemy as sa", "from alembic import op"}


@dataclass(frozen=True, slots=True)
class Call:
    """A statement that does nothing but to call one of CALLS.

    Attributes:
        first: its first line.
        last: its last line.
        column: how far it is indented.
    """

    first: int
    last: int
    column: int


def find(text: str, step: str, lines: Sequence[tuple[int, str]]) -> Call | None:
    """Return the call that was running, if it is a statement of its own right under a function.

    Args:
        text: the source of the revision.
        step: the function, `upgrade` or `downgrade`.
        lines: what was running in the file, the innermost line first, each with its function.
    """
    if len(lines) != 1 or lines[0][1] != step:
        return None
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == step]
    for node in functions[-1].body if functions else ():
        last = node.end_lineno or node.lineno
        if node.lineno <= lines[0][0] <= last:
            call = node.value if isinstance(node, ast.Expr) else None
            plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CALLS
            return Call(node.lineno, last, node.col_offset) if plain and _is_alone(text, node) else None
    return None


def _is_alone(text: str, node: ast.stmt) -> bool:
    """Return whether nothing but a comment shares the lines of a statement."""
    lines = text.splitlines()
    before = lines[node.lineno - 1].encode()[: node.col_offset]
    behind = lines[(node.end_lineno or node.lineno) - 1].encode()[node.end_col_offset :]
    return not before.strip() and (not behind.strip() or behind.lstrip().startswith(b"#"))


def replaced(text: str, statements: Mapping[Call, str], imports: set[str]) -> str:
    """Return a source with statements in place of calls.

    Args:
        text: the source.
        statements: what stands in place of each call, not indented.
        imports: what the statements need beside Alembic and SQLAlchemy.
    """
    lines = text.splitlines()
    for call in sorted(statements, key=lambda each: each.first, reverse=True):
        new = statements[call].strip("\n").splitlines()
        indent = min((len(line) - len(line.lstrip()) for line in new if line.strip()), default=0)
        lines[call.first - 1 : call.last] = [" " * call.column + line[indent:] if line else "" for line in new]
    at = _first_import(text)
    lines[at:at] = [line for line in sorted(_IMPORTS | imports) if line not in lines]
    return "\n".join(lines) + "\n"


def _first_import(text: str) -> int:
    """Return before which line imports can stand: after the docstring and `from __future__`."""
    body, at = ast.parse(text).body, 0
    for number, node in enumerate(body):
        is_docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        at = node.end_lineno or at
    return at
