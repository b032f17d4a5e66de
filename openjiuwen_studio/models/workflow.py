"""Workflows: the editable draft and its published versions."""

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base, EpochTimes
from openjiuwen_studio.types import BigId, Json, LongText


class WorkflowFields(EpochTimes):
    """Columns that the draft of a workflow and its published versions share."""

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    name: Mapped[str | None] = mapped_column("workflow_name", String(255))
    desc: Mapped[str | None] = mapped_column("description", String(512))
    space_id: Mapped[str | None] = mapped_column(String(100), index=True)
    url: Mapped[str | None] = mapped_column(String(512))
    icon_uri: Mapped[str | None] = mapped_column(String(255))
    schema: Mapped[str | None] = mapped_column(LongText)
    input_parameters: Mapped[Json | None] = mapped_column(JSON)
    output_parameters: Mapped[Json | None] = mapped_column(JSON)
    _rest_: Mapped[Json | None] = mapped_column(JSON)
    object_key: Mapped[str | None] = mapped_column(String(512))


class Workflow(WorkflowFields, Base):
    """The draft of one workflow."""

    __tablename__ = "workflow"
    __table_args__ = (UniqueConstraint("workflow_id", "workflow_version"),)

    workflow_id: Mapped[str] = mapped_column(String(100), unique=True)
    workflow_version: Mapped[str | None] = mapped_column(String(100), default=DRAFT)
    latest_publish_time: Mapped[int | None] = mapped_column(BigInteger)
    latest_publish_version: Mapped[str | None] = mapped_column(String(100))


class WorkflowPublish(WorkflowFields, Base):
    """One published version of a workflow."""

    __tablename__ = "workflow_publish"
    __table_args__ = (UniqueConstraint("workflow_id", "workflow_version"),)

    workflow_id: Mapped[str] = mapped_column(String(100), ForeignKey("workflow.workflow_id"), index=True)
    workflow_version: Mapped[str] = mapped_column(String(100))
    version_description: Mapped[str | None] = mapped_column(String(255))
