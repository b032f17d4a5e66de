"""What a worker does for each command: one function for each, which imports only the rooms that it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from alembic_lockstep.errors import CannotRunError, NoServerError, ServerLostError
from alembic_lockstep.project import targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alembic_lockstep.progress import Reporter
    from alembic_lockstep.project.targets import Target
    from alembic_lockstep.workers.protocol import Work


@dataclass(frozen=True, slots=True)
class Command:
    """A command that workers know.

    Attributes:
        name: how a request names it.
        function: does it for a target; its arguments and its result are what JSON can hold.
        is_live: whether it changes a live database, so that the revision that is running must not be cut off.
    """

    name: str
    function: Callable[[Target, dict[str, Any], Reporter], Any]
    is_live: bool = False


def do(command: str, ini: Path, work: Work, notify: Reporter) -> Any:
    """Do what a request asks about one target.

    Args:
        command: the name of one of COMMANDS.
        ini: the project's alembic.ini.
        work: the target, and what the command needs.
        notify: called with what takes long.

    Returns:
        What JSON can hold.

    Raises:
        MigrationError: the work could not be done, or its result is bad.
    """
    from alembic_lockstep.project import chain

    target = targets.load_one(ini, work.section)
    chain.add_import_paths(target)
    try:
        return COMMANDS[command].function(target, work.arguments, notify)
    except ServerLostError as error:
        text = f"{target.name}: {error} has ended while it was in use. Run the command again."
        raise CannotRunError(text, kind="server-lost") from error


def _installed(target: Target, _arguments: dict[str, Any], _notify: Reporter) -> bool:
    """Return whether this installation's settings name a live database of a target."""
    from alembic_lockstep.live import location

    return location.is_installed(target)


def _migration(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Stage and prove a script; `arguments` and result are those of `generate`."""
    from alembic_lockstep.autogenerate import generate
    from alembic_lockstep.autogenerate.change import GenerationRequest

    return asdict(generate.generate(target, GenerationRequest(**arguments), notify))


def _draft(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Prove a script that is staged already; `arguments` and result are those of `draft.prove`."""
    from alembic_lockstep.autogenerate import draft
    from alembic_lockstep.autogenerate.change import GenerationRequest

    return asdict(draft.prove(target, GenerationRequest(**arguments), notify))


def _roundtrip(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Test the revisions of a chain; return a ChainResult."""
    from alembic_lockstep.roundtrip import run

    try:
        return asdict(run.roundtrip(target, notify, arguments["revision"]))
    except NoServerError as error:
        raise NoServerError(f"{target.name}: nothing to run it on: {error}") from error


def _upgrade(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Upgrade a live database; return a Move."""
    from alembic_lockstep.live import moves

    return asdict(moves.upgrade(target, notify=notify, **arguments))


def _downgrade(target: Target, arguments: dict[str, Any], notify: Reporter) -> dict[str, Any]:
    """Downgrade a live database; return a Move."""
    from alembic_lockstep.live import moves

    return asdict(moves.downgrade(target, notify=notify, **arguments))


def _preview(target: Target, arguments: dict[str, Any], _notify: Reporter) -> dict[str, Any]:
    """Look at what an upgrade or downgrade of a live database would run; return a Preview."""
    from alembic_lockstep.live import preview

    return asdict(preview.preview(target, **arguments))


def _freeze(target: Target, arguments: dict[str, Any], _notify: Reporter) -> dict[str, Any]:
    """Write a revision that takes tables from the models as operations; return a FrozenRevision."""
    from alembic_lockstep.autogenerate import freezing

    return asdict(freezing.freeze(target, **arguments))


def _status(target: Target, _arguments: dict[str, Any], _notify: Reporter) -> dict[str, Any]:
    """Look at a live database; return a Status."""
    from alembic_lockstep.live import status

    return asdict(status.status(target))


INSTALLATION = Command("installation", _installed)
COMMANDS = {
    command.name: command
    for command in (
        INSTALLATION,
        Command("migration", _migration),
        Command("draft", _draft),
        Command("roundtrip", _roundtrip),
        Command("upgrade", _upgrade, is_live=True),
        Command("downgrade", _downgrade, is_live=True),
        Command("preview", _preview),
        Command("freeze", _freeze),
        Command("status", _status),
    )
}
