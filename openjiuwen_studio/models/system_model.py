"""Models that come with the installation, for every space to use."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import Json


class SystemEmbeddingModel(Base):
    """One embedding model of the installation."""

    __tablename__ = "system_embedding_model"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    model_name: Mapped[str] = mapped_column(String(100), unique=True)
    protocol: Mapped[str] = mapped_column(String(50), index=True)
    model_id: Mapped[str] = mapped_column(String(100))
    api_key: Mapped[str | None] = mapped_column(Text)  # stored encrypted
    api_base: Mapped[str] = mapped_column(String(500))
    max_batch_size: Mapped[int] = mapped_column(Integer, default=8)
    is_active: Mapped[bool | None] = mapped_column(Boolean, index=True, server_default="1")
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class SystemLlmModel(Base):
    """One language model of the installation."""

    __tablename__ = "system_llm_model"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    provider: Mapped[str] = mapped_column(String(50), index=True)
    model_type: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    api_key: Mapped[str | None] = mapped_column(Text)  # stored encrypted
    base_url: Mapped[str | None] = mapped_column(String(500))
    is_active: Mapped[bool | None] = mapped_column(Boolean, index=True, server_default="1")
    parameters: Mapped[Json | None] = mapped_column(JSON, default=dict)  # temperature, max_tokens ...
    timeout: Mapped[int | None] = mapped_column(Integer, default=60)  # seconds
    created_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )
