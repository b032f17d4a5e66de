"""The script of a new revision, written into the staging folder: named, formatted and compiled there."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.autogenerate.api import RevisionContext
from alembic.util import CommandError

from alembic_lockstep import compat
from alembic_lockstep.errors import CannotRunError, shown
from alembic_lockstep.project import chain, revision_file

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

    from alembic_lockstep.autogenerate.change import GenerationRequest
    from alembic_lockstep.project.targets import Target


def new_revision(target: Target, request: GenerationRequest, script: ScriptDirectory) -> RevisionContext:
    """Return a new revision at the head of a chain; its script goes to the staging folder, not to the chain's.

    Args:
        target: whose chain it is.
        request: message, id and staging folder.
        script: the chain; it gets the staging folder, too.

    Raises:
        CannotRunError: the chain has no such branch, or several, and none is chosen.
    """
    head = _head(target, request.branch, script)
    compat.set_version_locations(script, [str(target.versions), request.folder])
    script.messaging_opts = {"quiet": True}
    command = {
        "message": request.message,
        "rev_id": request.revision,
        "version_path": request.folder,
        "head": head,
        "splice": False,
        "branch_label": None,
        "depends_on": None,
        "sql": False,
    }
    return RevisionContext(chain.config(target), script, command)


def _head(target: Target, branch: str, script: ScriptDirectory) -> str:
    """Return the head that a new revision follows, as Alembic names it."""
    heads = script.get_revisions(script.get_heads())  # "heads" leaves out those that another one depends on
    if len(heads) < 2 and not branch:
        return "head"
    labels = [f"{', '.join(sorted(each.branch_labels)) or 'no label'} ({each.revision})" for each in heads]
    if not branch:
        raise CannotRunError(
            f"{target.name}: its chain has {len(heads)} heads: choose the branch with --branch LABEL or --branch ID: "
            f"{'; '.join(labels)}",
            kind="usage",
        )
    try:
        found = script.get_revision(f"{branch}@head")
    except CommandError:
        found = None
    if found is None:
        raise CannotRunError(
            f"{target.name}: its chain has no branch {branch}. Its heads: {'; '.join(labels)}", kind="unknown-revision"
        )
    return found.revision


def write(revision: RevisionContext, target: Target, request: GenerationRequest) -> None:
    """Write the script into the staging folder.

    Raises:
        CannotRunError: the folder cannot be written to.
    """
    try:
        for _script in revision.generate_scripts():
            pass
        _format(target, request)
    except OSError as error:
        folder = shown(Path(request.folder), target.root)
        raise CannotRunError(f"cannot write into {folder}: {error.strerror}") from error


def _format(target: Target, request: GenerationRequest) -> None:
    """Format the staged script and check that it is Python."""
    path = next(Path(request.folder).glob("*.py"))
    text = revision_file.formatted(path.read_text(encoding="utf-8"), target.versions / path.name)
    ast.parse(text, filename=str(path))
    path.write_text(text, encoding="utf-8", newline="\n")
