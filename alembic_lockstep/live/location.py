"""Where live databases are: their URLs, and what is said when one cannot be reached."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.util import CommandError

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, first_line, place
from alembic_lockstep.servers.urls import literal_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import ScriptDirectory

    from alembic_lockstep.project.targets import Target


def url_of(target: Target) -> sa.URL:
    """Return where a target's live database is, as its section's `url` says.

    Raises:
        CannotRunError: the callable fails, or the URL is of another dialect.
    """
    url = _evaluated(target)
    if url.get_backend_name() != target.dialect:
        raise CannotRunError(
            f"{target.name}: url in [{target.section}] gives {url.get_backend_name()}, not {target.dialect}. "
            f"It must follow DB_TYPE, which is {target.dialect} in this process."
        )
    return url


def _evaluated(target: Target) -> sa.URL:
    module, _, name = target.url.partition(":")
    try:
        if "://" in target.url:
            return literal_url(target.url)
        value = getattr(importlib.import_module(module), name)
        return sa.make_url(value() if callable(value) else value)
    except Exception as error:
        where = place(error, target.root) or f"url in [{target.section}]"
        raise CannotRunError(f"{target.name}: {where}: {first_line(error)}", *str(error).splitlines()[1:]) from error


def installation(targets: list[Target]) -> list[str]:
    """Return the names of the targets whose dialect the settings of this process give."""
    return [target.name for target in targets if _evaluated(target).get_backend_name() == target.dialect]


def knows(script: ScriptDirectory, revision: str) -> bool:
    """Return whether a chain has a revision."""
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


@contextmanager
def reaching(target: Target, url: sa.URL) -> Iterator[None]:
    """Tell a database that cannot be reached in one line, with who was asked, without the password.

    Raises:
        CannotRunError: for what the driver raises inside.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = dialects.get(target.dialect).live.reason(error)
        raise CannotRunError(
            f"{target.name}: cannot connect to {where(target, url)} ({reason}). {_told_by(target)}"
        ) from error
    except CannotRunError as error:
        raise (
            error
            if error.headline.startswith(target.name)
            else CannotRunError(f"{target.name}: {error.headline}", *error.detail)
        ) from error


def _told_by(target: Target) -> str:
    """Return who says where the database is; a literal URL is not repeated, it may hold a password."""
    if "://" in target.url:
        return f"Where it is stands in [{target.section}] of {target.ini.name}."
    return f"Where it is says {target.url}: environment and .env."


def where(target: Target, url: sa.URL) -> str:
    """Return where a database is, for people, without its password."""
    return dialects.get(target.dialect).live.where(url, target.root)
