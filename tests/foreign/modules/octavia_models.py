"""Octavia's models, and the base of them, which is in another module."""

from octavia.db import models
from octavia.db.base_models import BASE

__all__ = ["BASE", "models"]
