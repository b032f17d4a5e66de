"""The results of a round trip: plain data, passed between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.schema.neutral import tables_from_data

if TYPE_CHECKING:
    from alembic_lockstep.schema.neutral import NeutralTable

LOSSLESS, LOSSY, IRREVERSIBLE, BROKEN, NOT_REACHED = "lossless", "lossy", "irreversible", "broken", "not reached"
"""The status of a revision. Lossy and irreversible are sound if the revision declares them."""
UNREPRODUCIBLE = "not reproducible"
"""The status of one that would be lossless, but takes tables from the models, whatever these are today."""

BAD = frozenset({BROKEN, NOT_REACHED})


@dataclass(slots=True)
class Problem:
    """One thing that is wrong with a revision.

    Attributes:
        step: `upgrade`, `downgrade`, `second upgrade`, or empty for the file itself.
        text: what is wrong: table, column, expected and found.
        line: of the revision's file.
        known: the reason why it is accepted, which may be empty; None if it is not.
    """

    step: str
    text: str
    line: int = 1
    known: str | None = None

    def __str__(self) -> str:
        return f"{self.step}: {self.text}" if self.step else self.text


@dataclass(slots=True)
class Verdict:
    """What was found of one revision.

    Attributes:
        revision: its id.
        message: its message.
        path: its file, relative to the project's root.
        status: see the constants of this module.
        declared: the reason that the revision gives for being lossy or irreversible.
        twins: the reason that it gives for a difference from its twin.
        problems: why it is broken.
        lost: the data that the downgrade did not restore.
        notes: remarks that are no problems.
        changes: what the upgrade does to the schema, a line each.
        rows: how many rows the tables had that it touched.
        tables: how many tables those were.
        seconds: of the upgrade, the downgrade and the second upgrade.
    """

    revision: str
    message: str
    path: str
    status: str = NOT_REACHED
    declared: str = ""
    twins: str = ""
    problems: list[Problem] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    rows: int = 0
    tables: int = 0
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems = [each if isinstance(each, Problem) else Problem(**each) for each in self.problems]

    @property
    def is_bad(self) -> bool:
        """Whether it is broken or was not reached, and not all that is wrong with it is known and accepted."""
        return self.status in BAD and (not self.problems or any(each.known is None for each in self.problems))

    @property
    def result(self) -> str:
        """The status for people."""
        if self.status in BAD and not self.is_bad:
            return f"{self.status}, known"
        return f"{self.status}, declared" if self.status in {LOSSY, IRREVERSIBLE} else self.status


@dataclass(slots=True)
class ChainResult:
    """What was found of a chain.

    Attributes:
        server: the server or engine that it ran on.
        verdicts: one for each revision that was asked for, in the order of the chain.
        models: the differences by which the models are ahead of the head.
        schemas: for each revision the tables that are new or changed since the one before, in neutral form; None for
            one that is gone. Those that were not reached have none.
        cases: the possible names of the revisions' data cases.
        seconds: how long it took.
        models_error: why the models could not be compared with the head.
        named_today: what in the chain today's naming convention names, in a line; empty for nothing.
    """

    server: str
    verdicts: list[Verdict] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    schemas: dict[str, dict[str, NeutralTable | None]] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    seconds: float = 0.0
    models_error: str = ""
    named_today: str = ""

    def __post_init__(self) -> None:
        self.verdicts = [each if isinstance(each, Verdict) else Verdict(**each) for each in self.verdicts]
        self.schemas = {revision: tables_from_data(tables) for revision, tables in self.schemas.items()}

    def bad(self) -> list[Verdict]:
        """Return those that are broken or were not reached."""
        return [verdict for verdict in self.verdicts if verdict.is_bad]

    def ahead(self) -> list[str]:
        """Return what is wrong with the models at the head, a sentence each."""
        error = [f"the models cannot be compared: {self.models_error}"] if self.models_error else []
        return error + [f"the models are ahead of the migrations: {line}" for line in self.models]
