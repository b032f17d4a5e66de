"""The old name of `invoke migration`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Parse the old command's flags, run the new command, and return its exit code."""
    parser = argparse.ArgumentParser(description=f"{__doc__} Takes the old flags; the new command has more.")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--autogenerate", action="store_true", help="write what the models have ahead of the migrations")
    mode.add_argument("--manual", action="store_true", help="write empty scripts")
    parser.add_argument("-m", "--message", default="", help='what the change is, "feat: …" or "fix: …"')
    parser.add_argument("-d", "--db", action="append", default=[], help="a target such as mysql_agent, repeatable")
    flags = parser.parse_args()
    words = ["--auto" if flags.autogenerate else "--manual", f"--message={flags.message}"]
    words += [f"--db={name}" for name in flags.db]
    command = [sys.executable, "-m", "invoke", "migration", *words]
    return subprocess.run(command, cwd=Path(__file__).parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
