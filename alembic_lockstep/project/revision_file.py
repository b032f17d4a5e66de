"""Revision files: their declarations, their format, and the line that causes a problem."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import FailedError, NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.script import Script

STEPS = ("upgrade", "downgrade")
DECLARATIONS = ("lossy", "irreversible", "twins")
LINE = 70
"""Characters of a long reason on one line."""


def declarations(revision: Script) -> tuple[dict[str, str], list[str]]:
    """Return the reasons that a revision declares by name, and what is wrong with them.

    Args:
        revision: the revision; declarations such as `lossy = "…"` are at the top of its file.
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


def add_missing_steps(revision: Script) -> None:
    """Give a revision without `upgrade` or `downgrade` one that fails, so that the others can be run without it."""
    for name in STEPS:
        if not callable(getattr(revision.module, name, None)):
            setattr(revision.module, name, _missing(name))


def has_step(revision: Script, step: str) -> bool:
    """Return whether a revision's file has a function `upgrade` or `downgrade`."""
    return bool(getattr(getattr(revision.module, step), "__module__", "") != __name__)


def _missing(name: str) -> Callable[..., None]:
    def step(**_arguments: object) -> None:
        otherwise = ', or declare why there is none: irreversible = "…"' if name == "downgrade" else ""
        raise FailedError(f"it has no {name}()", f"Write the function{otherwise}.", kind="missing-step")

    step.__name__ = name
    return step


def declare(path: Path, name: str, reason: str) -> None:
    """Write a declaration into a script that is not in place yet.

    Args:
        path: the script.
        name: one of DECLARATIONS.
        reason: why.
    """
    head, blank, rest = path.read_text(encoding="utf-8").partition("\n\n\ndef upgrade")
    text = formatted(f"{head}\n{name}: str = {literal(reason)}{blank}{rest}", path)
    path.write_text(text, encoding="utf-8", newline="\n")


def assigned(path: Path, name: str) -> object:
    """Return the literal that a script assigns to a name at its top; None if there is none.

    Raises:
        SyntaxError: it is no Python.
    """
    for node in ast.parse(text(path)).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _name(node) == name and node.value is not None:
            with suppress(ValueError):
                return ast.literal_eval(node.value)
    return None


def literal(text: str) -> str:
    """Return a string as Python source, in lines that no linter's settings find too long."""
    parts = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return repr(text) if len(parts) < 2 else f"({' '.join(map(repr, parts))})"


def formatted(text: str, path: Path) -> str:
    """Return a script as the project's own ruff settings format it.

    Args:
        text: the script.
        path: where it is or will be, which decides which settings apply.

    Raises:
        NotInstalledError: ruff is not installed.
        FailedError: it cannot be formatted.
    """
    ruff = _ruff()
    for arguments in (["check", "--fix", "--exit-zero", "--quiet", "--select=I,F401"], ["format", "--quiet"]):
        command = [ruff, *arguments, "--no-cache", "--stdin-filename", str(path), "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            raise FailedError(f"the script cannot be formatted: {done.stderr.strip()[:500]}")
        text = done.stdout
    return text


def _ruff() -> str:
    """Return where the ruff program is."""
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]
    except ImportError:
        try:  # older releases
            from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]
        except ImportError as error:
            raise NotInstalledError("ruff") from error
    return str(find_ruff_bin())


def slug(path: str, revision: str) -> str:
    """Return the part of a revision's file name that is its message, whether its id comes first or last."""
    return Path(path).stem.removesuffix(revision).removeprefix(revision).strip("_")


def line_of(path: Path, step: str, *words: str) -> int:
    """Return the line of a revision's file that names something.

    Args:
        path: the file.
        step: `upgrade`, `downgrade` or `second upgrade`; empty for a declaration.
        words: names, the most specific first, such as a column and its table.

    Returns:
        The first line of the function that contains the first word found in it; otherwise the line of its `def`.
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


def find(versions: Path, revision: str) -> dict[str, Path]:
    """Return the files of the revisions whose id is `revision` or begins so, by id, without importing them.

    Args:
        versions: the folder of a chain.
        revision: an id, or the beginning of one.
    """
    found: dict[str, Path] = {}
    for path in sorted(versions.glob("*.py")):
        try:
            body = _parsed(path).body
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in body:
            given = isinstance(node, ast.Assign | ast.AnnAssign) and _name(node) == "revision" and node.value
            if isinstance(given, ast.Constant) and str(given.value).startswith(revision):
                found[str(given.value)] = path
    return {revision: found[revision]} if revision in found else found


def _name(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def text(path: Path | str) -> str:
    """Return a file of Python as Python reads it: in the encoding that it declares, UTF-8 if it declares none."""
    with tokenize.open(path) as file:
        return file.read()


@lru_cache(maxsize=64)
def _parsed(path: Path) -> ast.Module:
    return ast.parse(text(path))
