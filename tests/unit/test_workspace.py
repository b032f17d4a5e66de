import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project.drafts import Draft, find
from alembic_lockstep.project.workspace import Recovered, Staging, drop_draft, recover, staging

REVISION = "4b4dd5bb39b4"
TARGETS = ("mysql_agent", "mysql_ops", "sqlite_agent")


def stage(change: Staging, root: Path) -> dict[Path, Path]:
    """Stage a script for each target; return the place of each."""
    moves = {}
    for name in TARGETS:
        (root / name).mkdir(exist_ok=True)
        script = change.folder(name) / "script.py"
        script.write_text(name, encoding="utf-8")
        moves[script] = root / name / "script.py"
    return moves


def workspace(root: Path) -> set[str]:
    return {path.name for path in (root / "upgrade" / ".work").iterdir()}


def placed(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("*/script.py"))


def draft_of(*names: str) -> Draft:
    """Return the draft of the scripts of some targets."""
    scripts = dict.fromkeys(names, "script.py")
    return Draft(
        message="feat: x", revision=REVISION, scripts=scripts, renames=[], branch="", allow_drop=False, twins="",
        require_proof=False,
    )  # fmt: skip


def drafts(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "upgrade" / ".work" / "draft").glob("*/script.py"))


def leave_behind(root: Path, moved: int, *, journal: bool = True) -> Path:
    """Create what is left if a command is killed after so many moves; return the folder of the change."""
    folder = root / "upgrade" / ".work" / REVISION
    folder.mkdir(parents=True)
    moves = stage(Staging(root, folder), root)
    if journal:
        entries = [[str(staged.relative_to(root)), str(place)] for staged, place in moves.items()]
        (folder / "journal.json").write_text(json.dumps(entries), encoding="utf-8")
    for staged, place in list(moves.items())[:moved]:
        staged.replace(place)
    return folder


def test_commit_moves_everything_and_the_workspace_is_empty_afterwards(tmp_path: Path) -> None:
    with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION) as change:
        moves = stage(change, tmp_path)
        assert placed(tmp_path) == []
        change.commit(moves)
    assert {path.read_text(encoding="utf-8") for path in tmp_path.glob("*/script.py")} == set(TARGETS)
    assert len(placed(tmp_path)) == 3
    assert workspace(tmp_path) <= {".gitignore", "lock"}


def test_workspace_is_ignored_by_git(tmp_path: Path) -> None:
    with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION) as change:
        stage(change, tmp_path)
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
        done = subprocess.run(
            ["git", "-C", tmp_path, "status", "--porcelain", "upgrade"], capture_output=True, text=True, check=True
        )
        assert done.stdout == ""


def test_change_that_is_not_committed_leaves_nothing(tmp_path: Path) -> None:
    with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION) as change:
        stage(change, tmp_path)
    assert placed(tmp_path) == []
    assert workspace(tmp_path) <= {".gitignore", "lock"}


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()], ids=["an error", "Ctrl-C"])
def test_interrupted_change_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def interrupt() -> None:
        with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION) as change:
            stage(change, tmp_path)
            raise error

    with pytest.raises(type(error)):
        interrupt()
    assert placed(tmp_path) == []
    assert workspace(tmp_path) <= {".gitignore", "lock"}


@pytest.mark.parametrize("broken", range(3), ids=["first", "second", "last"])
def test_move_that_fails_takes_all_others_back(tmp_path: Path, broken: int) -> None:
    with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION) as change:
        moves = stage(change, tmp_path)
        place = list(moves.values())[broken]
        place.parent.rmdir()
        with pytest.raises(CannotRunError) as refused:
            change.commit(moves)
        assert all(staged.exists() for staged in moves)
    assert refused.value.headline == (
        f"cannot write {TARGETS[broken]}/script.py: No such file or directory. Nothing was written."
    )
    assert placed(tmp_path) == []
    assert workspace(tmp_path) <= {".gitignore", "lock"}


class Obstructed(dict[Path, Path]):
    """Moves of which the second fails and the first cannot be taken back: both folders go after the first move."""

    def items(self) -> Any:
        (first, _place), (_second, place), *_rest = super().items()
        for number, move in enumerate(super().items()):
            if number == 1 and not first.exists():  # not while the journal is written
                first.parent.rmdir()
                place.parent.rmdir()
            yield move


def test_move_that_cannot_be_taken_back_is_told_and_finished_by_the_next_command(tmp_path: Path) -> None:
    base = tmp_path / "upgrade" / ".work"
    with pytest.raises(CannotRunError) as refused, staging(tmp_path, base, REVISION) as change:
        change.commit(Obstructed(stage(change, tmp_path)))
    assert refused.value.text() == (
        "cannot write mysql_ops/script.py: No such file or directory. Moving back what was written failed, too: "
        "No such file or directory. The change is written in part; the next command writes the rest, once it can.\n"
        "written: mysql_agent/script.py\nnot written: mysql_ops/script.py\nnot written: sqlite_agent/script.py"
    )
    assert placed(tmp_path) == ["mysql_agent"]
    with (
        pytest.raises(CannotRunError, match="an interrupted change cannot be finished: No such file"),
        staging(tmp_path, base, "5d6e7f8a9b0c"),
    ):
        pytest.fail("a change on top of an unfinished one")
    (tmp_path / "mysql_ops").mkdir()
    with staging(tmp_path, base, "5d6e7f8a9b0c") as change:
        assert change.recovered == [Recovered(REVISION, scripts=3, moved=2)]
    assert len(placed(tmp_path)) == 3
    assert workspace(tmp_path) <= {".gitignore", "lock"}


def test_ctrl_c_between_two_moves_does_not_leave_a_half(tmp_path: Path) -> None:
    # The dictionary of moves itself interrupts, before it gives the second one.
    program = """
import os, signal, sys
from pathlib import Path
from alembic_lockstep.project.workspace import staging

class Interrupts(dict):
    def items(self):
        for number, move in enumerate(super().items()):
            if number == 1:
                print("Ctrl-C")
                os.kill(os.getpid(), signal.SIGINT)
            yield move

root = Path(sys.argv[1])
with staging(root, root / "upgrade" / ".work", "4b4dd5bb39b4") as change:
    moves = Interrupts()
    for name in ("one", "two"):
        (root / name).mkdir()
        script = change.folder(name) / "script.py"
        script.write_text(name)
        moves[script] = root / name / "script.py"
    change.commit(moves)
print("committed")
os.kill(os.getpid(), signal.SIGINT)
print("not interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    said = done.stdout.split()
    assert said[0] == "Ctrl-C"
    assert said[-1] == "committed", "Ctrl-C works again when the moves are done"
    assert placed(tmp_path) == ["one", "two"]
    assert workspace(tmp_path) <= {".gitignore", "lock"}


def test_recover_without_a_workspace_does_nothing(tmp_path: Path) -> None:
    assert recover(tmp_path, tmp_path / "upgrade" / ".work") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moved", range(4))
def test_journal_left_behind_is_finished_and_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], moved: int
) -> None:
    leave_behind(tmp_path, moved)
    (found,) = recover(tmp_path, tmp_path / "upgrade" / ".work")
    assert len(placed(tmp_path)) == 3
    assert workspace(tmp_path) <= {".gitignore", "lock"}
    assert found == Recovered(REVISION, scripts=3, moved=3 - moved)
    assert str(found) == (
        f"The change {REVISION} was interrupted while its scripts were moved into place: "
        f"finished it by moving the remaining {3 - moved} of 3."
    )
    assert recover(tmp_path, tmp_path / "upgrade" / ".work") == []
    assert capfd.readouterr() == ("", "")


def test_folder_without_a_journal_is_removed_and_reported(tmp_path: Path) -> None:
    leave_behind(tmp_path, 0, journal=False)
    (found,) = recover(tmp_path, tmp_path / "upgrade" / ".work")
    assert placed(tmp_path) == []
    assert workspace(tmp_path) <= {".gitignore", "lock"}
    assert str(found) == f"The change {REVISION} was interrupted before it was written: removed its files."


def test_draft_of_a_journal_is_no_journal(tmp_path: Path) -> None:
    folder = leave_behind(tmp_path, 0, journal=False)
    (folder / "journal.draft").write_text('[["upgrade/.wo', encoding="utf-8")
    assert recover(tmp_path, tmp_path / "upgrade" / ".work") == [Recovered(REVISION)]
    assert placed(tmp_path) == []


def test_folder_that_was_only_to_be_removed_is_removed_silently(tmp_path: Path) -> None:
    folder = leave_behind(tmp_path, 3)
    folder.rename(folder.with_suffix(".done"))
    assert recover(tmp_path, tmp_path / "upgrade" / ".work") == []
    assert workspace(tmp_path) <= {".gitignore", "lock"}


def test_next_change_recovers_what_the_last_one_left(tmp_path: Path) -> None:
    leave_behind(tmp_path, 1)
    with staging(tmp_path, tmp_path / "upgrade" / ".work", "5d6e7f8a9b0c") as change:
        assert change.recovered == [Recovered(REVISION, scripts=3, moved=2)]
        assert len(placed(tmp_path)) == 3
        assert workspace(tmp_path) == {".gitignore", "lock", "5d6e7f8a9b0c"}


def test_change_that_cannot_be_finished_is_an_error_until_it_can(tmp_path: Path) -> None:
    leave_behind(tmp_path, 1)
    (tmp_path / "sqlite_agent").rmdir()
    for _attempt in range(2):
        with pytest.raises(CannotRunError, match="an interrupted change cannot be finished: No such file"):
            recover(tmp_path, tmp_path / "upgrade" / ".work")
    (tmp_path / "sqlite_agent").mkdir()
    recover(tmp_path, tmp_path / "upgrade" / ".work")
    assert len(placed(tmp_path)) == 3


def test_nothing_is_recovered_while_another_process_is_running(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    leave_behind(tmp_path, 1)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import filelock, sys\nwith filelock.FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()",
            str(tmp_path / "upgrade" / ".work" / "lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        recover(tmp_path, tmp_path / "upgrade" / ".work")
        assert placed(tmp_path) == ["mysql_agent"]
        assert REVISION in workspace(tmp_path)
        holder.communicate()
    assert capfd.readouterr() == ("", "")
    recover(tmp_path, tmp_path / "upgrade" / ".work")
    assert len(placed(tmp_path)) == 3


def test_lock_of_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from alembic_lockstep.project.workspace import staging\n"
        "base = Path(sys.argv[1])\n"
        "with staging(base, base / 'upgrade' / '.work', 'aaaaaaaaaaaa'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert "aaaaaaaaaaaa" in workspace(tmp_path)
    with staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION):
        assert "aaaaaaaaaaaa" not in workspace(tmp_path)


def test_second_change_does_not_wait_longer_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic_lockstep.project.workspace.WAIT_SECONDS", 0)
    (tmp_path / "upgrade" / ".work").mkdir(parents=True)
    with (
        FileLock(tmp_path / "upgrade" / ".work" / "lock"),
        pytest.raises(CannotRunError, match="another migration is being made in this checkout"),
        staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION),
    ):
        pytest.fail("two changes at a time")


def test_file_in_place_of_the_workspace_is_named(tmp_path: Path) -> None:
    (tmp_path / "upgrade").mkdir()
    (tmp_path / "upgrade" / ".work").touch()
    with (
        pytest.raises(CannotRunError, match=r"^cannot write upgrade/\.work: File exists\. Nothing was written\.$"),
        staging(tmp_path, tmp_path / "upgrade" / ".work", REVISION),
    ):
        pytest.fail("no workspace")


# Drafts


def test_change_that_is_kept_is_a_draft_without_scratch_files(tmp_path: Path) -> None:
    base = tmp_path / "upgrade" / ".work"
    with staging(tmp_path, base, REVISION) as change:
        stage(change, tmp_path)
        (base / REVISION / "sqlite_agent" / "scratch.db").touch()
        (base / REVISION / "sqlite_agent" / "__pycache__").mkdir()
        change.keep(draft_of(*TARGETS))
    assert workspace(tmp_path) == {".gitignore", "lock", "draft"}
    assert find(tmp_path, base) == draft_of(*TARGETS)
    assert sorted(path.name for path in (base / "draft").rglob("*") if path.is_file()) == [
        "draft.json", "script.py", "script.py", "script.py",
    ]  # fmt: skip
    assert recover(tmp_path, base) == [], "nothing is left behind"
    assert drafts(tmp_path) == sorted(TARGETS)


def test_draft_goes_when_its_change_is_in_place_and_only_then(tmp_path: Path) -> None:
    base = tmp_path / "upgrade" / ".work"
    with staging(tmp_path, base, REVISION) as change:
        stage(change, tmp_path)
        change.keep(draft_of(*TARGETS))
    with staging(tmp_path, base, "5d6e7f8a9b0c") as other:
        other.commit({})
    with staging(tmp_path, base, REVISION) as change:
        stage(change, tmp_path)
    with staging(tmp_path, base, REVISION) as change:
        moves = stage(change, tmp_path)
        (tmp_path / TARGETS[1]).rmdir()
        with pytest.raises(CannotRunError):
            change.commit(moves)
    assert (drafts(tmp_path), placed(tmp_path)) == (sorted(TARGETS), [])
    with staging(tmp_path, base, REVISION) as change:
        change.commit(stage(change, tmp_path))
    assert (find(tmp_path, base), placed(tmp_path)) == (None, sorted(TARGETS))
    assert workspace(tmp_path) <= {".gitignore", "lock"}


def test_what_is_left_of_a_change_is_a_draft_if_the_others_are_in_place(tmp_path: Path) -> None:
    base = tmp_path / "upgrade" / ".work"
    with staging(tmp_path, base, REVISION) as change:
        first, *_rest = stage(change, tmp_path).items()
        first[1].parent.rmdir()
        with pytest.raises(CannotRunError):
            change.commit(dict([first]), draft_of(*TARGETS[1:]))
    assert workspace(tmp_path) <= {".gitignore", "lock"}
    with staging(tmp_path, base, REVISION) as change:
        first, *_rest = stage(change, tmp_path).items()
        change.commit(dict([first]), draft_of(*TARGETS[1:]))
    assert placed(tmp_path) == [TARGETS[0]]
    assert drafts(tmp_path) == sorted(TARGETS[1:])
    assert {path.name for path in (base / "draft").iterdir()} == {*TARGETS[1:], "draft.json"}


def test_draft_that_is_dropped_is_gone_whatever_state_it_is_in(tmp_path: Path) -> None:
    base = tmp_path / "upgrade" / ".work"
    with staging(tmp_path, base, REVISION) as change:
        stage(change, tmp_path)
        change.keep(draft_of(*TARGETS))
    (base / "draft" / "draft.json").unlink()
    with pytest.raises(CannotRunError, match=r"draft\.json cannot be read \(FileNotFoundError"):
        find(tmp_path, base)
    scripts, _recovered = drop_draft(tmp_path, base)
    assert [script.parent.name for script in scripts] == sorted(TARGETS)
    assert workspace(tmp_path) <= {".gitignore", "lock"}
    with pytest.raises(CannotRunError, match="no draft is open"):
        drop_draft(tmp_path, base)
