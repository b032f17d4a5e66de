"""The failure of a revision in words: which step, why, where in its file, and no values of rows that people own."""

from __future__ import annotations

import linecache
import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.errors import FailedError, Location, one_line, place, shown
from alembic_lockstep.project import revision_file
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from alembic.script import Script

    from alembic_lockstep.project.targets import Target

LONGEST = 300
"""Characters of a cause or a statement that are shown."""
HIDDEN = "…"
_WITHOUT_VALUES = (AttributeError, ImportError, NameError, NotImplementedError, OSError, RecursionError, TypeError)
"""Exceptions whose messages name code and files. Others can repeat the value that they cannot take."""
_LIBRARIES = ("alembic.", "sqlalchemy.", "alembic_lockstep.")
"""Whose own exceptions are about schemas and calls, but for a StatementError, which holds parameters."""
_VALUE = re.compile(r"(?is)\b(entry|value:?|text:|data:|string:?|near|token:) (['\"]).*\2(?=$|[ ,.;:)\"])")
"""How servers quote a value: `Duplicate entry '…' for key`, `Incorrect integer value: '…' for column`."""
_DDL = re.compile(r"(?i)(create|alter|drop|rename|truncate)\b(?!.*\bselect\b)", re.DOTALL)


class RevisionFailedError(FailedError):
    """A revision failed.

    Args:
        what: the target, and which step of which revision failed.
        detail: further lines.
        cause: why, in one line.
        location: the line that failed; only the file if the line is not known.
        kind: what failed, where it was not the revision itself, such as lock-lost.
    """

    kind = "revision-failed"

    def __init__(self, what: str, *detail: str, cause: str, location: Location, kind: str = "") -> None:
        super().__init__(f"{what}: {cause} ({location})", *detail, kind=kind)
        self.what, self.cause, self.location = what, cause, location


def failure(
    error: BaseException, target: Target, revision: Script, step: str, *after: str, values: bool = True
) -> RevisionFailedError:
    """Return the error that says which revision failed, why, and where in its file.

    Args:
        error: what it raised.
        target: whose chain it belongs to.
        revision: the revision.
        step: `upgrade` or `downgrade`.
        after: lines that say what it has left in the database.
        values: whether values of rows may be shown, as those of scratch databases may.
    """
    location = place(error, target.root, target.versions) or Location(shown(Path(revision.path), target.root))
    kind = ""
    if isinstance(error, FailedError):
        cause, detail, kind = error.headline, list(error.detail), error.kind
    elif isinstance(error, sa.exc.DBAPIError):
        cause = _without_values(error.orig, values=values)
        statement = _statement(error.statement or "", target, revision, values=values)
        detail = [f"in: {statement}"] if statement else []
    elif _is_of_driver(error):  # in a revision that reaches the driver's own cursor
        cause, detail = _without_values(error, values=values), []
    else:
        cause, detail = _python_cause(error, target, values=values), []
    what = f"{target.name}: the {step} of {revision.revision} failed"
    return RevisionFailedError(what, *detail, *after, cause=cause, location=location, kind=kind)


def _without_values(error: object, *, values: bool) -> str:
    """Return what a server says, without the values that it quotes unless they may be shown."""
    said = one_line(error)
    return said if values else _VALUE.sub(rf"\1 \2{HIDDEN}\2", said)


def _is_of_driver(error: BaseException) -> bool:
    """Return whether an error is one of a driver; PEP 249 gives its class a base of this name."""
    return any(base.__name__ == "DatabaseError" for base in type(error).__mro__)


def _python_cause(error: BaseException, target: Target, *, values: bool) -> str:
    if isinstance(error, sa.exc.StatementError) and error.orig is not None and not values:
        error = error.orig  # around it are the parameters
    said = one_line(error)
    if said and not values and not _is_without_values(error) and not is_raised(error, target):
        said = "its message is left out, since it may hold values of rows; --show-values shows it"
    cause = f"{type(error).__name__}{f': {said}' if said else ''}"
    return cause if len(cause) <= LONGEST else f"{cause[:LONGEST]} …"


def _is_without_values(error: BaseException) -> bool:
    if isinstance(error, sa.exc.StatementError):
        return False
    return isinstance(error, _WITHOUT_VALUES) or type(error).__module__.startswith(_LIBRARIES)


def is_raised(error: BaseException, target: Target) -> bool:
    """Return whether a `raise` of the project's own code raised the error: then its words are the author's."""
    location = place(error, target.root, target.versions)
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if location is None or last is None or last.tb_lineno != location.line:
        return False
    return linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno).lstrip().startswith("raise ")


def _statement(statement: str, target: Target, revision: Script, *, values: bool) -> str:
    """Return a statement in one line, without values unless they may be shown or the script has it as it is."""
    backslashes = dialects.get(target.dialect).traits.backslash_escapes
    bare = sql.without_literals(statement, HIDDEN, backslashes=backslashes)
    if not (values or _DDL.match(bare) or one_line(statement) in one_line(revision_file.text(revision.path))):
        statement = bare
    return one_line(statement)[:LONGEST]
