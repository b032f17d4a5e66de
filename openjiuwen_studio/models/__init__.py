"""The models of the agent database. Every module is imported here, so that the metadata of `Base` is complete."""

from openjiuwen_studio.models import (
    agent,
    evaluation,
    execution,
    knowledge_base,
    memory_base,
    model_config,
    plugin,
    prompt,
    reference,
    runtime,
    space,
    system_model,
    tag,
    trace,
    trigger,
    user,
    workflow,
)
from openjiuwen_studio.models.base import Base

__all__ = [
    "Base",
    "agent",
    "evaluation",
    "execution",
    "knowledge_base",
    "memory_base",
    "model_config",
    "plugin",
    "prompt",
    "reference",
    "runtime",
    "space",
    "system_model",
    "tag",
    "trace",
    "trigger",
    "user",
    "workflow",
]
