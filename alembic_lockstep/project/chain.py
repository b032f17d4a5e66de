"""The chain of a target: Alembic's script directory, loaded and checked."""

from __future__ import annotations

import sys
import warnings
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple

from alembic_lockstep import compat
from alembic_lockstep.errors import CannotRunError, first_line, place, shown
from alembic_lockstep.project import revision_file, targets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic.script import Script

    from alembic_lockstep.project.targets import Target


BASE, NEVER = "base", "never"
"""Values of `naming_convention_from`: the convention holds for the whole chain, or for no revision of it."""


def config(target: Target) -> Config:
    """Return a target's section as Alembic takes it; Alembic's own reading fails where a % stands in the path."""
    made = Config(target.ini, ini_section=target.section, cmd_opts=Namespace(x=list(target.x_arguments)))
    compat.set_ini(made, targets.parse(target.ini))
    return made


def add_import_paths(target: Target) -> None:
    """Make the folders of `prepend_sys_path` importable, as Alembic does when it loads a chain."""
    paths = config(target).get_prepend_sys_paths_list() or []
    sys.path[:0] = [path for path in paths if path not in sys.path]


def load(target: Target, staged: Path | None = None) -> ScriptDirectory:
    """Load every revision of a target.

    Args:
        target: whose chain.
        staged: a further folder with revisions that are not in place yet.

    Returns:
        A chain with one head (several where the section has `heads = many`), or without any revision.

    Raises:
        CannotRunError: the folder is missing, a revision is broken, a parent is missing, or there are too many heads.
    """
    target.require_folder()
    try:
        script = ScriptDirectory.from_config(config(target))
    except CommandError as error:
        raise CannotRunError(f"{target.name}: {error}") from error
    script.version_locations = [str(folder) for folder in (target.versions, staged) if folder]
    heads = _heads(script, target)
    if len(heads) > 1 and not target.many_heads:
        raise _several_heads(heads, script, target)
    for revision in script.walk_revisions():
        revision_file.add_missing_steps(revision)
    _require_known_settings(script, target)
    return script


def _require_known_settings(script: ScriptDirectory, target: Target) -> None:
    """Raise CannotRunError if a setting of the section names a revision that the chain does not have."""
    known = {each.revision for each in script.walk_revisions()}
    word = target.naming_convention_from
    for key, value, others in (
        ("starts_at", target.starts_at, ""),
        ("naming_convention_from", "" if word in {BASE, NEVER} else word, f", and neither {BASE} nor {NEVER}"),
    ):
        if value and value not in known:
            text = f"{target.name}: {key} = {value} in [{target.section}] is no revision of its chain{others}."
            raise CannotRunError(text, kind="unknown-revision")


def revisions(script: ScriptDirectory) -> list[Script]:
    """Return the revisions of a chain, each after those that it follows and those that it depends on."""
    return list(reversed(list(script.walk_revisions())))


def runnable(script: ScriptDirectory, target: Target) -> list[Script]:
    """Return the revisions that a new database gets: without those that the tables of `initial` stand for."""
    if not target.starts_at:
        return revisions(script)
    before = {each.revision for each in script.iterate_revisions(target.starts_at, "base")}
    return [each for each in revisions(script) if each.revision not in before]


def start(target: Target) -> tuple[str, ...]:
    """Return the revisions that a new database is at before the first one is applied."""
    return (target.starts_at,) if target.starts_at else ()


def before_convention(script: ScriptDirectory, target: Target) -> frozenset[str]:
    """Return the revisions for which the naming convention of the models does not hold yet."""
    first = target.naming_convention_from
    if first in {"", BASE}:
        return frozenset()
    known = [each.revision for each in revisions(script)]
    return frozenset(known if first == NEVER else known[: known.index(first)])


def shown_path(revision: Script, target: Target) -> str:
    """Return the path of a revision's file for people."""
    return shown(Path(revision.path), target.root)


def heads_of(script: ScriptDirectory, revisions: Iterable[Script]) -> list[str]:
    """Return those of some revisions that no other of them follows or depends on, as a database records them."""
    some = list(revisions)
    named = [name for each in some for name in to_tuple(each.down_revision, ()) + to_tuple(each.dependencies, ())]
    below = {each.revision for name in named for each in script.get_revisions(name)}
    return [each.revision for each in some if each.revision not in below]


def _heads(script: ScriptDirectory, target: Target) -> list[str]:
    """Import every revision and return those that no other follows.

    Raises:
        CannotRunError: a revision is broken, a parent is missing, or an id is used twice.
    """
    with warnings.catch_warnings():
        # What Alembic warns of here breaks every later command.
        warnings.filterwarnings("error", r"Revision .* is (not present|present more than once)", UserWarning)
        try:
            with compat.environment(config(target), script):  # for revisions that use `context` while imported
                return script.get_heads()
        except Warning as error:
            raise CannotRunError(f"{target.name}: {error}. Look in {shown(target.versions, target.root)}.") from error
        except Exception as error:
            where = place(error, target.root, target.versions)
            cause = f"{where}: {first_line(error)}" if where else str(error)
            raise CannotRunError(f"{target.name}: {cause}") from error


def _several_heads(heads: list[str], script: ScriptDirectory, target: Target) -> CannotRunError:
    """Return the error for a chain with more than one head, with the way to one."""
    files = [shown(Path(script.get_revision(head).path), target.root) for head in heads]
    headline = f"{target.name}: {len(heads)} heads, {', '.join(heads[:-1])} and {heads[-1]}: "
    for revision in script.walk_revisions():
        for name in set(heads) & set(to_tuple(revision.dependencies, default=())):
            return CannotRunError(
                f"{headline}{revision.revision} depends on {name} and does not follow it. "
                f"Name {name} in its down_revision, too: a chain has one head.",
                *files,
            )
    # In this order: a database at the revision that moves would skip the other one for good.
    return CannotRunError(
        f"{headline}changes follow the same revision. First downgrade your own databases to that revision, with "
        "the files as they were before; then set down_revision of the head that no shared database has to the "
        "other's id. If the chain is meant to have several heads: heads = many in its section.",
        *files,
    )


def require_revisions(script: ScriptDirectory, target: Target) -> None:
    """Raise CannotRunError if a chain is empty."""
    if not script.get_heads():
        raise CannotRunError(
            f"{target.name}: no revision in {shown(target.versions, target.root)}. Make the first: invoke migration"
        )
