"""The workspace: where the scripts of a change are staged, and from where all or none of them are moved into place.

`.work/<revision>/` beside the chains holds a change that is not complete yet. When all its scripts are proven, a
journal of the moves is written there; from then on the change is going to be made. A command that is killed before that
leaves nothing in the chains; one that is killed later leaves the journal, and the next command finishes the moves.
A change that is to be kept becomes the draft: `draft.json` is written into its folder, which is then renamed. The draft
of a change goes as soon as all scripts of the change are in place, before its journal does.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, shown
from alembic_lockstep.project import drafts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target

WAIT_SECONDS = 60
JOURNAL = "journal.json"
PENDING = "draft.pending"
"""The draft of what is left of a change whose other scripts are moved into place: it counts if there is a journal."""
DONE = ".done"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A change that a killed command had left behind, and that is complete or gone now.

    Attributes:
        change: the id of its scripts.
        scripts: how many scripts it has; 0 if it was removed.
        moved: how many of them were still to be moved into place.
        has_draft: whether a draft of it is open.
    """

    change: str
    scripts: int = 0
    moved: int = 0
    has_draft: bool = False

    def __str__(self) -> str:
        if self.scripts:
            return (
                f"The change {self.change} was interrupted while its scripts were moved into place: "
                f"finished it by moving the remaining {self.moved} of {self.scripts}."
            )
        if self.has_draft:
            return f"The change {self.change} was interrupted before it was finished: its draft is open."
        return f"The change {self.change} was interrupted before it was written: removed its files."


class Staging:
    """The staged scripts of the change that this process makes.

    Args:
        root: the project's root.
        folder: the folder of the change in the workspace.
        recovered: the changes that were left behind before.

    Attributes:
        recovered: the same.
        is_half_written: whether some scripts are in place and could not be moved back; the journal stays.
    """

    def __init__(self, root: Path, folder: Path, recovered: list[Recovered] | None = None) -> None:
        self._root, self._folder = root, folder
        self.recovered = recovered or []
        self.is_half_written = False

    def folder(self, name: str) -> Path:
        """Create and return the folder of one target."""
        path = self._folder / name
        with _os_errors_named(self._root, self._folder.parent):
            path.mkdir()
        return path

    def add(self, name: str, file: str, text: str) -> Path:
        """Write a script into the folder of one target, and return its path."""
        path = self._folder / name / file
        with _os_errors_named(self._root, self._folder.parent):
            path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def script(self, name: str) -> Path | None:
        """Return the staged script of one target, None if it has none."""
        return next(iter(sorted((self._folder / name).glob("*.py"))), None)

    def keep(self, draft: drafts.Draft) -> None:
        """Make a draft of what is staged when the block of `staging` ends.

        Raises:
            CannotRunError: the workspace cannot be written.
        """
        with _os_errors_named(self._root, self._folder.parent):
            self._tidy()
            draft.write(self._folder / drafts.FILE)

    def _tidy(self) -> None:
        """Remove what lies beside the scripts of the targets, such as scratch files."""
        for path in self._folder.glob("*/*"):
            if path.suffix != ".py":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def commit(self, moves: dict[Path, Path], left: drafts.Draft | None = None) -> None:
        """Move staged files to their final paths, all or none.

        Args:
            moves: the final path of each staged file.
            left: what is kept as a draft of those that are not moved.

        Raises:
            CannotRunError: a file cannot be moved; those that were moved are moved back.
        """
        with ctrl_c_ignored(), _os_errors_named(self._root, self._folder.parent):
            for staged in moves:
                with staged.open("rb+") as file:
                    os.fsync(file.fileno())
            if left is not None:
                self._tidy()
                left.write(self._folder / PENDING)
            self._write_journal(moves)
            self._move(moves)

    def _move(self, moves: dict[Path, Path]) -> None:
        done: dict[Path, Path] = {}
        try:
            for staged, place in moves.items():
                staged.replace(place)
                done[staged] = place
        except OSError as error:
            cause = f"cannot write {shown(place, self._root)}: {error.strerror}."
            self._move_back(done, dict(moves), cause)
            raise CannotRunError(f"{cause} Nothing was written.", kind="cannot-write") from error

    def _move_back(self, done: dict[Path, Path], moves: dict[Path, Path], cause: str) -> None:
        """Move scripts back; if that fails, the journal stays, so that the next command moves the others into place."""
        try:
            # The journal is deleted last: if this process is killed here, the journal knows both paths of each script.
            for staged, place in done.items():
                place.replace(staged)
            (self._folder / JOURNAL).unlink()
        except OSError as error:
            self.is_half_written = True
            places = [(place.exists(), shown(place, self._root)) for place in moves.values()]
            raise CannotRunError(
                f"{cause} Moving back what was written failed, too: {error.strerror}. The change is written in part; "
                "the next command writes the rest, once it can.",
                *(f"{'written' if there else 'not written'}: {path}" for there, path in places),
                kind="cannot-write",
            ) from error

    def _write_journal(self, moves: dict[Path, Path]) -> None:
        entries = [[shown(path, self._root) for path in move] for move in moves.items()]
        draft = self._folder / "journal.draft"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(entries, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / JOURNAL)


def folder_of(targets: list[Target]) -> Path:
    """Return the workspace of a project. It is beside the chains, so that moving a script is a single rename.

    Args:
        targets: all targets of the project; those whose chain is in an installed package are ignored.
    """
    root = targets[0].root
    own = [target.versions.parent for target in targets if target.versions.is_relative_to(root)]
    return Path(os.path.commonpath(own) if own else root) / ".work"


@contextmanager
def staging(root: Path, base: Path, revision: str) -> Iterator[Staging]:
    """Open the workspace for a change; only one change at a time is made in a checkout.

    Args:
        root: the project's root.
        base: the workspace.
        revision: the change's id.

    Raises:
        CannotRunError: the workspace cannot be written, or another command keeps it locked for too long.
    """
    folder = base / revision
    with _locked(root, base) as recovered:
        with _os_errors_named(root, base):
            folder.mkdir()
        change = Staging(root, folder, recovered)
        try:
            yield change
        finally:
            if not change.is_half_written:
                with _os_errors_named(root, base):
                    _settle(folder)


@contextmanager
def _locked(root: Path, base: Path) -> Iterator[list[Recovered]]:
    """Lock the workspace; yield what was left behind in it, which is finished or removed before."""
    from filelock import FileLock, Timeout

    lock = FileLock(base / "lock", timeout=WAIT_SECONDS)
    with _os_errors_named(root, base):
        base.mkdir(parents=True, exist_ok=True)
        (base / ".gitignore").write_text("*\n", encoding="utf-8")
    try:
        with _os_errors_named(root, base):
            lock.acquire()
    except Timeout as error:
        text = f"another migration is being made in this checkout (waited {WAIT_SECONDS} s)"
        raise CannotRunError(text, kind="busy") from error
    try:
        yield _recover_all(root, base)
    finally:
        lock.release()


def drop_draft(root: Path, base: Path) -> tuple[list[Path], list[Recovered]]:
    """Remove the open draft, whatever state it is in.

    Args:
        root: the project's root.
        base: the workspace.

    Returns:
        The scripts that were removed, and what killed commands had left behind.

    Raises:
        CannotRunError: there is no draft, or it cannot be removed.
    """
    if not base.is_dir():
        raise no_draft()
    with _locked(root, base) as recovered, ctrl_c_ignored():
        folder = base / drafts.FOLDER
        if not folder.is_dir():
            raise no_draft()
        scripts = sorted(folder.glob("*/*.py"))
        _remove(folder)
        if folder.exists():
            raise CannotRunError(f"cannot remove {shown(folder, root)}", kind="cannot-write")
        return scripts, recovered


def no_draft() -> CannotRunError:
    """Return the error for a command that needs an open draft."""
    return CannotRunError("no draft is open: there is nothing to continue or to drop.", kind="no-draft")


@contextmanager
def _os_errors_named(root: Path, folder: Path) -> Iterator[None]:
    """Turn an OSError of the block into an error that names the file."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        name = shown(Path(error.filename), root) if error.filename else shown(folder, root)
        text = f"cannot write {name}: {error.strerror}. Nothing was written."
        raise CannotRunError(text, kind="cannot-write") from error


def recover(root: Path, base: Path) -> list[Recovered]:
    """Finish or remove what killed commands have left behind; do nothing while another one is running.

    Args:
        root: the project's root.
        base: the workspace.

    Returns:
        What was finished or removed.

    Raises:
        CannotRunError: the moves of an interrupted change cannot be finished.
    """
    if not _leftovers(base):
        return []
    from filelock import FileLock, Timeout

    try:
        with _unfinished_named([]), FileLock(base / "lock", timeout=0):
            return _recover_all(root, base)
    except Timeout:
        return []


def _recover_all(root: Path, base: Path) -> list[Recovered]:
    """Finish or remove every change that was left behind; the workspace is locked."""
    found: list[Recovered] = []
    with _unfinished_named(found):
        for each in _recover(root, base):
            found.append(each)  # noqa: PERF402 - the error needs those before it
    return found


@contextmanager
def _unfinished_named(found: list[Recovered]) -> Iterator[None]:
    """Turn an OSError of the block into an error that says that an interrupted change stays unfinished."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        text = f"an interrupted change cannot be finished: {error.strerror} ({error.filename})"
        raise CannotRunError(text, *map(str, found), kind="cannot-write") from error


def _leftovers(base: Path) -> list[Path]:
    if not base.is_dir():
        return []
    return [path for path in base.iterdir() if path.is_dir() and path.name != drafts.FOLDER]


def _recover(root: Path, base: Path) -> Iterator[Recovered]:
    """Finish or remove every change that was left behind, and yield each; the workspace is locked."""
    for folder in _leftovers(base):
        journal = folder / JOURNAL
        if folder.suffix == DONE:
            _remove(folder)
            continue
        if journal.exists():
            moves = [(root / staged, root / place) for staged, place in json.loads(journal.read_text(encoding="utf-8"))]
            missing = [(staged, place) for staged, place in moves if staged.exists()]
            for staged, place in missing:
                staged.replace(place)
            recovered = Recovered(folder.name, len(moves), len(missing))
        else:
            has_draft = (folder / drafts.FILE).exists() or _is_draft_of(folder.name, base)
            recovered = Recovered(folder.name, has_draft=has_draft)
        _settle(folder)
        yield recovered


def _settle(folder: Path) -> None:
    """Make a change's folder the draft if it is to be one, otherwise remove it; with a journal all its moves are done.

    Whenever this process is killed here, the next command goes on with it.
    """
    journal, kept, draft = folder / JOURNAL, folder / drafts.FILE, folder.with_name(drafts.FOLDER)
    if journal.exists():
        if (folder / PENDING).exists():
            (folder / PENDING).replace(kept)
        if not kept.exists() and _is_draft_of(folder.name, folder.parent):
            _remove(draft)
    if kept.exists():
        journal.unlink(missing_ok=True)
        for path in folder.iterdir():
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        folder.replace(draft)
    else:
        _remove(folder)


def _is_draft_of(revision: str, base: Path) -> bool:
    """Return whether the open draft is one of this change."""
    try:
        draft = drafts.find(base, base)
    except CannotRunError:
        return False
    return draft is not None and draft.revision == revision


def _remove(folder: Path) -> None:
    """Remove a change's folder. It is renamed first: if this process is killed, only the removal is left to do."""
    done = folder.with_suffix(DONE)
    with suppress(OSError):  # Windows does not rename a folder while a file in it is open
        folder.replace(done)
    shutil.rmtree(done, ignore_errors=True)


@contextmanager
def ctrl_c_ignored() -> Iterator[None]:
    """Ignore Ctrl-C during the moves: it would leave only some of them done."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
