"""Find the constraint that a script means, also where it has no name in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from alembic_lockstep import compat
from alembic_lockstep.schema import default_names, sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alembic_lockstep.dialects.sqlite.definition import Clause, Definition

_KINDS: dict[type[sa.Constraint], str] = {
    sa.PrimaryKeyConstraint: "PRIMARY KEY",
    sa.UniqueConstraint: "UNIQUE",
    sa.ForeignKeyConstraint: "FOREIGN KEY",
    sa.CheckConstraint: "CHECK",
}


class ConstraintNames:
    """The constraints of a table as they were at the beginning of a batch block, to be found by name.

    Args:
        definition: the table.
        before: the names that columns had before the block renamed them, by their present ones in lower case.
    """

    def __init__(self, definition: Definition, before: Mapping[str, str]) -> None:
        self._definition = definition
        self._defaults: dict[str, Clause] = {}
        for renamed in ({}, before):
            for clause, name in _default_names(definition, renamed):
                self._defaults.setdefault(name, clause)

    def find(self, constraint: sa.Constraint) -> Clause | None:
        """Return the constraint of the table that a script means; None if there is none like it.

        Of another kind it is only where the script does not say which kind it means.
        """
        kind = _KINDS.get(type(constraint), "")
        present = [clause for clause in self._definition.all_constraints() if kind in {"", clause.kind}]
        name = constraint.name if isinstance(constraint.name, str) else None
        named = [clause for clause in present if name is not None and clause.name == name]
        default = self._defaults.get(name or "")
        if not named and default is not None and default.name is None and default in present:
            return default
        found = named[0] if named else None
        if isinstance(constraint, sa.CheckConstraint) and compat.is_type_bound(constraint):
            return _of_type(constraint, named or present) or found
        return found


def shown(constraint: sa.Constraint, dialect: sa.Dialect) -> str | None:
    """Return the name of a constraint, quoted where that is necessary; None without one."""
    return None if constraint.name is None else dialect.identifier_preparer.format_constraint(constraint)


def name_by(convention: Mapping[str, Any], definition: Definition, dialect: sa.Dialect) -> None:
    """Name the keys of a table that have no name, as batch mode does with `naming_convention`.

    Args:
        convention: that of a MetaData.
        definition: the table; changed in place.
        dialect: SQLAlchemy's dialect.
    """
    table = sa.Table(
        definition.name,
        sa.MetaData(naming_convention=dict(convention)),
        *(sa.Column(column.name, sa.types.NullType()) for column in definition.columns),
    )
    for clause in definition.all_constraints():
        if clause.name is None and clause.kind != "CHECK":
            constraint = _constraint(clause)
            table.append_constraint(constraint)
            if name := shown(constraint, dialect):
                clause.rename(name)


def _constraint(clause: Clause) -> sa.Constraint:
    if clause.reference is not None:
        referred = sql.written(clause.reference.table)
        columns = clause.reference.columns or clause.columns
        return sa.ForeignKeyConstraint(clause.columns, [f"{referred}.{column}" for column in columns])
    return (sa.UniqueConstraint if clause.kind == "UNIQUE" else sa.PrimaryKeyConstraint)(*clause.columns)


def _default_names(definition: Definition, before: Mapping[str, str]) -> Iterator[tuple[Clause, str]]:
    """Yield each constraint without a name, and the one that it has by default."""
    checks = 0
    for clause in definition.all_constraints():
        if clause.name is not None:
            continue
        columns = [before.get(column.lower(), column) for column in clause.columns]
        if clause.kind == "CHECK":
            checks += 1
            yield clause, default_names.check(definition.name, checks)
        elif clause.kind == "PRIMARY KEY":
            yield clause, default_names.primary_key(definition.name)
        elif clause.kind == "UNIQUE":
            yield clause, default_names.unique(definition.name, columns)
        else:
            yield clause, default_names.foreign_key(definition.name, columns)


def _of_type(constraint: sa.CheckConstraint, checks: list[Clause]) -> Clause | None:
    """Return the CHECK of a Boolean or Enum: with the same condition, else one that lists values of its column."""
    condition: Any = constraint.sqltext
    text = str(condition.compile(dialect=_SQLITE, compile_kwargs={"literal_binds": True, "include_table": False}))
    wanted = sql.tokens(text, backslashes=False)
    same = (clause for clause in checks if sql.written(clause.expression) == sql.written(wanted))
    lists = (clause for clause in checks if clause.name in {None, constraint.name} and lists_values(clause, wanted))
    return next(same, None) or next(lists, None)


def lists_values(check: Clause, like: list[sql.Token]) -> bool:
    """Return whether a CHECK is one of those that list the values of a column, the one with which `like` begins."""
    column = like[0].text.lower()
    first = [token.text.lower() for token in check.expression[:3]]
    return first == [column, "in", "("] and check.names() <= {column, "in"}


_SQLITE: Any = SQLiteDialect()
