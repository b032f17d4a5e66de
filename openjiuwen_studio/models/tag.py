"""Tags and the workflows that carry them."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId


class Tag(Base):
    """One tag of a space."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("space_id", "tag_name"),)

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True)
    tag_name: Mapped[str] = mapped_column(String(100))
    tag_color: Mapped[str | None] = mapped_column(String(20))  # such as #FF5733
    is_active: Mapped[bool] = mapped_column(Boolean, index=True, default=True)
    usage_count: Mapped[int] = mapped_column(Integer, default=0)
    create_time: Mapped[int | None] = mapped_column(BigInteger)
    update_time: Mapped[int | None] = mapped_column(BigInteger)
    create_user: Mapped[str | None] = mapped_column(String(100))
    update_user: Mapped[str | None] = mapped_column(String(100))


class WorkflowTagAssociation(Base):
    """One tag on one version of a workflow."""

    __tablename__ = "workflow_tag_association"
    __table_args__ = (Index(None, "workflow_id", "workflow_version"),)

    workflow_id: Mapped[str] = mapped_column(
        String(100), ForeignKey("workflow.workflow_id", ondelete="CASCADE"), primary_key=True
    )
    workflow_version: Mapped[str] = mapped_column(String(100), primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigId, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True)
    create_time: Mapped[int | None] = mapped_column(BigInteger)
