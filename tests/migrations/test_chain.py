from __future__ import annotations

from typing import TYPE_CHECKING

from upgrade.verdict import BAD

if TYPE_CHECKING:
    from upgrade.targets import Target
    from upgrade.twins import Twins
    from upgrade.verdict import Trip


def test_revision_goes_up_down_and_up(target: Target, revision: str, trip: Trip) -> None:
    verdict = next(each for each in trip.verdicts if each.revision == revision)
    lines = [f"{problem}\n    {verdict.path}:{problem.line}" for problem in verdict.problems]
    assert verdict.status not in BAD, "\n".join([f"{verdict.status} on {trip.server}", *lines])


def test_models_are_in_step_with_the_head(target: Target, trip: Trip) -> None:
    assert trip.models == [], trip.server
    assert trip.verdicts


def test_twins_agree(target: Target, twin: Target, pair: Twins) -> None:
    assert pair.compared
    for each in pair.problems:
        print(f"{each.verdict.revision} {each.verdict.path}", *(each.lines or [each.reason]), sep="\n    ")
    assert pair.problems == []


def test_every_data_case_belongs_to_a_revision(strays: list[str]) -> None:
    assert strays == []
