"""What a worker returns about a change is the same when it comes out of JSON."""

import json
from dataclasses import asdict

from alembic_lockstep.autogenerate.change import Drop, GenerationResult, GenerationStatus
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
