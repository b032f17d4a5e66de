"""The rows and assertions that a revision brings for its own data: `tests/migrations/data/<revision or slug>.py`."""

from __future__ import annotations

import importlib.util
import linecache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upgrade import source
from upgrade.errors import CannotRunError, first_line, place

if TYPE_CHECKING:
    from types import ModuleType

    import sqlalchemy as sa
    from alembic.script import Script

    from upgrade.targets import Target

FOLDER = Path("tests/migrations/data")
FUNCTIONS = ("before", "after", "restored")


class Case:
    """The functions of one file; each is called with the connection, and what it changes is committed.

    Args:
        path: the file, None if the revision has none.
        root: the project's root.
    """

    def __init__(self, path: Path | None, root: Path) -> None:
        self.path, self._root = path, root
        self._module = _load(path, root) if path else None

    def call(self, name: str, connection: sa.Connection) -> str:
        """Call `before`, `after` or `restored` if the file has it; return what it found wrong, with file and line."""
        function: Any = getattr(self._module, name, None)
        if function is None:
            return ""
        try:
            function(connection)
            connection.commit()
        except Exception as error:  # noqa: BLE001 - whatever a case raises is its answer
            connection.rollback()
            where = place(error, self._root) or str(self.path)
            return f"{name} of its data case: {first_line(error)} ({where}){self._asserted(error, where)}"
        return ""

    def _asserted(self, error: Exception, where: str) -> str:
        """Return the line of an assertion that says nothing itself."""
        path, _, number = where.rpartition(":")
        if not isinstance(error, AssertionError) or str(error) or not number.isdigit():
            return ""
        return f": {linecache.getline(str(self._root / path), int(number)).strip()}"


def find(target: Target, revision: Script) -> Path | None:
    """Return the file with the case of a revision, called by its id or by the part of its file's name without it."""
    for name in (revision.revision, source.slug(revision.path, revision.revision)):
        path = target.root / FOLDER / f"{name}.py"
        if path.is_file():
            return path
    return None


def strays(root: Path, known: set[str]) -> list[str]:
    """Return the cases that belong to none of the revisions that brought up `known` file names."""
    return sorted(
        path.name for path in (root / FOLDER).glob("*.py") if path.name not in known and path.stem != "__init__"
    )


def _load(path: Path, root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_data_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CannotRunError(f"{place(error, root) or path}: {first_line(error)}") from error
    if not any(hasattr(module, name) for name in FUNCTIONS):
        raise CannotRunError(f"{path.relative_to(root).as_posix()} has none of {', '.join(FUNCTIONS)}")
    return module
