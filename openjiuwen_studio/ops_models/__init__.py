"""The models of the ops database. Every module is imported here, so that the metadata of `Base` is complete."""

from openjiuwen_studio.ops_models import job, prompt, user
from openjiuwen_studio.ops_models.base import Base

__all__ = ["Base", "job", "prompt", "user"]
