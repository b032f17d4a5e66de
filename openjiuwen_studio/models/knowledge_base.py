"""Knowledge bases, their documents and web links."""

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId, Json


class KnowledgeBase(Base):
    """One knowledge base of a space."""

    __tablename__ = "knowledge_base"
    __table_args__ = (
        Index(None, "space_id", "kb_id"),
        {"comment": "knowledge bases: basic information"},
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True, comment="space ID, multi-tenant isolation")
    kb_id: Mapped[str] = mapped_column(String(100), unique=True, comment="knowledge base ID, unique")
    name: Mapped[str] = mapped_column(String(100), comment="knowledge base name")
    description: Mapped[str | None] = mapped_column(Text, comment="knowledge base description")
    index_manager_type: Mapped[str | None] = mapped_column(
        String(200), comment="which index backend is used: Chroma or Milvus"
    )
    embedding_model_config_id: Mapped[int | None] = mapped_column(
        Integer, index=True, comment="embedding model config ID; chosen at KB creation, immutable afterwards"
    )
    config: Mapped[Json | None] = mapped_column(JSON, comment="knowledge base config")
    ds_kb_id: Mapped[str | None] = mapped_column(
        String(100), comment="DeepSearch knowledge base ID; links the Studio KB to the DS KB"
    )
    _rest_: Mapped[Json | None] = mapped_column(JSON, comment="extension field, holds otherwise undefined data")
    create_time: Mapped[int | None] = mapped_column(BigInteger, comment="creation time")
    update_time: Mapped[int | None] = mapped_column(BigInteger, comment="update time")


class KnowledgeBaseDocument(Base):
    """One document of a knowledge base."""

    __tablename__ = "knowledge_base_document"
    __table_args__ = (
        Index(None, "space_id", "kb_id"),
        Index(None, "space_id", "kb_id", "doc_id"),
        {"comment": "knowledge base documents: document metadata"},
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True, comment="space ID, multi-tenant isolation")
    kb_id: Mapped[str] = mapped_column(String(100), index=True, comment="knowledge base ID")
    doc_id: Mapped[str] = mapped_column(String(100), unique=True, comment="document ID, unique")
    name: Mapped[str] = mapped_column(String(500), comment="document name (file name)")
    file_path: Mapped[str] = mapped_column(String(1000), comment="storage path of the document on the server")
    obs_name: Mapped[str] = mapped_column(String(1000), server_default="", comment="OBS object path inside the bucket")
    file_size: Mapped[int | None] = mapped_column(BigInteger, comment="file size (bytes)")
    file_type: Mapped[str | None] = mapped_column(String(50), comment="file type (pdf, docx, txt ...)")
    mime_type: Mapped[str | None] = mapped_column(String(100), comment="MIME type")
    status: Mapped[str] = mapped_column(String(50), index=True, default="uploading", comment="document status")
    index_manager_type: Mapped[str | None] = mapped_column(
        String(200), comment="which index backend is used: Chroma or Milvus"
    )
    index_id: Mapped[str | None] = mapped_column(String(200), comment="index ID in ES")
    index_name: Mapped[str | None] = mapped_column(String(200), comment="ES index name")
    chunk_count: Mapped[int | None] = mapped_column(BigInteger, default=0, comment="chunk count of the document")
    process_info: Mapped[Json | None] = mapped_column(JSON, comment="processing info (error, progress ...)")
    doc_metadata: Mapped[Json | None] = mapped_column(
        "metadata", JSON, comment="document metadata (author, tags, custom fields ...)"
    )
    _rest_: Mapped[Json | None] = mapped_column(JSON, comment="extension field")
    create_time: Mapped[int | None] = mapped_column(BigInteger, comment="creation time")
    update_time: Mapped[int | None] = mapped_column(BigInteger, comment="update time")
    indexed_time: Mapped[int | None] = mapped_column(BigInteger, comment="index completion time")


class KnowledgeBaseWeblink(Base):
    """One web link of a knowledge base."""

    __tablename__ = "knowledge_base_weblink"
    __table_args__ = (
        Index(None, "space_id", "kb_id"),
        Index(None, "space_id", "kb_id", "weblink_id"),
        {"comment": "knowledge base web links: link metadata"},
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True, comment="space ID, multi-tenant isolation")
    kb_id: Mapped[str] = mapped_column(String(100), index=True, comment="knowledge base ID")
    weblink_id: Mapped[str] = mapped_column(String(100), unique=True, comment="link ID, unique")
    url: Mapped[str] = mapped_column(Text, comment="source URL")
    name: Mapped[str] = mapped_column(String(500), comment="display name (may become the page title after parsing)")
    source_type: Mapped[str | None] = mapped_column(String(50), comment="web_page or wechat_article")
    status: Mapped[str] = mapped_column(String(50), index=True, default="uploaded", comment="link status")
    index_manager_type: Mapped[str | None] = mapped_column(
        String(200), comment="which index backend is used: Chroma or Milvus"
    )
    index_id: Mapped[str | None] = mapped_column(String(200), comment="index ID")
    index_name: Mapped[str | None] = mapped_column(String(200), comment="index name")
    chunk_count: Mapped[int | None] = mapped_column(BigInteger, default=0, comment="chunk count")
    process_info: Mapped[Json | None] = mapped_column(JSON, comment="processing info (error, progress, task_id ...)")
    doc_metadata: Mapped[Json | None] = mapped_column("metadata", JSON, comment="metadata")
    _rest_: Mapped[Json | None] = mapped_column(JSON, comment="extension field")
    create_time: Mapped[int | None] = mapped_column(BigInteger, comment="creation time")
    update_time: Mapped[int | None] = mapped_column(BigInteger, comment="update time")
    indexed_time: Mapped[int | None] = mapped_column(BigInteger, comment="index completion time")
