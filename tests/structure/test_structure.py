"""How the package is built: no circle of imports, short files, dialects known in their own rooms alone."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import grimp
import pytest

import noxfile
from tests.support.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = ROOT / "alembic_lockstep"
FILES = sorted(PACKAGE.rglob("*.py"))
LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 50
DIALECTS = {"mysql", "mariadb", "sqlite"}
ROOMS_OF_DIALECTS = {"dialects", "servers", "memory_mysql"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_have_no_circle() -> None:
    graph = grimp.build_graph("alembic_lockstep", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_and_its_functions_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_OF_A_FILE
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.relative_to(PACKAGE).parts[0] not in ROOMS_OF_DIALECTS], ids=name_of
)
def test_no_decision_by_the_name_of_a_dialect(path: Path) -> None:
    assert [f"line {node.lineno}: {ast.unparse(node)}" for node in decisions(tree_of(path))] == []


def decisions(tree: ast.Module) -> Iterator[ast.expr | ast.pattern]:
    """Give each comparison with the name of a dialect, and each call of a method of strings with one."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others) if any(map(names_dialect, [left, *others])):
                yield node
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith"), args=args) if any(
                map(names_dialect, args)
            ):
                yield node
            case ast.MatchValue(value=value) if names_dialect(value):
                yield node


def names_dialect(node: ast.expr) -> bool:
    """Return whether an expression is the name of a dialect, or a display that holds one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(names_dialect, node.elts))
    return isinstance(node, ast.Constant) and node.value in DIALECTS


def test_hooks_before_a_commit_run_what_the_sessions_run() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^ +entry: (.+)$", text, re.MULTILINE)
    assert entries == [*noxfile.LINT, "mypy"]
