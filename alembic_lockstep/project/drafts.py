"""The draft: the scripts of a change that was refused or has failed, kept in the workspace for the developer to edit.

`draft/` in the workspace holds a folder for each target, with its script, and `draft.json` with the request. There is
at most one. It is no part of any chain: Alembic looks into the folders of revisions only.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, first_line, shown

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "draft"
FILE = "draft.json"
CONTINUE, ABORT = "invoke migration --continue", "invoke migration --abort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A change that is not in place, and what the developer had asked for.

    Attributes:
        message: the message.
        revision: the id of its scripts.
        scripts: the name of the file by target; empty for a target that needs no script.
        renames: the values of --rename.
        branch: the value of --branch.
        allow_drop: whether --allow-drop was given.
        twins: the value of --twins.
        require_proof: whether --require-proof was given.
    """

    message: str
    revision: str
    scripts: dict[str, str]
    renames: list[str]
    branch: str
    allow_drop: bool
    twins: str
    require_proof: bool

    def __str__(self) -> str:
        return f"{self.message} ({self.revision}; {', '.join(self.with_script())})"

    def with_script(self) -> list[str]:
        """Return the targets that have a script."""
        return [name for name, script in self.scripts.items() if script]

    def request(self) -> str:
        """Return the command that generates the change again."""
        words = ["invoke", "migration", "--auto", "-m", self.message, "--db", ",".join(self.scripts)]
        words += [word for rename in self.renames for word in ("--rename", rename)]
        words += ["--branch", self.branch] if self.branch else []
        words += ["--twins", self.twins] if self.twins else []
        words += ["--allow-drop"] if self.allow_drop else []
        words += ["--require-proof"] if self.require_proof else []
        return shlex.join(words)

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


def find(root: Path, base: Path) -> Draft | None:
    """Return the open draft of a project, None if there is none. Nothing is changed.

    Args:
        root: the project's root.
        base: the workspace.

    Raises:
        CannotRunError: it cannot be read.
    """
    path = base / FOLDER / FILE
    if not path.parent.is_dir():
        return None
    try:
        return Draft(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CannotRunError(
            f"the draft cannot be used: {shown(path, root)} cannot be read ({first_line(error)}). To drop it: {ABORT}",
            kind="broken-draft",
        ) from error


def require_none(root: Path, base: Path) -> None:
    """Raise CannotRunError if a draft is open: its scripts would follow the same revision as those of a new change."""
    draft = find(root, base)
    if draft is not None:
        raise CannotRunError(
            f"a draft is open: {draft}. Nothing was written. Finish it with {CONTINUE}, or drop it with {ABORT}.",
            *(shown(path, root) for path in paths(base, draft).values()),
            kind="draft-open",
        )


def paths(base: Path, draft: Draft) -> dict[str, Path]:
    """Return where the scripts of a draft are, by target."""
    return {name: base / FOLDER / name / draft.scripts[name] for name in draft.with_script()}


def rewrite(root: Path, path: Path, text: str) -> None:
    """Write the text of a draft's script, whole or not at all.

    Args:
        root: the project's root.
        path: the script.
        text: what it is to have.

    Raises:
        CannotRunError: it cannot be written.
    """
    part = path.with_suffix(".part")
    try:
        if path.read_text(encoding="utf-8") != text:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path)
    except OSError as error:
        headline = f"cannot write {shown(path, root)}: {error.strerror}. Nothing was written."
        raise CannotRunError(headline, kind="cannot-write") from error
