"""The models of a target, imported in a process that has the target's DB_TYPE."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError, SharedModelsError, place, reasons

if TYPE_CHECKING:
    from types import ModuleType

    from alembic_lockstep.project.targets import Target


_loaded: dict[int, tuple[sa.MetaData, str]] = {}
"""What this process has loaded, and for which `models`: a MetaData shared by two would have the tables of both."""


def load(target: Target) -> sa.MetaData:
    """Import every module of the target's models and return the MetaData that they share.

    A module that fails to import is fatal: without it autogenerate would propose to drop its tables.

    Args:
        target: whose `models`, `module:attribute`, are meant; the attribute is a declarative base or a MetaData.

    Raises:
        CannotRunError: a module cannot be imported, or the attribute is neither.
        SharedModelsError: another target's models are in the same MetaData.
    """
    name = target.models.partition(":")[0]
    module = _import(name, target)
    if hasattr(module, "__path__"):
        for found in pkgutil.walk_packages(module.__path__, f"{name}.", onerror=lambda _name: None):
            if not found.name.endswith(".__main__"):
                _import(found.name, target)
    metadata = _metadata("models", target.models, target)
    _other, first = _loaded.setdefault(id(metadata), (metadata, target.models))
    if first != target.models:
        raise SharedModelsError
    return metadata


def initial(target: Target) -> sa.MetaData:
    """Return the tables that exist before the first revision, where the target's `initial` names models.

    Raises:
        CannotRunError: the module cannot be imported, or has no such attribute.
    """
    return _metadata("initial", target.initial, target)


def is_view(table: sa.Table) -> bool:
    """Return whether a table of the models is a view: `info={"is_view": True}` says so, or SQLAlchemy's CreateView."""
    return bool(table.info.get("is_view")) or makes_view(table)


def makes_view(table: sa.Table) -> bool:
    """Return whether SQLAlchemy, from 2.1 on, makes a table of the models as a view, since it has its SELECT."""
    return bool(getattr(table, "is_view", False))


def named(key: str, text: str, target: Target) -> Any:
    """Return what a key of the target's section names as `module:attribute`.

    Args:
        key: the key, for messages.
        text: its value; the attribute is `Base` if it names none.
        target: the target.

    Raises:
        CannotRunError: the module cannot be imported, or has no such attribute.
    """
    name, _, attribute = text.partition(":")
    found: Any = _import(name, target)
    for part in (attribute or "Base").split("."):
        if not hasattr(found, part):
            raise CannotRunError(
                f"{target.name}: {key} = {text} in {target.ini.name}: {name} has no attribute {attribute or 'Base'}.",
                kind="broken-ini",
            )
        found = getattr(found, part)
    return found


def _metadata(key: str, text: str, target: Target) -> sa.MetaData:
    base = named(key, text, target)
    metadata = getattr(base, "metadata", base)
    if not isinstance(metadata, sa.MetaData):
        raise CannotRunError(
            f"{target.name}: {key} = {text} in {target.ini.name} is no declarative base and no MetaData."
        )
    return metadata


def _import(name: str, target: Target) -> ModuleType:
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a module raises, SystemExit too
        first, *further = reasons(error)
        where = place(error, target.root) or f"{name} cannot be imported"
        raise CannotRunError(f"{where}: {first}", *further) from error
