import pytest

from alembic_lockstep.errors import CannotRunError, Fault, NoServerError
from alembic_lockstep.execution.runner import RevisionFailedError
from alembic_lockstep.progress import Notice, Progress
from alembic_lockstep.workers.protocol import (
    Event,
    Request,
    Result,
    Work,
    decode_event,
    decode_request,
    encode_event,
    encode_request,
)

EVENTS: dict[str, Event] = {
    "progress": Progress(3, 14),
    "a notice that looks like progress": Notice("3/14"),
    "a notice with line breaks": Notice("two\nlines ✓"),
    "a result": Result({"steps": 2, "from": None}),
    "no result": Result(None),
    "a fault": Fault("no-server", "nothing to run it on", ("no Docker", "no mysqld"), 2),
    "a fault without details": Fault("failed", "it failed", exit_code=1),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_event_is_the_same_after_its_way_as_one_line(event: Event) -> None:
    line = encode_event("alembic_sqlite_ops", event)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert decode_event(line) == ("alembic_sqlite_ops", event)


def test_request_is_the_same_after_its_way_as_one_line() -> None:
    work = [
        Work("alembic_mysql_ops", {"revision": "head", "others": ["alembic_sqlite_ops"]}),
        Work("alembic_sqlite_ops"),
    ]
    request = Request("/a b/alembic.ini", "upgrade", work)
    line = encode_request(request)
    assert len(line.splitlines()) == 1
    assert decode_request(line) == request


def test_fault_has_the_kind_and_the_exit_code_of_its_error() -> None:
    assert Fault.of(NoServerError("there is none", "no Docker")) == Fault(
        "no-server", "there is none", ("no Docker",), 2
    )
    assert (Fault.of(CannotRunError("x")).kind, Fault.of(CannotRunError("x")).exit_code) == ("cannot-run", 2)
    assert RevisionFailedError.kind == "revision-failed"
    assert RevisionFailedError.exit_code == 1


def test_headline_for_a_target_does_not_repeat_its_name() -> None:
    fault = Fault("failed", "mysql_ops: it failed: mysql_ops: why")
    assert fault.headline_for("mysql_ops") == "it failed: mysql_ops: why"
    assert fault.headline_for("mysql") == fault.headline
