"""The results of the round trips of several targets, and the result of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.errors import counted
from alembic_lockstep.project.data_cases import FOLDER
from alembic_lockstep.roundtrip.known_findings import KnownFindings

if TYPE_CHECKING:
    from alembic_lockstep.errors import Fault
    from alembic_lockstep.roundtrip.results import ChainResult
    from alembic_lockstep.roundtrip.twins import TwinComparison


def unmatched(name: str) -> str:
    """Return what is wrong with the file of a data case that no revision takes."""
    return f"{FOLDER.as_posix()}/{name} belongs to no revision: its name must be the id or the slug of one"


@dataclass(slots=True)
class RoundTripResult:
    """What the round trips of several targets have found.

    Attributes:
        chains: the result of each target.
        faults: why a target has no result.
        twins: the comparisons of twins.
        unmatched_cases: data cases that belong to no revision.
        seconds: how long it took.
        known: the findings that are accepted.
    """

    chains: dict[str, ChainResult] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    twins: list[TwinComparison] = field(default_factory=list)
    unmatched_cases: list[str] = field(default_factory=list)
    seconds: float = 0.0
    known: KnownFindings = field(default_factory=KnownFindings)

    def broken(self) -> int:
        """Return the number of problems, without the targets that have no result."""
        chains = sum(len(chain.bad()) + bool(chain.ahead()) for chain in self.chains.values())
        return chains + sum(len(pair.problems) for pair in self.twins) + len(self.unmatched_cases)

    def result(self) -> str:
        """Return the result of all in one line."""
        verdicts = [verdict for chain in self.chains.values() for verdict in chain.verdicts]
        bad = sum(verdict.is_bad for verdict in verdicts)
        accepted = sum(not verdict.is_bad and bool(verdict.problems) for verdict in verdicts)
        sound = f"{len(verdicts) - bad - accepted} of {len(verdicts)} revisions sound"
        count = f"{bad} of {len(verdicts)} revisions broken" if bad else sound
        declared = sum(bool(verdict.declared) and not verdict.problems for verdict in verdicts)
        others = self.broken() - bad
        parts = [
            count if verdicts else "",
            f"{accepted} with known findings" if accepted else "",
            f"{declared} declared lossy or irreversible" if declared else "",
            counted(others, "other fault") if others else "",
            f"not tested: {', '.join(self.faults)}" if self.faults else "",
        ]
        return ", ".join(part for part in parts if part) or "no revisions"

    def exit_code(self) -> int:
        """Return 0 if all is well, 1 if something is wrong, 2 if a target could not be tested."""
        return max([1 if self.broken() else 0, *(fault.exit_code for fault in self.faults.values())])
