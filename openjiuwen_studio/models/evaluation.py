"""Evaluations of agents and workflows: suites of tasks, their runs, and the graders that judge them."""

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openjiuwen_studio.models.base import Base
from openjiuwen_studio.types import BigId, Json, Passed


class Stamped:
    """When a row was created and last changed, in milliseconds since 1970; never NULL."""

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    create_time: Mapped[int] = mapped_column(BigInteger)
    update_time: Mapped[int] = mapped_column(BigInteger)


class Evaluation(Stamped, Base):
    """One suite of tasks."""

    __tablename__ = "evaluation"

    space_id: Mapped[str] = mapped_column(String(100), index=True)
    evaluation_id: Mapped[str] = mapped_column(String(100), unique=True)
    suite_name: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None] = mapped_column(String(512))
    runtime_params: Mapped[Json | None] = mapped_column("config", JSON)


class EvaluationTask(Stamped, Base):
    """One task of a suite."""

    __tablename__ = "evaluation_task"
    __table_args__ = (UniqueConstraint("task_id", "evaluation_id"),)

    evaluation_id: Mapped[str] = mapped_column(
        String(100), ForeignKey("evaluation.evaluation_id", ondelete="CASCADE"), index=True
    )
    task_id: Mapped[str] = mapped_column(String(100))
    task_name: Mapped[str] = mapped_column(String(255), index=True)
    trials: Mapped[int] = mapped_column(Integer, default=1)
    task_definition: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[str | None] = mapped_column(String(50))
    description: Mapped[str | None] = mapped_column(String(512))
    graders_config: Mapped[Json | None] = mapped_column(JSON)
    input_data: Mapped[Json | None] = mapped_column(JSON)
    expected_output: Mapped[Json | None] = mapped_column(JSON)
    tags: Mapped[Json | None] = mapped_column(JSON)
    pattern_type: Mapped[str | None] = mapped_column(String(50))
    pattern_types: Mapped[Json | None] = mapped_column(JSON)


class EvaluationRun(Stamped, Base):
    """One run of a suite against a version of an agent or a workflow."""

    __tablename__ = "evaluation_run"

    metrics: Mapped[Json | None] = mapped_column(JSON)
    workflow_id: Mapped[str | None] = mapped_column(String(100), index=True)
    evaluation_id: Mapped[str] = mapped_column(
        String(100), ForeignKey("evaluation.evaluation_id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(50), index=True)
    run_id: Mapped[str] = mapped_column(String(100), unique=True)
    workflow_version: Mapped[str | None] = mapped_column(String(100))
    agent_id: Mapped[str | None] = mapped_column(String(100), index=True)
    agent_version: Mapped[str | None] = mapped_column(String(100))
    start_time: Mapped[int | None] = mapped_column(BigInteger)
    end_time: Mapped[int | None] = mapped_column(BigInteger)


class EvaluationTaskResult(Base):
    """The result of one attempt at a task in a run."""

    __tablename__ = "evaluation_task_result"
    __table_args__ = (UniqueConstraint("run_id", "task_id", "trial_number", "perturbation_type"),)

    primary_id: Mapped[int] = mapped_column("id", BigId, primary_key=True)
    passed: Mapped[bool | None] = mapped_column(Passed)
    trial_number: Mapped[int] = mapped_column(Integer)
    run_id: Mapped[str] = mapped_column(
        String(100), ForeignKey("evaluation_run.run_id", ondelete="CASCADE"), index=True
    )
    result_id: Mapped[str] = mapped_column(String(100), unique=True)
    task_id: Mapped[str] = mapped_column(String(100), index=True)
    latency_ms: Mapped[int | None] = mapped_column(Integer)
    score: Mapped[float | None] = mapped_column(Float)
    trace_id: Mapped[str | None] = mapped_column(String(100))
    evaluator_output: Mapped[Json | None] = mapped_column("grader_results", JSON)
    token_usage: Mapped[Json | None] = mapped_column(JSON)
    error_message: Mapped[str | None] = mapped_column(Text)
    perturbation_type: Mapped[str | None] = mapped_column(String(50))
    reliability_score: Mapped[float | None] = mapped_column("confidence", Float)
    safety_severity: Mapped[float | None] = mapped_column(Float)
    action_sequence: Mapped[Json | None] = mapped_column(JSON)
    safety_violations: Mapped[Json | None] = mapped_column(JSON)
    start_time: Mapped[int | None] = mapped_column(BigInteger)
    end_time: Mapped[int | None] = mapped_column(BigInteger)
    create_time: Mapped[int] = mapped_column(BigInteger)


class Grader(Stamped, Base):
    """One judge of results."""

    __tablename__ = "grader"

    grader_id: Mapped[str] = mapped_column(String(100), unique=True)
    grader_name: Mapped[str] = mapped_column(String(255))
    grader_type: Mapped[str] = mapped_column(String(50), index=True)
    space_id: Mapped[str] = mapped_column(String(100), index=True)
    description: Mapped[str | None] = mapped_column(String(512))
    spec_config: Mapped[Json] = mapped_column("config", JSON)
