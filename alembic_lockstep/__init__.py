"""Alembic in lockstep: one model change, one tested migration for every database.

The map of the package; each room says in its own first lines what belongs there. Imports go down this list, never up.

tasks, sessions, plugin   the Invoke collection, the Nox sessions, the pytest plugin
cli                       how a command is called: flags, exit codes, errors in words
commands                  one module a command, in the user's own process, which never imports models
reports                   what people and machines read
workers                   child processes, each with the DB_TYPE of one dialect
environment               the env.py and the script template of plain Alembic
autogenerate              a script from models and chain, and its proof
roundtrip                 revisions up, down and up again with rows
live                      databases that people depend on
comparison                models against a schema
execution                 how revisions run: in memory, on scratch databases, live
project                   targets, models, chains, revision files, the workspace
dialects                  what differs between dialects
servers                   MySQL and MariaDB servers for scratch databases
memory_mysql              a MySQL server in memory, which keeps schemas but stores no rows
schema                    a schema as data
errors, progress, compat  what users are told; what long work reports; private names of Alembic and SQLAlchemy

Revisions may import `rewrite`, `has_column` and `has_index` from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic_lockstep.execution.batches import has_column, has_index, rewrite

__all__ = ["has_column", "has_index", "rewrite"]


def __getattr__(name: str) -> Any:
    """Import what revisions use when they use it: commands that do not run any start without Alembic."""
    if name in __all__:
        from alembic_lockstep.execution import batches

        return getattr(batches, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
