"""Alembic's own errors, raised by Alembic on a real chain, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.util import CommandError

from alembic_lockstep import compat
from alembic_lockstep.execution.alembic_errors import words
from alembic_lockstep.project import chain
from tests.support import chains

if TYPE_CHECKING:
    from pathlib import Path

NO_REVISION = (
    "Give an id or at least its first four characters, `head`, `base`, or a number of revisions such as +1 or -1."
)
OUTSIDE = "is not in the chain: it leads beyond its first or its last revision."


@pytest.mark.parametrize(
    ("step", "at", "asked", "told"),
    [
        ("upgrade", None, "+5", "there are fewer than 5 revisions left to apply. `head` goes to the last one."),
        ("upgrade", "feed3", "+1", "there is no revision left to apply. `head` goes to the last one."),
        ("upgrade", "feed2", "-1", "-1 leads down: that is for invoke downgrade."),
        ("upgrade", None, "+0", "0 revisions are nowhere to go."),
        ("upgrade", None, "beef", f"the chain has no revision beef. {NO_REVISION}"),
        ("upgrade", None, "feed", "several revisions begin with feed: feed1, feed2, feed3. Give more of the id."),
        ("upgrade", None, "feed3+1", f"feed3+1 {OUTSIDE}"),
        ("upgrade", None, "feed3-9", f"feed3-9 {OUTSIDE}"),
        ("downgrade", "feed2", "-3", "there are fewer than 3 revisions applied. `base` takes back all of them."),
        ("downgrade", None, "-1", "there is no revision applied. `base` takes back all of them."),
        ("downgrade", "feed2", "+1", "+1 leads up: that is for invoke upgrade."),
        ("downgrade", "feed2", "beef", f"the chain has no revision beef. {NO_REVISION}"),
        ("downgrade", "feed2", "feed3-9", f"feed3-9 {OUTSIDE}"),
        ("downgrade", "feed2", "feed3",
         "feed3 is not below the revision that the database is at; a downgrade cannot go there."),
    ],
)  # fmt: skip
def test_error_of_alembic_is_told_in_words(tmp_path: Path, step: str, at: str | None, asked: str, told: str) -> None:
    revisions = [chains.Revision(name) for name in ("feed1", "feed2", "feed3")]
    target = chains.write(tmp_path, "sqlite", "shop", revisions)
    steps = compat.upgrade_steps if step == "upgrade" else compat.downgrade_steps
    with pytest.raises((CommandError, AssertionError)) as refused:
        steps(chain.load(target), asked, (at,) if at else ())
    assert words(refused.value, target, asked, step) == f"sqlite_shop: {told}"
