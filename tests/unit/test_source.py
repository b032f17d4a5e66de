from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.project import revision_file
from tests.support.chains import Revision

if TYPE_CHECKING:
    from pathlib import Path

UP = """
op.add_column(
    "user",
    sa.Column("nick", sa.String(20)),
)
op.execute("UPDATE user SET nick = name")
"""


@pytest.mark.parametrize(
    ("step", "words", "expected"),
    [
        ("upgrade", ("nick", "user"), 'sa.Column("nick", sa.String(20)),'),
        ("upgrade", ("nickname", "user"), '"user",'),
        ("upgrade", ("nickname",), "def upgrade() -> None:"),
        ("second upgrade", ("name",), 'op.execute("UPDATE user SET nick = name")'),
        ("downgrade", ("nick", "user"), 'op.drop_column("user", "nick")'),
        ("downgrade", ("", "post"), "def downgrade() -> None:"),
        ("", ("lossy",), 'lossy = "nobody needs it"'),
    ],
)
def test_line_that_is_to_blame(tmp_path: Path, step: str, words: tuple[str, ...], expected: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        Revision("a1", UP, 'op.drop_column("user", "nick")', 'lossy = "nobody needs it"').text(None), encoding="utf-8"
    )
    line = revision_file.line_of(path, step, *words)
    assert path.read_text(encoding="utf-8").splitlines()[line - 1].strip() == expected


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("feat_status_4b4d.py", "feat_status"),
        ("4b4d_feat_status.py", "feat_status"),
        ("feat_4b4d_4b4d.py", "feat_4b4d"),
        ("other.py", "other"),
        ("4b4d.py", ""),
    ],
)
def test_slug_is_the_name_without_the_id(name: str, slug: str) -> None:
    assert revision_file.slug(f"upgrade/versions/{name}", "4b4d") == slug
