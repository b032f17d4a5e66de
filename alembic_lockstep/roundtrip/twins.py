"""Do twins agree? The schemas of one database on two dialects, compared at every revision that both chains have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.schema.differences import Difference, table_differences
from alembic_lockstep.schema.twins import as_line

if TYPE_CHECKING:
    from alembic_lockstep.roundtrip.results import ChainResult, Verdict
    from alembic_lockstep.schema.neutral import NeutralSchema


@dataclass(slots=True)
class TwinDifference:
    """Where twins differ, or one says without need that they do.

    Attributes:
        target: whose file is named.
        verdict: of the revision in it.
        lines: what differs; empty for a declaration that is not needed.
        reason: the declared one, if there is one.
    """

    target: str
    verdict: Verdict
    lines: list[str]
    reason: str = ""


@dataclass(slots=True)
class TwinComparison:
    """What became of the comparison of two targets.

    Attributes:
        names: the two.
        compared: at how many revisions they were compared, the head among them.
        agreeing: at how many of them they were the same, but for what is declared.
        exceptions: where they differ and say why.
        problems: where they differ without a reason, or give one that is not needed.
    """

    names: tuple[str, str]
    compared: int = 0
    agreeing: int = 0
    exceptions: list[TwinDifference] = field(default_factory=list)
    problems: list[TwinDifference] = field(default_factory=list)


@dataclass(slots=True)
class _Side:
    """One of the two, as far as its chain was followed."""

    name: str
    trip: ChainResult
    state: NeutralSchema = field(default_factory=dict)
    at: int = 0

    def follow(self, upto: str | None) -> list[Verdict]:
        """Go on to a revision, or to the head; return the revisions on the way."""
        passed = []
        while self.at < len(self.trip.verdicts):
            verdict = self.trip.verdicts[self.at]
            self.at += 1
            passed.append(verdict)
            for name, table in self.trip.schemas.get(verdict.revision, {}).items():
                self.state.pop(name, None)
                if table is not None:
                    self.state[name] = table
            if verdict.revision == upto:
                break
        return passed


def compare(names: tuple[str, str], trips: tuple[ChainResult, ChainResult]) -> TwinComparison:
    """Compare two chains, as far as both were walked.

    `twins = "…"` in a revision accepts the differences that are new where the two are compared next: at the revision,
    or behind one that its twin does not have, at the next that both have. What is accepted, or told once, stays so.

    Args:
        names: the targets.
        trips: what their round trips have found.
    """
    twins = TwinComparison(names)
    sides = [_Side(name, trip) for name, trip in zip(names, trips, strict=True)]
    accepted: set[Difference] = set()
    told: set[Difference] = set()
    for place in _places(trips):
        passed = [(side.name, verdict) for side in sides for verdict in side.follow(place)]
        if not passed:
            continue
        there = set(table_differences(sides[0].state, sides[1].state))
        new = sorted(there - accepted - told, key=str)
        fresh = [as_line(each, names) for each in new]
        declaring = [(name, verdict) for name, verdict in passed if verdict.twins]
        if fresh and declaring:
            name, verdict = declaring[0]
            twins.exceptions.append(TwinDifference(name, verdict, fresh, verdict.twins))
            accepted |= set(new)
        elif fresh:
            twins.problems.append(TwinDifference(*passed[-1], fresh))
            told |= set(new)
        else:
            twins.problems += [TwinDifference(name, verdict, [], verdict.twins) for name, verdict in declaring]
        accepted, told = accepted & there, told & there
        twins.compared += 1
        twins.agreeing += not told
    return twins


def _places(trips: tuple[ChainResult, ChainResult]) -> list[str | None]:
    """Return the revisions that both have, in the order of the first, then None for the head; up to one not reached."""
    first, second = ([verdict.revision for verdict in trip.verdicts] for trip in trips)
    shared = [revision for revision in first if revision in second]
    reached = [{verdict.revision for verdict in trip.verdicts[: _reached(trip)]} for trip in trips]
    whole = all(_reached(trip) == len(trip.verdicts) for trip in trips)
    return [*(revision for revision in shared if all(revision in each for each in reached)), *([None] if whole else [])]


def _reached(trip: ChainResult) -> int:
    """Return how many revisions from the first on have a schema."""
    numbers = (number for number, verdict in enumerate(trip.verdicts) if verdict.revision not in trip.schemas)
    return next(numbers, len(trip.verdicts))
