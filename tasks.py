"""The commands of this project: `invoke --list`."""

from alembic_lockstep.tasks import namespace

__all__ = ["namespace"]
