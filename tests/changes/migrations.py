"""What writes a script for a change and runs it: plain Alembic, and the tool."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import uuid
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationStatus
from alembic_lockstep.autogenerate.generate import generate
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain
from tests.changes.kind import models
from tests.changes.outcome import dialect_of
from tests.support import chains
from tests.support.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.changes.kind import Kind


class PlainFailedError(Exception):
    """Plain Alembic raised an error in its process."""

    def __str__(self) -> str:
        return str(self.args[0])


class PlainProcess:
    """The process of `plain`, which serves one change after the other."""

    def __init__(self) -> None:
        words = [sys.executable, "-W", "ignore", "-m", "tests.changes.plain"]
        self._process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, request: dict[str, str]) -> bool:
        """Let it run a step; return whether its script has anything in it.

        Raises:
            PlainFailedError: the step failed.
        """
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise PlainFailedError(answer["error"])
        return bool(answer["found"])

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Plain:
    """Plain Alembic.

    Args:
        kind: the change.
        engine: the engine, one of `kind.ENGINES`.
        folder: where its environment is made.
        process: runs it.
    """

    def __init__(self, kind: Kind, engine: str, folder: Path, process: PlainProcess) -> None:
        self._given = {"kind": kind.name, "engine": engine, "folder": str(folder)}
        self._process = process

    def connect(self, engine: sa.Engine) -> sa.Connection:
        self._given["url"] = engine.url.render_as_string(hide_password=False)
        return sa.create_engine(engine.url, poolclass=sa.NullPool).connect()

    def prepare(self, connection: sa.Connection) -> None:
        self._ask("prepare")

    def generate(self, connection: sa.Connection) -> bool:
        return self._ask("generate")

    def upgrade(self, connection: sa.Connection) -> None:
        self._ask("upgrade")

    def downgrade(self, connection: sa.Connection) -> None:
        self._ask("downgrade")

    def _ask(self, step: str) -> bool:
        return self._process.ask({**self._given, "step": step})


class Tool:
    """The tool, as `invoke migration --auto` generates and proves a script.

    Args:
        kind: the change.
        engine: the engine, one of `kind.ENGINES`.
        folder: an empty folder.
    """

    _numbers = itertools.count()

    def __init__(self, kind: Kind, engine: str, folder: Path) -> None:
        self._kind, self._engine, self._folder = kind, engine, folder
        self._target = chains.write(folder, dialect_of(engine), "shop", [])
        ini = self._target.ini
        text = ini.read_text(encoding="utf-8").replace(
            "script_location = %(here)s", "script_location = alembic_lockstep:environment"
        )
        ini.write_text(text, encoding="utf-8")

    def connect(self, engine: sa.Engine) -> sa.Connection:
        return engine.connect()

    def prepare(self, connection: sa.Connection) -> None:
        assert self._staged("feat: before", models(self._kind.before, self._engine))
        if self._kind.sql:
            body = "\n".join(f"op.get_bind().exec_driver_sql({statement!r})" for statement in self._kind.sql)
            text = chains.Revision("b2", body).text(self._head())
            (self._target.versions / "raw_sql.py").write_text(text, encoding="utf-8")
        self.upgrade(connection)

    def generate(self, connection: sa.Connection) -> bool:
        return self._staged("feat: change", models(self._kind.after, self._engine), self._kind.rename)

    def upgrade(self, connection: sa.Connection) -> None:
        self._runner(connection).upgrade()

    def downgrade(self, connection: sa.Connection) -> None:
        self._runner(connection).downgrade("-1")

    def _runner(self, connection: sa.Connection) -> ChainRunner:
        return ChainRunner(chain.load(self._target), connection, self._target, options(self._target))

    def _head(self) -> str | None:
        return chain.load(self._target).get_current_head()

    def _staged(self, message: str, metadata: sa.MetaData, renames: tuple[str, ...] = ()) -> bool:
        """Generate a script, move it into the chain, and return whether there is one."""
        name = f"models_of_a_change_{next(self._numbers)}"
        module = ModuleType(name)
        vars(module)["metadata"] = metadata
        sys.modules[name] = module
        revision = uuid.uuid4().hex[:12]
        staging = self._folder / revision
        staging.mkdir()
        request = GenerationRequest(
            message=message, revision=revision, folder=str(staging), auto=True, renames=list(renames), allow_drop=True
        )
        try:
            result = generate(replace(self._target, models=f"{name}:metadata"), request, lambda _text: None)
        finally:
            del sys.modules[name]
        if result.status is GenerationStatus.UNCHANGED:
            return False
        assert result.status is GenerationStatus.WRITTEN
        assert result.proven_on
        (script,) = staging.glob("*.py")
        script.rename(self._target.versions / script.name)
        return True
