"""The two sides of a comparison: a database in memory and one on a real engine, with the same operations on both."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import mysql

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options

if TYPE_CHECKING:
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

            exec(body, {"op": op, "sa": sa, "mysql": mysql})
        self.connection.commit()

    def schema(self) -> dict[str, Any]:
        """Return the schema, without the order of columns: what comes back stands at the end."""
        if self.connection.dialect.name == "mysql":
            names = sa.inspect(self.connection).get_table_names()
            rows = [self.connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one() for name in names]
            return {str(row[0]): sorted(line.rstrip(",") for line in str(row[1]).splitlines()) for row in rows}
        return {**dialects.get("sqlite").schema.snapshot(self.connection).tables}


MARIADB = [
    (r"mysql\.LONGTEXT\(charset='utf8mb4', collation='utf8mb4_bin'\)", "mysql.JSON()"),
    (r"(?<=\()display_width=(?!1\b)\d+(, )?", ""),  # it shows those that nobody has given
    (r"sa\.text\([\"']\(?(current_timestamp|now)\((\d*)\)\)?[\"']\)", r"sa.text('CURRENT_TIMESTAMP\2')"),
    (r"CURRENT_TIMESTAMP\((\d*)\)", r"CURRENT_TIMESTAMP\1"),
    (r"sa\.text\('\((\w+\(\))\)'\)", r"sa.text('\1')"),
    (r"\(-\(([\d.]+)\)\)", r"-\1"),
    (r"sa\.text\([\"']\(?'?([-+.\d]+)'?\)?[\"']\)", r"sa.text('\1')"),  # it quotes no numbers
    (r"((?:CheckConstraint|Computed)\([\"'])\(*(.*?)\)*(?=[\"'])", r"\1\2"),
    (r"\blcase\(", "lower("),
    (r"\((?:_utf8mb4)?('[^']*')\)", r"\1"),
    (r", ondelete='RESTRICT'|, onupdate='RESTRICT'", ""),  # the default, which it does not show
]
"""What MariaDB says in other words, and how it is said here."""


def _common(text: str) -> str:
    for pattern, words in MARIADB:
        text = re.sub(pattern, words, text, flags=re.IGNORECASE)
    return text


def _body(code: str) -> str:
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith(("#", "    #"))]
    return textwrap.dedent("\n".join(lines)).strip() or "pass"
