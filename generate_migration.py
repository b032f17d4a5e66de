"""The old name of `invoke migration`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from upgrade.guard import guarded


def main() -> int:
    """Parse the old command's flags and make the migration; return its exit code."""
    parser = argparse.ArgumentParser(description=f"{__doc__} Takes the old flags; the new command has more.")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--autogenerate", action="store_true", help="write what the models have ahead of the chain")
    mode.add_argument("--manual", action="store_true", help="write empty scripts")
    parser.add_argument("-m", "--message", help='what the change is, "feat: …" or "fix: …"')
    parser.add_argument("-d", "--db", action="append", default=[], help="a target such as mysql_agent, repeatable")
    flags = parser.parse_args()
    return guarded(lambda: _migrate(flags))


def _migrate(flags: argparse.Namespace) -> int:
    from upgrade.migration import Request, migrate

    request = Request(message=flags.message, auto=flags.autogenerate, manual=flags.manual, db=flags.db)
    return migrate(Path(__file__).with_name("alembic.ini"), request)


if __name__ == "__main__":
    sys.exit(main())
