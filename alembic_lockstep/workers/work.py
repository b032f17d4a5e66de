"""What a worker does for each command: one function for each, with the name of the command's module.

A function imports only the rooms that its command needs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import NoServerError
from alembic_lockstep.project import targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.workers.protocol import Work

INSTALLATION = "installation"


def do(command: str, ini: Path, work: Work, notify: Reporter) -> Any:
    """Do what a request asks about one target.

    Args:
        command: the name of one of the functions below.
        ini: the project's alembic.ini.
        work: the target, and what the command needs.
        notify: called with what takes long.

    Returns:
        What JSON can hold.

    Raises:
        MigrationError: the work could not be done, or its result is bad.
    """
    if command == INSTALLATION:
        return installation(ini)
    return COMMANDS[command](targets.load_one(ini, work.section), work.arguments, notify)


def installation(ini: Path) -> list[str]:
    """Return the names of the targets whose live database this installation's settings name."""
    from alembic_lockstep.live import location

    return location.installation(targets.load(ini))


def migration(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Stage and prove a script; `arguments` and result are those of `generate`."""
    from alembic_lockstep.autogenerate import generate
    from alembic_lockstep.autogenerate.change import GenerationRequest

    return asdict(generate.generate(target, GenerationRequest(**arguments), notify))


def roundtrip(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Test the revisions of a chain; return a ChainResult."""
    from alembic_lockstep.roundtrip import run

    try:
        return asdict(run.roundtrip(target, notify, arguments["revision"]))
    except NoServerError as error:
        raise NoServerError(f"{target.name}: nothing to run it on: {error}") from error


def upgrade(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Upgrade a live database; return a Move."""
    from alembic_lockstep.live import moves

    others, create = arguments["others"], arguments["create"]
    return asdict(moves.upgrade(target, arguments["revision"], notify, others, create=create))


def downgrade(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Downgrade a live database; return a Move."""
    from alembic_lockstep.live import moves

    return asdict(moves.downgrade(target, arguments["revision"], notify, arguments["others"]))


def status(target: Target, _arguments: dict[str, Any], _notify: Reporter) -> dict[str, Any]:
    """Look at a live database; return a Status."""
    from alembic_lockstep.live import status

    return asdict(status.status(target))


COMMANDS: dict[str, Callable[[Target, dict[str, Any], Reporter], dict[str, Any]]] = {
    each.__name__: each for each in (migration, roundtrip, upgrade, downgrade, status)
}
LIVE = frozenset({"upgrade", "downgrade"})
"""The commands that change live databases."""
