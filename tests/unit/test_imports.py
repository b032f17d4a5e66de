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


def test_choice_of_a_server_image_needs_no_sqlalchemy() -> None:
    code = "from alembic_lockstep.commands.roundtrip import server_image; server_image('mysql:8.4').__enter__()"
    assert not modules_after(code) & {"alembic", "sqlalchemy"}


@pytest.mark.parametrize("module", ["moves", "status"])
def test_live_commands_need_no_scratch_servers_and_nothing_that_tests_or_writes_revisions(module: str) -> None:
    found = modules_after(f"import alembic_lockstep.live.{module}")
    assert not found & {f"alembic_lockstep.servers.{name}" for name in ("finding", "scratch", "docker", "local")}
    assert not {
        name for name in found if name.startswith(("alembic_lockstep.roundtrip", "alembic_lockstep.autogenerate"))
    }


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
