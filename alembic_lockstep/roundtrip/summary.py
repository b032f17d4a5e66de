"""What the round trips of several targets have found: plain data, with the result of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.roundtrip.results import BAD

if TYPE_CHECKING:
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.twins import TwinComparison


@dataclass(slots=True)
class RoundTripResult:
    """What round trips have found.

    Attributes:
        trips: by target.
        faults: why a target has none.
        twins: the comparisons.
        strays: data cases that belong to no revision.
        seconds: how long it took.
    """

    trips: dict[str, ChainResult] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    twins: list[TwinComparison] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def broken(self) -> int:
        """Return how many things are wrong that are no faults."""
        trips = sum(len(trip.bad()) + bool(trip.models) for trip in self.trips.values())
        return trips + sum(len(pair.problems) for pair in self.twins) + len(self.strays)

    def result(self) -> str:
        """Return the result of all in one line."""
        verdicts = [verdict for trip in self.trips.values() for verdict in trip.verdicts]
        bad = sum(verdict.status in BAD for verdict in verdicts)
        count = (
            f"{bad} of {len(verdicts)} revisions broken"
            if bad
            else f"{len(verdicts)} of {len(verdicts)} revisions sound"
        )
        declared = sum(bool(verdict.declared) and verdict.status not in BAD for verdict in verdicts)
        others = self.broken() - bad
        parts = [
            count if verdicts else "",
            f"{declared} declared lossy or irreversible" if declared else "",
            f"{others} other {'fault' if others == 1 else 'faults'}" if others else "",
            f"not tried: {', '.join(self.faults)}" if self.faults else "",
        ]
        return ", ".join(part for part in parts if part) or "no revisions"

    def exit_code(self) -> int:
        """Return 0 if all is well, 1 if something is wrong, 2 if a target could not be tried."""
        return max([1 if self.broken() else 0, *(fault.exit_code for fault in self.faults.values())])
