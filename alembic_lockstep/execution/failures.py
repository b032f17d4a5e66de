"""The failure of a revision in words: which step, why, where in its file, and no values of rows that people own."""

from __future__ import annotations

import linecache
import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep.errors import FailedError, Location, one_line, place, shown

if TYPE_CHECKING:
    from alembic.script import Script

    from alembic_lockstep.project.targets import Target

LONGEST = 300
"""Characters of a cause or a statement that are shown."""
HIDDEN = "…"
_QUOTES_VALUES = (ValueError, LookupError, ArithmeticError)
"""Exceptions in whose messages Python and libraries repeat the value that they cannot take."""
_VALUE = re.compile(r"(?is)\b(entry|value:?|text:|data:) (['\"]).*\2(?=$|[ ,.;:)\"])")
"""How servers quote a value: `Duplicate entry '…' for key`, `Incorrect integer value: '…' for column`."""
_ROWS = re.compile(r"(?is)\s*(insert|update|delete|replace|select|with|merge)\b")
_LITERAL = re.compile(r"'(?:[^'\\]|''|\\.)*'|(?<![\w.])\d+(?:\.\d+)?\b")


class RevisionFailedError(FailedError):
    """A revision failed.

    Args:
        what: the target, and which step of which revision failed.
        detail: further lines.
        cause: why, in one line.
        location: the line that failed; only the file if the line is not known.
    """

    kind = "revision-failed"

    def __init__(self, what: str, *detail: str, cause: str, location: Location) -> None:
        super().__init__(f"{what}: {cause} ({location})", *detail)
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
    if isinstance(error, FailedError):
        cause, detail = error.headline, list(error.detail)
    elif isinstance(error, sa.exc.DBAPIError):
        cause = one_line(error.orig)
        cause = cause if values else _VALUE.sub(rf"\1 \2{HIDDEN}\2", cause)
        detail = [f"in: {_statement(error.statement, revision, values=values)}"] if error.statement else []
    else:
        cause, detail = _python_cause(error, target, values=values), []
    what = f"{target.name}: the {step} of {revision.revision} failed"
    return RevisionFailedError(what, *detail, *after, cause=cause, location=location)


def _python_cause(error: BaseException, target: Target, *, values: bool) -> str:
    said = one_line(error)
    if said and not values and isinstance(error, _QUOTES_VALUES) and not _is_raised(error, target):
        said = "its message is left out, since it may hold values of rows; --show-values shows it"
    cause = f"{type(error).__name__}{f': {said}' if said else ''}"
    return cause if len(cause) <= LONGEST else f"{cause[:LONGEST]} …"


def _is_raised(error: BaseException, target: Target) -> bool:
    """Return whether a `raise` of the project's own code raised the error: then its words are the author's."""
    location = place(error, target.root, target.versions)
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if location is None or last is None or last.tb_lineno != location.line:
        return False
    return linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno).lstrip().startswith("raise ")


def _statement(statement: str, revision: Script, *, values: bool) -> str:
    """Return a statement in one line, without values unless they may be shown or the script has it as it is."""
    text = one_line(statement)
    if not values and _ROWS.match(text) and text not in one_line(Path(revision.path).read_text(encoding="utf-8")):
        text = _LITERAL.sub(HIDDEN, text)
    return text[:LONGEST]
