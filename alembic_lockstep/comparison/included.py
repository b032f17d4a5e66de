"""What is compared: all but what the section of a target leaves out, by patterns or by a function of the project."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import CannotRunError, first_line, place
from alembic_lockstep.project import models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alembic_lockstep.project.targets import Target

    Hook = Callable[[Any, str | None, str, bool, Any], bool]


def hooks(target: Target) -> dict[str, Any]:
    """Return Alembic's hooks `include_name`, for what is in the database, and `include_object`, for the models too.

    Raises:
        CannotRunError: there is no such function as `include_object` names.
    """
    own = _own_hook(target) if target.include_object else None

    def include_name(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or not _matches(name, target.ignored_tables)

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        if kind == "table":
            ignored = _matches(name, target.ignored_tables) or models.is_view(item)
        elif kind == "column":
            ignored = _matches(f"{item.table.name}.{name}", target.ignored_columns)
        else:
            ignored = kind in {"index", "unique_constraint"} and _matches(name, target.ignored_indexes)
        return not ignored and (own is None or own(item, name, kind, reflected, other))

    return {"include_name": include_name, "include_object": include_object}


def is_compared(table: str, target: Target) -> bool:
    """Return whether a table is compared, as far as the patterns of the section say."""
    return not _matches(table, target.ignored_tables)


def _matches(name: str | None, patterns: Iterable[str]) -> bool:
    return name is not None and any(fnmatchcase(name, pattern) for pattern in patterns)


def _own_hook(target: Target) -> Hook:
    """Return the project's own function; what it raises names it."""
    setting = f"include_object = {target.include_object}"
    function = models.named("include_object", target.include_object, target)
    if not callable(function):
        raise CannotRunError(f"{target.name}: {setting} in {target.ini.name} is no function.", kind="broken-ini")

    def include_object(*arguments: Any) -> bool:
        try:
            return bool(function(*arguments))
        except Exception as error:
            where = place(error, target.root) or setting
            raise CannotRunError(f"{target.name}: {where}: {first_line(error)}") from error

    return include_object
