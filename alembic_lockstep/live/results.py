"""What is known of a live database: plain data, passed between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def joined(revisions: Sequence[str]) -> str | None:
    """Return the revisions that a database is at as text, None for none."""
    return ", ".join(revisions) or None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a live database.

    Attributes:
        target: the target's name.
        database: where it is.
        at: the revision that it is at, or several with commas; None if it has none or is not reachable.
        head: the last revision of the chain, or several with commas.
        pending: how many revisions are not applied yet; None if that is not known.
        models: `in step`, or the first changes by which the models are ahead of the migrations, or what is wrong.
        note: what is wrong with it, or the command to run next.
        reachable: whether it answered.
        ahead: all changes by which the models are ahead of the migrations.
        codes: what is not as it should be, each a stable name: `behind`, `unknown-revision`, `not-reachable`,
            `models-ahead`, `models-broken`, `models-not-compared`, or the kind of the error why nothing is known.
    """

    target: str
    database: str
    at: str | None
    head: str | None
    pending: int | None
    models: str
    note: str
    reachable: bool
    ahead: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """An upgrade or downgrade of a live database.

    Attributes:
        database: where it is.
        before: the revision that it was at, or several with commas; None for an empty database.
        after: the revision that it is at now.
        steps: how many revisions were applied or taken back.
    """

    database: str
    before: str | None
    after: str | None
    steps: int
