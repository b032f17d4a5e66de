"""Every revision of a chain on an engine, with rows: up, down to the state before, and up again."""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from upgrade import cases, chain, ddl, dialects, logical, losses, models, proof, rows, source
from upgrade.errors import CannotRunError, shown
from upgrade.options import options
from upgrade.snapshot import Difference, Snapshot, changes, columns, differences, parents, reordered
from upgrade.verdict import BROKEN, IRREVERSIBLE, LOSSLESS, LOSSY, NOT_REACHED, Problem, Trip, Verdict
from upgrade.walk import RevisionFailedError, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sqlalchemy as sa
    from alembic.script import Script, ScriptDirectory

    from upgrade.losses import Loss
    from upgrade.rows import Rows
    from upgrade.snapshot import Parts
    from upgrade.targets import Target

FULL_LOOK = 25
"""After so many revisions everything is looked at, not only what they can have touched."""
CROWDED = 20
"""Rows of a table that are too many: it gets new ones instead of more."""
WRITES = re.compile(
    r"(?is)(?:\s|--[^\n]*\n|/\*.*?\*/)*(insert|update|delete|replace|with\b.*\b(?:insert|update|delete)|merge)\b"
)
BOOKKEEPING = re.compile(r"(?i)\balembic_version\b|_alembic_tmp_")


def roundtrip(target: Target, tell: Callable[[str], None], revision: str = "") -> Trip:
    """Walk the chain of a target up, down and up on a scratch database.

    Args:
        target: the target.
        tell: called with how far it is, as `3/14`, and with what takes long.
        revision: this one alone; the beginning of an id will do. Empty for all of them.

    Raises:
        CannotRunError: chain, models or a data case are broken.
        NoServerError: there is nothing to run it on.
    """
    script = chain.load(target)
    metadata = models.load(target)
    settings = options(target, metadata)
    with tempfile.TemporaryDirectory(prefix="migration-") as folder:
        with Rounds(target, script, settings, Path(folder), tell) as rounds:
            wanted = [each for each in rounds.revisions if each.revision.startswith(revision)]
            if revision and len(wanted) > 1:
                raise CannotRunError(f"{target.name}: several revisions begin with {revision}")
            trip = rounds.go(wanted)
            if not revision and not any(verdict.status == NOT_REACHED for verdict in trip.verdicts):
                trip.models = proof.compare(rounds.connection, metadata, settings)
        return trip


@dataclass(slots=True)
class _Turn:
    """What is known while one revision is taken up, down and up."""

    revision: Script
    verdict: Verdict
    case: cases.Case
    before: Snapshot
    data: dict[str, Rows]
    after: Snapshot = field(default_factory=Snapshot)
    data_after: dict[str, Rows] = field(default_factory=dict)
    added: dict[str, Rows] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    lost: list[tuple[str, Loss]] = field(default_factory=list)
    failed: bool = False


class Rounds:
    """A chain on scratch databases, revision by revision.

    Args:
        target: whose chain it is.
        script: the chain.
        settings: from `upgrade.options.options`.
        folder: where scratch files may be put.
        tell: as for `roundtrip`.
        data: put rows into the tables and see what becomes of them.
        only: the tables that get rows, besides those that they refer to; None for all.
    """

    def __init__(
        self,
        target: Target,
        script: ScriptDirectory,
        settings: dict[str, Any],
        folder: Path,
        tell: Callable[[str], None],
        *,
        data: bool = True,
        only: Callable[[str], bool] | None = None,
    ) -> None:
        self.target, self.script, self._settings, self._folder, self._tell = target, script, settings, folder, tell
        self._with_rows, self._only = data, only
        self._dialect = dialects.get(target.dialect)
        self.revisions: list[Script] = list(reversed(list(script.walk_revisions())))
        self._stack = ExitStack()
        self.connection: sa.Connection
        self.walk: Walk
        self.server = ""
        self.snapshot = Snapshot()
        self.contents: dict[str, Rows] = {}
        self._rowless: dict[str, str] = {}
        self._since: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    # ---- The walk --------------------------------------------------------------------------------------------------

    def go(self, wanted: list[Script]) -> Trip:
        """Take revisions up, down and up, in the order of the chain; return what each is like."""
        trip = Trip("")
        reached = -1  # the number of the last revision that is applied
        open_ = False
        for number, revision in enumerate(self.revisions):
            if revision not in wanted:
                continue
            verdict = self._verdict(revision)
            trip.verdicts.append(verdict)
            if not open_ or reached != number - 1:
                open_ = self._reopen(number)
                trip.server = self.server
                if not open_:
                    verdict.problems.append(Problem("", "not reached: an earlier revision does not apply"))
                    continue
            case = cases.find(self.target, revision)
            trip.cases += [case.name] if case else []
            known = self.snapshot
            open_ = self.turn(revision, verdict, cases.Case(case, self.target.root))
            reached = number
            if not open_:
                open_ = self._reopen(number + 1)
            if open_:
                trip.schemas[revision.revision] = _delta(known, self.snapshot)
            self._tell(f"{len(trip.verdicts)}/{len(wanted)}")
            if open_ and (len(self._since) == FULL_LOOK or revision is wanted[-1]):
                self._look_at_everything(verdict)
        if not wanted:
            self._reopen(0)
            trip.server = self.server
        return trip

    def _verdict(self, revision: Script) -> Verdict:
        path = shown(Path(revision.path), self.target.root)
        reasons, wrong = source.declarations(revision)
        declared = reasons.get("irreversible") or reasons.get("lossy") or ""
        verdict = Verdict(revision.revision, revision.doc, path, declared=declared, twins=reasons.get("twins", ""))
        for text in wrong:
            verdict.problems.append(Problem("", text, source.line_of(Path(revision.path), "", *source.DECLARATIONS)))
        return verdict

    def _reopen(self, number: int) -> bool:
        """Make a new scratch database with the first `number` revisions, and rows; return whether they apply."""
        self._stack.close()
        scratch = self._stack.enter_context(self._dialect.scratch(self.target.name, self._folder, self._tell))
        self.connection = self._stack.enter_context(scratch.engine.connect())
        self.walk = Walk(self.script, self.connection, self.target, self._settings)
        self.server = scratch.server
        try:
            for revision in self.revisions[:number]:
                self.walk.apply(revision)
        except RevisionFailedError:
            return False
        self._since = []
        self.snapshot, self.contents = self._dialect.snapshot(self.connection), {}
        self._read(self.snapshot.tables)
        self._fill(self.snapshot.tables, None)
        return True

    def turn(self, revision: Script, verdict: Verdict, case: cases.Case) -> bool:
        """Take one revision up, down and up; return whether the database can be used for the next one."""
        self._since.append(revision.revision)
        self._renew()
        turn = _Turn(revision, verdict, case, self.snapshot, self.contents)
        self._call_case(turn, "before", "upgrade")
        turn.data = dict(self.contents)
        declared, _wrong = source.declarations(revision)
        usable = self._up(turn) and self._down(turn, irreversible="irreversible" in declared) and self._up_again(turn)
        self._judge(turn, declared)
        return usable

    def _judge(self, turn: _Turn, declared: dict[str, str]) -> None:
        verdict = turn.verdict
        verdict.lost = list(dict.fromkeys(str(loss) for _step, loss in turn.lost))
        if "irreversible" in declared:
            if not turn.failed and not turn.lost and self._with_rows and not verdict.problems:
                self._problem(
                    turn, "", "it is declared irreversible, but its downgrade gives everything back", "irreversible"
                )
        elif "lossy" in declared:
            if not turn.lost and self._with_rows and not verdict.problems:
                self._problem(turn, "", "it is declared lossy, but no data was lost", "lossy")
        else:
            for step, loss in turn.lost:
                self._problem(turn, step, str(loss), loss.column, loss.table)
        if verdict.problems:
            verdict.status = BROKEN
        else:
            verdict.status = IRREVERSIBLE if "irreversible" in declared else LOSSY if "lossy" in declared else LOSSLESS

    def _move(self, turn: _Turn, step: str, move: Callable[[Script], None]) -> bool:
        """Apply or take back a revision; return whether it succeeded."""
        started = time.perf_counter()
        try:
            move(turn.revision)
        except RevisionFailedError as error:
            number = re.search(r":(\d+)$", error.where)
            line = int(number.group(1)) if number and error.where.startswith(turn.verdict.path) else 0
            text = f"fails: {error.cause}" + (f" ({error.where})" if not line else "")
            turn.verdict.problems.append(Problem(step, text, line or source.line_of(Path(turn.revision.path), step)))
            return False
        finally:
            turn.verdict.seconds.append(round(time.perf_counter() - started, 4))
        return True

    def _up(self, turn: _Turn) -> bool:
        if not self._move(turn, "upgrade", self.walk.apply):
            return False
        touched = self._look(turn)
        verdict, turn.after = turn.verdict, self.snapshot
        verdict.changes = changes(turn.before, turn.after)
        if self._with_rows:
            held = [turn.data[name] for name in touched if name in turn.data]
            verdict.rows, verdict.tables = sum(len(each.values) for each in held), len(held)
            self._check_made_up(turn)
            self._check_values_fit(turn)
            self._check_untouched(turn, "upgrade", turn.data, turn.before, self.contents)
            if turn.written and turn.case.path is None:
                names = ", ".join(sorted(turn.written))
                verdict.notes.append(
                    f"changes data of {names} and brings no rows of its own: {cases.FOLDER.as_posix()}/{verdict.slug}.py"
                )
        self._call_case(turn, "after", "upgrade")
        turn.data_after = dict(self.contents)
        self._fill(touched, turn.before)
        turn.added = {
            name: _without(self.contents[name], turn.data_after.get(name)) for name in touched if name in self.contents
        }
        return True

    def _down(self, turn: _Turn, *, irreversible: bool) -> bool:
        """Take the revision back, and see that all is as before; return whether a second upgrade makes sense."""
        if not self._move(turn, "downgrade", self.walk.take_back):
            turn.failed = True
            if irreversible:
                turn.verdict.problems.pop()
            return False
        self._look(turn)
        found = differences(turn.before, self.snapshot)
        turn.verdict.notes += [f"downgrade: {line}" for line in reordered(turn.before, self.snapshot)]
        if found and irreversible:
            turn.failed = True
            return False
        for difference in found:
            self._difference(turn, "downgrade", difference)
        if found:
            return False
        if self._with_rows:
            for name in self._compared(turn.data, self.contents):
                parts = turn.before.tables[name]
                turn.lost += self._losses(
                    "downgrade", name, turn.data[name], self.contents.get(name), parts, columns(parts)
                )
            self._check_added(turn, "downgrade")
            self._check_too_many(turn)
        self._call_case(turn, "restored", "downgrade")
        return True

    def _up_again(self, turn: _Turn) -> bool:
        lost = bool(turn.lost)
        if not self._move(turn, "second upgrade", self.walk.apply):
            return False
        self._look(turn)
        found = differences(turn.after, self.snapshot)
        for difference in found:
            self._difference(turn, "second upgrade", difference)
        if self._with_rows and not lost:  # what was lost on the way down cannot be there
            for name in self._compared(turn.data_after, self.contents):
                parts = turn.after.tables[name]
                now = self.contents.get(name)
                turn.lost += self._losses(
                    "second upgrade",
                    name,
                    losses.settled(turn.data_after[name]),
                    losses.settled(now) if now else None,
                    parts,
                    columns(parts),
                )
            self._check_added(turn, "second upgrade")
        self._call_case(turn, "after", "second upgrade")
        return not found

    # ---- Looking ---------------------------------------------------------------------------------------------------

    def _look(self, turn: _Turn) -> set[str]:
        """Bring snapshot and contents up to date after a move; return the tables that it can have touched."""
        statements = self.walk.statements
        before = self.snapshot
        self.snapshot = self._dialect.snapshot(self.connection, before, statements)
        known = before.names() | self.snapshot.names()
        slashes = self._dialect.backslashes
        named = {name for each in set(statements) for name in ddl.names(each, known, backslashes=slashes)}
        named |= {
            name
            for name in before.tables.keys() | self.snapshot.tables.keys()
            if before.tables.get(name) is not self.snapshot.tables.get(name)
        }
        for statement in set(statements):
            if WRITES.match(statement) and not BOOKKEEPING.search(statement):
                turn.written |= ddl.names(statement, known, backslashes=slashes)
                turn.words |= {token.text.lower() for token in ddl.tokens(statement, backslashes=slashes)}
        has_triggers = any(part.startswith("trigger ") for parts in before.tables.values() for part in parts)
        if has_triggers and turn.written:
            named = set(known.values())
        touched = before.with_children(self.snapshot.with_children(named))
        self._read(touched)
        return {name for name in touched if name in self.snapshot.tables}

    def _read(self, tables: Iterable[str]) -> None:
        if not self._with_rows:
            self.connection.rollback()
            return
        contents = dict(self.contents)
        for name in tables:
            parts = self.snapshot.tables.get(name)
            if parts is None or not columns(parts):
                contents.pop(name, None)
            else:
                contents[name] = rows.read(self.connection, name, parts)
        self.contents = contents
        self.connection.rollback()

    def _look_at_everything(self, verdict: Verdict) -> None:
        """See that nothing has changed that no statement named."""
        known, contents = self.snapshot, self.contents
        self.snapshot = self._dialect.snapshot(self.connection)
        self._read(self.snapshot.tables)
        among = f"after one of {', '.join(self._since)}" if len(self._since) > 1 else "after it"
        for difference in differences(known, self.snapshot):
            verdict.problems.append(Problem("", f"{among}, though no statement names it: {difference}"))
        for name, before in contents.items():
            parts = known.tables.get(name, {})
            for loss in losses.losses(
                name, before, self.contents.get(name), list(columns(parts)), rows.primary_key(parts)
            ):
                verdict.problems.append(Problem("", f"{among}, though no statement names it: {loss}"))
        if verdict.problems:
            verdict.status = BROKEN
        self._since = []

    def _call_case(self, turn: _Turn, name: str, step: str) -> None:
        if not self._with_rows or turn.case.path is None:
            return
        wrong = turn.case.call(name, self.connection)
        if wrong:
            self._problem(turn, step, wrong)
        self._read(self.snapshot.tables)

    # ---- Rows ------------------------------------------------------------------------------------------------------

    def _fill(self, tables: Iterable[str], older: Snapshot | None) -> None:
        """Put rows into tables, parents first."""
        if not self._with_rows:
            return
        wanted = {name for name in tables if self._only is None or self._only(name)}
        while True:  # without parents there are no children
            more = {parent for name in wanted for parent in parents(self.snapshot.tables.get(name, {}))} - wanted
            more = {name for name in more if name in self.contents and not self.contents[name].values}
            if not more:
                break
            wanted |= more
        if not wanted:
            return
        wanted &= {name for name, parts in self.snapshot.tables.items() if columns(parts)}
        for name in rows.order(wanted, self.snapshot):
            serial = len(self.contents[name].values) if name in self.contents else 0
            reason = rows.Maker(self.connection, name, self.snapshot, older, serial).insert()
            if reason:
                self._rowless[name] = reason
        self.connection.commit()
        self._read(wanted)

    def _renew(self) -> None:
        """Put rows into tables that have none, and new ones into crowded ones: old rows know nothing of new columns."""
        crowded = {name for name, each in self.contents.items() if len(each.values) > CROWDED}
        if crowded:
            crowded = self.snapshot.with_children(crowded)
            self._dialect.empty(self.connection, crowded)
            self.connection.commit()
            self._read(crowded)
        self._fill([name for name, each in self.contents.items() if not each.values], None)

    def _compared(self, data: dict[str, Rows], now: dict[str, Rows]) -> list[str]:
        return [name for name, before in data.items() if before is not now.get(name)]

    def _losses(
        self, step: str, table: str, before: Rows, after: Rows | None, parts: Parts, names: Iterable[str]
    ) -> list[tuple[str, Loss]]:
        return [(step, loss) for loss in losses.losses(table, before, after, list(names), rows.primary_key(parts))]

    def _stable(self, turn: _Turn, table: str) -> list[str]:
        """Return the columns of a table that the revision leaves alone."""
        before, after = columns(turn.before.tables.get(table, {})), columns(turn.after.tables.get(table, {}))
        names = [
            name
            for name in before
            if name in after
            and logical.kind(before[name]["type"]) == logical.kind(after[name]["type"])
            and not ({"computed"} & (before[name].keys() | after[name].keys()))
        ]
        return names if table not in turn.written else [name for name in names if name.lower() not in turn.words]

    def _check_untouched(
        self, turn: _Turn, step: str, data: dict[str, Rows], schema: Snapshot, now: dict[str, Rows]
    ) -> None:
        """See that a step leaves alone what the revision has nothing to do with."""
        for name in self._compared(data, now):
            if name in turn.written or name not in self.snapshot.tables:
                continue
            found = self._losses(step, name, data[name], now.get(name), schema.tables[name], self._stable(turn, name))
            for _step, loss in found:
                if str(loss) not in {str(other) for _step, other in turn.lost}:
                    turn.lost.append((step, loss))

    def _check_added(self, turn: _Turn, step: str) -> None:
        """See that rows made after the upgrade are still there, as far as both states have a place for them."""
        for name, added in turn.added.items():
            stable = self._stable(turn, name)
            if not stable or name not in self.contents:
                continue
            turn.lost += self._losses(step, name, added, self.contents[name], turn.before.tables[name], stable)

    def _check_too_many(self, turn: _Turn) -> None:
        """See that rows which the upgrade put in have gone again."""
        renamed = sum(len(each.values) for name, each in turn.added.items() if name not in turn.data)
        for name, before in turn.data.items():
            added = renamed + (len(turn.added[name].values) if name in turn.added else 0)
            extra = len(self.contents[name].values) - len(before.values) - added if name in self.contents else 0
            if extra > 0:
                text = (
                    f"{name}: {extra} {'row' if extra == 1 else 'rows'} too many, put in by the upgrade and left there"
                )
                self._problem(turn, "downgrade", text, name)

    def _check_made_up(self, turn: _Turn) -> None:
        """See that no server has made up values for a new column that is NOT NULL and has no default."""
        for statement in self.walk.statements:
            table, added = ddl.added_columns(statement, backslashes=self._dialect.backslashes)
            for name, column in added.items():
                held = turn.data.get(table)
                lacks = not column["nullable"] and column["default"] is None
                if held and held.values and lacks and not column.keys() & {"computed", "autoincrement"}:
                    text = f"column {table}.{name} is NOT NULL and has no default: {len(held.values)} rows got a value that the server made up"
                    self._problem(turn, "upgrade", text, name, table)

    def _check_values_fit(self, turn: _Turn) -> None:
        """See that no values are left that their new type has no place for, where the engine does not see to it."""
        for table, parts in turn.after.tables.items():
            before = turn.before.tables.get(table)
            if before is None or before is parts or table not in self.contents:
                continue
            held = self.contents[table]
            for name, column in columns(parts).items():
                was = before.get(f"column {name}")
                kind = logical.kind(column["type"])
                if was is None or was["type"] == column["type"] or kind.family != "string" or not kind.size:
                    continue
                place = held.columns.index(name)
                long = [
                    row[place] for row in held.values if isinstance(row[place], str) and len(row[place]) > kind.size
                ]
                if long:
                    text = f"column {table}.{name}: {len(long)} values do not fit {column['type']}, the longest has {max(map(len, long))} characters"
                    self._problem(turn, "upgrade", text, name, table)

    # ---- Telling ---------------------------------------------------------------------------------------------------

    def _problem(self, turn: _Turn, step: str, text: str, *words: str) -> None:
        turn.verdict.problems.append(Problem(step, text, source.line_of(Path(turn.revision.path), step, *words)))

    def _difference(self, turn: _Turn, step: str, difference: Difference) -> None:
        name = re.sub(r"\(|\)", "", difference.part.rpartition(" ")[2])
        self._problem(turn, step, str(difference), name, difference.table)


def _without(all_rows: Rows, some: Rows | None) -> Rows:
    """Return the rows that came in addition to `some`."""
    if some is None:
        return all_rows
    known = some.values.copy()
    rest = []
    for row in all_rows.values:
        if row in known:
            known.remove(row)
        else:
            rest.append(row)
    return rows.Rows(all_rows.columns, rest)


def _delta(before: Snapshot, after: Snapshot) -> dict[str, Parts | None]:
    """Return the tables that are new or changed, in neutral form, and None for those that are gone."""
    names = before.tables.keys() | after.tables.keys()
    changed = sorted(name for name in names if before.tables.get(name) is not after.tables.get(name))
    return {name: logical.neutral(after.tables[name]) if name in after.tables else None for name in changed}
