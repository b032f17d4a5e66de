"""A target with a chain of its own and one real live database."""

from __future__ import annotations

import shutil
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.autogenerate import generate
from alembic_lockstep.autogenerate.change import GenerationRequest, GenerationResult
from alembic_lockstep.live import moves
from alembic_lockstep.project import targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.progress import Notice, Progress


@dataclass
class Database:
    """A target with a chain of its own and one real live database."""

    folder: Path
    dialect: str
    url: sa.URL

    @property
    def target(self) -> targets.Target:
        return targets.load_one(self.folder / "alembic.ini", f"alembic_{self.dialect}_shop")

    @property
    def file(self) -> Path:
        return self.folder / "live" / "shop.db"

    def revision(
        self,
        name: str,
        upgrade: str,
        downgrade: str | None = "pass",
        parent: str | tuple[str, ...] | None = None,
        top: str = "",
    ) -> None:
        """Write a revision; `top` stands above its functions. Without a downgrade it has no such function."""
        head = "from alembic import op\nimport sqlalchemy as sa\nimport time\n"
        head += f"revision = {name!r}\ndown_revision = {parent!r}\n"
        head += f"{top}\n" if top else ""
        text = head + "\ndef upgrade():\n" + textwrap.indent(textwrap.dedent(upgrade), "    ")
        if downgrade is not None:
            text += "\ndef downgrade():\n" + textwrap.indent(textwrap.dedent(downgrade), "    ")
        (self.folder / "versions" / f"{name}.py").write_text(text + "\n", encoding="utf-8")

    def models(self, text: str) -> None:
        """Let the target have other models: the items of a MetaData, `metadata`."""
        head = "from sqlalchemy import *\nmetadata = MetaData()\n"
        (self.folder / "shop_models.py").write_text(head + textwrap.dedent(text), encoding="utf-8")
        sys.modules.pop("shop_models", None)
        shutil.rmtree(self.folder / "__pycache__", ignore_errors=True)

    def generate(self, name: str, **request: Any) -> GenerationResult:
        """Generate the revision that brings the chain to the models, prove it and put it in place."""
        staged = self.folder / f"staged-{name}"
        staged.mkdir()
        asked = GenerationRequest(
            message=f"feat: {name}", revision=name, folder=str(staged), auto=True, require_proof=True, **request
        )
        result = generate.generate(self.target, asked, lambda _event: None)
        for script in staged.glob("*.py"):
            script.rename(self.folder / "versions" / script.name)
        return result

    def upgrade(self, revision: str = "head") -> list[str]:
        """Upgrade, and return what was told meanwhile."""
        told: list[Progress | Notice] = []
        moves.upgrade(self.target, revision, told.append, create=False)
        return [str(event) for event in told]

    def downgrade(self, revision: str = "-1") -> list[str]:
        told: list[Progress | Notice] = []
        moves.downgrade(self.target, revision, told.append)
        return [str(event) for event in told]

    def setting(self, line: str) -> None:
        """Add a line to the target's section."""
        with (self.folder / "alembic.ini").open("a", encoding="utf-8") as ini:
            ini.write(f"{line}\n")

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        with sa.create_engine(self.url, poolclass=sa.NullPool).begin() as connection:
            yield connection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def tables(self) -> set[str]:
        with self.connect() as connection:
            return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}

    def at(self) -> list[str]:
        return [str(revision) for (revision,) in self.rows("SELECT version_num FROM alembic_version")]


def made(folder: Path, dialect: str, url: sa.URL) -> Database:
    (folder / "versions").mkdir()
    shown = url.render_as_string(hide_password=False).replace("%", "%%")
    ini = "[DEFAULT]\nscript_location = alembic_lockstep:environment\npath_separator = os\n"
    ini += f"[alembic_{dialect}_shop]\nversion_locations = %(here)s/versions\nmodels = shop_models:metadata\n"
    ini += f"url = {shown}\n"
    (folder / "alembic.ini").write_text(ini, encoding="utf-8")
    (folder / "shop_models.py").write_text("import sqlalchemy\nmetadata = sqlalchemy.MetaData()\n", encoding="utf-8")
    return Database(folder, dialect, url)
