"""Spaces: the tenants that own everything else."""

from sqlalchemy import JSON, BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId, Json


class Space(Base):
    """One space."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str] = mapped_column(String(100), unique=True)
    user_id_str: Mapped[str] = mapped_column("owner_id", String(100), index=True)
    spacename: Mapped[str | None] = mapped_column("space_name", String(200))
    icon_url: Mapped[str | None] = mapped_column("icon_uri", String(200))
    creator_id_str: Mapped[str | None] = mapped_column("creator_id", String(100), index=True)
    description: Mapped[str | None] = mapped_column(String(2000))
    _rest_: Mapped[Json | None] = mapped_column(JSON)
    space_create_time: Mapped[int | None] = mapped_column("create_time", BigInteger)
    space_update_time: Mapped[int | None] = mapped_column("update_time", BigInteger)
    space_deleted_time: Mapped[int | None] = mapped_column("delete_time", BigInteger)


class SpaceUser(Base):
    """One user's membership of a space."""

    __tablename__ = "space_user"
    __table_args__ = (UniqueConstraint("space_id", "user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str] = mapped_column(String(100), comment="space ID")
    user_id_str: Mapped[str] = mapped_column("user_id", String(100), index=True, comment="user ID")
    user_create_time: Mapped[int | None] = mapped_column("created_time", BigInteger)
    user_update_time: Mapped[int | None] = mapped_column("update_time", BigInteger)
