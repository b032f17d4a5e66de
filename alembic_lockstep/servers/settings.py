"""The environment variables that choose a server for scratch databases."""

from __future__ import annotations

GIVEN = "MIGRATION_MYSQL_URL"
"""The URL of a server that the user provides."""
IMAGE = "MIGRATION_SERVER_IMAGE"
"""The Docker image that a command makes its workers use, and nothing else."""
