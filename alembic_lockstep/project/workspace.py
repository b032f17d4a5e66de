"""Where scripts are staged, and how all of a change comes into place or nothing of it.

`.work/<revision>/` beside the chains holds a change in the making. Once everything is proven a journal of moves is
written there;
that is the point of no return. A command that is killed before it leaves nothing in the chains, one that is killed
after it leaves a journal, and the next command of any kind finishes its moves.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_lockstep.errors import CannotRunError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic_lockstep.project.targets import Target

WAIT_SECONDS = 60
JOURNAL = "journal.json"
DONE = ".done"


class Staging:
    """The change that this process is making.

    Args:
        root: the project's root.
        folder: its folder in the workspace.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self._folder = root, folder

    def folder(self, name: str) -> Path:
        """Make and return the folder of one target."""
        path = self._folder / name
        with _told(self._root, self._folder.parent):
            path.mkdir()
        return path

    def commit(self, moves: dict[Path, Path]) -> None:
        """Move staged files to their places, all or none.

        Args:
            moves: the place of each staged file.

        Raises:
            CannotRunError: a place cannot be written; nothing is left there.
        """
        with _uninterrupted(), _told(self._root, self._folder.parent):
            for staged in moves:
                with staged.open("rb+") as file:
                    os.fsync(file.fileno())
            self._write_journal(moves)
            self._move(moves)

    def _move(self, moves: dict[Path, Path]) -> None:
        done: dict[Path, Path] = {}
        try:
            for staged, place in moves.items():
                staged.replace(place)
                done[staged] = place
        except OSError as error:
            # The journal goes last: a kill meanwhile leaves every script in one of its two places.
            for moved, back in done.items():
                back.replace(moved)
            (self._folder / JOURNAL).unlink()
            raise CannotRunError(
                f"cannot write {shown(place, self._root)}: {error.strerror}. Nothing was written."
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
    """Return the workspace of a project: beside its chains, so that to move a script there is one rename.

    Args:
        targets: all of the project's; those whose chain is in an installed package do not count.
    """
    root = targets[0].root
    own = [target.versions.parent for target in targets if target.versions.is_relative_to(root)]
    return Path(os.path.commonpath(own) if own else root) / ".work"


@contextmanager
def staging(root: Path, base: Path, revision: str) -> Iterator[Staging]:
    """Open the workspace for a change; one at a time in a checkout.

    Args:
        root: the project's root.
        base: the workspace.
        revision: the change's id.

    Raises:
        CannotRunError: it cannot be written, or another command holds it too long.
    """
    from filelock import FileLock, Timeout

    folder = base / revision
    lock = FileLock(base / "lock", timeout=WAIT_SECONDS)
    with _told(root, base):
        base.mkdir(parents=True, exist_ok=True)
        (base / ".gitignore").write_text("*\n", encoding="utf-8")
    try:
        with _told(root, base):
            lock.acquire()
    except Timeout as error:
        raise CannotRunError(f"another migration is being made in this checkout (waited {WAIT_SECONDS} s)") from error
    try:
        with _told(root, base):
            _put_right(root, base)
            folder.mkdir()
        yield Staging(root, folder)
    finally:
        _remove(folder)
        lock.release()


@contextmanager
def _told(root: Path, folder: Path) -> Iterator[None]:
    """Make an error for users of what the file system refuses."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        name = shown(Path(error.filename), root) if error.filename else shown(folder, root)
        raise CannotRunError(f"cannot write {name}: {error.strerror}. Nothing was written.") from error


def recover(root: Path, base: Path) -> None:
    """Put right what a killed command left behind, and say so; nothing is done while another one is at work.

    Args:
        root: the project's root.
        base: the workspace.

    Raises:
        CannotRunError: a change was broken off half-way and cannot be finished.
    """
    if not _left(base):
        return
    from filelock import FileLock, Timeout

    try:
        with FileLock(base / "lock", timeout=0):
            _put_right(root, base)
    except Timeout:
        return
    except OSError as error:
        raise CannotRunError(
            f"a change was broken off and cannot be finished here: {error.strerror} ({error.filename})"
        ) from error


def _left(base: Path) -> list[Path]:
    return [path for path in base.iterdir() if path.is_dir()] if base.is_dir() else []


def _put_right(root: Path, base: Path) -> None:
    for folder in _left(base):
        journal = folder / JOURNAL
        if folder.suffix == DONE:
            pass
        elif journal.exists():
            moves = [(root / staged, root / place) for staged, place in json.loads(journal.read_text(encoding="utf-8"))]
            missing = [(staged, place) for staged, place in moves if staged.exists()]
            for staged, place in missing:
                staged.replace(place)
            print(
                f"The change {folder.name} was broken off while it was written: "
                f"finished it, {len(missing)} of {len(moves)} scripts were still to be put in place.",
                file=sys.stderr,
            )
        else:
            print(
                f"The change {folder.name} was broken off before it was written: removed what it left.", file=sys.stderr
            )
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a change's folder. Its new name says that this is all that is left to do, should it be killed now."""
    done = folder.with_suffix(DONE)
    with suppress(OSError):  # Windows keeps a folder's name while somebody reads in it
        folder.replace(done)
    shutil.rmtree(done, ignore_errors=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C pass unheard for as long as the moves take: it would leave a part of them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
