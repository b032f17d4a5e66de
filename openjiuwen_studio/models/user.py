"""Users of the application."""

from sqlalchemy import JSON, BigInteger, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId, Json


class User(Base):
    """One user."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    user_id_str: Mapped[str] = mapped_column("user_id", String(100), unique=True, comment="user ID")
    email: Mapped[str] = mapped_column(String(128), unique=True, default="")
    user_unique_name: Mapped[str] = mapped_column(String(128), unique=True, default="")
    username: Mapped[str] = mapped_column("user_name", String(128), default="")
    password: Mapped[str] = mapped_column(String(128), default="")
    session_key: Mapped[str] = mapped_column(String(512), default="")
    refresh_token: Mapped[str | None] = mapped_column(String(512), server_default="")
    role_type: Mapped[int] = mapped_column(Integer, default=0)
    user_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
    description: Mapped[str | None] = mapped_column(String(512))
    avatar_url: Mapped[str | None] = mapped_column("icon_uri", String(512))
    locale: Mapped[str | None] = mapped_column(String(128))
    first_name: Mapped[str | None] = mapped_column(String(128))
    last_name: Mapped[str | None] = mapped_column(String(128))
    phone_number: Mapped[str | None] = mapped_column(String(128))
    company: Mapped[str | None] = mapped_column(String(128))
    occupation: Mapped[str | None] = mapped_column(String(512))
    skills: Mapped[Json | None] = mapped_column(JSON)
    _rest_: Mapped[Json | None] = mapped_column(JSON)
    user_create_time: Mapped[int | None] = mapped_column("create_time", BigInteger)
    user_update_time: Mapped[int | None] = mapped_column("update_time", BigInteger)
    user_deleted_time: Mapped[int | None] = mapped_column("delete_time", BigInteger)
