"""The two sides of a comparison: a database in memory and one on a real engine, with the same operations on both."""

from __future__ import annotations

import re
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import mysql

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.column_types import DDLType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target


@dataclass(frozen=True)
class Found:
    """What autogenerate finds, as a revision would have it."""

    upgrade: str
    downgrade: str

    def __str__(self) -> str:
        return f"upgrade:\n{textwrap.indent(self.upgrade, '  ')}\ndowngrade:\n{textwrap.indent(self.downgrade, '  ')}"


NOTHING = Found("pass", "pass")


class Side:
    """One database."""

    def __init__(self, target: Target, connection: sa.Connection) -> None:
        self.target, self.connection = target, connection

    @property
    def is_mariadb(self) -> bool:
        return bool(getattr(self.connection.dialect, "is_mariadb", False))

    def common(self, found: Found) -> Found:
        """Return what is found in words that MySQL and MariaDB share."""
        return Found(*(_common(text) for text in (found.upgrade, found.downgrade))) if self.is_mariadb else found

    def find(self, models: sa.MetaData) -> Found:
        """Compare the database with models, as `invoke migration` does."""
        settings = options(self.target, models)
        with dialects.get(self.target.dialect).comparison.rendering(self.connection):
            return self._find(models, settings)

    def _find(self, models: sa.MetaData, settings: dict[str, Any]) -> Found:
        context = MigrationContext.configure(self.connection, opts=settings)
        script = produce_migrations(context, models)
        settings["process_revision_directives"](context, (), [script])
        self.connection.rollback()
        assert script.upgrade_ops is not None
        assert script.downgrade_ops is not None
        batch = settings["render_as_batch"]
        texts = [
            render_python_code(
                ops, render_as_batch=batch, migration_context=context, render_item=settings["render_item"]
            )
            for ops in (script.upgrade_ops, script.downgrade_ops)
        ]
        return Found(*(_body(text) for text in texts))

    def apply(self, body: str, models: sa.MetaData | None = None) -> None:
        """Run the body of a revision's function."""
        context = MigrationContext.configure(self.connection, opts=options(self.target, models))
        with Operations.context(context):
            from alembic import op

            exec(body, {"op": op, "sa": sa, "mysql": mysql, "DDLType": DDLType})
        self.connection.commit()

    def schema(self) -> dict[str, Any]:
        """Return the schema, without the order of columns and constraints: what comes back is the last one."""
        if self.connection.dialect.name == "mysql":
            names = sa.inspect(self.connection).get_table_names()
            rows = [self.connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one() for name in names]
            # Whether a collation that is the table's was named makes no difference to what a column is.
            texts = {str(row[0]): str(row[1]).replace("CHARACTER SET utf8mb4 ", "") for row in rows}
            if self.is_mariadb:  # which keeps the default of a foreign key if it was named
                texts = {
                    name: re.sub(r" ON (DELETE|UPDATE) (NO ACTION|RESTRICT)", "", text) for name, text in texts.items()
                }
            return {name: sorted(line.rstrip(",") for line in text.splitlines()) for name, text in texts.items()}
        found = dialects.get("sqlite").schema.snapshot(self.connection).tables
        return {name: table.parts() for name, table in found.items()}

    def others(self) -> set[str]:
        """Return the views and triggers."""
        if self.connection.dialect.name == "mysql":
            views = sa.inspect(self.connection).get_view_names()
            texts = [str(self.connection.exec_driver_sql(f"SHOW CREATE VIEW `{name}`").one()[1]) for name in views]
            return {*texts, *(" ".join(map(str, row[:5])) for row in self.connection.exec_driver_sql("SHOW TRIGGERS"))}
        query = "SELECT sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        return set(self.connection.exec_driver_sql(query).scalars())

    def statements(self) -> list[str]:
        """Return the database's own description of its tables, on SQLite of all: what would make them."""
        execute = self.connection.exec_driver_sql
        if self.connection.dialect.name == "mysql":
            names = sa.inspect(self.connection).get_table_names()
            return [str(execute(f"SHOW CREATE TABLE `{name}`").one()[1]) for name in names]
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND type = '{}'"
        return [
            text for kind in ("table", "index", "view", "trigger") for text in execute(query.format(kind)).scalars()
        ]

    def rebuild(self, statements: list[str]) -> None:
        """Execute the description of tables in an empty database."""
        emptied(self.connection)
        with foreign_keys_off(self.connection):
            for statement in statements:
                is_pymysql = self.connection.dialect.name == "mysql" and not hasattr(self.connection.dialect, "server")
                self.connection.exec_driver_sql(statement.replace("%", "%%") if is_pymysql else statement)


@contextmanager
def foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """Make and drop tables in any order."""
    off, on = ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1")
    if connection.dialect.name == "sqlite":
        off, on = ("PRAGMA foreign_keys = 0", "PRAGMA foreign_keys = 1")
    connection.rollback()
    connection.exec_driver_sql(off)
    connection.commit()
    yield
    connection.commit()
    connection.exec_driver_sql(on)
    connection.commit()


def emptied(connection: sa.Connection) -> None:
    """Drop every table and view."""
    found = sa.inspect(connection)
    with foreign_keys_off(connection):
        for name in found.get_view_names():
            connection.exec_driver_sql(f"DROP VIEW `{name}`")
        for name in found.get_table_names():
            connection.exec_driver_sql(f"DROP TABLE `{name}`")


MARIADB = [
    (r"mysql\.LONGTEXT\(charset='utf8mb4', collation='utf8mb4_bin'\)", "mysql.JSON()"),
    (r"(?<=\()display_width=(?!1\b)\d+(, )?", ""),  # it shows those that nobody has given
    (r"sa\.text\([\"']\(?(current_timestamp|now)\((\d*)\)\)?[\"']\)", r"sa.text('CURRENT_TIMESTAMP\2')"),
    (r"CURRENT_TIMESTAMP\((\d*)\)", r"CURRENT_TIMESTAMP\1"),
    (r"sa\.text\('\((\w+\(\))\)'\)", r"sa.text('\1')"),
    (r"\(-\(([\d.]+)\)\)", r"-\1"),
    (r"sa\.text\([\"']\(?'?([-+.\d]+)'?\)?[\"']\)", r"sa.text('\1')"),  # it quotes no numbers
    (r"(charset='utf8mb4', )?collation='utf8mb4_(bin|general_ci)', (?=length)", ""),  # where it is the table's
    (r", (charset='utf8mb4', )?collation='utf8mb4_(bin|general_ci)'", ""),
    (r"\blcase\(", "lower("),
    (r"\((?:_utf8mb4)?('[^']*')\)", r"\1"),
    (r", ondelete='RESTRICT'|, onupdate='RESTRICT'", ""),  # the default, which it does not show
]
"""What MariaDB says in other words, and how it is said here."""
EXPRESSIONS = re.compile("check_?constraint|Computed", re.IGNORECASE)
"""Of those it leaves out parentheses and character sets."""


def _common(text: str) -> str:
    for pattern, words in MARIADB:
        text = re.sub(pattern, words, text, flags=re.IGNORECASE)
    lines = text.splitlines()
    return "\n".join(re.sub(r"_utf8mb4|[()` ]", "", line) if EXPRESSIONS.search(line) else line for line in lines)


def _body(code: str) -> str:
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith(("#", "    #"))]
    return textwrap.dedent("\n".join(lines)).strip() or "pass"
