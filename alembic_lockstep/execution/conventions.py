"""The naming convention that a revision runs with, and what today's convention names in revisions."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.errors import Location, counted
from alembic_lockstep.execution.frames import line_in
from alembic_lockstep.project import chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from alembic.runtime.migration import MigrationContext
    from alembic.script import Script, ScriptDirectory

    from alembic_lockstep.project.targets import Target

NO_CONVENTION = sa.MetaData().naming_convention
"""What SQLAlchemy does where models have no convention: indexes of columns alone get names."""
_KINDS = {
    sa.UniqueConstraint: "unique constraint",
    sa.ForeignKeyConstraint: "foreign key",
    sa.CheckConstraint: "CHECK",
    sa.PrimaryKeyConstraint: "primary key",
    sa.Index: "index",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A constraint or index whose name in a revision is that of today's convention.

    Attributes:
        revision: the revision.
        line: the line of its file.
        item: the constraint or index, as the revision makes it.
        table: its table.
        given: the plain name that the revision gives it; empty for none.
        name: its name by the convention.
    """

    revision: str
    line: Location
    item: Any
    table: str
    given: str
    name: str

    def __str__(self) -> str:
        kind = next(text for base, text in _KINDS.items() if isinstance(self.item, base))
        columns = ", ".join(column.name for column in getattr(self.item, "columns", ()))
        what = f"{kind} {self.given}".rstrip()
        return f"the {what} of {self.table}{f' ({columns})' if columns else ''} is now {self.name}"


@dataclass(slots=True)
class NamedByConvention:
    """What today's naming convention names in the revisions of a chain while they run.

    Attributes:
        target: whose chain it is.
        found: each name, in the order in which revisions asked for it.
    """

    target: Target
    found: list[Named] = field(default_factory=list)

    def recording(self, convention: Mapping[Any, Any], revision: Script) -> dict[Any, Any]:
        """Return a convention that names as the given one does, and notes what it names."""
        usual = NO_CONVENTION["ix"]  # names the same with and without a convention

        def add(item: Any, table: Any, given: object, name: str) -> None:
            line = Location(chain.shown_path(revision, self.target), line_in(revision.path))
            plain = given if type(given) is str else ""
            self.found.append(Named(revision.revision, line, item, table.name, plain, str(name)))

        return {
            key: value if not isinstance(value, str) or value == usual else _Template(value, add)
            for key, value in convention.items()
        }

    def reported(self) -> list[Named]:
        """Return the names that reach a database, each once."""
        return list({(each.revision, str(each)): each for each in self.found if self._has_name(each)}.values())

    def note(self) -> str:
        """Return in a line what today's convention names; empty if the chain does not depend on it."""
        found = self.reported()
        if not found:
            return ""
        first, count = found[0], len({each.revision for each in found})
        where = f"{'the first ' if count > 1 else ''}{first.revision} ({first.line})"
        return f"today's naming convention gives names in {counted(count, 'revision')}, {where}: {first}"

    def _has_name(self, named: Named) -> bool:
        """Return whether the name reaches a database: no key without columns, and only where servers name keys."""
        if not isinstance(named.item, sa.PrimaryKeyConstraint):
            return True
        return bool(list(named.item.columns)) and dialects.get(self.target.dialect).traits.names_primary_keys


class _Template(str):
    """A template of a naming convention that notes each name which SQLAlchemy makes of it."""

    __slots__ = ("note",)
    note: Callable[..., None]

    def __new__(cls, text: str, add: Callable[..., None]) -> Self:
        made = super().__new__(cls, text)
        made.note = add
        return made

    def __mod__(self, values: Any) -> str:
        given = values.const.name
        name = super().__mod__(values)
        self.note(values.const, values.table, given, name)
        return name


class _Models:
    """The models as a revision finds them in `context.opts`, with another naming convention."""

    def __init__(self, metadata: sa.MetaData, convention: Mapping[Any, Any]) -> None:
        self.models, self.naming_convention = metadata, convention

    def __getattr__(self, name: str) -> Any:
        return getattr(self.models, name)


class Conventions:
    """Gives each revision of a chain its naming convention: today's, or none before `naming_convention_from`.

    Args:
        script: the chain.
        target: whose chain it is.
        record: notes what today's convention names; None where nobody asks.
    """

    def __init__(self, script: ScriptDirectory, target: Target, record: NamedByConvention | None = None) -> None:
        self._without = chain.before_convention(script, target)
        self._record = None if target.naming_convention_from else record

    def switch(self, context: MigrationContext, revision: Script) -> None:
        """Let the context of a run have the naming convention of the revision that runs next."""
        found = context.opts.get("target_metadata")
        metadata = getattr(found, "models", found)
        if metadata is None:
            return
        if revision.revision in self._without:
            metadata = _Models(metadata, NO_CONVENTION)
        elif self._record is not None:
            metadata = _Models(metadata, self._record.recording(metadata.naming_convention, revision))
        context.opts["target_metadata"] = metadata

    def around(self, steps: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Iterator[Any]]:
        """Return a function for Alembic's `fn` that does what another one does, each step with its convention."""

        @functools.wraps(steps)
        def switched(revision: Any, context: MigrationContext) -> Iterator[Any]:
            for step in steps(revision, context):
                if hasattr(step, "revision"):  # a stamp has no code that runs
                    self.switch(context, step.revision)
                yield step

        return switched
