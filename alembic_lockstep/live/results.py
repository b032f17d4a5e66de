"""What is known of a live database: plain data, passed between processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A live database at a glance.

    Attributes:
        target: the target's name.
        database: where it is.
        at: the revision that it is at; None if it has none or is not reachable.
        head: the last revision of the chain.
        pending: how many revisions are to come; None where that cannot be told.
        models: `in step` or what the models have ahead of the chain.
        note: what is wrong with it, or the command to run next.
        reachable: whether it could be asked.
    """

    target: str
    database: str
    at: str | None
    head: str | None
    pending: int | None
    models: str
    note: str
    reachable: bool
