"""MySQL and MariaDB servers for scratch databases.

server       a server, and how it is reached
finding      which server to use, and which are running
docker, local, keeper, common   servers that this tool starts and keeps running between commands
scratch      scratch databases on a server

What is run on them does not belong here, nor does anything about live databases.
"""

from __future__ import annotations

from alembic_lockstep.servers.finding import GIVEN, IMAGE, find, running, stop
from alembic_lockstep.servers.scratch import PREFIX, scratch_database, sweep
from alembic_lockstep.servers.server import Server, reason

__all__ = ["GIVEN", "IMAGE", "PREFIX", "Server", "find", "reason", "running", "scratch_database", "stop", "sweep"]
