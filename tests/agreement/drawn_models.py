"""A MetaData of a random schema, and the views and triggers that are made on its tables by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.agreement.column_kinds import KINDS
from tests.agreement.schemas import CHECKS, COMPUTED, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.agreement.schemas import Index, Schema, Table

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _text(length: int) -> sa.types.TypeEngine[Any]:
    """Return a text of the same collation in all tables, as both sides of a foreign key must be."""
    return sa.String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql")


KEY_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "string8": _text(8),
    "string16": _text(16),
}
NUMBERS = {"integer", "bigint"}


def built(schema: Schema, *, named: bool = True) -> sa.MetaData:
    """Return the MetaData of a schema; what cannot be is left out, such as an index on a column that is not there.

    Args:
        schema: the schema.
        named: constraints have names, by a naming convention.
    """
    metadata = sa.MetaData(naming_convention=NAMING) if named else sa.MetaData()
    for name in schema:
        _Built(metadata, name, schema, named=named)
    return metadata


class _Built:
    """One table, made part by part."""

    def __init__(self, metadata: sa.MetaData, name: str, schema: Schema, *, named: bool) -> None:
        self.name, self.table, self.schema, self.named = name, schema[name], schema, named
        self.strict = self.table.option == "strict"
        self.made = sa.Table(name, metadata, comment=self.table.comment, **self._options())
        self.lengths: dict[str, int | None] = {}
        """The columns that indexes can have, and how many characters they have."""
        for add in (self._key, self._columns, self._references, self._computed, self._checks, self._indexes):
            add()

    def _options(self) -> dict[str, Any]:
        given: dict[str, Any] = dict(OPTIONS[self.table.option])
        if self.table.composite or self.table.tenant or self.table.key != "integer":
            given.pop("sqlite_autoincrement", None)
        return given

    def _add(self, name: str, type_: Any, *arguments: Any, **options: Any) -> None:
        self.made.append_column(sa.Column(name, type_, *arguments, **options))

    def _text(self, length: int) -> Any:
        return sa.Text() if self.strict else sa.String(length)

    def _key(self) -> None:
        table = self.table
        if table.composite:
            one, two = _pair(self.schema)
            self._add("one", one, primary_key=True, autoincrement=False)
            self._add("two", sa.Text() if self.strict else two, primary_key=True)
        else:
            numbered: Any = "auto" if table.numbered and not table.tenant else False
            self._add("id", KEY_TYPES[table.key], primary_key=True, autoincrement=numbered)
        self._add("tenant", sa.Integer(), primary_key=table.tenant, nullable=False, autoincrement=False)
        linked = self._referred(table.link)
        self._add(
            "amount", KEY_TYPES[linked.key if linked and linked.key in NUMBERS and not self.strict else "integer"]
        )
        self._add("label", self._text(60))
        self.lengths.update({"amount": None, "label": 60})

    def _columns(self) -> None:
        for name, column in self.table.columns.items():
            kind = KINDS[column.kind]
            default = kind.defaults[column.default % len(kind.defaults)]
            type_ = kind.make()
            if getattr(type_, "create_constraint", False):
                type_.name = f"{name} of {self.name}" if self.named or name != "c5" else None
            self._add(name, type_, nullable=column.nullable, server_default=default, comment=column.comment)
            if kind.indexed and not self.strict:
                self.lengths[name] = kind.length

    def _referred(self, name: str | None) -> Table | None:
        """Return a table that can be referred to."""
        found = self.schema.get(name or "")
        return None if found is None or found.tenant else found

    def _references(self) -> None:
        table = self.table
        for name, reference in table.references.items():
            referred = self._referred(reference.table)
            if referred is not None and not (self.strict and referred.key != "integer"):
                nulls = "SET NULL" in {reference.ondelete, reference.onupdate}
                self._add(name, KEY_TYPES[referred.key], nullable=reference.nullable or nulls)
                actions = {"ondelete": reference.ondelete, "onupdate": reference.onupdate}
                self._refer([name], reference.table, ["id"], **actions)
                self.lengths[name] = None
        if table.pair and self._referred("d_e") and not self.strict and self.schema["d_e"].option != "strict":
            for name, type_ in zip(("p_one", "p_two"), _pair(self.schema), strict=True):
                self._add(name, type_)
            self._refer(["p_one", "p_two"], "d_e", ["one", "two"], ondelete="CASCADE")
        linked = self._referred(table.link)
        if table.link and linked and linked.key in NUMBERS:
            self._refer(["amount"], table.link, ["id"])

    def _refer(self, names: list[str], table: str, columns: list[str], **actions: Any) -> None:
        referred = [f"{table}.{each}" for each in columns]
        self.made.append_constraint(sa.ForeignKeyConstraint(names, referred, **actions))

    def _computed(self) -> None:
        chosen = {COMPUTED[each][0]: COMPUTED[each] for each in sorted(self.table.computed)}
        for name, text, stored in chosen.values():
            self._add(name, sa.Integer() if name == "c_sum" else self._text(60), sa.Computed(text, persisted=stored))

    def _checks(self) -> None:
        for name in sorted(self.table.checks):
            unnamed = not self.named and name.startswith("unnamed")
            own = name if self.named else f"{self.name} {name}"  # they are unique in a schema
            self.made.append_constraint(sa.CheckConstraint(CHECKS[name], name=None if unnamed else own))

    def _indexes(self) -> None:
        for name, index in self.table.indexes.items():
            if self.lengths.keys() >= set(index.columns):
                self._index(f"ix_{self.name}_{name}", index)
        for names in sorted(self.table.uniques):
            if self.lengths.keys() >= set(names):
                self.made.append_constraint(sa.UniqueConstraint(*names))

    def _index(self, name: str, index: Index) -> None:
        lengths = {each: index.length for each in index.columns if (self.lengths[each] or 0) > (index.length or 99)}
        options: dict[str, Any] = {"mysql_length": lengths} if lengths else {}
        if index.condition:
            options["sqlite_where"] = sa.text(index.condition)
        columns: list[Any] = [
            self.made.c[each].desc() if index.descending else self.made.c[each] for each in index.columns
        ]
        if index.expression:
            columns.append(sa.text(index.expression))
        sa.Index(name, *columns, unique=index.unique, **options)


def _pair(schema: Schema) -> tuple[Any, Any]:
    """Return the types of the columns of the key of two columns."""
    table = schema.get("d_e")
    wide = table is not None and table.key in {"bigint", "string16"}
    return (sa.BigInteger(), _text(40)) if wide else (sa.Integer(), _text(20))


def watchers(before: Schema, after: Schema, dialect: str) -> Iterator[str]:
    """Yield the statements that make views and triggers on the tables that are there before and after."""
    for name in before:
        if before[name].watched and name in after:
            quoted = f"`{name}`"
            yield f"CREATE VIEW `v {name}` AS SELECT amount, label AS l FROM {quoted} WHERE amount > 3"
            if dialect == "sqlite":
                yield f"CREATE TRIGGER `t {name}` AFTER INSERT ON {quoted} BEGIN UPDATE {quoted} SET label = 'a;b' WHERE amount = new.amount; END"
            else:
                yield f"CREATE TRIGGER `t {name}` BEFORE INSERT ON {quoted} FOR EACH ROW SET NEW.label = 'a:b'"
