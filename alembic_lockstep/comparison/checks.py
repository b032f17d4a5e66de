"""CHECK constraints of models and of a table, which Alembic does not compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from alembic_lockstep import compat
from alembic_lockstep.comparison.explicit import UNNAMED, sorted_constraints
from alembic_lockstep.schema import default_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.schema.table import Check, Table


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A CHECK of the models: as the server would describe it, and as the models have it."""

    check: Check
    constraint: sa.CheckConstraint

    @property
    def is_named(self) -> bool:
        """Return whether the models name it."""
        return UNNAMED not in self.constraint.info


def compare(there: Table, wanted: Table, model: sa.Table) -> Iterator[Any]:
    """Yield the operations that bring the CHECKs of a table to what models want.

    Args:
        there: the table.
        wanted: the table as the server would describe it if the models had made it.
        model: the explicit table of the models.
    """
    described = {str(check.name).lower(): check for check in wanted.checks}
    constraints = [each for each in sorted_constraints(model) if isinstance(each, sa.CheckConstraint)]
    new = [_Wanted(described[name], each) for each in constraints if (name := str(each.name).lower()) in described]
    gone = list(_numbered(there, model.name))
    for one in [*new]:
        same = next((old for old in gone if _is_same(*old, one)), None)
        if same is not None:
            gone.remove(same)
            new.remove(one)
    taken = {name for name, _check in _numbered(there, model.name)}
    for name, check in gone:
        yield _drop(name, check, model)
    for one in new:
        name = str(one.constraint.name)
        if not one.is_named:
            name = _free_name(model.name, taken)
        taken.add(name)
        yield ops.CreateCheckConstraintOp(conv(name), model.name, one.constraint.sqltext)


def _numbered(table: Table, name: str) -> Iterator[tuple[str, Check]]:
    """Yield the CHECKs of a table, each with the name by which it can be dropped."""
    number = 0
    for check in table.checks:
        number += check.name is None
        yield check.name or default_names.check(name, number), check


def _is_same(name: str, check: Check, wanted: _Wanted) -> bool:
    """Return whether a table has a CHECK of the models already: one that the models leave unnamed has any name."""
    if wanted.is_named and check.name is not None and name.lower() != str(wanted.constraint.name).lower():
        return False
    return check.condition == wanted.check.condition and check.enforced


def _drop(name: str, check: Check, model: sa.Table) -> ops.DropConstraintOp:
    table = sa.Table(model.name, sa.MetaData(), sa.Column("x"))
    constraint = sa.CheckConstraint(compat.with_escaped_colons(check.text), name=conv(name))
    table.append_constraint(constraint)
    return ops.DropConstraintOp.from_constraint(constraint)


def _free_name(table: str, taken: set[str]) -> str:
    number = 1
    while default_names.check(table, number) in taken:
        number += 1
    return default_names.check(table, number)
