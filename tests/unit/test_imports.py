"""What the command's own process imports; a process of its own tells, as pytest's has everything."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["migration", "operate", "trial"])
def test_own_process_of_a_command_starts_without_sqlalchemy(module: str) -> None:
    program = f"import sys, upgrade.{module}; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
