"""Tables that revisions create or drop from the application's models, whatever these are today."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable, DropTable

from alembic_lockstep.errors import Location
from alembic_lockstep.execution.frames import frames_in
from alembic_lockstep.project import chain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic.script import Script

    from alembic_lockstep.project.targets import Target

FEW = 5
"""So many tables are named."""
STATEMENTS = {CreateTable: "creates", DropTable: "drops"}


@dataclass(frozen=True, slots=True)
class ModelTable:
    """A table that a revision creates or drops as the models have it.

    Attributes:
        revision: the revision.
        location: the line of its file.
        does: `creates` or `drops`.
        table: the table's name.
        item: the table of the models.
        lines: the lines of the file that were being run, the innermost call first, each with its function.
    """

    revision: str
    location: Location
    does: str
    table: str
    item: sa.Table
    lines: tuple[tuple[int, str], ...]


@contextmanager
def watched(target: Target, revisions: Iterable[Script]) -> Iterator[list[ModelTable]]:
    """Collect the tables that revisions create and drop from models while the block lasts.

    Tables that a revision declares itself are none: their MetaData is held by no module but the revision's.

    Args:
        target: whose chain it is.
        revisions: those that can run meanwhile.
    """
    files = {str(each.path): each for each in revisions}
    found: list[ModelTable] = []

    def listen(_connection: sa.Connection, statement: Any, *_rest: Any) -> None:
        does = next((word for kind, word in STATEMENTS.items() if isinstance(statement, kind)), None)
        if does is None:
            return
        table, running = statement.element, frames_in(files)
        if running and id(table.metadata) in _owned(target.versions, len(sys.modules)):
            revision = files[running[0].f_code.co_filename]
            lines = tuple((frame.f_lineno, frame.f_code.co_name) for frame in running)
            place = Location(chain.shown_path(revision, target), lines[0][0])
            found.append(ModelTable(revision.revision, place, does, table.name, table, lines))

    sa.event.listen(sa.Engine, "before_execute", listen)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_execute", listen)


@lru_cache(maxsize=4)
def _owned(versions: Path, _modules: int) -> dict[int, sa.MetaData]:
    """Return the MetaData that modules hold, by themselves or by their classes and tables, but for those of a chain.

    Args:
        versions: the folder of the chain.
        _modules: how many modules there are: a revision can import more of the application.
    """
    found: dict[int, sa.MetaData] = {}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is not None and not Path(file).is_relative_to(versions):
            found |= {id(each): each for each in map(_metadata_of, list(vars(module).values())) if each is not None}
    return found


def _metadata_of(value: object) -> sa.MetaData | None:
    """Return the MetaData that a value is, or that it belongs to as a table or as a declarative class."""
    kind = type(value)  # not isinstance: that asks the object behind a proxy, which can need a running application
    held: object = value
    if issubclass(kind, type):
        held = next((vars(base)["metadata"] for base in value.__mro__ if "metadata" in vars(base)), None)  # type: ignore[attr-defined]
    elif issubclass(kind, sa.Table):
        held = value.metadata  # type: ignore[attr-defined]
    return held if issubclass(type(held), sa.MetaData) else None  # type: ignore[return-value]


def described(found: list[ModelTable], whose: str = "today") -> list[str]:
    """Return what revisions take from the models, a line for each line of a revision; `whose` models those are."""
    tables: dict[tuple[str, Location, str], list[str]] = {}
    for each in found:
        tables.setdefault((each.revision, each.location, each.does), []).append(each.table)
    return [
        f"{revision} ({location}) {does} {_few(names)} as in the models of {whose}"
        for (revision, location, does), names in tables.items()
    ]


def _few(names: list[str]) -> str:
    return ", ".join(names[:FEW]) + (f" and {len(names) - FEW} more" if len(names) > FEW else "")


def way_out(revisions: list[str], target: Target) -> list[str]:
    """Return the commands that make such revisions independent of the models."""
    return [f"invoke freeze --revision {revision} --db {target.name}" for revision in dict.fromkeys(revisions)]
