"""Chains of two or three revisions, for the round trip and for the tools that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support import chains

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

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
        also: words that all stand in another of the problems.
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
    also: tuple[str, ...] = ()
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
        """Write the chain into a folder and return its target."""

        def body(text: str) -> str:
            return text.replace("{collation}", COLLATION[dialect])

        before = [
            chains.Revision(name, body(up), body(down)) for name, (up, down) in zip(self.ids, self.before, strict=False)
        ]
        last = chains.Revision(self.last, body(self.upgrade), body(self.downgrade), body(self.top))
        return chains.write(folder, dialect, "zoo", [*before, last])
