"""Where prompts are used."""

from sqlalchemy import Boolean, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base, EpochTimes
from openjiuwen_studio.types import BigId


class PromptRelation(EpochTimes, Base):
    """One version of a prompt linked with an agent, a workflow or another prompt."""

    __tablename__ = "prompt_relation"
    __table_args__ = (UniqueConstraint("prompt_id", "prompt_version", "aw_id", "aw_version"),)

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str | None] = mapped_column(String(100), index=True)
    prompt_id: Mapped[str | None] = mapped_column(String(100))
    prompt_version: Mapped[str | None] = mapped_column(String(100))
    prompt_name: Mapped[str | None] = mapped_column(String(255))
    id: Mapped[str | None] = mapped_column(
        "aw_id", String(100), comment="ID of the workflow/agent linked with the prompt"
    )
    version: Mapped[str | None] = mapped_column("aw_version", String(100), comment="version of the workflow/agent IR")
    name: Mapped[str | None] = mapped_column("aw_name", String(255), comment="name of the workflow/agent IR")
    type: Mapped[str | None] = mapped_column(String(100), comment="kind of linked object: AGENT / WORKFLOW / PROMPT")
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
