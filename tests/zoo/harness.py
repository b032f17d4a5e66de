"""Chains of two or three revisions, written as files, for the round trip and for the tools that it is compared with."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alembic_lockstep.project.targets import Target

if TYPE_CHECKING:
    from pathlib import Path

DIALECTS = ("sqlite", "mysql")
COLLATION = {"sqlite": "NOCASE", "mysql": "utf8mb4_bin"}

USER_AND_POST = (
    """
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(50), server_default="x", nullable=False, comment="what it is called"),
        sa.Column("email", sa.String(100), nullable=True),
        sa.Column("status", sa.String(20), server_default="active", nullable=True),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=True),
        sa.CheckConstraint("age <> 13", name="ck_user_age"),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("email", name="uq_user_email"),
        comment="people",
    )
    op.create_index("ix_user_status", "user", ["status", "name"])
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_post_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
    )
    op.create_index("ix_post_user", "post", ["user_id"])
    """,
    """
    op.drop_table("post")
    op.drop_table("user")
    """,
)
"""The first revision of a case that has no other: the bodies of its upgrade and downgrade."""


@dataclass(frozen=True)
class Case:
    """Revisions behind a first one, of which the last is wrong or right.

    Attributes:
        name: what it is about.
        upgrade: the body of the last revision's upgrade; `{collation}` is one of the dialect's.
        downgrade: the body of its downgrade.
        finds: words that all stand in one of the problems that are found; empty for a right one.
        only: the dialect, where it can be on one alone.
        before: bodies of the revisions before, upgrade and downgrade.
        top: what stands at the top of the last revision's file, such as a declaration.
        status: the verdict of a right one.
        lacks: a server that has no such thing, such as mariadb.
    """

    name: str
    upgrade: str
    downgrade: str = "pass"
    finds: tuple[str, ...] = ()
    only: str = ""
    before: tuple[tuple[str, str], ...] = (USER_AND_POST,)
    top: str = ""
    status: str = "lossless"
    lacks: str = ""
    ids: tuple[str, ...] = field(default=("a1", "b2", "c3", "d4"))

    @property
    def dialects(self) -> tuple[str, ...]:
        """Where the case can be."""
        return (self.only,) if self.only else DIALECTS

    @property
    def last(self) -> str:
        """The id of the last revision."""
        return self.ids[len(self.before)]

    def write(self, folder: Path, dialect: str) -> Target:
        """Write the chain into a folder of versions and return its target."""
        versions = folder / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        bodies = [*self.before, (self.upgrade, self.downgrade)]
        for number, (up, down) in enumerate(bodies):
            parent = repr(self.ids[number - 1]) if number else None
            top = self.top if number == len(bodies) - 1 else ""
            text = script(self.ids[number], parent, up, down, top).replace("{collation}", COLLATION[dialect])
            (versions / f"feat_{self.ids[number]}.py").write_text(text, encoding="utf-8")
        return target(folder, dialect, "zoo")


def script(revision: str, parent: str | None, up: str, down: str, top: str = "") -> str:
    """Return the text of a revision's file."""
    indented = [textwrap.indent(textwrap.dedent(body).strip(), "    ") for body in (up, down)]
    return (
        f'"""feat: {revision}"""\n\nimport datetime\n\nimport sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import mysql\n\n'
        f"revision = {revision!r}\ndown_revision = {parent}\n{top}\n\n"
        f"def upgrade() -> None:\n{indented[0]}\n\n\ndef downgrade() -> None:\n{indented[1]}\n"
    )


def target(folder: Path, dialect: str, database: str) -> Target:
    """Return a target for the versions in a folder, with an alembic.ini of its own."""
    ini = folder / "alembic.ini"
    ini.write_text(
        "[DEFAULT]\nscript_location = %(here)s\npath_separator = os\n"
        f"[alembic_{dialect}_{database}]\nversion_locations = %(here)s/versions\nmodels = zoo:Base\nurl = zoo:url\n",
        encoding="utf-8",
    )
    return Target(
        ini=ini, name=f"{dialect}_{database}", dialect=dialect, database=database, versions=folder / "versions",
        models="zoo:Base", url="zoo:url", ignored_tables=frozenset(),
    )  # fmt: skip
