"""Plugins: the editable draft, its published versions, and the tools that it offers."""

from sqlalchemy import JSON, Boolean, ForeignKey, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base, EpochTimes
from openjiuwen_studio.types import BigId, Json


class PluginFields(EpochTimes):
    """Columns that the draft of a plugin and its published versions share."""

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    name: Mapped[str | None] = mapped_column("plugin_name", String(255))
    desc: Mapped[str | None] = mapped_column(String(512))
    desc_mk: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(512))
    space_id: Mapped[str | None] = mapped_column(String(100), index=True)
    icon_uri: Mapped[str | None] = mapped_column(String(512))
    plugin_type: Mapped[int] = mapped_column(Integer, default=0)
    tools: Mapped[Json | None] = mapped_column(JSON)
    inputs: Mapped[Json | None] = mapped_column(JSON)
    auth: Mapped[Json | None] = mapped_column(JSON)
    _rest_: Mapped[Json | None] = mapped_column(JSON)


class Plugin(PluginFields, Base):
    """The draft of one plugin."""

    __tablename__ = "plugin"
    __table_args__ = (UniqueConstraint("plugin_id", "plugin_version"),)

    plugin_id: Mapped[str] = mapped_column(String(100), unique=True)
    plugin_version: Mapped[str | None] = mapped_column(String(100), default=DRAFT)


class PluginPublish(PluginFields, Base):
    """One published version of a plugin."""

    __tablename__ = "plugin_publish"
    __table_args__ = (UniqueConstraint("plugin_id", "plugin_version"),)

    plugin_id: Mapped[str] = mapped_column(String(100), ForeignKey("plugin.plugin_id", ondelete="CASCADE"), index=True)
    plugin_version: Mapped[str] = mapped_column(String(100))
    version_desc: Mapped[str | None] = mapped_column(String(512))


class Tool(EpochTimes, Base):
    """One tool that a plugin offers."""

    __tablename__ = "tool"
    __table_args__ = (
        UniqueConstraint("tool_id", "plugin_version"),
        ForeignKeyConstraint(
            ["plugin_id", "plugin_version"], ["plugin.plugin_id", "plugin.plugin_version"], ondelete="CASCADE"
        ),
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    tool_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str | None] = mapped_column("tool_name", String(255))
    desc: Mapped[str | None] = mapped_column(String(512))
    space_id: Mapped[str | None] = mapped_column(String(100), index=True)
    plugin_id: Mapped[str] = mapped_column(String(100))
    plugin_type: Mapped[int] = mapped_column(Integer, default=0)
    plugin_version: Mapped[str | None] = mapped_column(String(100), default=DRAFT)
    input_parameters: Mapped[Json | None] = mapped_column(JSON)
    output_parameters: Mapped[Json | None] = mapped_column(JSON)
    available: Mapped[bool] = mapped_column(Boolean, default=False)
    _rest_: Mapped[Json | None] = mapped_column(JSON)
