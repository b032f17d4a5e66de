"""Where agents, plugins and workflows run."""

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Index, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId


class RuntimeInfo(Base):
    """One running instance."""

    __tablename__ = "runtime_info"
    __table_args__ = (
        Index(None, "space_id", "source_id"),
        Index(None, "type", "status"),
        {"comment": "runtime info: deployment/run state of agents, plugins, workflows"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deployment_id: Mapped[str | None] = mapped_column(
        String(100), unique=True, comment="deployment ID, identifies one runtime instance"
    )
    space_id: Mapped[str] = mapped_column(String(100), index=True, comment="space ID")
    source_id: Mapped[str] = mapped_column(
        String(100), index=True, comment="ID of the source agent / plugin / workflow"
    )
    version: Mapped[str | None] = mapped_column(String(255), index=True, comment="version")
    type: Mapped[str | None] = mapped_column(String(50), comment="type: agent / plugin / workflow")
    name: Mapped[str | None] = mapped_column(String(255), comment="runtime name")
    status: Mapped[str | None] = mapped_column(String(50), comment="status: PENDING/RUNNING/STOPED/FAILED (sic)")
    url: Mapped[str | None] = mapped_column(String(512), comment="access URL")
    port: Mapped[int | None] = mapped_column(Integer, comment="port")
    is_delete: Mapped[bool] = mapped_column(Boolean, default=False, comment="deleted flag")
    create_at: Mapped[datetime] = mapped_column(DateTime, default=func.now(), comment="creation time")
    update_at: Mapped[datetime] = mapped_column(
        DateTime, server_default=func.now(), onupdate=func.now(), comment="update time"
    )
