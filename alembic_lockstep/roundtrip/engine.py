"""Every revision of a chain on an engine, with rows: up, down to the state before, and up again."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, first_line, shown
from alembic_lockstep.execution.runner import RevisionFailedError
from alembic_lockstep.progress import Progress, ignore
from alembic_lockstep.project import revision_file
from alembic_lockstep.roundtrip import data_cases, row_checks, rows
from alembic_lockstep.roundtrip.results import BROKEN, ChainResult, Problem, Verdict
from alembic_lockstep.roundtrip.revision_run import RevisionRun
from alembic_lockstep.roundtrip.scratch import ScratchDatabase, opened
from alembic_lockstep.schema.neutral import neutral
from alembic_lockstep.schema.snapshot import Snapshot, changes, differences, reordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.script import Script

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.schema.snapshot import Parts

FULL_LOOK = 25
"""After so many revisions everything is looked at, not only what they can have touched."""


class RoundTrip:
    """Takes the revisions of a chain up, down and up, one after the other.

    Args:
        stage: the scratch database.
        notify: called with how far it is.

    Attributes:
        revisions: the chain, base first.
        whole: the stage is at the head.
    """

    def __init__(self, stage: ScratchDatabase, notify: Reporter = ignore) -> None:
        self.stage, self._notify = stage, notify
        self.root = stage.target.root
        self.revisions: list[Script] = list(reversed(list(stage.script.walk_revisions())))
        self.whole = False
        self._since: list[str] = []

    def go(self, wanted: list[Script]) -> ChainResult:
        """Take revisions up, down and up, in the order of the chain; return what each is like."""
        trip = ChainResult("")
        at = -1  # how many revisions the stage has; at first there is none
        dead = False  # one of them does not even apply to empty tables, nor does what follows it
        if not wanted:
            dead, at = not opened(self.stage, self.revisions), len(self.revisions)
        for number, revision in enumerate(self.revisions):
            if revision not in wanted:
                continue
            self._notify(Progress(len(trip.verdicts), len(wanted)))
            turn = self.begin(revision)
            trip.verdicts.append(turn.verdict)
            if at != number and not dead:
                dead, self._since = not opened(self.stage, self.revisions[:number]), []
            if dead:
                turn.problem("", f"not reached: {self._obstacle(trip)}")
                continue
            known, at = self.stage.snapshot, number + 1
            if not self.turn(turn):
                if turn.error is not None and self.stage.data:
                    self._without_rows(turn, number)
                dead, self._since = not opened(self.stage, self.revisions[:at]), []
            if not dead:
                trip.schemas[revision.revision] = _changed(known, self.stage.snapshot)
                if len(self._since) == FULL_LOOK or revision is wanted[-1]:
                    self._look_at_everything(turn)
        trip.server = self.stage.server
        trip.cases = [name for revision in self.revisions for name in data_cases.names(revision)]
        self.whole = not dead and at == len(self.revisions)
        return trip

    def begin(self, revision: Script) -> RevisionRun:
        """Return a turn for a revision, with what its file declares."""
        declared, wrong = revision_file.declarations(revision)
        reason = declared.get("irreversible") or declared.get("lossy") or ""
        path = shown(Path(revision.path), self.root)
        verdict = Verdict(revision.revision, revision.doc, path, declared=reason, twins=declared.get("twins", ""))
        turn = RevisionRun(revision, verdict, data_cases.DataCase(None, self.root), declared)
        try:
            turn.case = data_cases.DataCase(data_cases.find(self.stage.target, revision), self.root)
        except CannotRunError as error:
            turn.problem("", f"its data case cannot be used: {error.headline}")
        for text in wrong:
            turn.problem("", text, *revision_file.DECLARATIONS)
        return turn

    def turn(self, turn: RevisionRun) -> bool:
        """Take one revision up, down and up; return whether the stage can be used for the next one."""
        stage = self.stage
        self._since.append(turn.revision.revision)
        if stage.data:
            stage.renew()
        usable = self._call_case(turn, "before", "upgrade")
        turn.before, turn.data = stage.snapshot, dict(stage.contents)
        usable = usable and self._up(turn) and self._down(turn) and self._up_again(turn)
        turn.judge(data=stage.data)
        return usable

    def _obstacle(self, trip: ChainResult) -> str:
        """Return the revision that does not apply, which those above it stand on."""
        failed = [verdict.revision for verdict in trip.verdicts if any(p.step == "upgrade" for p in verdict.problems)]
        return f"the upgrade of {failed[-1]} fails" if failed else "an earlier revision does not apply"

    def _without_rows(self, turn: RevisionRun, number: int) -> None:
        """Add what is wrong with a revision that has failed with rows also where there are none."""
        stage = self.stage
        with (
            tempfile.TemporaryDirectory(prefix="migration-") as folder,
            closing(
                ScratchDatabase(stage.target, stage.script, stage.settings, Path(folder), self._notify, data=False)
            ) as bare,
        ):
            if not opened(bare, self.revisions[:number]):
                return
            rounds = RoundTrip(bare)
            other = rounds.begin(turn.revision)
            rounds.turn(other)
        known = {(problem.step, problem.text) for problem in turn.verdict.problems}
        turn.verdict.problems += [
            Problem(problem.step, f"{problem.text}, also without rows", problem.line)
            for problem in other.verdict.problems
            if (problem.step, problem.text) not in known
        ]

    def _move(self, turn: RevisionRun, step: str, move: Callable[[Script], None]) -> bool:
        """Apply or take back a revision; return whether it succeeded."""
        started = time.perf_counter()
        try:
            move(turn.revision)
        except RevisionFailedError as error:
            number = error.location.line if error.location.path == turn.verdict.path else None
            here = number is not None
            text = f"fails: {error.cause}{'' if here else f' ({error.where})'}"
            line = number if number is not None else revision_file.line_of(Path(turn.revision.path), step)
            turn.verdict.problems.append(Problem(step, text, line))
            turn.error = error
            if self.stage.data and not isinstance(error.__cause__, sa.exc.DBAPIError):
                turn.verdict.notes.append(
                    f"if your application has no such rows, let before() change them: {turn.case_path()}"
                )
            return False
        finally:
            turn.verdict.seconds.append(round(time.perf_counter() - started, 4))
        return True

    def _up(self, turn: RevisionRun) -> bool:
        stage, verdict = self.stage, turn.verdict
        if not self._move(turn, "upgrade", stage.walk.apply):
            return False
        touched = turn.touched = stage.look()
        turn.after = stage.snapshot
        verdict.changes = changes(turn.before, turn.after)
        held = [turn.data[name] for name in touched.tables if name in turn.data]
        verdict.rows, verdict.tables = sum(len(each.values) for each in held), len(held)
        row_checks.made_up(turn, stage)
        row_checks.values_fit(turn, stage)
        row_checks.untouched(turn, stage)
        if stage.data and touched.written and turn.case.path is None:
            names = ", ".join(sorted(touched.written))
            verdict.notes.append(
                f"changes data of {names} and brings no rows and assertions of its own: {turn.case_path()}"
            )
        row_checks.views_work(turn, stage)
        if not self._call_case(turn, "after", "upgrade"):
            return False
        turn.data_after = dict(stage.contents)
        # What a trigger makes of a new row is no change of the revision's.
        there = set() if stage.snapshot.triggers() else touched.tables & stage.contents.keys()
        stage.fill(there, turn.before)
        if not self._call_case(turn, "filled", "upgrade"):
            return False
        empty = {name for name in touched.tables & turn.data.keys() if not turn.data[name].values}
        turn.rowless = {**dict.fromkeys(empty, "it is empty"), **stage.rowless}
        for name, reason in turn.rowless.items():
            verdict.notes.append(f"no row could be put into {name} ({reason}): bring some, in {turn.case_path()}")
        turn.added = {name: rows.without(stage.contents[name], turn.data_after.get(name)) for name in there}
        return True

    def _down(self, turn: RevisionRun) -> bool:
        """Take the revision back, and see that all is as before; return whether a second upgrade makes sense."""
        stage = self.stage
        irreversible = "irreversible" in turn.declared
        if not self._move(turn, "downgrade", stage.walk.take_back):
            turn.no_way_back = True
            if irreversible:
                turn.verdict.problems.pop()
            return False
        turn.touched.merge(stage.look())
        found = differences(turn.before, stage.snapshot)
        turn.verdict.notes += [f"downgrade: {line}" for line in reordered(turn.before, stage.snapshot)]
        turn.no_way_back = bool(found)
        for difference in found if not irreversible else ():
            turn.difference("downgrade", difference)
        if found:
            return False
        row_checks.restored(turn, stage)
        row_checks.added(turn, stage, "downgrade")
        row_checks.too_many(turn, stage)
        return self._call_case(turn, "restored", "downgrade")

    def _up_again(self, turn: RevisionRun) -> bool:
        stage = self.stage
        lost = bool(turn.lost)
        if not self._move(turn, "second upgrade", stage.walk.apply):
            return False
        stage.look()
        found = differences(turn.after, stage.snapshot)
        for difference in found:
            turn.difference("second upgrade", difference)
        if not lost:  # what was lost on the way down cannot be there
            row_checks.made_again(turn, stage)
            row_checks.added(turn, stage, "second upgrade")
        return self._call_case(turn, "after", "second upgrade") and not found

    def _call_case(self, turn: RevisionRun, name: str, step: str) -> bool:
        """Call a function of the revision's data case; return whether the database can still be used."""
        stage = self.stage
        if not stage.data or turn.case.path is None:
            return True
        wrong = turn.case.call(name, stage.connection)
        if wrong:
            turn.problem(step, wrong)
        try:
            stage.snapshot = stage.dialect.schema.snapshot(stage.connection)
            stage.read(stage.snapshot.tables)
        except sa.exc.SQLAlchemyError as error:
            turn.problem(step, f"{name} of its data case leaves a connection that cannot be used: {first_line(error)}")
            return False
        return True

    def _look_at_everything(self, turn: RevisionRun) -> None:
        """See that nothing has changed that no statement named."""
        among = f"after one of {', '.join(self._since)}" if len(self._since) > 1 else "after it"
        for line in self.stage.look_at_everything():
            turn.verdict.problems.append(Problem("", f"{among}, though no statement names it: {line}"))
            turn.verdict.status = BROKEN
        self._since = []


def _changed(before: Snapshot, after: Snapshot) -> dict[str, Parts | None]:
    """Return the tables that are new or changed, in neutral form, and None for those that are gone."""
    names = before.tables.keys() | after.tables.keys()
    changed = sorted(name for name in names if before.tables.get(name) is not after.tables.get(name))
    return {name: neutral(after.tables[name]) if name in after.tables else None for name in changed}
