"""Show the main job in a throw-away copy of the repository: databases created, a migration made and applied.

python docs/demo.py                          prints what the commands print
python docs/demo.py --svg docs/migration.svg  draws the migration as a picture
"""

from __future__ import annotations

import argparse
import io
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests.support

from tests.support.project import copy_repository, environment

MODEL = Path("openjiuwen_studio/models/tag.py")
ANCHOR = '__tablename__ = "tag"\n'
COLUMN = '    tag_group: Mapped[str | None] = mapped_column(String(40), server_default="general")\n'
MIGRATION = ["migration", "--auto", "-m", "feat: group of a tag"]
WIDTH = 118


def main() -> None:
    """Run the demonstration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", type=Path, help="draw the migration into this file")
    picture: Path | None = parser.parse_args().svg
    with tempfile.TemporaryDirectory(prefix="migration-demo-") as folder:
        copy = copy_repository(Path(folder))
        show(copy, ["upgrade"])
        model = copy / MODEL
        model.write_text(model.read_text(encoding="utf-8").replace(ANCHOR, ANCHOR + COLUMN, 1), encoding="utf-8")
        print(f"\n# In {MODEL.as_posix()} a column is added:\n# {COLUMN.strip()}")
        made = show(copy, MIGRATION)
        show(copy, ["upgrade"])
        show(copy, ["status", "--db", "sqlite_*"])
    print("\nThat was a copy, and it is gone. Here: edit a model, then the same commands.")
    if picture is not None:
        draw(made, picture)


def show(project: Path, words: list[str]) -> str:
    """Run `invoke …` on the embedded default, print the command and what it prints, and return both."""
    print(f"\n$ invoke {shlex.join(words)}", flush=True)
    env = {**environment(), "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
    run = [sys.executable, "-m", "invoke", *words]
    done = subprocess.run(run, cwd=project, env=env, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    print(done.stdout if sys.stdout.isatty() else Text.from_ansi(done.stdout).plain, end="", flush=True)
    if done.returncode:
        sys.exit(done.returncode)
    return f"$ invoke {shlex.join(words)}\n{done.stdout}"


def draw(transcript: str, picture: Path) -> None:
    """Draw what a command printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(transcript.rstrip()))
    console.save_svg(str(picture), title="one change, four databases")


if __name__ == "__main__":
    main()
