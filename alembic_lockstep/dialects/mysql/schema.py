"""How the schema of a MySQL or MariaDB database is read: SHOW CREATE TABLE, one query for a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lockstep.dialects import base
from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.schema import ddl
from alembic_lockstep.schema.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from alembic_lockstep.schema.snapshot import Parts

NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\d+(?=[^\n]*$)")
"""In SHOW CREATE TABLE: data, not schema."""
DEFINER = re.compile(r" DEFINER=\S+")
FIRST_WORD = re.compile(
    r"(?i)(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(alter|analyze|begin|commit|create|delete|desc|describe|drop|explain|insert|lock|"
    r"release|rename|replace|rollback|savepoint|select|set|show|start|table|truncate|unlock|update|use|values|with)\b",
    re.DOTALL,
)
"""How statements begin that name each table that they touch; a CALL does not."""
TRIGGER = re.compile(r"(?i)\b(create|drop)\b[^(]*(?<!`)\btrigger\b(?!`)")
"""A statement that makes or drops a trigger; a table that is called so is quoted."""
LISTED = re.compile(r"(?i)\b(create|drop|rename)\b")
"""What is in a statement after which there can be other tables."""


class Schema(base.Schema):
    """MySQL and MariaDB."""

    def snapshot(
        self, connection: sa.Connection, before: Snapshot | None = None, statements: Iterable[str] = ()
    ) -> Snapshot:
        executed = list(statements)
        if before is None or not all(FIRST_WORD.match(statement) for statement in executed):
            before, executed, everything = Snapshot(), [], True
        else:
            everything = False
        tables = dict(before.tables)
        if everything or any(LISTED.search(statement) for statement in executed):
            there = connection.exec_driver_sql("SHOW FULL TABLES").all()  # MariaDB lists temporary ones, too
            tables = {
                str(name): tables.get(name, {})
                for name, kind in there
                if name != ddl.VERSION_TABLE and "TEMPORARY" not in kind
            }
        touched = set(tables)
        if not everything:
            known = Snapshot({**before.tables, **tables}).names()
            named = {name for each in set(executed) for name in ddl.names(each, known, backslashes=True)}
            # What a rename changes stands in the foreign keys of children, too.
            touched = Snapshot(tables).with_children(named) & tables.keys()
            touched |= {name for name, parts in tables.items() if not parts}
        for name in touched:
            tables[name] = _described(connection, name)
        if everything or any(TRIGGER.search(statement) for statement in executed) or before.triggers():
            _read_triggers(connection, tables)
        return Snapshot(tables)


def _described(connection: sa.Connection, name: str) -> Parts:
    row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted(connection, name)}").one()
    text = str(row[1])
    if text.startswith("CREATE TABLE"):
        return ddl.table(NEXT_NUMBER.sub("", text), backslashes=True)
    database = connection.dialect.identifier_preparer.quote_identifier(connection.engine.url.database or "")
    return {"": {"view": DEFINER.sub("", text).replace(f"{database}.", "")}}


def _read_triggers(connection: sa.Connection, tables: dict[str, Parts]) -> None:
    query = (
        "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT "
        "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    )
    found: dict[str, Parts] = {}
    for table, name, *definition in connection.exec_driver_sql(query):
        found.setdefault(table, {})[f"trigger {name}"] = {"definition": " ".join(definition)}
    for name, parts in tables.items():
        had = {part: attributes for part, attributes in parts.items() if part.startswith("trigger ")}
        if had != found.get(name, {}):
            tables[name] = {**{part: each for part, each in parts.items() if part not in had}, **found.get(name, {})}
