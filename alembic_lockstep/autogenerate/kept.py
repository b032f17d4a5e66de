"""Things that stay in a schema, and how they are taken off and put back as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.autogenerate import things
from alembic_lockstep.autogenerate.things import Thing
from alembic_lockstep.column_types import DDLType
from alembic_lockstep.comparison.operations import StatedCheckOp, StatedIndexOp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from alembic_lockstep.schema.table import Table


@dataclass(frozen=True, slots=True)
class Kept:
    """A thing that stays.

    Attributes:
        thing: what it is.
        uses: what must not change as long as it is there.
        create: puts it back.
    """

    thing: Thing
    uses: AbstractSet[Thing]
    create: Any

    def drop(self) -> Any:
        """Return the operation that takes it off."""
        return self.create.reverse()


class KeptThings:
    """What stays in tables.

    Args:
        tables: as they are without the revision.
        quoted: quotes a name.
    """

    def __init__(self, tables: Mapping[str, Table], quoted: Callable[[str], str]) -> None:
        self._tables, self._quoted = tables, quoted

    def but(self, gone: AbstractSet[Thing]) -> Iterator[Kept]:
        """Yield all but what a revision removes."""
        for name, table in self._tables.items():
            if Thing("table", name) not in gone:
                for find in (self._keys, self._checks, self._columns, self._indexes):
                    yield from (each for each in find(name, table) if each.thing not in gone)

    def _keys(self, name: str, table: Table) -> Iterator[Kept]:
        for key in table.foreign_keys:
            used = things.of_foreign_key(key, name)
            uses = {thing.seen_as("type") for thing in used if thing.kind == "column"}
            uses |= {Thing("primary key", name), Thing("primary key", key.referred_table)}
            create = ops.CreateForeignKeyOp(
                conv(str(key.name)),
                name,
                key.referred_table,
                list(key.columns),
                list(key.referred_columns),
                ondelete=_action(key.on_delete),
                onupdate=_action(key.on_update),
            )
            yield Kept(things.constraint_thing("foreignkey", name, key.name), uses, create)

    def _checks(self, name: str, table: Table) -> Iterator[Kept]:
        for check in table.checks:
            kind = ops.CreateCheckConstraintOp if check.enforced else StatedCheckOp
            create: Any = kind(conv(str(check.name)), name, sa.text(compat.with_escaped_colons(check.text)))
            if not check.enforced:
                what = f"CONSTRAINT {self._quoted(str(check.name))} CHECK ({check.text}) NOT ENFORCED"
                create.statement = f"ALTER TABLE {self._quoted(name)} ADD {what}"
            uses = things.in_expressions([check.text], name)
            yield Kept(things.constraint_thing("check", name, check.name), uses, create)

    def _columns(self, name: str, table: Table) -> Iterator[Kept]:
        for column_name, column in table.columns.items():
            if column.computed is None:
                continue
            type_ = column.type
            if column.collation is not None and column.collation != table.options.get("collate"):
                type_ = f"{type_} CHARACTER SET {column.charset} COLLATE {column.collation}"
            computed = sa.Computed(compat.with_escaped_colons(column.expression), persisted=column.stored)
            given: Any = {"nullable": column.nullable, "comment": column.comment}
            create = ops.AddColumnOp(name, sa.Column(column_name, DDLType(type_), computed, **given))
            yield Kept(things.column_thing(name, column_name), things.in_expressions([column.expression], name), create)

    def _indexes(self, name: str, table: Table) -> Iterator[Kept]:
        for index_name, index in table.indexes.items():
            if index.kind is not None:
                continue
            parts: list[Any] = [
                part[1:-1] if re.fullmatch("`[^`]+`", part) else sa.literal_column(part) for part in index.parts
            ]
            kind = StatedIndexOp if index.options else ops.CreateIndexOp
            create: Any = kind(conv(index_name), name, parts, unique=index.unique)
            if index.options:
                which = f"{self._quoted(index_name)} ON {self._quoted(name)} ({', '.join(index.parts)})"
                create.statement = f"CREATE {'UNIQUE ' * index.unique}INDEX {which} {index.options}"
            expressions = [part for part in index.parts if " " in part or "(" in part]
            uses = things.indexed(index, name) | things.in_expressions(expressions, name)
            yield Kept(Thing("index", name, index_name.lower()), uses, create)


def _action(text: str) -> str | None:
    return None if text == "NO ACTION" else text
