"""What models must not have where they are to be compared: schemas of their own, and foreign keys that lead nowhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, MigrationError, SharedModelsError
from alembic_lockstep.project import models, targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic_lockstep.project.targets import Target


def check(target: Target, metadata: sa.MetaData, settings: dict[str, Any]) -> None:
    """Check the models that are compared.

    Args:
        target: whose models they are.
        metadata: the models.
        settings: from `alembic_lockstep.comparison.options.options`; tables that they leave out can be anywhere.

    Raises:
        CannotRunError: a table has a schema, or a foreign key leads to what these models do not have.
    """

    def is_included(table: Any) -> bool:
        return bool(settings["include_object"](table, table.name, "table", False, None))

    tables = [table for _, table in sorted(metadata.tables.items())]
    _require_no_schemas(target, list(filter(is_included, tables)))
    _require_references(target, tables, is_included)


def _require_no_schemas(target: Target, tables: list[sa.Table]) -> None:
    found = [table for table in tables if table.schema is not None]
    if found:
        first, more = found[0], f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise CannotRunError(
            f"table {first.name}{more}: the models name the schema {first.schema}, and {target.name} migrates one "
            "database, whatever its name is. Leave the schema out; the tables of another database need a base and a "
            f"section of their own, such as [alembic_{target.dialect}_{first.schema}]",
            kind="broken-models",
        )


def _require_references(target: Target, tables: list[sa.Table], is_included: Callable[[Any], bool]) -> None:
    constraints = [constraint for table in tables for constraint in table.foreign_key_constraints]
    wrong = []
    for constraint in sorted(constraints, key=lambda each: (str(each.table), each.column_keys)):
        missing = [(key, kind) for key in constraint.elements if (kind := _missing(key, is_included))]
        if missing:
            wrong.append(missing[0])
    if not wrong:
        return
    lines = [
        f"{key.parent} refers to {key.target_fullname}, a {kind} that these models do not have" for key, kind in wrong
    ]
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    others = _databases_with(wrong[0][0].target_fullname.rpartition(".")[0], target)
    advice = "Add the model, or correct the key"
    if others:
        where = f"the database{'s' * (len(others) > 1)} {' and '.join(others)}"
        advice = f"That table is in {where}, and no foreign key leads into another database: leave the key out"
    raise CannotRunError(f"a foreign key leads nowhere: {lines[0]}{more}. {advice}", *lines[1:], kind="broken-models")


def _missing(key: sa.ForeignKey, is_included: Callable[[Any], bool]) -> str:
    """Return whether it is a table or a column that a foreign key refers to in vain; nothing if it is there."""
    try:
        table = key.column.table
    except sa.exc.NoReferencedTableError:
        return "table"
    except sa.exc.NoReferencedColumnError:
        return "column"
    # A key to a column itself, not to its name, can lead to the tables of another base.
    ours = key.parent.table.metadata.tables.get(table.key) is table
    return "" if ours or not is_included(table) or not is_included(key.parent.table) else "table"


def _databases_with(table: str, target: Target) -> list[str]:
    """Return the other databases of the project that have a table in their models."""
    found: list[str] = []
    for other in targets.load(target.ini):
        if other.database not in {target.database, *found}:
            with suppress(MigrationError, SharedModelsError):
                found += [other.database] * (table in models.load(other).tables)
    return found
