"""Executions of agents and workflows, each with its steps."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import DRAFT, Base
from openjiuwen_studio.types import BigId, Json, LongText


class AgentExecution(Base):
    """One execution of an agent."""

    __tablename__ = "agent_execution"
    __table_args__ = (
        Index(None, "agent_id", "agent_version"),
        Index(None, "space_id", "agent_id", "agent_version"),
        {"comment": "summary of one agent execution"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100))
    agent_id: Mapped[str] = mapped_column(String(100))
    agent_version: Mapped[str | None] = mapped_column(
        String(100), default=DRAFT, comment="agent version; draft if unset"
    )
    trace_id: Mapped[str] = mapped_column(String(100), unique=True, comment="trace ID of the execution")
    status: Mapped[str | None] = mapped_column(
        String(16), comment="one of finish / start / error / running / interrupted / unknown"
    )
    mode: Mapped[int | None] = mapped_column(Integer, comment="mode: 0 debug, 1 release")
    call_type: Mapped[str | None] = mapped_column(String(100), comment="type of the caller that started the execution")
    duration: Mapped[int | None] = mapped_column(Integer, comment="execution duration, ms")
    inputs: Mapped[Json | None] = mapped_column(JSON, comment="execution inputs")
    outputs: Mapped[Json | None] = mapped_column(JSON, comment="execution outputs")
    error_code: Mapped[int | None] = mapped_column(Integer, comment="error code")
    fail_reason: Mapped[str | None] = mapped_column(LongText, comment="failure reason")
    input_tokens: Mapped[int | None] = mapped_column(Integer, comment="input token count")
    output_tokens: Mapped[int | None] = mapped_column(Integer, comment="output token count")
    execute_info_list: Mapped[Json | None] = mapped_column(JSON, comment="execution info of the agent components")
    create_time: Mapped[datetime | None] = mapped_column(DateTime, comment="creation time")
    update_time: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now(), comment="update time")


class AgentExecutionDetails(Base):
    """One step of an agent's execution."""

    __tablename__ = "agent_execution_details"
    __table_args__ = ({"comment": "per-step details of one agent execution"},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    trace_id: Mapped[str] = mapped_column(String(100), ForeignKey("agent_execution.trace_id"), index=True)
    invoke_id: Mapped[str] = mapped_column(String(100))
    start_time: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    end_time: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    inputs: Mapped[Json | None] = mapped_column(JSON)
    outputs: Mapped[Json | None] = mapped_column(JSON)
    input_tokens: Mapped[int | None] = mapped_column(Integer, comment="input token count")
    output_tokens: Mapped[int | None] = mapped_column(Integer, comment="output token count")
    error: Mapped[Json] = mapped_column(JSON)
    parent_invoke_id: Mapped[str | None] = mapped_column(String(100))
    child_invokes_id: Mapped[Json | None] = mapped_column(JSON)
    invoke_type: Mapped[str | None] = mapped_column(String(100), comment="invoke type")
    name: Mapped[str | None] = mapped_column(String(255), comment="name of the execution")
    elapsed_time: Mapped[str | None] = mapped_column(String(100), comment="elapsed time")
    meta_data: Mapped[Json | None] = mapped_column(JSON, comment="LLM function tools and token info")
    agent_parent_invoke_id: Mapped[str | None] = mapped_column(
        String(100), comment="reserved: nested agents (future agent nodes)"
    )
    _rest_: Mapped[Json | None] = mapped_column(JSON)


class WorkflowExecution(Base):
    """One execution of a workflow."""

    __tablename__ = "workflow_execution"
    __table_args__ = (
        Index(None, "space_id", "workflow_id", "workflow_version"),
        Index(None, "workflow_id", "workflow_version"),
        {"comment": "summary of one workflow execution"},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[str] = mapped_column(String(100))
    workflow_id: Mapped[str] = mapped_column(String(100))
    workflow_version: Mapped[str | None] = mapped_column(
        String(100), default=DRAFT, comment="workflow version; draft if unset"
    )
    trace_id: Mapped[str] = mapped_column(String(100), index=True, comment="trace ID of the execution")
    status: Mapped[str | None] = mapped_column(
        String(16), comment="one of finish / start / error / running / interrupted / unknown"
    )
    mode: Mapped[int] = mapped_column(Integer, default=0, comment="mode: 0 debug, 1 release, 2 node debug")
    call_type: Mapped[str | None] = mapped_column(String(100), comment="type of the caller that started the execution")
    execution_id: Mapped[str | None] = mapped_column(String(100), comment="ID of the user running the workflow")
    duration: Mapped[int | None] = mapped_column(Integer, comment="execution duration, ms")
    inputs: Mapped[Json | None] = mapped_column(JSON, comment="execution inputs")
    outputs: Mapped[Json | None] = mapped_column(JSON, comment="execution outputs")
    error_code: Mapped[int | None] = mapped_column(Integer, comment="error code")
    fail_reason: Mapped[str | None] = mapped_column(LongText, comment="failure reason")
    input_tokens: Mapped[int | None] = mapped_column(Integer, comment="input token count")
    output_tokens: Mapped[int | None] = mapped_column(Integer, comment="output token count")
    execute_info_list: Mapped[Json | None] = mapped_column(JSON, comment="execution info of the workflow components")
    agent_execution_detail_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("agent_execution_details.id"), unique=True, comment="link to agent_execution_details.id"
    )
    create_time: Mapped[datetime | None] = mapped_column(DateTime, comment="creation time")
    update_time: Mapped[datetime | None] = mapped_column(DateTime, server_default=func.now(), comment="update time")


class WorkflowExecutionDetails(Base):
    """One step of a workflow's execution."""

    __tablename__ = "workflow_execution_details"
    __table_args__ = ({"comment": "per-step details of one workflow execution"},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    workflow_execution_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("workflow_execution.id"), index=True)
    invoke_id: Mapped[str] = mapped_column(String(100))
    start_time: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    end_time: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    inputs: Mapped[Json | None] = mapped_column(JSON)
    outputs: Mapped[Json | None] = mapped_column(JSON)
    input_tokens: Mapped[int | None] = mapped_column(Integer, comment="input token count")
    output_tokens: Mapped[int | None] = mapped_column(Integer, comment="output token count")
    error: Mapped[Json] = mapped_column(JSON)
    parent_invoke_id: Mapped[str | None] = mapped_column(String(100))
    child_invokes_id: Mapped[Json | None] = mapped_column(JSON)
    on_invoke_data: Mapped[Json] = mapped_column(
        JSON, default=list, comment="intermediate process info, records the component execution time"
    )
    component_id: Mapped[str] = mapped_column(String(100), default="")
    component_name: Mapped[str] = mapped_column(String(255), default="")
    component_type: Mapped[str] = mapped_column(String(100), default="")
    agent_parent_invoke_id: Mapped[str] = mapped_column(
        String(100), default="", comment="reserved: nested workflows (future workflow nodes)"
    )
    meta_data: Mapped[str | None] = mapped_column(LongText)
    loop_node_id: Mapped[str | None] = mapped_column(String(100))
    loop_index: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str | None] = mapped_column(
        String(16), comment="one of finish / start / error / running / interrupted / unknown"
    )
    llm_invoke_data: Mapped[Json] = mapped_column(JSON, default=dict)
    parent_node_id: Mapped[str] = mapped_column(String(100), default="")
    _rest_: Mapped[Json | None] = mapped_column(JSON)
