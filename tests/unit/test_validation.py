"""Models that cannot be compared: each refusal is one sentence that names table, column and database."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep.comparison import validation
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import CannotRunError
from tests.support.chains import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

HR = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("no", sa.Integer))
"""
BROKEN = "raise RuntimeError('cannot be imported')"


@pytest.fixture(params=["sqlite", "mysql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """A target beside two databases of which one has a table `person`, and the models of the other are broken."""
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in {"hr_models": HR, "broken_models": BROKEN}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    made = write(tmp_path, request.param, "shop", [])
    with made.ini.open("a", encoding="utf-8") as ini:
        for section, module in {"mysql_hr": "hr_models", "sqlite_hr": "hr_models", "sqlite_x": "broken_models"}.items():
            ini.write(f"[alembic_{section}]\nversion_locations = v\nmodels = {module}:metadata\nurl = zoo:url\n")
    yield made
    for name in ("hr_models", "broken_models"):
        sys.modules.pop(name, None)


def person() -> sa.Table:
    """The table of the other database, as models that import it have it."""
    items = sa.Column("id", sa.Integer, primary_key=True), sa.Column("no", sa.Integer)
    return sa.Table("person", sa.MetaData(), *items)


def refusal(target: Target, *items: Any, schema: str | None = None, metadata: sa.MetaData | None = None) -> str:
    metadata = metadata or sa.MetaData()
    sa.Table("pet", metadata, sa.Column("id", sa.Integer, primary_key=True), *items, schema=schema)
    with pytest.raises(CannotRunError) as refused:
        validation.check(target, metadata, options(target, metadata))
    assert not refused.value.detail
    return refused.value.headline


def link(to: Any, name: str = "owner") -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(to))


@pytest.mark.parametrize("by", ["name", "column"])
def test_foreign_key_into_another_database(target: Target, by: str) -> None:
    assert refusal(target, link("person.id" if by == "name" else person().c.id)) == (
        "a foreign key leads nowhere: pet.owner refers to person.id, a table that these models do not have. "
        "That table is in the database hr, and no foreign key leads into another database: leave the key out"
    )


@pytest.mark.parametrize("by", ["name", "column"])
def test_foreign_key_of_several_columns_is_one_fault(target: Target, by: str) -> None:
    refers = ["person.id", "person.no"] if by == "name" else [person().c.id, person().c.no]
    columns = sa.Column("a", sa.Integer), sa.Column("b", sa.Integer)
    told = refusal(target, *columns, sa.ForeignKeyConstraint(["a", "b"], refers))
    assert told.startswith("a foreign key leads nowhere: pet.a refers to person.id, a table that these models")


def test_foreign_key_to_nothing(target: Target) -> None:
    advice = "that these models do not have. Add the model, or correct the key"
    assert refusal(target, link("nowhere.id")) == (
        f"a foreign key leads nowhere: pet.owner refers to nowhere.id, a table {advice}"
    )
    assert refusal(target, link("pet.nope")) == (
        f"a foreign key leads nowhere: pet.owner refers to pet.nope, a column {advice}"
    )


def test_foreign_keys_of_what_is_left_out_lead_anywhere(target: Target) -> None:
    metadata = sa.MetaData()
    sa.Table("pet", metadata, link(person().c.id))
    other = sa.Table("job", metadata, link(person().c.id), schema="audit")
    for ignored in ({"pet", "job"}, {"p*", "job"}):
        ignoring = replace(target, ignored_tables=frozenset(ignored))
        validation.check(ignoring, metadata, options(ignoring, metadata))
    metadata.remove(other)
    metadata.remove(metadata.tables["pet"])
    sa.Table("pet", metadata, link(person().c.id))
    ignoring = replace(target, ignored_tables=frozenset({"person"}))
    validation.check(ignoring, metadata, options(ignoring, metadata))


@pytest.mark.parametrize("by", ["table", "metadata"])
def test_schema_of_a_table(target: Target, by: str) -> None:
    metadata = sa.MetaData(schema="audit" if by == "metadata" else None)
    assert refusal(target, schema="audit" if by == "table" else None, metadata=metadata) == (
        f"table pet: the models name the schema audit, and {target.name} migrates one database, whatever its name is. "
        "Leave the schema out; the tables of another database need a base and a section of their own, such as "
        f"[alembic_{target.dialect}_audit]"
    )


def test_several_tables_with_schemas(target: Target) -> None:
    metadata = sa.MetaData()
    sa.Table("cat", metadata, schema="main")
    assert refusal(target, schema="main", metadata=metadata).startswith("table cat and 1 more: the models name the")
