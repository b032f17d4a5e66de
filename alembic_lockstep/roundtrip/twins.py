"""Twins compared: the schemas of one database on two dialects, at every revision that both chains have."""

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
    """A difference of twins, or a declaration of one that is not needed.

    Attributes:
        target: the target with the revision that is named.
        verdict: of that revision.
        lines: what differs; empty for a declaration that is not needed.
        reason: the declared reason, if there is one.
    """

    target: str
    verdict: Verdict
    lines: list[str]
    reason: str = ""

    def headline(self) -> str:
        """Return in one line what is wrong, or the reason of a difference that is declared."""
        if not self.lines:
            return f"declares twins without a difference: {self.reason}"
        return self.reason or "differs without a reason"


@dataclass(slots=True)
class TwinComparison:
    """The comparison of two targets.

    Attributes:
        names: the targets.
        compared: the number of revisions at which they were compared, including the head.
        agreeing: at how many of them they were the same, apart from declared differences.
        exceptions: declared differences.
        problems: differences without a reason, and reasons without a difference.
    """

    names: tuple[str, str]
    compared: int = 0
    agreeing: int = 0
    exceptions: list[TwinDifference] = field(default_factory=list)
    problems: list[TwinDifference] = field(default_factory=list)


@dataclass(slots=True)
class _Side:
    """One of the two targets, with its schema as far as its chain was followed."""

    name: str
    chain: ChainResult
    schema: NeutralSchema = field(default_factory=dict)
    position: int = 0

    def follow(self, upto: str | None) -> list[Verdict]:
        """Go on to a revision, or to the head; return the revisions on the way."""
        passed = []
        while self.position < len(self.chain.verdicts):
            verdict = self.chain.verdicts[self.position]
            self.position += 1
            passed.append(verdict)
            for name, table in self.chain.schemas.get(verdict.revision, {}).items():
                self.schema.pop(name, None)
                if table is not None:
                    self.schema[name] = table
            if verdict.revision == upto:
                break
        return passed


def compare(names: tuple[str, str], chains: tuple[ChainResult, ChainResult]) -> TwinComparison:
    """Compare the schemas of two chains, at every revision that both reached.

    `twins = "…"` in a revision accepts the differences that are new where the two are compared next: at that revision
    or, if its twin does not have it, at the next one that both have. A difference is reported or accepted once.

    Args:
        names: the targets.
        chains: the results of their round trips.
    """
    result = TwinComparison(names)
    sides = [_Side(name, chain) for name, chain in zip(names, chains, strict=True)]
    accepted: set[Difference] = set()
    reported: set[Difference] = set()
    for revision in _shared(chains):
        passed = [(side.name, verdict) for side in sides for verdict in side.follow(revision)]
        if not passed:
            continue
        found = set(table_differences(sides[0].schema, sides[1].schema))
        new = sorted(found - accepted - reported, key=str)
        lines = [as_line(each, names) for each in new]
        declaring = [(name, verdict) for name, verdict in passed if verdict.twins]
        if new and declaring:
            name, verdict = declaring[0]
            result.exceptions.append(TwinDifference(name, verdict, lines, verdict.twins))
            accepted |= set(new)
        elif new:
            result.problems.append(TwinDifference(*passed[-1], lines))
            reported |= set(new)
        else:
            result.problems += [TwinDifference(name, verdict, [], verdict.twins) for name, verdict in declaring]
        accepted, reported = accepted & found, reported & found
        result.compared += 1
        result.agreeing += not reported
    return result


def _shared(chains: tuple[ChainResult, ChainResult]) -> list[str | None]:
    """Return the revisions that both chains have and reached, in the order of the first, and None for the head."""
    reached = [{verdict.revision for verdict in chain.verdicts[: _reached(chain)]} for chain in chains]
    shared = [verdict.revision for verdict in chains[0].verdicts if all(verdict.revision in each for each in reached)]
    both_heads = all(_reached(chain) == len(chain.verdicts) for chain in chains)
    return [*shared, *([None] if both_heads else [])]


def _reached(chain: ChainResult) -> int:
    """Return how many revisions from the first on have a schema."""
    without = (number for number, verdict in enumerate(chain.verdicts) if verdict.revision not in chain.schemas)
    return next(without, len(chain.verdicts))
