"""Alembic's SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl

from alembic_lockstep import compat
from alembic_lockstep.dialects.sqlite import schema
from alembic_lockstep.dialects.sqlite.batch import flush

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = {sa.Date, sa.DateTime, sa.Time}


class _Impl(SQLiteImpl):
    """Alembic's SQLite, which takes this for its own by the name of the dialect."""

    __dialect__ = "sqlite"

    def render_ddl_sql_expr(self, expr: Any, *arguments: Any, **options: Any) -> str:
        text = super().render_ddl_sql_expr(expr, *arguments, **options)
        return text if options.get("is_index") else compat.with_escaped_colons(text)

    def autogen_column_reflect(self, inspector: Any, table: Any, column_info: Any) -> None:
        # SQLAlchemy reflects no collations: what is restored or restated would lose them.
        if isinstance(column_info["type"], sa.String):
            found = schema.table(inspector.bind, table.name)
            column = found and found.columns.get(column_info["name"])
            if column and column.collation:
                column_info["type"].collation = column.collation

    def cast_for_batch_migrate(self, existing: Any, existing_transfer: Any, new_type: Any) -> None:
        # Dates and times are kept as text; to cast that to one of their types leaves the year, a number.
        if not {compat.type_affinity(existing.type), compat.type_affinity(new_type)} & TIMES:
            super().cast_for_batch_migrate(existing, existing_transfer, new_type)


def _flush(batch: Any, alembics: Callable[[], None]) -> None:
    if isinstance(batch.impl, _Impl):
        flush(batch, alembics)
    else:
        alembics()


compat.flush_batches(_flush)
