"""How the package is built: no circle of imports, short files, dialects known in their own rooms alone."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import grimp
import pytest

import noxfile
from tests.support.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    assert shown(names_of_dialects(tree_of(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "if target.dialect == 'mysql': pass",
        "fast = name in {'sqlite'}",
        "if 'mariadb'.startswith(name): pass",
        "match name:\n    case 'mysql': pass",
        "value = {'sqlite': 1}[name]",
        "prefix = options.get('mysql_prefix')",
        "option = f'mysql_{name}'",
    ],
)
def test_names_of_dialects_are_found(code: str) -> None:
    assert shown(names_of_dialects(ast.parse(code))) != []


def test_names_of_dialects_in_prose_do_not_count() -> None:
    code = '"""mysql_agent is a target."""\nhelp = f\'a target such as {prefix}mysql_agent\''
    assert shown(names_of_dialects(ast.parse(code))) == []


def names_of_dialects(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield each string that is a dialect's name, or begins with one as options of SQLAlchemy do (`mysql_prefix`)."""
    prose = {
        part
        for node in ast.walk(tree)
        for part in (node.values[1:] if isinstance(node, ast.JoinedStr) else [getattr(node, "value", None)])
        if isinstance(node, ast.JoinedStr | ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose:
            name, _, _ = node.value.partition("_")
            if name in DIALECTS:
                yield node


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "compat.py"], ids=name_of)
def test_no_private_name_of_another_package(path: Path) -> None:
    assert shown(private_names(tree_of(path))) == []


@pytest.mark.parametrize(
    "code",
    [
        "op._reverse",
        "script.__dict__['x'] = 1",
        "from sqlalchemy.sql import _typing",
        "from alembic.ddl.mysql import MySQLImpl\nclass Own(MySQLImpl):\n    _casing = 0",
        "import sqlalchemy as sa\nclass Own(sa.Table):\n    def _init(self): pass",
    ],
)
def test_private_names_of_another_package_are_found(code: str) -> None:
    assert shown(private_names(ast.parse(code))) != []


def test_own_private_names_do_not_count() -> None:
    code = "import os\nclass Own:\n    _a = 1\n    def _b(self): return self._a\nos._exit(1)\ntype(x).__name__"
    assert shown(private_names(ast.parse(code))) == []


def private_names(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield each private name of another object, and each in a class derived from one of Alembic's or SQLAlchemy's.

    `os._exit` is public in spite of its name.
    """
    foreign = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (getattr(node, "module", None) or alias.name).partition(".")[0] in {"alembic", "sqlalchemy"}
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name) if name == "__dict__" or (is_private(name) and name != "_exit"):
                yield node
            case ast.ImportFrom(module=str(), names=names) if any(is_private(alias.name) for alias in names):
                yield node
            case ast.ClassDef(bases=bases, body=body) if foreign & {root_of(base) for base in bases}:
                yield from (part for part in body if any(map(is_private, assigned(part))))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def root_of(base: ast.expr) -> str:
    """Return the first name of a base class: `sa` of `sa.Table`."""
    return ast.unparse(base).partition(".")[0]


def assigned(statement: ast.stmt) -> list[str]:
    """Return the names that a statement in the body of a class gives to the class."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def shown(nodes: Iterable[Any]) -> list[str]:
    return [f"line {node.lineno}: {ast.unparse(node)}" for node in nodes]


def test_hooks_before_a_commit_run_what_the_sessions_run() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^ +entry: (.+)$", text, re.MULTILINE)
    assert entries == [*noxfile.LINT, "mypy"]
