"""What becomes of a change, judged without looking at how its script was made.

The database is brought up, down and up again, with rows. What the models mean is what `create_all` makes of them.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.change import Rename
from alembic_lockstep.errors import NeedsServerError
from tests.changes.kind import SQLITE, Kind, models

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from alembic_lockstep.schema.table import Column, Table


class Mark(StrEnum):
    """The outcome in one character."""

    WORKS = "●"
    FAILS = "◐"
    MISSED = "○"


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    Attributes:
        mark: in one character.
        reason: why it does not work; empty if it does.
    """

    mark: Mark
    reason: str = ""


class Migrations(Protocol):
    """What writes a script and runs it."""

    def connect(self, engine: sa.Engine) -> sa.Connection:
        """Return a connection to the database of an engine for migrations."""

    def prepare(self, connection: sa.Connection) -> None:
        """Bring an empty database to the models before."""

    def generate(self, connection: sa.Connection) -> bool:
        """Write the script for the change; return whether there is anything in it."""

    def upgrade(self, connection: sa.Connection) -> None:
        """Run the script's upgrade."""

    def downgrade(self, connection: sa.Connection) -> None:
        """Run its downgrade."""


class WrongError(Exception):
    """A step ended without an error, and in a wrong state."""


def dialect_of(engine: str) -> str:
    """Return the dialect of an engine."""
    return SQLITE if engine == SQLITE else "mysql"


@contextmanager
def database(engine: str, name: str, folder: Path) -> Iterator[sa.Engine]:
    """Give an empty database."""
    scratch = dialects.get(dialect_of(engine)).scratch
    with scratch.database(f"{dialect_of(engine)}_{name}", folder, lambda _text: None) as made:
        yield made.engine


def outcome(kind: Kind, engine: str, migrations: Migrations, folder: Path) -> Outcome:
    """Generate the script of a change, run it up, down and up, and return what became of it."""
    before, after = models(kind.before, engine), models(kind.after, engine)
    with ExitStack() as stack:
        own, other = (stack.enter_context(database(engine, name, folder)) for name in ("change", "models"))
        wanted = _wanted(after, kind, other)
        connection = stack.enter_context(migrations.connect(own))
        step = "first migration"
        try:
            migrations.prepare(connection)
            _insert(before, kind, connection)
            there, shared = _everything(connection), _shared(before, after, kind)
            rows = [each.rows(connection, after=False) for each in shared]
            step = "script"
            if not migrations.generate(connection):
                return Outcome(Mark.MISSED)
            step = "upgrade"
            migrations.upgrade(connection)
            reached = _everything(connection)
            _require(wanted, _lines(connection, _names(after, own)), "is not as the models are")
            _require_rows(rows, shared, connection, after=True)
            step = "downgrade"
            migrations.downgrade(connection)
            _require(there, _everything(connection), "does not lead back")
            _require_rows(rows, shared, connection, after=False)
            step = "second upgrade"
            migrations.upgrade(connection)
            _require(reached, _everything(connection), "does not lead to the same")
        except (Exception, NeedsServerError) as error:  # noqa: BLE001 - whatever a script raises
            connection.rollback()
            return Outcome(Mark.FAILS, f"{step}: {type(error).__name__}: {_text(error)}")
        return Outcome(Mark.WORKS)


def _text(error: BaseException) -> str:
    detail = getattr(error, "detail", ())
    return " | ".join([" ".join(str(error).split()), *map(str, detail)])[:2000]


def _wanted(metadata: sa.MetaData, kind: Kind, engine: sa.Engine) -> set[str]:
    """Return the schema that models stand for, with what raw SQL has made."""
    with engine.connect() as connection:
        metadata.create_all(connection)
        for statement in kind.sql:
            connection.exec_driver_sql(statement)
        connection.commit()
        return _lines(connection, _names(metadata, engine))


def _insert(metadata: sa.MetaData, kind: Kind, connection: sa.Connection) -> None:
    for table in sorted(kind.rows, key=list(metadata.tables).index):
        connection.execute(metadata.tables[table].insert(), list(kind.rows[table]))
    connection.commit()


# ---- Schema ----------------------------------------------------------------------------------------------------------


def _names(metadata: sa.MetaData, engine: sa.Engine) -> set[str]:
    """Return the names of the constraints and indexes to which models give one."""
    prepare = engine.dialect.identifier_preparer.format_constraint
    parts: list[Any] = [part for table in metadata.tables.values() for part in (*table.constraints, *table.indexes)]
    return {name.strip('`"') for part in parts if part.name is not None and (name := prepare(part))}


def _everything(connection: sa.Connection) -> set[str]:
    """Return the schema of a database, with all its names."""
    return _lines(connection, None)


def _lines(connection: sa.Connection, names: Collection[str] | None) -> set[str]:
    """Return the schema of a database, a line for each part; of names only those that are given."""
    found = dialects.get(connection.dialect.name).schema.snapshot(connection)
    connection.rollback()
    return {f"{name}: {line}" for name, table in found.tables.items() for line in _parts(table, names)}


def _parts(table: Table, names: Collection[str] | None) -> Iterator[str]:
    def known(name: str | None) -> str:
        return name or "" if names is None or name in names else ""

    yield f"table {table.options} {table.view} {table.definition} {table.primary_key}"
    yield from (f"column {name} {_same(column)!r}" for name, column in table.columns.items())
    yield from (f"unique {replace(key, name=known(key.name))}" for key in table.uniques)
    yield from (f"foreign key {replace(key, name=known(key.name))}" for key in table.foreign_keys)
    yield from (f"check {known(check.name)} {check.condition} {check.enforced}" for check in table.checks)
    yield from (
        f"index {known(name)} {replace(index, parts=(), condition='')}" for name, index in table.indexes.items()
    )
    yield from (f"trigger {name} {text}" for name, text in table.triggers.items())


def _same(column: Column) -> Column:
    """Return a column without what is written in two ways and means the same."""
    default = "CURRENT_TIMESTAMP" if column.default == "(now())" else column.default
    return replace(column, default=default, expression="")


def _require(expected: set[str], found: set[str], what: str) -> None:
    if expected != found:
        lines = [
            *(f"- {line}" for line in sorted(expected - found)),
            *(f"+ {line}" for line in sorted(found - expected)),
        ]
        raise WrongError(f"{what}: {'; '.join(lines)}")


# ---- Rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shared:
    """A table that is in the models before and after, with the columns whose values stay."""

    before: str
    after: str
    columns: tuple[tuple[str, str], ...]

    def rows(self, connection: sa.Connection, *, after: bool) -> list[tuple[str, ...]]:
        """Return the values of these columns as text, row by row."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(pair[after]) for pair in self.columns]
        rows = connection.execute(sa.select(*columns).select_from(sa.table(self.after if after else self.before))).all()
        connection.rollback()
        return sorted(tuple(map(str, row)) for row in rows)


def _shared(before: sa.MetaData, after: sa.MetaData, kind: Kind) -> list[Shared]:
    renames = [Rename.parse(text) for text in kind.rename]
    tables = {each.table: each.new for each in renames if each.old is None}
    columns: dict[tuple[str, Any], str] = {(each.table, each.old): each.new for each in renames}
    found = []
    for name, table in before.tables.items():
        other = after.tables.get(tables.get(name, name))
        if other is not None:
            pairs = [(key, columns.get((name, key), key)) for key in table.columns.keys()]  # noqa: SIM118
            kept = [pair for pair in pairs if pair[1] in other.columns and f"{name}.{pair[0]}" not in kind.rewritten]
            found.append(Shared(name, other.name, tuple(kept)))
    return found


def _require_rows(
    rows: list[list[tuple[str, ...]]], shared: list[Shared], connection: sa.Connection, *, after: bool
) -> None:
    """Raise WrongError unless the rows are all there, with the values of the columns that both have."""
    for before, each in zip(rows, shared, strict=True):
        now = each.rows(connection, after=after)
        if before != now:
            raise WrongError(f"rows of {each.before} were {before} and are {now}")
