"""What a process imports; one of its own tells, as pytest's has everything."""

import subprocess
import sys

import pytest

COMMANDS = ["migration", "upgrade", "downgrade", "status", "roundtrip", "scratch"]


def modules_after(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_own_process_of_a_command_starts_without_alembic_and_sqlalchemy(command: str) -> None:
    found = modules_after(f"import alembic_lockstep.commands.{command}")
    assert not found & {"alembic", "sqlalchemy"}


def test_package_is_imported_without_alembic_and_sqlalchemy() -> None:
    assert not modules_after("import alembic_lockstep") & {"alembic", "sqlalchemy"}


def test_list_of_commands_and_the_pytest_plugin_need_no_command() -> None:
    for entry in ("tasks", "plugin"):
        found = modules_after(f"import alembic_lockstep.{entry}")
        assert not {name for name in found if name.startswith("alembic_lockstep.commands.")}


def test_live_upgrade_needs_nothing_that_makes_scripts_or_scratch_databases() -> None:
    found = modules_after("import alembic_lockstep.live.moves")
    rooms = {name.split(".")[1] for name in found if name.startswith("alembic_lockstep.") and "." in name}
    assert not rooms & {"autogenerate", "roundtrip", "comparison", "memory_mysql", "reports", "commands", "cli"}
