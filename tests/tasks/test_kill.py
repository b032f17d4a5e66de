"""Commands that are killed or interrupted, at random moments and at each moment that matters."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project.drafts import find
from alembic_lockstep.project.workspace import recover
from tests.conftest import ROOT
from tests.tasks.test_roundtrip import add

if TYPE_CHECKING:
    from alembic_lockstep.servers.server import Server
    from tests.conftest import Project

pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")

MIGRATION = ("migration", "--auto", "-m", "feat: change", "--db", "*_agent")
AGENT = ("mysql_agent", "sqlite_agent")

# Kills the process before the operation of this number that changes the file system at a path with this part in it.
KILLER = """
import os, signal, sys

def _kill_at(part, number):
    def hook(event, arguments):
        nonlocal number
        changes = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir"} or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if changes and any(part in os.fspath(path) for path in arguments[:2] if isinstance(path, (str, os.PathLike))):
            number -= 1
            if number == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
"""

# Interrupts the process when the thread that starts a worker begins: the main thread still waits for that.
INTERRUPTER = """
import os, signal, sys, threading

def _interrupt(*_arguments):
    sys.setprofile(None)
    if threading.current_thread().name.endswith({thread!r}):
        os.kill(os.getpid(), signal.SIGINT)

threading.setprofile(_interrupt)
"""


def processes(root: Path) -> list[str]:
    """Return the command lines of the processes that work in the project."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == root:
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            pass  # gone, or somebody else's
    return found


def wait_until_alone(root: Path) -> None:
    """Wait for what was started in the project to end, as workers do when they have lost their parent."""
    give_up = time.monotonic() + 20
    while left := processes(root):
        assert time.monotonic() < give_up, f"still running: {left}"
        time.sleep(0.02)


def left_behind(project: Project) -> list[str]:
    work = project.root / "upgrade" / ".work"
    return sorted(path.name for path in work.iterdir() if path.is_dir()) if work.exists() else []


def new_scripts(project: Project) -> list[Path]:
    return [path for target in AGENT for path in project.versions(target) if path.name.startswith("feat_change_")]


def is_whole_or_nothing(scripts: list[Path]) -> bool:
    return len(scripts) in {0, len(AGENT)} and len({path.name for path in scripts}) <= 1


def assert_next_command_puts_right(project: Project, number: int) -> None:
    """Run another kind of command each time; whichever it is it says what it found, and leaves no half."""
    left = left_behind(project)
    match number % 4:
        case 0:
            done = project.invoke("status", "--db", "sqlite_ops")
        case 1:
            done = project.alembic("sqlite_ops", "upgrade", "head")
        case 2:
            done = project.invoke("upgrade", "--db", "sqlite_ops")
        case _:
            done = project.invoke("migration", "--manual", "-m", "feat: other", "--db", "sqlite_ops", "--dry-run")
    assert done.returncode == 0, done.stderr
    for revision in left:
        assert f"The change {revision} was interrupted" in done.stderr or revision.endswith(".done")
    assert is_whole_or_nothing(new_scripts(project)), new_scripts(project)
    assert {path.name for path in (project.root / "upgrade" / ".work").iterdir()} <= {".gitignore", "lock"}


def start(project: Project, *words: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "invoke", *words],
        cwd=project.root,
        env={**project.env, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        process_group=0,
    )


def test_kill_at_random_moments_leaves_the_whole_change_or_nothing(project: Project) -> None:
    project.add_column()
    started = time.monotonic()
    assert project.invoke(*MIGRATION, "--dry-run").returncode == 0
    whole = time.monotonic() - started
    moments = random.Random(20)
    for number in range(6):
        with start(project, *MIGRATION) as process:
            time.sleep(moments.uniform(0, whole))
            process.kill()
        assert_next_command_puts_right(project, number)
        wait_until_alone(project.root)
        for script in new_scripts(project):
            script.unlink()
    assert project.invoke(*MIGRATION).returncode == 0
    assert len(new_scripts(project)) == len(AGENT)


@pytest.mark.parametrize(
    ("part", "number", "moved"),
    [("_agent/versions/", 1, 0), ("_agent/versions/", 2, 1), (".done", 1, 2)],
    ids=["before the first move", "between the moves", "behind the last move"],
)
def test_kill_around_the_moves_is_put_right_by_the_next_command(
    project: Project, part: str, number: int, moved: int
) -> None:
    project.add_column()
    site = project.root.with_name("site")
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"{KILLER}\n_kill_at({part!r}, {number})\n")
    with start(project, *MIGRATION, PYTHONPATH=str(site)) as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert len(new_scripts(project)) == moved
    (revision,) = left_behind(project)
    assert_next_command_puts_right(project, moved)
    assert [path.name for path in new_scripts(project)] == [f"feat_change_{revision}.py"] * len(AGENT)
    wait_until_alone(project.root)


CHANGES = {
    "a change": """
with staging(root, root / "upgrade" / ".work", "4b4dd5bb39b4") as change:
    commit(change, missing=None)
""",
    "a change that is taken back": """
try:
    with staging(root, root / "upgrade" / ".work", "4b4dd5bb39b4") as change:
        commit(change, missing=2)
except CannotRunError:
    pass
""",
    "a change that cannot be taken back": """
class Obstructed(dict):
    def items(self):
        for number, (staged, place) in enumerate(super().items()):
            yield staged, place
            if number == 0 and not staged.exists():
                staged.parent.rmdir()

try:
    with staging(root, root / "upgrade" / ".work", "4b4dd5bb39b4") as change:
        commit(change, missing=2, obstructed=Obstructed)
except CannotRunError:
    pass
""",
    "putting right": """
folder = root / "upgrade" / ".work" / "4b4dd5bb39b4"
folder.mkdir(parents=True)
commit_and_die(folder)
recover(root, root / "upgrade" / ".work")
""",
}
EACH_MOMENT = """
import itertools, json, os, signal, sys
from pathlib import Path
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project.workspace import Staging, recover, staging

def stage(change, missing):
    moves = {}
    for number in range(4):
        script = change.folder(f"target{number}") / "script.py"
        script.write_text(str(number))
        moves[script] = root / f"place{number}" / "script.py"
        if number != missing:
            (root / f"place{number}").mkdir(exist_ok=True)
    return moves

def commit(change, missing, obstructed=dict):
    moves = obstructed(stage(change, missing))
    _kill_at(str(root), moment)
    change.commit(moves)

def commit_and_die(folder):
    moves = stage(Staging(root, folder), None)
    entries = [[str(staged.relative_to(root)), str(place)] for staged, place in moves.items()]
    (folder / "journal.json").write_text(json.dumps(entries))
    _kill_at(str(root), moment)

sys.stderr = open(os.devnull, "w")
for moment in itertools.count(1):
    root = Path(sys.argv[1], str(moment))
    root.mkdir()
    child = os.fork()
    if child == 0:
        {change}
        os._exit(0)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        break
"""


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_kill_before_each_operation_on_files_leaves_all_or_nothing(tmp_path: Path, change: str) -> None:
    program = KILLER + EACH_MOMENT.replace("{change}", change.replace("\n", "\n        "))
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    roots = sorted(tmp_path.iterdir(), key=lambda root: int(root.name))
    found = set()
    for root in roots:
        moved = len(list(root.glob("place*/script.py")))
        found.add(moved)
        try:
            recovered = recover(root, root / "upgrade" / ".work")
        except CannotRunError:
            (root / "place2").mkdir()
            recovered = recover(root, root / "upgrade" / ".work")
        placed = len(list(root.glob("place*/script.py")))
        assert placed in {0, 4}, f"killed before operation {root.name}"
        assert {path.name for path in (root / "upgrade" / ".work").iterdir()} <= {".gitignore", "lock"}
        told = "\n".join(map(str, recovered))
        assert ("before it was written" in told) <= (placed == 0)
        assert ("finished it" in told) <= (placed == 4)
        assert told or moved == placed
    assert found >= {0, 1, 2}, "no kill fell between two moves"


DRAFTS = {
    "a draft is kept": """
with staging(root, base, ID) as change:
    stage(change, None)
    _kill_at(str(root), moment)
    change.keep(draft(range(4)))
""",
    "a draft is put in place": """
with staging(root, base, ID) as change:
    stage(change, None)
    change.keep(draft(range(4)))
_kill_at(str(root), moment)
with staging(root, base, ID) as change:
    change.commit(stage(change, None))
""",
    "a part is put in place and the rest kept": """
with staging(root, base, ID) as change:
    moves = list(stage(change, None).items())
    _kill_at(str(root), moment)
    change.commit(dict(moves[:2]), draft(range(2, 4)))
""",
    "a draft is dropped": """
with staging(root, base, ID) as change:
    stage(change, None)
    change.keep(draft(range(4)))
_kill_at(str(root), moment)
drop_draft(root, base)
""",
}
ALLOWED = {
    "a draft is kept": {(0, 0), (0, 4)},
    "a draft is put in place": {(0, 4), (4, 0)},
    "a part is put in place and the rest kept": {(0, 0), (2, 2)},
    "a draft is dropped": {(0, 4), (0, 0)},
}
"""How many scripts may be in place, and how many in the draft."""
DRAFT_TOOLS = """
from alembic_lockstep.project.drafts import Draft
from alembic_lockstep.project.workspace import drop_draft

ID = "4b4dd5bb39b4"

def draft(numbers):
    scripts = {f"target{number}": "script.py" for number in numbers}
    return Draft(message="feat: x", revision=ID, scripts=scripts, renames=[], branch="", allow_drop=False, twins="",
                 require_proof=False)
"""


@pytest.mark.parametrize("change", DRAFTS)
def test_kill_around_drafts_leaves_each_script_in_one_place(tmp_path: Path, change: str) -> None:
    body = f"base = root / 'upgrade' / '.work'\n{DRAFTS[change].strip()}"
    program = KILLER + DRAFT_TOOLS + EACH_MOMENT.replace("{change}", body.replace("\n", "\n        "))
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    found = set()
    for root in tmp_path.iterdir():
        base = root / "upgrade" / ".work"
        told = "\n".join(map(str, recover(root, base)))
        draft = find(root, base)
        kept = len(list((base / "draft").glob("*/script.py")))
        assert kept == (len(draft.scripts) if draft else 0), f"killed before operation {root.name}"
        found.add((len(list(root.glob("place*/script.py"))), kept))
        assert {path.name for path in base.iterdir()} <= {".gitignore", "lock", "draft"}
        assert ("its draft is open" in told) <= (kept > 0)
    assert found == ALLOWED[change]


@pytest.mark.parametrize(
    ("part", "number", "in_place"), [("_agent/versions/", 2, True), ("journal.json", 1, False), ("draft.done", 1, True)]
)
def test_kill_while_a_draft_is_continued_finishes_it_or_leaves_it(
    project: Project, part: str, number: int, in_place: bool
) -> None:
    project.edit("openjiuwen_studio/models/tag.py", "    tag_color: Mapped[str | None] = mapped_column(String(20))", "")
    assert project.invoke(*MIGRATION).returncode == 1
    kept = {path: path.read_bytes() for path in project.drafts()}
    assert len(kept) == len(AGENT)
    site = project.root.with_name("site")
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"{KILLER}\n_kill_at({part!r}, {number})\n")
    path = os.pathsep.join([str(site), str(ROOT)])
    with start(project, "migration", "--continue", "--allow-drop", PYTHONPATH=path) as process:
        out, err = process.communicate()
    assert process.returncode == -signal.SIGKILL, out + err
    done = project.invoke("status", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stderr
    assert "was interrupted" in done.stderr
    assert len(new_scripts(project)) == (len(AGENT) if in_place else 0)
    assert {path: path.read_bytes() for path in project.drafts()} == ({} if in_place else kept)
    assert ("A draft is open" in done.stdout) is not in_place
    if not in_place:
        assert "was interrupted before it was finished: its draft is open." in done.stderr
        assert project.invoke("migration", "--continue", "--allow-drop").returncode == 0
    wait_until_alone(project.root)


def test_ctrl_c_leaves_a_draft_that_was_open_and_keeps_none_of_a_new_change(project: Project) -> None:
    model = project.root / "openjiuwen_studio" / "models" / "tag.py"
    mark = project.root.with_name("imported")
    text = model.read_text().replace("    tag_color: Mapped[str | None] = mapped_column(String(20))", "")
    waits = f"\nimport pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(60)\n"
    for words, told, left in (
        (MIGRATION, "Interrupted. Nothing was written.\n", 0),
        (("migration", "--continue"), "Interrupted. Nothing was written; the draft is still open.\n", len(AGENT)),
    ):
        model.write_text(text + waits)
        with start(project, *words) as process:
            while not mark.exists():
                assert process.poll() is None
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGINT)
            _out, err = process.communicate()
        assert (process.returncode, err) == (130, told)
        assert len(project.drafts()) == left
        mark.unlink()
        model.write_text(text)
        if not left:
            assert project.invoke(*MIGRATION).returncode == 1


def test_ctrl_c_ends_workers_that_hang(project: Project) -> None:
    project.add_column()
    model = project.root / "openjiuwen_studio" / "models" / "tag.py"
    mark = project.root.with_name("imported")
    model.write_text(
        f"{model.read_text()}\nimport pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(60)\n"
    )
    with start(project, *MIGRATION) as process:
        while not mark.exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        _out, err = process.communicate()
    assert process.returncode == 130
    assert err == "Interrupted. Nothing was written.\n"
    assert processes(project.root) == []
    assert new_scripts(project) == []
    assert left_behind(project) == []


@pytest.mark.parametrize("thread", ["_0", "_1"], ids=["first", "second"])
def test_ctrl_c_while_workers_are_started_leaves_none(project: Project, thread: str) -> None:
    project.add_column()
    site = project.root.with_name("site")
    site.mkdir()
    (site / "sitecustomize.py").write_text(INTERRUPTER.format(thread=thread))
    before = project.files()
    with start(project, *MIGRATION, PYTHONPATH=str(site)) as process:
        _out, err = process.communicate()
    assert process.returncode == 130
    assert err == "Interrupted. Nothing was written.\n"
    assert processes(project.root) == []
    assert project.files() == before
    assert left_behind(project) == []


def test_ctrl_c_at_random_moments_writes_nothing(project: Project) -> None:
    project.add_column()
    before = project.files()
    moments = random.Random(4)
    for _attempt in range(5):
        with start(project, *MIGRATION) as process:
            while not left_behind(project):
                assert process.poll() is None
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.3))
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate()
        assert process.returncode == 130, out
        assert err == "Interrupted. Nothing was written.\n"
        assert processes(project.root) == []
        assert project.files() == before
        assert left_behind(project) == []
    done = project.invoke(*MIGRATION)
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(new_scripts(project)) == len(AGENT)


@pytest.mark.serial
def test_interrupted_round_trip_leaves_no_database_and_no_file(mysql_project: Project, server: Server) -> None:
    project = mysql_project
    temporary = project.root / "temporary"
    temporary.mkdir()
    up = f"import pathlib, time\npathlib.Path({str(project.root / 'reached')!r}).touch()\ntime.sleep(60)"
    add(project, "mysql_ops", "b2", up, "pass")
    before = scratch_databases(server)
    process = start(project, "roundtrip", "--db", "mysql_ops", TMPDIR=str(temporary))
    give_up = time.monotonic() + 30
    while not (project.root / "reached").exists():
        assert time.monotonic() < give_up
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted. Scratch databases are removed." in said
    wait_until_alone(project.root)
    assert list(temporary.iterdir()) == []
    assert scratch_databases(server) <= before


def scratch_databases(server: Server) -> set[str]:
    with sa.create_engine(server.url, poolclass=sa.NullPool).connect() as connection:
        return set(connection.exec_driver_sql("SHOW DATABASES LIKE 'migration_scratch_mysql_ops%%'").scalars())
