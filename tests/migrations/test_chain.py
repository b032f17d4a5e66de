from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upgrade.roundtrip import Verdicts
    from upgrade.targets import Target


def test_revision_goes_up_down_and_up(target: Target, revision: str, verdicts: Verdicts) -> None:
    assert verdicts.revisions.get(revision, ["not reached: an earlier revision failed"]) == [], verdicts.server


def test_models_are_in_step_with_the_head(target: Target, verdicts: Verdicts) -> None:
    assert verdicts.models == [], verdicts.server
    assert verdicts.revisions
