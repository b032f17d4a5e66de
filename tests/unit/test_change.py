"""What is typed about a change is understood; what a worker returns is the same when it comes out of JSON."""

import json
from dataclasses import asdict

import pytest

from alembic_lockstep.autogenerate.change import Drop, GenerationResult, GenerationStatus, Rename
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.schema.neutral import neutral
from alembic_lockstep.schema.table import Table

RESULT = GenerationResult(
    GenerationStatus.REFUSED,
    summary=["- column t.a"],
    losses=[Drop("t", "a", "- column t.a", [("+ column t.b", "t.a:b")]), Drop("u", None, "- table u", [])],
    renamed=["t.c:d"],
    before={"t": neutral(Table())},
)


def test_result_is_the_same_after_its_way_as_json() -> None:
    again = GenerationResult.from_data(json.loads(json.dumps(asdict(RESULT))))
    assert again == RESULT
    assert again.status is GenerationStatus.REFUSED
    assert again.losses[0].renames == [("+ column t.b", "t.a:b")]
    assert set(map(type, again.losses[0].renames)) == {tuple}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("user.nick:alias", Rename("user", "nick", "alias")),
        ("user:person", Rename("user", None, "person")),
        ("order line.my col:their col", Rename("order line", "my col", "their col")),
    ],
)
def test_rename_is_read(text: str, read: Rename) -> None:
    assert Rename.parse(text) == read
    assert str(read) == text


@pytest.mark.parametrize(
    "text", ["user", "user.nick", "a.b.c:d", "a:b:c", "user. nick:alias", " user:person", "user.:x"]
)
def test_rename_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CannotRunError, match=r"is not TABLE\.OLD:NEW"):
        Rename.parse(text)
