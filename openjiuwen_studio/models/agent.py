"""Agents: the editable draft, its published versions, and the workflows that it uses."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base, EpochTimes
from openjiuwen_studio.types import BigId, Json


class AgentFields(EpochTimes):
    """Columns that the draft of an agent and its published versions share."""

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100))
    agent_name: Mapped[str | None] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(String(2000))
    agent_type: Mapped[str | None] = mapped_column(String(100))
    icon: Mapped[str | None] = mapped_column(String(100))
    edit_mode: Mapped[str | None] = mapped_column(String(100))
    prompt_template_name: Mapped[str | None] = mapped_column(String(100))
    auto_generated_prompt: Mapped[str | None] = mapped_column(String(2000))
    opening_remarks: Mapped[str | None] = mapped_column(String(2000))
    default_response: Mapped[str | None] = mapped_column(String(2000))
    configs: Mapped[Json | None] = mapped_column(JSON)
    plugins: Mapped[Json | None] = mapped_column(JSON)
    workflows: Mapped[Json | None] = mapped_column(JSON)
    model_id: Mapped[int | None] = mapped_column(Integer)
    agent_model_config: Mapped[Json | None] = mapped_column(JSON)
    prompt_template: Mapped[Json | None] = mapped_column(JSON)
    constraint: Mapped[Json | None] = mapped_column(JSON)
    prompt_tuning: Mapped[Json | None] = mapped_column(JSON)
    triggers: Mapped[Json | None] = mapped_column(JSON)
    knowledge: Mapped[Json | None] = mapped_column(JSON)
    memory: Mapped[Json | None] = mapped_column(JSON)
    _rest_: Mapped[Json | None] = mapped_column(JSON)


class Agent(AgentFields, Base):
    """The draft of one agent."""

    __tablename__ = "agent"
    __table_args__ = (UniqueConstraint("agent_id", "agent_version"),)

    agent_id: Mapped[str] = mapped_column(String(100), unique=True)
    agent_version: Mapped[str | None] = mapped_column(String(100), default=DRAFT)
    latest_publish_time: Mapped[int | None] = mapped_column(BigInteger)
    latest_publish_version: Mapped[str | None] = mapped_column(String(100))


class AgentPublish(AgentFields, Base):
    """One published version of an agent."""

    __tablename__ = "agent_publish"
    __table_args__ = (UniqueConstraint("agent_id", "agent_version"),)

    agent_id: Mapped[str] = mapped_column(String(100), ForeignKey("agent.agent_id"), index=True)
    agent_version: Mapped[str] = mapped_column(String(100))
    version_description: Mapped[str | None] = mapped_column(String(255))


class AgentWorkflowRelation(EpochTimes, Base):
    """One version of an agent that uses one version of a workflow."""

    __tablename__ = "agent_workflow_relation"
    __table_args__ = (
        UniqueConstraint("space_id", "agent_id", "agent_version", "workflow_id", "workflow_version"),
        Index(None, "space_id", "agent_id", "agent_version"),
        Index(None, "space_id", "workflow_id", "workflow_version"),
    )

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100))
    agent_id: Mapped[str] = mapped_column(String(100))
    agent_version: Mapped[str] = mapped_column(String(100))
    workflow_id: Mapped[str] = mapped_column(String(100))
    workflow_version: Mapped[str] = mapped_column(String(100))
