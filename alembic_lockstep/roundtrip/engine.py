"""Every revision of a chain on an engine, with rows: up, down to the state before, and up again."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, first_line, shown
from alembic_lockstep.execution import model_tables
from alembic_lockstep.execution.runner import RevisionFailedError
from alembic_lockstep.progress import Progress, Reporter, ignore
from alembic_lockstep.project import chain, data_cases, revision_file
from alembic_lockstep.roundtrip import row_checks, swallowed
from alembic_lockstep.roundtrip.foundation import Foundation
from alembic_lockstep.roundtrip.results import BROKEN, ChainResult, Problem, Verdict
from alembic_lockstep.roundtrip.revision_run import RevisionRun
from alembic_lockstep.roundtrip.scratch import ScratchDatabase, opened
from alembic_lockstep.schema.differences import changes, differences, reordered
from alembic_lockstep.schema.neutral import neutral

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.script import Script

    from alembic_lockstep.schema.neutral import NeutralTable
    from alembic_lockstep.schema.snapshot import Snapshot

FULL_CHECK_EVERY = 25
"""Revisions after which everything is compared, not only what they can have touched."""


class _UnusableError(Exception):
    """The scratch database is not in the state from which the next step could go on."""


class RoundTrip:
    """Runs the revisions of a chain up, down and up, one after the other.

    Args:
        scratch: the scratch database.
        notify: called with how far it is.

    Attributes:
        revisions: the chain, base first.
    """

    def __init__(self, scratch: ScratchDatabase, notify: Reporter = ignore) -> None:
        self.scratch, self._notify = scratch, notify
        self.root = scratch.target.root
        self.revisions: list[Script] = chain.runnable(scratch.script, scratch.target)
        self._foundation = Foundation(scratch, self.revisions)
        self._applied: int | None = None
        self._reachable = True
        self._unchecked: list[str] = []

    @property
    def at_head(self) -> bool:
        """Whether the scratch database has every revision of the chain."""
        return self._applied == len(self.revisions)

    def run(self, wanted: list[Script]) -> ChainResult:
        """Run revisions up, down and up, in the order of the chain; return what each is like."""
        result = ChainResult("")
        if not wanted:
            self._open(len(self.revisions))
        with closing(self._foundation):
            for below, revision in enumerate(self.revisions):
                if revision in wanted:
                    self._notify(Progress(len(result.verdicts), len(wanted)))
                    self._run_in_chain(revision, below, result, last=revision is wanted[-1])
                    self._notify(
                        Progress(len(result.verdicts), len(wanted), self._finished(result.verdicts[-1], wanted))
                    )
        result.server = self.scratch.server
        result.cases = [
            name for revision in chain.revisions(self.scratch.script) for name in data_cases.names(revision)
        ]
        return result

    def _finished(self, verdict: Verdict, wanted: list[Script]) -> dict[str, object]:
        """Return what is told of a revision as soon as it is finished."""
        width = max(len(revision.doc) for revision in wanted)
        return {"server": self.scratch.server, "width": width, "verdict": asdict(verdict)}

    def _run_in_chain(self, revision: Script, below: int, result: ChainResult, *, last: bool) -> None:
        """Run a revision on top of those below it, and leave the scratch database with it applied."""
        run = self.begin(revision)
        result.verdicts.append(run.verdict)
        if self._applied != below and not self._open(below):
            run.problem("", f"not reached: {_obstacle(result)}")
            return
        before = self.scratch.snapshot
        if self.run_one(run):
            self._applied = below + 1
        else:
            if run.error is not None and self.scratch.data:
                self._add_problems_without_rows(run, below)
            self._restore(below + 1, run.touched.tables | self.scratch.named(before))
        if self._reachable:
            result.schemas[revision.revision] = _changed(before, self.scratch.snapshot)
            if last or len(self._unchecked) == FULL_CHECK_EVERY:
                self._check_everything(run)

    def _open(self, count: int) -> bool:
        """Make the scratch database anew with the first revisions applied to empty tables; return whether they apply.

        Where one of them does not, nothing above it can be reached any more.
        """
        self._reachable = self._reachable and opened(self.scratch, self.revisions[:count])
        self._applied = count if self._reachable else None
        self._unchecked = []
        return self._reachable

    def _restore(self, count: int, touched: set[str]) -> None:
        """Make the scratch database as the first revisions have it, which are not replayed for it."""
        self._reachable = self._reachable and self._foundation.raise_to(count)
        self._applied = count if self._reachable else None
        self._unchecked = []
        if self._reachable:
            self._foundation.repair(self.scratch, touched)

    def begin(self, revision: Script) -> RevisionRun:
        """Return a run for a revision, with what its file declares."""
        declared, wrong = revision_file.declarations(revision)
        reason = declared.get("irreversible") or declared.get("lossy") or ""
        path = shown(Path(revision.path), self.root)
        verdict = Verdict(revision.revision, revision.doc, path, declared=reason, twins=declared.get("twins", ""))
        run = RevisionRun(revision, verdict, data_cases.DataCase(None, self.root), declared)
        try:
            run.case = data_cases.DataCase(data_cases.find(self.scratch.target, revision), self.root)
        except CannotRunError as error:
            run.problem("", f"its data case cannot be used: {error.headline}")
        for text in wrong:
            run.problem("", text, *revision_file.DECLARATIONS)
        return run

    def run_one(self, run: RevisionRun) -> bool:
        """Run one revision up, down and up; return whether the scratch database can be used for the next one."""
        self._unchecked.append(run.revision.revision)
        run.database = self.scratch.connection.engine.url.database or ""
        if self.scratch.data:
            self.scratch.refill()
        try:
            self._call_case(run, data_cases.REQUIRED, "upgrade")
            self._call_case(run, "before", "upgrade")
            run.before, run.data = self.scratch.snapshot, dict(self.scratch.contents)
            self._upgrade(run)
            if revision_file.has_step(run.revision, "downgrade"):
                self._downgrade(run)
                self._upgrade_again(run)
            else:
                run.without_downgrade()
        except _UnusableError:
            return False
        finally:
            run.judge(data=self.scratch.data)
        return True

    def _add_problems_without_rows(self, run: RevisionRun, below: int) -> None:
        """Add what is wrong also without rows with a revision that has failed with them."""
        with closing(self.scratch.beside("without-rows")) as empty:
            if not self._foundation.raise_to(below):
                return
            self._foundation.copy_into(empty)
            round_trip = RoundTrip(empty)
            other = round_trip.begin(run.revision)
            round_trip.run_one(other)
        known = {(problem.step, problem.text) for problem in run.verdict.problems}
        run.verdict.problems += [
            Problem(problem.step, f"{problem.text}, also without rows", problem.line)
            for problem in other.verdict.problems
            if (problem.step, problem.text) not in known
        ]
        if run.fails_for_its_rows(other):
            run.verdict.notes.append(
                f"if your application has no such rows, let before() change them: {run.case_path()}"
            )

    def _move(self, run: RevisionRun, step: str, move: Callable[[Script], None]) -> None:
        """Apply a revision or take it back, and note how long that takes.

        Raises:
            _UnusableError: it failed; the run has the problem.
        """
        started = time.perf_counter()
        try:
            with (
                swallowed.watched(self.scratch.connection.engine, Path(run.revision.path)) as errors,
                model_tables.watched(self.scratch.target, [run.revision]) as taken,
            ):
                move(run.revision)
        except RevisionFailedError as error:
            run.no_way_back |= step == "downgrade"
            if step == "downgrade" and "irreversible" in run.declared:
                raise _UnusableError from error
            run.failed(step, error)
            raise _UnusableError from error
        finally:
            run.verdict.seconds.append(round(time.perf_counter() - started, 4))
        if taken and step != "second upgrade":
            run.takes_from_models(step, taken, self.scratch.target)
        if errors and step != "second upgrade":  # which repeats the first
            run.verdict.notes.append(f"{step}: {swallowed.described(errors, self.root)}")

    def _upgrade(self, run: RevisionRun) -> None:
        """Apply the revision, compare what became of the rows, and add rows that its schema allows."""
        scratch, verdict = self.scratch, run.verdict
        if not revision_file.has_step(run.revision, "upgrade"):
            run.problem("upgrade", "fails: it has no upgrade(); one that has nothing to do says pass")
            raise _UnusableError
        try:
            self._move(run, "upgrade", scratch.runner.apply)
        except _UnusableError:
            run.count_rows(scratch.named(run.before))
            raise
        run.touched = scratch.refresh()
        run.after = scratch.snapshot
        verdict.changes = changes(run.before, run.after)
        run.count_rows(run.touched.tables)
        row_checks.after_upgrade(run, scratch)
        if scratch.data and run.touched.written and run.case.path is None:
            names = ", ".join(sorted(run.touched.written))
            verdict.notes.append(f"changes data of {names} and has no data case, which would go to {run.case_path()}")
        self._call_case(run, "after", "upgrade")
        run.data_after = dict(scratch.contents)
        self._add_rows(run)

    def _add_rows(self, run: RevisionRun) -> None:
        """Add rows, as an application does; not where triggers are, since their rows could not be told from others."""
        scratch = self.scratch
        tables = set() if scratch.snapshot.has_triggers() else run.touched.tables & scratch.contents.keys()
        scratch.fill(tables, run.before)
        self._call_case(run, "filled", "upgrade")
        empty = {name for name in run.touched.tables & run.data.keys() if not run.data[name].values}
        run.rowless = {**dict.fromkeys(empty, "it is empty"), **scratch.rowless}
        for name, reason in run.rowless.items():
            run.verdict.notes.append(f"no row could be inserted into {name} ({reason}): add some, in {run.case_path()}")
        run.added = {name: scratch.contents[name].without(run.data_after.get(name)) for name in tables}

    def _downgrade(self, run: RevisionRun) -> None:
        """Take the revision back, and see that schema and rows are as before."""
        scratch = self.scratch
        irreversible = "irreversible" in run.declared
        self._move(run, "downgrade", scratch.runner.revert)
        run.touched.merge(scratch.refresh())
        found = differences(run.before, scratch.snapshot)
        run.verdict.notes += [f"downgrade: {line}" for line in reordered(run.before, scratch.snapshot)]
        row_checks.after_downgrade(run, scratch)
        if found:
            run.no_way_back = True
            for difference in () if irreversible else found:
                run.difference("downgrade", difference)
            raise _UnusableError
        self._call_case(run, "restored", "downgrade")

    def _upgrade_again(self, run: RevisionRun) -> None:
        """Apply the revision a second time, and see that it leads to the same schema and rows."""
        scratch = self.scratch
        lost = bool(run.lost)
        self._move(run, "second upgrade", scratch.runner.apply)
        scratch.refresh()
        found = differences(run.after, scratch.snapshot)
        for difference in found:
            run.difference("second upgrade", difference)
        if not lost:  # what was lost on the way down cannot be there
            row_checks.after_second_upgrade(run, scratch)
        self._call_case(run, "after", "second upgrade")
        if found:
            raise _UnusableError

    def _call_case(self, run: RevisionRun, name: str, step: str) -> None:
        """Call a function of the revision's data case.

        Raises:
            _UnusableError: it leaves a connection that cannot be used.
        """
        scratch = self.scratch
        if run.case.path is None or not (scratch.data or name == data_cases.REQUIRED):
            return
        wrong = run.case.call(name, scratch.connection)
        if wrong:
            run.problem(step, wrong)
        try:
            scratch.snapshot = scratch.dialect.schema.snapshot(scratch.connection)
            if scratch.data:
                scratch.read(scratch.snapshot.tables)
        except sa.exc.SQLAlchemyError as error:
            run.problem(step, f"{name} of its data case leaves a connection that cannot be used: {first_line(error)}")
            raise _UnusableError from error

    def _check_everything(self, run: RevisionRun) -> None:
        """See that nothing has changed that no statement named."""
        among = f"after one of {', '.join(self._unchecked)}" if len(self._unchecked) > 1 else "after it"
        for line in self.scratch.full_check():
            run.verdict.problems.append(Problem("", f"{among}, though no statement names it: {line}"))
            run.verdict.status = BROKEN
        self._unchecked = []


def _obstacle(result: ChainResult) -> str:
    """Return the revision that does not apply, which those above it stand on."""
    failed = [verdict.revision for verdict in result.verdicts if any(p.step == "upgrade" for p in verdict.problems)]
    return f"the upgrade of {failed[-1]} fails" if failed else "an earlier revision does not apply"


def _changed(before: Snapshot, after: Snapshot) -> dict[str, NeutralTable | None]:
    """Return the tables that are new or changed, in neutral form, and None for those that are gone."""
    return {
        name: neutral(after.tables[name]) if name in after.tables else None
        for name in sorted(before.changed_tables(after))
    }
