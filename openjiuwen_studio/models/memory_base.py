"""Memory bases."""

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId


class MemoryBase(Base):
    """One memory base of a space."""

    __tablename__ = "memory_base"
    __table_args__ = (
        Index(None, "space_id", "mdb_id"),
        {"comment": "memory bases: basic information"},
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True, comment="space ID, multi-tenant isolation")
    mdb_id: Mapped[str] = mapped_column(String(100), unique=True, comment="memory base ID, unique")
    name: Mapped[str] = mapped_column(String(100), comment="memory base name")
    description: Mapped[str] = mapped_column(String(100), comment="memory base description")
    embedding_model_config_id: Mapped[int] = mapped_column(Integer, index=True, comment="embedding model config ID")
    llm_model_config_id: Mapped[int] = mapped_column(Integer, index=True, comment="embedding model config ID")
    create_time: Mapped[int] = mapped_column(BigInteger, comment="creation time")
    update_time: Mapped[int] = mapped_column(BigInteger, comment="update time")
