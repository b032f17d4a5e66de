"""References between agents, workflows and plugins."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base, EpochTimes
from openjiuwen_studio.types import BigId


class Reference(EpochTimes, Base):
    """One version of an object that refers to a version of another."""

    __tablename__ = "reference"
    __table_args__ = (
        UniqueConstraint(
            "space_id",
            "referenced_type",
            "referenced_id",
            "referenced_version",
            "referer_type",
            "referer_id",
            "referer_version",
        ),
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100))
    referenced_type: Mapped[str] = mapped_column(String(20))
    referenced_id: Mapped[str] = mapped_column(String(100))
    referenced_version: Mapped[str] = mapped_column(String(100), default=DRAFT)
    referer_type: Mapped[str] = mapped_column(String(20))
    referer_id: Mapped[str] = mapped_column(String(100))
    referer_version: Mapped[str] = mapped_column(String(100), default=DRAFT)
