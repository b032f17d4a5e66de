"""What a command and a worker write to each other: one request, then events, a line of JSON each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from alembic_lockstep.errors import Fault
from alembic_lockstep.progress import Notice, Progress

END = "end\n"
"""The line after which a worker ends in good order. If its standard input ends without it, its parent was killed."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked about one target.

    Attributes:
        section: the target's section of alembic.ini.
        arguments: what the command needs, as JSON can hold it.
    """

    section: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What one worker is asked.

    Attributes:
        ini: the project's alembic.ini.
        command: the name of one of `alembic_lockstep.workers.work.COMMANDS`.
        work: one entry for each target, all of the same dialect.
    """

    ini: str
    command: str
    work: list[Work]


@dataclass(frozen=True, slots=True)
class Result:
    """What a worker returns for a target.

    Attributes:
        value: what JSON can hold.
    """

    value: Any


Event = Progress | Notice | Result | Fault
"""A Result or a Fault is the last event of a target."""

_EVENTS: dict[str, type[Event]] = {"progress": Progress, "notice": Notice, "result": Result, "fault": Fault}
_NAMES = {kind: name for name, kind in _EVENTS.items()}


def encode_request(request: Request) -> str:
    """Return a request as a line."""
    return json.dumps(asdict(request)) + "\n"


def decode_request(line: str) -> Request:
    """Return the request of a line."""
    fields = json.loads(line)
    return Request(fields["ini"], fields["command"], [Work(**work) for work in fields["work"]])


def encode_event(section: str, event: Event) -> str:
    """Return an event about a target as a line."""
    return json.dumps({"section": section, "event": _NAMES[type(event)], "fields": asdict(event)}) + "\n"


def decode_event(line: str) -> tuple[str, Event]:
    """Return the section and the event of a line."""
    message = json.loads(line)
    fields = message["fields"]
    if "detail" in fields:
        fields["detail"] = tuple(fields["detail"])
    return message["section"], _EVENTS[message["event"]](**fields)
