"""Alembic in lockstep: one model change, and a tested migration for each database.

A target is one database on one dialect: a section of alembic.ini. Its chain is the ordered revisions in its folder.
Twins are targets of the same database on different dialects. A proof runs a newly generated revision up, down and up on
a scratch database, which is deleted afterwards; a round trip does so for any revisions. A live database is the one that
the application uses.

The map of the package, with its subpackages, called rooms. A room may import only rooms below it; each says more in its
own docstring.

tasks, sessions, plugin  the entry points of Invoke, Nox and pytest: what they offer, and nothing of how
cli            how a command or a pytest case is called: Invoke tasks with their flags, pytest items, exit codes
commands       what a command decides in the process that the user started, without importing models, Alembic or
               SQLAlchemy: which targets, whether the arguments suit them, which requests go to workers, whether
               generated scripts are moved into the chains
reports        results formatted for people and machines: console, HTML page, JSON, GitHub
workers        the child processes: which targets share one, how they start, get requests and return results
environment    env.py, which runs plain Alembic's command on the target of a section, and the script template
autogenerate   from a difference to a script: order of operations, foreign keys, renames, drops, rendering, warnings,
               and the proof of the script
roundtrip      revisions tested up, down and up with rows on scratch databases: making rows, comparing them, verdicts,
               data cases, and twins compared at each revision
live           upgrade, downgrade, their previews and status of live databases: their URL, their revision, their lock
comparison     models compared with the schema of a database: Alembic's comparators, ours, and operations in words
execution      how a revision is run, whatever the database: Alembic's context, a chain up and down on a connection, the
               tables before the first revision, replay in memory, rows rewritten in batches
project        what a project consists of: targets, models, chains, revision files, change messages such as
               `feat: add invoices`, the workspace, drafts
dialects       what differs between dialects, used by all rooms above: comparison, schema, scratch, rows, live
servers        MySQL and MariaDB servers for scratch databases: given, in Docker, or private
memory_mysql   a MySQL server in memory, which `dialects` uses to replay MySQL chains: statements, keys, defaults
schema         schemas as plain data: SQL tokens, CREATE statements parsed into tables, differences of two schemas
errors, progress, compat  exceptions meant for users; progress as data; private names of Alembic and SQLAlchemy
column_types   the column type that scripts have for one that only the application knows

Revisions may import from this package: the functions `rewrite` (rows in batches), `has_column` and `has_index`, and the
column type `DDLType`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic_lockstep.column_types import DDLType
    from alembic_lockstep.execution.batches import has_column, has_index, rewrite

__all__ = ["DDLType", "has_column", "has_index", "rewrite"]


def __getattr__(name: str) -> Any:
    """Import what revisions use when they use it: commands that do not run any start without Alembic."""
    if name in __all__:
        from alembic_lockstep import column_types
        from alembic_lockstep.execution import batches

        return getattr(column_types if name == "DDLType" else batches, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
