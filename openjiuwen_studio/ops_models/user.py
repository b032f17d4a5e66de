"""Users of the prompt workshop."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.ops_models.base import Base, naive_utc_now
from openjiuwen_studio.types import BigId


class User(Base):
    """One user."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    name: Mapped[str] = mapped_column(String(128), default="", comment="user nickname")
    unique_name: Mapped[str] = mapped_column(String(128), default="", comment="user unique name")
    email: Mapped[str] = mapped_column(String(128), default="", comment="email")
    mobile: Mapped[int] = mapped_column(Integer, default=0, comment="mobile")
    password: Mapped[str] = mapped_column(String(128), default="", comment="password (encrypted)")
    description: Mapped[str] = mapped_column(String(512), default="", comment="user description")
    icon_uri: Mapped[str] = mapped_column(String(512), default="", comment="avatar URI")
    user_verified: Mapped[bool] = mapped_column(Boolean, default=False, comment="user verification status")
    country_code: Mapped[int] = mapped_column(BigInteger, default=0, comment="country code")
    session_key: Mapped[str] = mapped_column(String(512), default="", comment="session key")
    deleted_at: Mapped[int] = mapped_column(BigInteger, default=0, comment="deletion time")
    created_at: Mapped[datetime] = mapped_column(DateTime, default=naive_utc_now)
    updated_at: Mapped[datetime] = mapped_column(DateTime, default=naive_utc_now, onupdate=naive_utc_now)
