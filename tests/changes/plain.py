"""Plain Alembic as its tutorial sets it up, in a process of its own: the tool teaches Alembic more than that.

The process reads requests from its standard input and writes the answers to its standard output, JSON line by line.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import alembic
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.changes.kind import Kind, models
from tests.changes.kinds import ALL

ENV = """
from alembic import context

given = context.config.attributes


def note(_context, _revision, scripts):
    given["empty"] = scripts[0].upgrade_ops.is_empty()


context.configure(
    connection=given["connection"],
    target_metadata=given["models"],
    render_as_batch=given["connection"].dialect.name == "sqlite",
    process_revision_directives=note,
)
with context.begin_transaction():
    context.run_migrations()
"""
TEMPLATE = Path(alembic.__file__).parent / "templates" / "generic" / "script.py.mako"


class Plain:
    """One change.

    Args:
        kind: the change.
        engine: the engine, one of `kind.ENGINES`.
        folder: an empty folder.
        url: an empty database.
    """

    def __init__(self, kind: Kind, engine: str, folder: Path, url: str) -> None:
        self._kind, self._engine = kind, engine
        (folder / "versions").mkdir(parents=True)
        (folder / "env.py").write_text(ENV, encoding="utf-8")
        shutil.copy(TEMPLATE, folder)
        self._config = Config(stdout=io.StringIO(), cmd_opts=Namespace(quiet=True))
        self._config.set_main_option("script_location", str(folder))
        self._config.set_main_option("path_separator", "os")
        self._database = sa.create_engine(url, poolclass=sa.NullPool)

    def run(self, step: str) -> bool:
        """Run a step: prepare, generate, upgrade or downgrade; return whether a script has anything in it."""
        given = self._config.attributes
        with self._database.connect() as connection:
            given["connection"], given["models"] = connection, models(self._kind.after, self._engine)
            match step:
                case "prepare":
                    self._prepare(connection)
                case "generate":
                    command.revision(self._config, "change", autogenerate=True)
                case "upgrade":
                    command.upgrade(self._config, "head")
                case _:
                    command.downgrade(self._config, "base")
            connection.commit()
        return not given.get("empty", False)

    def _prepare(self, connection: sa.Connection) -> None:
        models(self._kind.before, self._engine).create_all(connection)
        for statement in self._kind.sql:
            connection.exec_driver_sql(statement)


def main() -> None:
    """Answer requests until there are no more."""
    kinds = {kind.name: kind for kind in ALL}
    output, sys.stdout = sys.stdout, sys.stderr
    change: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            if request["step"] == "prepare":
                change = Plain(kinds[request["kind"]], request["engine"], Path(request["folder"]), request["url"])
            answer["found"] = change.run(request["step"])
        except Exception as error:  # noqa: BLE001 - whatever a script raises
            answer["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), file=output, flush=True)


if __name__ == "__main__":
    main()
