"""What the operations of a batch block make of a table's definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep import compat
from alembic_lockstep.dialects.sqlite.constraint_names import ConstraintNames, lists_values, shown
from alembic_lockstep.dialects.sqlite.definition import COMPUTED, Clause, Column, read_column, read_constraint
from alembic_lockstep.errors import FailedError
from alembic_lockstep.schema import sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic_lockstep.dialects.sqlite.definition import Definition

_ROWIDS = ("rowid", "_rowid_", "oid")
"""The names under which SQLite knows the number of a row, unless columns have them."""


class TableChange:
    """A table while a batch block changes it. The operations are called as Alembic's own batch mode has them.

    Args:
        definition: the table, with columns renamed already; changed in place.
        impl: Alembic's implementation of the dialect.
        renamed: the present names of columns by those that they had before the block, in lower case.

    Attributes:
        sources: the columns that have their values from the table as it was: each with the SQL for them.
    """

    def __init__(self, definition: Definition, impl: Any, renamed: dict[str, str]) -> None:
        self.definition, self._impl, self._dialect = definition, impl, impl.dialect
        self._renamed = dict(renamed)
        self._names = ConstraintNames(definition, {new.lower(): old for old, new in renamed.items()})
        self._compiler = self._dialect.ddl_compiler(self._dialect, None)
        self._columns = {column.name.lower(): column.type for column in definition.columns}
        self._before = definition.sql(""), list(definition.columns)
        self.sources = {column: self.quoted(column.name) for column in definition.columns}

    def quoted(self, name: str) -> str:
        """Return a name in quotes."""
        text: str = self._dialect.identifier_preparer.quote_identifier(name)
        return text

    def present(self, name: str) -> str:
        """Return the present name of a column: in a block, columns may be called by the names they had before it."""
        return self._renamed.get(name.lower(), name)

    def shown(self, column: str) -> str:
        """Return a column as the block calls it: one that makes room for another has a passing name."""
        return next((old for old, new in self._renamed.items() if new.lower() == column.lower()), column)

    def is_none(self) -> bool:
        """Return whether the table is to be as it is."""
        return self._before == (self.definition.sql(""), self.definition.columns)

    def rowid(self) -> str:
        """Return a name for the rowid where it is no column of the changed table; empty where it is or is missing."""
        words = {token.text.upper() for token in sql.tokens(self.definition.options, backslashes=False)}
        taken = set(self._columns) | {column.name.lower() for column in self.definition.columns}
        if "ROWID" in words or self.rowid_column():
            return ""
        return next((name for name in _ROWIDS if name not in taken), "")

    def rowid_column(self) -> str:
        """Return the column of the changed table that is its rowid, quoted; empty where none is."""
        key = self.definition.primary_key()
        columns = [self.definition.column(name) for name in key.columns] if key else []
        types = [column.type.strip().upper() for column in columns if column]
        return self.quoted(columns[0].name) if columns and columns[0] and types == ["INTEGER"] else ""

    def gone(self) -> set[str]:
        """Return the columns that are no longer there, in lower case."""
        return set(self._columns) - {column.name.lower() for column in self.definition.columns}

    def alter_column(
        self,
        _table: str,
        name: str,
        /,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        type_: Any = None,
        existing_type: Any = None,
        **_other: Any,
    ) -> None:
        """Change a column; what the arguments say of it as it is does not matter: the definition is there."""
        column = self._column(name)
        if type_ is not None:
            self._set_type(column, type_() if isinstance(type_, type) else type_, existing_type)
        if nullable is not None:
            present = [clause for clause in column.clauses if clause.kind == "NOT NULL"]
            wanted = [] if nullable else present or [Clause("NOT NULL", "NOT NULL")]
            column.replace("NOT NULL", "NULL", by=wanted)
        if server_default is not False:
            column.replace("DEFAULT", COMPUTED, by=self._value(server_default))

    def add_column(
        self,
        _table: str,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        **_other: Any,
    ) -> None:
        """Add a column."""
        if if_not_exists and self.definition.column(column.name):
            return
        places = [self._column(name).name if name else None for name in (insert_before, insert_after)]
        self._renamed.pop(column.name.lower(), None)
        checks = [self._compiler.process(each) for each in column.constraints]
        text = " ".join([self._compiler.get_column_specification(column), *checks])
        self.definition.add_column(text, *places)
        if column.primary_key:
            self._extend_primary_key(column)

    def drop_column(self, _table: str, column: sa.Column[Any], *, if_exists: bool | None = None, **_other: Any) -> None:
        """Drop a column; `finish` drops what goes with it."""
        if if_exists and self.definition.column(self.present(column.name)) is None:
            return
        gone = self._column(column.name)
        self.definition.columns.remove(gone)
        self.sources.pop(gone, None)

    def add_constraint(self, constraint: sa.Constraint) -> None:
        """Add a constraint; a primary key takes the place of the one before it.

        Raises:
            FailedError: another constraint has its name.
        """
        if not compat.is_created(constraint, self._compiler):
            return
        use_names(constraint, self._renamed)
        name = shown(constraint, self._dialect)
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            key = self.definition.primary_key()
            if key and [name.lower() for name in key.columns] == [column.name.lower() for column in constraint.columns]:
                if name:
                    key.rename(name)
                return
            if key:
                self.definition.remove(key)
        text = self._compiler.process(constraint)
        if text:
            self._remove_same(read_constraint(text), of_type=compat.is_type_bound(constraint))
            self.definition.add_constraint(text)

    def drop_constraint(self, constraint: sa.Constraint) -> None:
        """Drop a constraint.

        Raises:
            ValueError: there is none like it.
        """
        found = self._names.find(constraint)
        if found is not None:
            self.definition.remove(found)
        elif not compat.is_type_bound(constraint):
            raise ValueError(f"No such constraint: '{constraint.name}' in table {self.definition.name}")

    def require(self, constraint: sa.Constraint) -> None:
        """Add a constraint unless it is there: so Alembic's batch mode is told of what it does not see by itself."""
        columns = (sa.Column(column.name, sa.types.NullType()) for column in self.definition.columns)
        sa.Table(self.definition.name, sa.MetaData(), *columns).append_constraint(constraint)
        wanted = read_constraint(self._compiler.process(constraint))
        for clause in self.definition.all_constraints():
            of_its_name = clause.name is not None and (clause.kind, clause.name) == (wanted.kind, wanted.name)
            if of_its_name or clause.demands() == wanted.demands():
                return
        self._remove_same(wanted)
        self.definition.add_constraint(wanted.text)

    def finish(self) -> None:
        """Drop what no longer holds: keys and CHECKs of columns that are gone, AUTOINCREMENT of other than INTEGER.

        Raises:
            FailedError: a CHECK that names others, too, or a computed column needs a column that is gone.
        """
        gone = self.gone()
        for clause in self.definition.all_constraints() if gone else ():
            if clause.kind == "CHECK":
                self._check_without(gone, clause)
            elif gone & {name.lower() for name in clause.columns}:
                if clause.kind == "PRIMARY KEY" and not gone >= {name.lower() for name in clause.columns}:
                    for name in gone:
                        clause.leave_out(name)
                else:
                    self.definition.remove(clause)
        for column in self.definition.columns if gone else ():
            for clause in column.clauses:
                if clause.kind == COMPUTED and clause.names() & gone:
                    self.refuse(f"column {column.name} is computed from it", clause.names() & gone)
        key = self.definition.primary_key()
        if key and not self.rowid_column():  # SQLite numbers no other rows
            key.leave_out_word("AUTOINCREMENT")
        self.definition.unqualify()

    def refuse(self, reason: str, gone: set[str], advice: str = "Drop or change that in the same block.") -> None:
        """Raise FailedError for a column that cannot be dropped.

        Args:
            reason: why not.
            gone: the column.
            advice: what to do.
        """
        column = f"{self.definition.name}.{self.shown(min(gone))}"
        raise FailedError(f"column {column} cannot be dropped: {reason}. {advice}")

    def _remove_same(self, added: Clause, *, of_type: bool = False) -> None:
        """Remove the constraint in whose place another one comes: of its name, and it demands the same.

        The CHECK of an Enum may demand other values, and has its name in common with those of other columns.
        """
        for clause in self.definition.all_constraints():
            if not clause.name or clause.name != added.name:
                continue
            if clause.demands() == added.demands() or (of_type and lists_values(clause, added.expression)):
                self.definition.remove(clause)
            elif not of_type or clause.kind != "CHECK":
                table = self.definition.name
                raise FailedError(f"table {table} cannot get {added.text}: its name is taken by {clause.text}")

    def _check_without(self, gone: set[str], clause: Clause) -> None:
        named = clause.names() & (set(self._columns) | {column.name.lower() for column in self.definition.columns})
        if named & gone:
            if named - gone:
                shown = f"CHECK {clause.name}" if clause.name else clause.text
                self.refuse(f"{shown} names it together with {', '.join(sorted(named - gone))}", named & gone)
            self.definition.remove(clause)

    def _column(self, name: str) -> Column:
        column = self.definition.column(self.present(name)) or self.definition.column(name)
        if column is None:
            raise ValueError(f"No such column: '{name}' in table {self.definition.name}")
        return column

    def _set_type(self, column: Column, type_: Any, existing: Any) -> None:
        text = type_.compile(dialect=self._dialect)
        new = read_column(f"x {text}")
        old = compat.reflected_type(self._dialect, self._columns.get(column.name.lower(), "").strip())
        if column in self.sources:
            transfer: dict[str, Any] = {"expr": sa.column(sa.quoted_name(column.name, quote=True))}
            self._impl.cast_for_batch_migrate(sa.Column(column.name, old), transfer, type_)
            self.sources[column] = str(transfer["expr"].compile(dialect=self._dialect))
        column.type = new.type
        if new.clauses or (existing is not None and " COLLATE " in existing.compile(dialect=self._dialect)):
            column.replace("COLLATE", by=new.clauses)

    def _value(self, server_default: Any) -> list[Clause]:
        """Return the clause for a default or a computed value; none for None."""
        if server_default is None:
            return []
        of_its_own = isinstance(server_default, (sa.Computed, sa.Identity))
        arguments = ([server_default], {}) if of_its_own else ([], {"server_default": server_default})
        column = sa.Column("x", sa.Integer(), *arguments[0], **arguments[1])
        sa.Table("t", sa.MetaData(), column)
        return read_column(self._compiler.get_column_specification(column)).clauses

    def _extend_primary_key(self, column: sa.Column[Any]) -> None:
        key = self.definition.primary_key()
        if key is None:
            names = [self.quoted(column.name)]
        elif any(name.lower() == column.name.lower() for name in key.columns):
            return
        else:
            names = [self.quoted(name) for name in (*key.columns, column.name)]
            self.definition.remove(key)
        self.definition.add_constraint(f"PRIMARY KEY ({', '.join(names)})")


def use_names(part: Any, renamed: Mapping[str, str]) -> None:
    """Name the columns of a constraint or an index as they are called now.

    Args:
        part: names columns as they were called before the block, or as they are now.
        renamed: the present names by those before, in lower case.
    """
    for column in getattr(part, "columns", ()):
        if column.name.lower() in renamed:
            column.name = renamed[column.name.lower()]
