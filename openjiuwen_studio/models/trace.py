"""Traces of executions, the same for agents and workflows."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId, Json, LongText


class TraceSummary(Base):
    """One traced execution."""

    __tablename__ = "trace_summary"
    __table_args__ = ({"comment": "execution summary table"},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str] = mapped_column(String(100), comment="space ID")
    business_id: Mapped[str] = mapped_column(String(100), comment="business ID (workflow_id or agent_id)")
    business_type: Mapped[str] = mapped_column(String(20), comment="business type (WORKFLOW / AGENT)")
    business_version: Mapped[str | None] = mapped_column(String(100), comment="business version, empty for drafts")
    trace_id: Mapped[str] = mapped_column(String(100), comment="execution trace ID")
    mode: Mapped[int] = mapped_column(Integer, comment="mode: 0 debug, 1 release, 2 node debug")
    call_type: Mapped[str | None] = mapped_column(String(100), comment="caller type")
    duration: Mapped[int | None] = mapped_column(Integer, comment="execution duration (ms)")
    status: Mapped[str | None] = mapped_column(
        String(16), comment="status: finish/start/error/running/interrupted/unknown"
    )
    input_tokens: Mapped[int | None] = mapped_column(Integer, comment="input token count")
    output_tokens: Mapped[int | None] = mapped_column(Integer, comment="output token count")
    inputs: Mapped[Json | None] = mapped_column(JSON, comment="execution inputs")
    outputs: Mapped[Json | None] = mapped_column(JSON, comment="execution outputs")
    execute_info_list: Mapped[Json | None] = mapped_column(JSON, comment="execution info list of workflow components")
    error_code: Mapped[int | None] = mapped_column(Integer, comment="error code")
    fail_reason: Mapped[str | None] = mapped_column(LongText, comment="failure reason")
    create_time: Mapped[datetime | None] = mapped_column(DateTime, comment="creation time")
    update_time: Mapped[datetime | None] = mapped_column(DateTime, comment="update time")


class TraceDetail(Base):
    """One span of a trace."""

    __tablename__ = "trace_detail"
    __table_args__ = ({"comment": "unified execution trace table"},)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, comment="primary key ID")
    space_id: Mapped[str] = mapped_column(String(100), comment="space ID")
    business_id: Mapped[str] = mapped_column(String(100), comment="business ID (workflow_id or agent_id)")
    business_type: Mapped[str] = mapped_column(String(20), comment="business type (WORKFLOW / AGENT)")
    trace_id: Mapped[str] = mapped_column(String(100), comment="trace ID, unique per execution")
    span_id: Mapped[str] = mapped_column(String(100), comment="span ID, unique per execution unit")
    span_type: Mapped[str] = mapped_column(String(512), comment="span type (e.g. prompt_executor)")
    span_name: Mapped[str] = mapped_column(String(255), comment="span name (e.g. llm_completion)")
    parent_span_id: Mapped[str | None] = mapped_column(String(100), comment="parent span ID, supports nested calls")
    method: Mapped[str | None] = mapped_column(String(10), comment="HTTP method (e.g. POST)")
    psm: Mapped[str | None] = mapped_column(String(100), comment="service instance (e.g. IP address)")
    logid: Mapped[str | None] = mapped_column(String(100), comment="log ID")
    platform_type: Mapped[str | None] = mapped_column(String(50), comment="platform type (e.g. prompt)")
    start_time_micros: Mapped[int | None] = mapped_column(BigInteger, comment="start timestamp, microseconds")
    end_time_micros: Mapped[int | None] = mapped_column(BigInteger, comment="end timestamp, microseconds")
    status_code: Mapped[str | None] = mapped_column(String(20), comment="status code ('0' = success)")
    input: Mapped[str | None] = mapped_column(LongText, comment="input data")
    output: Mapped[str | None] = mapped_column(LongText, comment="output data")
    attributes: Mapped[Json | None] = mapped_column(JSON, comment="extended attributes object")
