"""Where live databases are: their URLs, and the errors when one cannot be reached."""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.util import CommandError

from alembic_lockstep import dialects
from alembic_lockstep.errors import CannotRunError, place, reasons
from alembic_lockstep.execution.context import current, options
from alembic_lockstep.execution.failures import is_raised
from alembic_lockstep.project.targets import load
from alembic_lockstep.servers.urls import NoUrlError, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.script import ScriptDirectory

    from alembic_lockstep.project.targets import Target


def url_of(target: Target) -> sa.URL:
    """Return the URL of a target's live database, as `url` in its section gives it.

    A path in it is relative to the project's root.

    Raises:
        CannotRunError: the callable fails, the URL is of another dialect or names no database that lasts, or another
            section has the same database and version table.
    """
    url = _located(target)
    _require_own_version_table(target, url)
    return url


def _located(target: Target) -> sa.URL:
    url = _evaluated(target)
    if url.get_backend_name() != target.dialect:
        raise CannotRunError(
            f"{target.name}: url in [{target.section}] gives {url.get_backend_name()}, not {target.dialect}. "
            f"It must follow DB_TYPE, which is {target.dialect} in this process."
        )
    try:
        return dialects.get(target.dialect).live.located(url, target.root)
    except CannotRunError as error:
        raise CannotRunError(f"{target.name}: {error.headline} {_source_of_url(target)}") from error


def _require_own_version_table(target: Target, url: sa.URL) -> None:
    """Raise CannotRunError if another target of the project keeps its revision in the same table."""
    live = dialects.get(target.dialect).live
    for other in load(target.ini):
        same_table = other.version_table.lower() == target.version_table.lower()
        if other.name == target.name or other.dialect != target.dialect or not same_table:
            continue
        try:
            its_url = _located(other)
        except (CannotRunError, SystemExit):  # told by the commands that need it
            continue
        if live.identity(its_url) == live.identity(url):
            places = dict.fromkeys([where(target, url), where(other, its_url)])
            raise CannotRunError(
                f"{target.name}: [{target.section}] and [{other.section}] have the same live database, "
                f"{' and '.join(places)}, and the same {target.version_table} in it: each would take the revision of "
                "the other for its own. Correct url, or give each section a version_table of its own.",
                kind="shared-database",
            )


def _evaluated(target: Target) -> sa.URL:
    module, _, name = target.url.partition(":")
    if not name:
        text = f"{target.name}: url in [{target.section}] is neither a URL nor module:callable"
        raise CannotRunError(text, kind="broken-ini")
    try:
        if "://" in target.url:
            return parsed(target.url)
        value = getattr(importlib.import_module(module), name)
        return parsed(value() if callable(value) else value)
    except Exception as error:
        cause = place(error, target.root) or f"url in [{target.section}]"
        first, *further = reasons(error)
        if isinstance(error, NoUrlError):
            first = str(error)
        elif _may_hold_password(error) and not is_raised(error, target):
            first, further = f"{type(error).__name__} (its message is left out: it may hold a part of a password)", []
        raise CannotRunError(f"{target.name}: {cause}: {first}", *further) from error


def _may_hold_password(error: Exception) -> bool:
    """Return whether an error can repeat what it could not take, as those of int() and make_url() do."""
    return isinstance(error, (ValueError, sa.exc.ArgumentError)) and not hasattr(error, "error_count")


def is_installed(target: Target) -> bool:
    """Return whether the settings of this process name a live database of a target: by DB_TYPE, and by its URL."""
    wanted = os.environ.get("DB_TYPE")
    if wanted in dialects.LABELS and wanted != target.dialect:
        return False
    return _evaluated(target).get_backend_name() == target.dialect


def knows(script: ScriptDirectory, revision: str) -> bool:
    """Return whether a chain has a revision."""
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


def revisions_of(target: Target, url: sa.URL) -> tuple[str, ...]:
    """Return the revisions that a live database is at, which is only read; none for one that is missing.

    Raises:
        DBAPIError: it cannot be reached or read.
    """
    live = dialects.get(target.dialect).live
    if live.is_missing(url):
        return ()
    with live.reading_engine(url).connect() as connection:
        return current(connection, options(target))


@contextmanager
def reaching(target: Target, url: sa.URL) -> Iterator[None]:
    """Re-raise a failure to connect as an error that names the target and where its URL comes from, not the password.

    Raises:
        CannotRunError: the driver or the dialect raised an error in the block.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = dialects.get(target.dialect).live.reason(error)
        raise CannotRunError(
            f"{target.name}: cannot connect to {where(target, url)} ({reason}). {_source_of_url(target)}"
        ) from error
    except CannotRunError as error:
        raise CannotRunError(f"{target.name}: {error.headline}", *error.detail, kind=error.kind) from error


def _source_of_url(target: Target) -> str:
    """Return where the URL comes from; a literal URL is not repeated, since it may hold a password."""
    if "://" in target.url:
        return f"Its URL is in [{target.section}] of {target.ini.name}."
    return f"Its URL comes from {target.url}: see the environment and .env."


def where(target: Target, url: sa.URL) -> str:
    """Return where a database is, for people, without its password."""
    return dialects.get(target.dialect).live.where(url, target.root)
