"""Prompts, their commits, their users' drafts, and debugging runs."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, ForeignKey, Integer, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.ops_models.base import Base, naive_utc_now
from openjiuwen_studio.types import BigId, Json


class PromptBasic(Base):
    """One prompt of a space."""

    __tablename__ = "prompt_basic"
    __table_args__ = (UniqueConstraint("space_id", "prompt_key", "deleted_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, comment="primary key ID")
    space_id: Mapped[int] = mapped_column(BigInteger, index=True, comment="space ID")
    prompt_key: Mapped[str] = mapped_column(String(128), default="", comment="prompt key")
    name: Mapped[str] = mapped_column(String(128), default="", comment="prompt name")
    description: Mapped[str] = mapped_column(String(1024), default="", comment="description")
    created_by: Mapped[str] = mapped_column(String(128), default="", comment="creator")
    updated_by: Mapped[str] = mapped_column(String(128), default="", comment="updater")
    latest_version: Mapped[str] = mapped_column(String(128), default="", comment="latest version")
    latest_commit_time: Mapped[datetime | None] = mapped_column(DateTime, comment="latest commit time")
    created_at: Mapped[datetime] = mapped_column(DateTime, default=func.now(), comment="creation time")
    updated_at: Mapped[datetime] = mapped_column(
        DateTime, default=func.now(), onupdate=func.now(), comment="update time"
    )
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime)


class PromptCommit(Base):
    """One committed version of a prompt."""

    __tablename__ = "prompt_commit"
    __table_args__ = (UniqueConstraint("space_id", "prompt_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[int] = mapped_column(BigInteger, default=0, comment="space ID")
    prompt_id: Mapped[int] = mapped_column(BigInteger, comment="prompt ID")
    prompt_key: Mapped[str] = mapped_column(String(128), default="", comment="prompt key")
    template_type: Mapped[str | None] = mapped_column(String(64), default="normal", comment="template type")
    messages: Mapped[str | None] = mapped_column(Text, comment="hosted message list")
    prompt_model_config: Mapped[str | None] = mapped_column(Text, comment="model config")
    variable_defs: Mapped[str | None] = mapped_column(Text, comment="variable definitions")
    tools: Mapped[str | None] = mapped_column(Text, comment="tools")
    tool_call_config: Mapped[str | None] = mapped_column(Text, comment="tool call config")
    version: Mapped[str] = mapped_column(String(128), default="", comment="version")
    base_version: Mapped[str] = mapped_column(String(128), default="", comment="source version")
    committed_by: Mapped[str] = mapped_column(String(128), default="", comment="committer")
    description: Mapped[str | None] = mapped_column(Text, comment="commit description")
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now(), comment="creation time")
    updated_at: Mapped[datetime] = mapped_column(
        DateTime, server_default=func.now(), onupdate=func.now(), comment="update time"
    )


class PromptUserDraft(Base):
    """One user's draft of a prompt."""

    __tablename__ = "prompt_user_draft"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[int] = mapped_column(BigInteger, default=0, comment="space ID")
    prompt_id: Mapped[int] = mapped_column(BigInteger, comment="prompt ID")
    user_id: Mapped[str] = mapped_column(String(128), default="", comment="user ID")
    template_type: Mapped[str | None] = mapped_column(String(64), default="Normal", comment="template type")
    messages: Mapped[str | None] = mapped_column(Text, comment="hosted message list")
    prompt_model_config: Mapped[str | None] = mapped_column(Text, comment="model config")
    variable_defs: Mapped[str | None] = mapped_column(Text, comment="variable definitions")
    tools: Mapped[str | None] = mapped_column(Text, comment="tools")
    tool_call_config: Mapped[str | None] = mapped_column(Text, comment="tool call config")
    base_version: Mapped[str] = mapped_column(String(128), default="", comment="version the draft is based on")
    is_draft_edited: Mapped[bool] = mapped_column(
        Boolean, default=False, comment="whether the draft content differs from the base version"
    )
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now(), comment="creation time")
    updated_at: Mapped[datetime] = mapped_column(
        DateTime, server_default=func.now(), onupdate=func.now(), comment="update time"
    )
    deleted_at: Mapped[int] = mapped_column(BigInteger, default=0, comment="deletion time")


class PromptDebugContext(Base):
    """The context in which a user debugs a prompt."""

    __tablename__ = "prompt_debug_context"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    prompt_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[str] = mapped_column(String(128))
    mock_contexts: Mapped[Json | None] = mapped_column(JSON)
    mock_variables: Mapped[Json | None] = mapped_column(JSON)
    mock_tools: Mapped[Json | None] = mapped_column(JSON)
    debug_config: Mapped[Json | None] = mapped_column(JSON)
    compare_config: Mapped[Json | None] = mapped_column(JSON)
    created_at: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[int] = mapped_column(BigInteger, default=0)


class PromptDebugLog(Base):
    """One debugging call of a prompt."""

    __tablename__ = "prompt_debug_log"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    prompt_id: Mapped[int] = mapped_column(BigInteger, index=True)
    space_id: Mapped[int] = mapped_column(BigInteger)
    prompt_key: Mapped[str] = mapped_column(String(128))
    version: Mapped[str] = mapped_column(String(128))
    input_tokens: Mapped[int | None] = mapped_column(BigInteger, default=0)
    output_tokens: Mapped[int | None] = mapped_column(BigInteger, default=0)
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    cost_ms: Mapped[int | None] = mapped_column(BigInteger)
    status_code: Mapped[int | None] = mapped_column(Integer)
    debugged_by: Mapped[str | None] = mapped_column(String(128), default="0")
    debug_id: Mapped[int] = mapped_column(BigInteger, index=True)
    debug_step: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[int] = mapped_column(BigInteger, default=0)


class PromptVersion(Base):
    """One numbered version of a prompt."""

    __tablename__ = "prompt_versions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(255), unique=True)
    prompt_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("prompt_basic.id"))
    version: Mapped[int | None] = mapped_column(Integer)
    content: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime | None] = mapped_column(DateTime, default=naive_utc_now)
    is_current: Mapped[bool | None] = mapped_column(Boolean, default=False)


class Prompt(Base):
    """One free-standing prompt."""

    __tablename__ = "prompts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str | None] = mapped_column(String(255), unique=True)
    content: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime | None] = mapped_column(DateTime, default=naive_utc_now)
    updated_at: Mapped[datetime | None] = mapped_column(DateTime, default=naive_utc_now, onupdate=naive_utc_now)
    is_deleted: Mapped[bool | None] = mapped_column(Boolean, default=False)
