"""One revision while it runs up, down and up: the state at each step, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from alembic_lockstep.execution import model_tables
from alembic_lockstep.project import data_cases, revision_file
from alembic_lockstep.roundtrip.results import BROKEN, IRREVERSIBLE, LOSSLESS, LOSSY, UNREPRODUCIBLE, Problem, Verdict
from alembic_lockstep.roundtrip.touched import Touched
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.script import Script

    from alembic_lockstep.execution.model_tables import ModelTable
    from alembic_lockstep.execution.runner import RevisionFailedError
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.roundtrip.row_diff import RowLoss
    from alembic_lockstep.roundtrip.rows import Rows
    from alembic_lockstep.schema.differences import Difference

_MISTAKES = (NotImplementedError, NameError, ImportError, SyntaxError, SystemExit)
"""Errors of the code, whatever rows there are."""


@dataclass(slots=True)
class RevisionRun:
    """One revision while it runs up, down and up.

    Attributes:
        revision: the revision.
        verdict: what was found of it.
        case: its data case.
        declared: the reasons that its file gives, by name.
        before: the schema before it.
        data: the rows before it.
        after: the schema after it.
        data_after: the rows after it.
        added: the rows that were added after it, before the downgrade.
        touched: what its upgrade, and later its downgrade, can have touched.
        lost: what was not restored, with the step.
        no_way_back: whether the downgrade failed, or did not lead to the schema before.
        error: the failure of a step.
        rowless: why a table that it touches has no rows.
        reproducible: whether it does the same whatever the models of today are.
        is_generated: whether its declarations are the tool's own: no row has to show that they are needed.
        database: the name of the scratch database, which no message shows.
    """

    revision: Script
    verdict: Verdict
    case: data_cases.DataCase
    declared: dict[str, str]
    before: Snapshot = field(default_factory=Snapshot)
    data: dict[str, Rows] = field(default_factory=dict)
    after: Snapshot = field(default_factory=Snapshot)
    data_after: dict[str, Rows] = field(default_factory=dict)
    added: dict[str, Rows] = field(default_factory=dict)
    touched: Touched = field(default_factory=Touched)
    lost: list[tuple[str, RowLoss]] = field(default_factory=list)
    no_way_back: bool = False
    error: RevisionFailedError | None = None
    rowless: dict[str, str] = field(default_factory=dict)
    database: str = ""
    reproducible: bool = True
    is_generated: bool = False

    def case_path(self) -> str:
        """Return where the revision's data case is, or would be."""
        name = revision_file.slug(self.verdict.path, self.verdict.revision) or self.verdict.revision
        return f"{data_cases.FOLDER.as_posix()}/{name}.py"

    def problem(self, step: str, text: str, *words: str) -> None:
        """Add a problem, at the line of the file that names the first of the words."""
        line = revision_file.line_of(Path(self.revision.path), step, *words)
        self.verdict.problems.append(Problem(step, text, line))

    def failed(self, step: str, error: RevisionFailedError) -> None:
        """Add the failure of a step, at the line that raised it if that is in the revision's file."""
        number = error.location.line if error.location.path == self.verdict.path else None
        text = f"fails: {error.cause}" if number is not None else f"fails: {error.cause} ({error.location})"
        line = number if number is not None else revision_file.line_of(Path(self.revision.path), step)
        self.verdict.problems.append(Problem(step, text, line))
        self.error = error

    def difference(self, step: str, difference: Difference) -> None:
        """Add a difference of the schema."""
        self.problem(step, str(difference), difference.part.word, difference.table)

    def without_downgrade(self) -> None:
        """Note that there is no downgrade, which the revision has to declare."""
        self.no_way_back = True
        if "irreversible" not in self.declared:
            self.problem("downgrade", 'has no downgrade: write one, or declare irreversible = "why"')

    def takes_from_models(self, step: str, taken: list[ModelTable], target: Target) -> None:
        """Note that a step creates or drops tables as today's models have them."""
        self.reproducible = False
        what = ", ".join(dict.fromkeys(each.table for each in taken))
        lines = " and ".join(dict.fromkeys(str(each.location) for each in taken))
        way_out = model_tables.way_out([self.revision.revision], target)[0]
        self.verdict.notes.append(
            f"{step}: {taken[0].does} {what} as today's models have them ({lines}), which may not be what it stood "
            f"for when it was made: {way_out}"
        )

    def count_rows(self, tables: Iterable[str]) -> None:
        """Note how many rows these tables had before the upgrade."""
        held = [self.data[name] for name in tables if name in self.data]
        self.verdict.rows, self.verdict.tables = sum(len(each.values) for each in held), len(held)

    def fails_for_its_rows(self, empty: RevisionRun) -> bool:
        """Return whether rows caused the failure; `empty` is the same revision on empty tables."""
        if self.error is None or isinstance(self.error.__cause__, DBAPIError):
            return False
        cause = self.error.__cause__
        if isinstance(cause, AttributeError):  # of NULL, which is a value of a row
            return empty.error is None and isinstance(cause.obj, NoneType)
        return empty.error is None and not isinstance(cause, _MISTAKES)

    def judge(self, *, data: bool) -> None:
        """Set the verdict; `data` says whether there were rows, without which nothing can be lost."""
        verdict = self.verdict
        verdict.notes = [self._anonymous(note) for note in verdict.notes]
        verdict.lost = list(dict.fromkeys(str(loss) for _step, loss in self.lost))
        clean = data and not self.lost and not verdict.problems and not self.rowless
        if "irreversible" in self.declared:
            if clean and not self.no_way_back:
                self.problem("", "it is declared irreversible, but its downgrade restores everything", "irreversible")
        elif "lossy" in self.declared:
            if clean and not self.is_generated:
                text = "it is declared lossy, but no data was lost"
                self.problem(
                    "", f"{text}: remove the declaration, or add rows that it loses, in {self.case_path()}", "lossy"
                )
        else:
            for step, loss in self.lost:
                self.problem(step, str(loss), loss.column, loss.table)
        for problem in verdict.problems:
            problem.text = self._anonymous(problem.text)
        if verdict.problems:
            verdict.status = BROKEN
        else:
            usual = LOSSLESS if self.reproducible else UNREPRODUCIBLE
            verdict.status = next((name for name in (IRREVERSIBLE, LOSSY) if name in self.declared), usual)

    def _anonymous(self, text: str) -> str:
        """Return a message without the name of the scratch database, which is another one in each run."""
        if not self.database:
            return text
        for name in (f"`{self.database}`.", f"'{self.database}'.", f"{self.database}."):
            text = text.replace(name, "")
        return text.replace(self.database, "the scratch database")
