"""Prompt optimisation jobs."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import DECIMAL, JSON, DateTime, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.ops_models.base import Base
from openjiuwen_studio.types import BigId, Json, MediumText


class JobUserInfo(Base):
    """One optimisation job of a user."""

    __tablename__ = "job_user_info"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    job_id: Mapped[str] = mapped_column(String(128), comment="job ID")
    space_id: Mapped[str] = mapped_column(String(128), comment="space ID")
    user_id: Mapped[str] = mapped_column(String(128), comment="user ID")
    name: Mapped[str | None] = mapped_column(String(64), comment="job name")
    desc: Mapped[str | None] = mapped_column(String(256), comment="job description")
    raw_templates: Mapped[str | None] = mapped_column("rawTemplates", Text, comment="original prompt")
    best_templates: Mapped[str | None] = mapped_column("bestTemplates", Text, comment="best prompt")
    best_iteration: Mapped[int | None] = mapped_column("bestIteration", Integer, comment="best iteration number")
    time_cost: Mapped[int | None] = mapped_column("timeCost", Integer, comment="job duration in seconds")
    history: Mapped[Json | None] = mapped_column(JSON, comment="history records")
    success_rate: Mapped[Decimal | None] = mapped_column(DECIMAL(5, 4), comment="best success rate")
    progress_rate: Mapped[Decimal | None] = mapped_column(DECIMAL(5, 4), comment="job progress")
    optimize_info: Mapped[str | None] = mapped_column("optimizeInfo", MediumText, comment="optimisation config")
    model_info: Mapped[str | None] = mapped_column("modelInfo", Text, comment="tuning LLM config")
    assistant_info: Mapped[str | None] = mapped_column("assistantInfo", Text, comment="assistant model config")
    agent_tools: Mapped[str | None] = mapped_column("agentTools", Text, comment="tuning tools")
    status: Mapped[str | None] = mapped_column(String(64), comment="job status: running, finished, failed")
    error_msg: Mapped[str | None] = mapped_column("errorMsg", Text, comment="job error message")
    is_deleted: Mapped[int] = mapped_column(Integer, default=0, comment="deleted flag: 1 deleted, 0 valid")
    created_at: Mapped[datetime] = mapped_column(DateTime, default=func.now(), comment="creation time")
    updated_at: Mapped[datetime] = mapped_column(
        DateTime, default=func.now(), onupdate=func.now(), comment="update time"
    )


class JobUserDraft(Base):
    """One optimisation job that a user has not started yet."""

    __tablename__ = "job_user_draft"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str] = mapped_column(String(128), comment="space ID")
    user_id: Mapped[str] = mapped_column(String(128), comment="user ID")
    name: Mapped[str | None] = mapped_column(String(64), comment="job name")
    desc: Mapped[str | None] = mapped_column(String(256), comment="job description")
    raw_templates: Mapped[str | None] = mapped_column("rawTemplates", Text, comment="original template")
    optimize_info: Mapped[str | None] = mapped_column("optimizeInfo", MediumText, comment="optimisation config")
    model_info: Mapped[str | None] = mapped_column("modelInfo", Text, comment="tuning LLM config")
    assistant_info: Mapped[str | None] = mapped_column("assistantInfo", Text, comment="tuning LLM config")
    agent_tools: Mapped[str | None] = mapped_column("agentTools", Text, comment="tuning tools")
    is_deleted: Mapped[int] = mapped_column(Integer, comment="draft deleted flag: 1 deleted, 0 valid")
    created_at: Mapped[datetime] = mapped_column(DateTime, default=func.now(), comment="creation time")
    updated_at: Mapped[datetime] = mapped_column(
        DateTime, default=func.now(), onupdate=func.now(), comment="update time"
    )
