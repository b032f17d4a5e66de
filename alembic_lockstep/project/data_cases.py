"""Data cases: the rows and assertions of a revision's own, in `tests/migrations/data/<revision or slug>.py`."""

from __future__ import annotations

import importlib.util
import inspect
import linecache
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import CannotRunError, FailedError, Location, first_line, place
from alembic_lockstep.project import revision_file

if TYPE_CHECKING:
    from types import ModuleType

    import sqlalchemy as sa
    from alembic.script import Script

    from alembic_lockstep.project.targets import Target

FOLDER = Path("tests/migrations/data")
REQUIRED = "required"
"""The function that inserts what the upgrade cannot do without."""
FUNCTIONS = (REQUIRED, "before", "after", "filled", "restored")


class DataCase:
    """The functions of one file; each is called with a connection, and what it changes is committed.

    Args:
        path: the file, None if the revision has none.
        root: the project's root.
    """

    def __init__(self, path: Path | None, root: Path) -> None:
        self.path, self._root = path, root
        self._module = _load(path, root) if path else None

    def call(self, name: str, connection: sa.Connection) -> str:
        """Call one of FUNCTIONS if the file has it; return what failed, with file and line, or nothing."""
        function: Any = getattr(self._module, name, None)
        if function is None:
            return ""
        if inspect.iscoroutinefunction(function):
            return f"{name} of its data case is async, and nobody awaits it"
        try:
            function(connection)
            connection.commit()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a case raises is its result, also by pytest.fail
            from sqlalchemy.exc import SQLAlchemyError  # not at the top: the command's own process uses the names alone

            with suppress(SQLAlchemyError):
                connection.rollback()
            location = place(error, self._root) or Location(str(self.path))
            return f"{name} of its data case: {first_line(error)} ({location}){self._asserted(error, location)}"
        return ""

    def _asserted(self, error: BaseException, location: Location) -> str:
        """Return the source line of an assertion that has no message."""
        if not isinstance(error, AssertionError) or str(error) or location.line is None:
            return ""
        return f": {linecache.getline(str(self._root / location.path), location.line).strip()}"


def find(target: Target, revision: Script) -> Path | None:
    """Return the file with the data case of a revision, None if there is none."""
    paths = (target.root / FOLDER / name for name in names(revision))
    return next((path for path in paths if path.is_file()), None)


def insert_required(target: Target, revision: Script, connection: sa.Connection) -> None:
    """Insert the rows that a revision's data case calls required, before the revision is applied.

    Args:
        target: whose chain the revision belongs to.
        revision: the revision.
        connection: to a scratch database, or one in memory that keeps rows.

    Raises:
        CannotRunError: the file cannot be loaded.
        FailedError: its function fails.
    """
    path = find(target, revision)
    if path is None or not re.search(rf"(?m)^def {REQUIRED}\b", revision_file.text(path)):
        return  # others are not even imported: they may need what only tests have
    wrong = DataCase(path, target.root).call(REQUIRED, connection)
    if wrong:
        raise FailedError(wrong)


def names(revision: Script) -> list[str]:
    """Return the possible names of the file of a revision's data case; the first that exists is used."""
    return [f"{name}.py" for name in (revision.revision, revision_file.slug(revision.path, revision.revision)) if name]


def unmatched(root: Path, known: set[str]) -> list[str]:
    """Return the data cases that belong to no revision.

    Args:
        root: the project's root.
        known: the possible names for all revisions; files that begin with `_` are not data cases.
    """
    found = (path.name for path in (root / FOLDER).glob("*.py"))
    return sorted(name for name in found if name not in known and not name.startswith("_"))


def _load(path: Path, root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_data_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CannotRunError(f"{place(error, root) or path}: {first_line(error)}") from error
    if not any(hasattr(module, name) for name in FUNCTIONS):
        raise CannotRunError(f"{path.relative_to(root).as_posix()} defines none of {', '.join(FUNCTIONS)}")
    return module
