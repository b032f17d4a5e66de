"""Configurations of the models a space can call, and the record of the calls."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, Float, ForeignKey, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import Json


class ModelConfig(Base):
    """One language model that a space has configured."""

    __tablename__ = "model_configs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    space_id: Mapped[str] = mapped_column(String(50), index=True)
    provider: Mapped[str] = mapped_column(String(50), index=True)  # openai, anthropic, deepseek, qwen ...
    model_type: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[Json | None] = mapped_column(JSON, default=list)
    api_key: Mapped[str | None] = mapped_column(Text)  # stored encrypted
    base_url: Mapped[str | None] = mapped_column(String(500))
    is_active: Mapped[bool | None] = mapped_column(Boolean, index=True, default=True)
    parameters: Mapped[Json | None] = mapped_column(JSON, default=dict)  # temperature, max_tokens ...
    timeout: Mapped[int | None] = mapped_column(Integer, default=60)  # seconds
    retry_count: Mapped[int | None] = mapped_column(Integer, default=3)
    enable_streaming: Mapped[bool | None] = mapped_column(Boolean, default=True)
    enable_function_calling: Mapped[bool | None] = mapped_column(Boolean, default=False)
    total_requests: Mapped[int | None] = mapped_column(Integer, default=0)
    total_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    total_cost: Mapped[float | None] = mapped_column(Float, default=0.0)
    success_rate: Mapped[float | None] = mapped_column(Float, default=0.0)
    avg_response_time: Mapped[float | None] = mapped_column(Float, default=0.0)
    last_used: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    daily_requests: Mapped[int | None] = mapped_column(Integer, default=0)
    daily_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    daily_cost: Mapped[float | None] = mapped_column(Float, default=0.0)
    monthly_requests: Mapped[int | None] = mapped_column(Integer, default=0)
    monthly_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    monthly_cost: Mapped[float | None] = mapped_column(Float, default=0.0)
    is_system_model: Mapped[bool | None] = mapped_column(Boolean, server_default="0")  # comes with the installation
    system_model_id: Mapped[int | None] = mapped_column(Integer, index=True)
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class EmbeddingModelConfig(Base):
    """One embedding model that a space has configured."""

    __tablename__ = "embedding_model_configs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    model_name: Mapped[str] = mapped_column(String(100), index=True)
    space_id: Mapped[str] = mapped_column(String(50), index=True)
    protocol: Mapped[str] = mapped_column(String(50), index=True)  # openai
    model_id: Mapped[str] = mapped_column(String(100))  # the name of the model at its provider
    api_key: Mapped[str | None] = mapped_column(Text)  # stored encrypted
    api_base: Mapped[str] = mapped_column(String(500))
    max_batch_size: Mapped[int] = mapped_column(Integer, default=8)
    is_active: Mapped[bool | None] = mapped_column(Boolean, index=True, default=True)
    is_system_model: Mapped[bool | None] = mapped_column(Boolean, server_default="0")  # comes with the installation
    system_model_id: Mapped[int | None] = mapped_column(Integer, index=True)
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class VlmModelConfig(Base):
    """One vision model that a space has configured."""

    __tablename__ = "vlm_model_configs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    space_id: Mapped[str] = mapped_column(String(50), index=True)
    provider: Mapped[str] = mapped_column(String(50), index=True)
    model_id: Mapped[str] = mapped_column(String(100), index=True)
    api_key: Mapped[str | None] = mapped_column(Text)
    base_url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[Json | None] = mapped_column(JSON, default=list)
    timeout: Mapped[int] = mapped_column(Integer, default=60)
    retry_count: Mapped[int] = mapped_column(Integer, default=3)
    is_active: Mapped[bool | None] = mapped_column(Boolean, index=True, default=True)
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class ModelUsageLog(Base):
    """One call of a configured language model."""

    __tablename__ = "model_usage_logs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    model_config_id: Mapped[int] = mapped_column(Integer, ForeignKey("model_configs.id"), index=True)
    prompt_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    total_tokens: Mapped[int | None] = mapped_column(Integer, default=0)
    cost: Mapped[float | None] = mapped_column(Float, default=0.0)
    response_time: Mapped[float | None] = mapped_column(Float, default=0.0)  # seconds
    success: Mapped[bool | None] = mapped_column(Boolean, default=True)
    error_message: Mapped[str | None] = mapped_column(Text)
    ip_address: Mapped[str | None] = mapped_column(String(45))  # an IPv6 address fits
    user_agent: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(100), index=True)
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True, server_default=func.now())
