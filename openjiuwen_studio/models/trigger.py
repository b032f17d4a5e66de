"""Triggers that start agents and workflows, and when they fired."""

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base, EpochTimes
from openjiuwen_studio.types import BigId, Json


class Trigger(EpochTimes, Base):
    """One trigger of a space."""

    __tablename__ = "trigger"
    __table_args__ = (
        Index(None, "space_id", "trigger_type"),
        Index(None, "target_type", "target_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(64), index=True)
    create_user: Mapped[str | None] = mapped_column(String(64))
    update_user: Mapped[str | None] = mapped_column(String(64))
    trigger_id: Mapped[str] = mapped_column(String(36), unique=True)  # a UUID, referred to by other rows
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(String(2000))
    trigger_type: Mapped[str] = mapped_column(String(32))  # cron, webhook or polling
    target_type: Mapped[str] = mapped_column(String(32))  # agent or workflow
    target_id: Mapped[str] = mapped_column(String(64))
    target_version: Mapped[str] = mapped_column(String(64), default=DRAFT)
    input_payload: Mapped[Json | None] = mapped_column(JSON)  # the inputs of each start
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
    config: Mapped[Json | None] = mapped_column(JSON)  # of its type
    webhook_token: Mapped[str | None] = mapped_column(String(128), unique=True)  # the secret in a webhook's URL
    scheduler_job_id: Mapped[str | None] = mapped_column(String(255))


class TriggerExecutionLog(EpochTimes, Base):
    """One time that a trigger fired."""

    __tablename__ = "trigger_execution_log"
    __table_args__ = (Index(None, "trigger_id", "started_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(64), index=True)
    trigger_id: Mapped[str] = mapped_column(String(36), index=True)  # of a trigger that may be gone
    trace_id: Mapped[str | None] = mapped_column(String(36), index=True)  # of an execution that may be gone
    conversation_id: Mapped[str | None] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(32), default="running")  # running, success, error or skipped
    fired_by: Mapped[str | None] = mapped_column(String(32))  # scheduler, webhook, poll or manual
    trigger_type: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    inputs_snapshot: Mapped[Json | None] = mapped_column(JSON)
    outputs: Mapped[Json | None] = mapped_column(JSON)
    error_message: Mapped[str | None] = mapped_column(Text)
    poll_hash_seen: Mapped[str | None] = mapped_column(String(128))  # of the content that made a poll fire
