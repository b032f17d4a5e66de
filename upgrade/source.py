"""What a revision's file says: its declarations, and the line that is to blame for something."""

from __future__ import annotations

import ast
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.script import Script

DECLARATIONS = ("lossy", "irreversible", "twins")


def declarations(revision: Script) -> tuple[dict[str, str], list[str]]:
    """Return the reasons that a revision declares by name, and what is wrong with them.

    Args:
        revision: the revision; `lossy = "…"` stands at the top of its file.
    """
    given = {name: getattr(revision.module, name) for name in DECLARATIONS if hasattr(revision.module, name)}
    wrong = [
        f"{name} must be a reason in words, not {reason!r}"
        for name, reason in given.items()
        if not isinstance(reason, str) or not reason.strip()
    ]
    if "lossy" in given and "irreversible" in given:
        wrong.append("it declares lossy and irreversible: irreversible alone says it all")
    return {name: str(reason).strip() for name, reason in given.items()}, wrong


def declare(path: Path, name: str, reason: str) -> None:
    """Write a declaration into a script that has just been made.

    Args:
        path: the script.
        name: one of DECLARATIONS.
        reason: why.
    """
    text = path.read_text(encoding="utf-8")
    head, blank, rest = text.partition("\n\n\ndef upgrade")
    line = f"{name}: str = {json.dumps(reason, ensure_ascii=False)}"  # which is Python, too, as ruff formats it
    path.write_text(f"{head}\n{line}{blank}{rest}", encoding="utf-8", newline="\n")


def slug(path: str, revision: str) -> str:
    """Return the part of a revision's file name that tells its message, whichever end its id stands at."""
    return Path(path).stem.removesuffix(revision).removeprefix(revision).strip("_")


def line_of(path: Path, step: str, *words: str) -> int:
    """Return the line of a revision's file that deals with something.

    Args:
        path: the file.
        step: `upgrade`, `downgrade` or `second upgrade`; empty for a declaration.
        words: names, the most telling one first, such as a column and its table.

    Returns:
        The first line in the function that names the first word which it names at all; else that of its `def`.
    """
    tree = _parsed(path)
    if not step:
        assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
        return next((node.lineno for node in assigned if _name(node) in words), 1)
    wanted = step.rpartition(" ")[2]
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == wanted), None)
    if function is None:
        return 1
    body = function.body[1:] if ast.get_docstring(function) else function.body
    for word in filter(None, words):
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        lines = [
            node.lineno
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.search(node.value)
        ]
        if lines:
            return min(lines)
    return function.lineno


def _name(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


@lru_cache(maxsize=64)
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
