"""Chains of revisions written as files, each with an alembic.ini of its own, and their round trip."""

from __future__ import annotations

import textwrap
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.project import chain
from alembic_lockstep.project.targets import Target
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.scratch import ScratchDatabase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alembic_lockstep.roundtrip.results import ChainResult


@dataclass(frozen=True)
class Revision:
    """A revision to write.

    Attributes:
        id: its id.
        up: the body of its upgrade.
        down: the body of its downgrade.
        top: what stands above its functions, such as a declaration.
    """

    id: str
    up: str = "pass"
    down: str = "pass"
    top: str = ""

    def text(self, parent: str | None) -> str:
        """Return the text of its file."""
        up, down = (textwrap.indent(textwrap.dedent(body).strip(), "    ") for body in (self.up, self.down))
        return (
            f'"""feat: {self.id}"""\n\nimport datetime\n\nimport sqlalchemy as sa\nfrom alembic import op\n'
            "from sqlalchemy.dialects import mysql\n\n"
            f"revision = {self.id!r}\ndown_revision = {parent!r}\n{self.top}\n\n"
            f"def upgrade() -> None:\n{up}\n\n\ndef downgrade() -> None:\n{down}\n"
        )


def write(folder: Path, dialect: str, database: str, revisions: Sequence[Revision]) -> Target:
    """Write a chain into a folder, and an alembic.ini that declares it; return its target."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    parent = None
    for revision in revisions:
        (versions / f"feat_{revision.id}.py").write_text(revision.text(parent), encoding="utf-8")
        parent = revision.id
    ini = folder / "alembic.ini"
    ini.write_text(
        "[DEFAULT]\nscript_location = %(here)s\npath_separator = os\n"
        f"[alembic_{dialect}_{database}]\nversion_locations = %(here)s/versions\nmodels = zoo:Base\nurl = zoo:url\n",
        encoding="utf-8",
    )
    return Target(
        ini=ini, name=f"{dialect}_{database}", dialect=dialect, database=database, versions=versions,
        models="zoo:Base", url="zoo:url", ignored_tables=frozenset(),
    )  # fmt: skip


def round_trip(target: Target, folder: Path, only: str = "", *, data: bool = True) -> ChainResult:
    """Take a whole chain up, down and up again on a scratch database.

    Args:
        target: the chain's.
        folder: where scratch files go.
        only: the one revision that is tested; empty for all.
        data: with rows in the tables.
    """
    scratch = ScratchDatabase(target, chain.load(target), options(target), folder, lambda _text: None, data=data)
    with closing(scratch):
        trip = RoundTrip(scratch)
        return trip.run([each for each in trip.revisions if only in {"", each.revision}])
