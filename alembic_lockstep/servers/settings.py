"""The environment variables that choose a server for scratch databases, and that ask for one."""

from __future__ import annotations

import os

GIVEN = "MIGRATION_MYSQL_URL"
"""The URL of a server that the user provides."""
IMAGE = "MIGRATION_SERVER_IMAGE"
"""The Docker image that a command makes its workers use, and nothing else."""


def in_ci() -> bool:
    """Return whether this is a CI run, where what needs a server must have one: CI is set, and does not say no."""
    return os.environ.get("CI", "").strip().lower() not in {"", "0", "false", "no", "off"}
