"""What a section leaves out of the comparison, in the database and in the models, and how a fault in it is told."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.comparison import included
from alembic_lockstep.comparison.compare import compare
from alembic_lockstep.comparison.options import options
from alembic_lockstep.errors import CannotRunError
from tests.support.chains import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

OWN = """
def keep(item, name, kind, reflected, other):
    assert other is None or kind
    return not (kind == "column" and item.info.get("skip") or name == "skipped")

def fails(item, name, kind, reflected, other):
    raise KeyError("nothing")

number = 3
"""


@pytest.fixture(params=["sqlite", "mysql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_hook.py").write_text(OWN, encoding="utf-8")
    yield write(tmp_path, request.param, "shop", [])
    sys.modules.pop("own_hook", None)


def table(name: str, *items: Any) -> sa.Table:
    return sa.Table(name, sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *items)


def ahead(target: Target, before: list[sa.Table], after: list[sa.Table], only: set[str] | None = None) -> list[str]:
    metadata = sa.MetaData()
    for each in after:
        each.to_metadata(metadata)
    with dialects.get(target.dialect).scratch.memory() as engine, engine.connect() as connection:
        for each in before:
            each.create(connection)
        return compare(connection, target, metadata, options(target, metadata), only)


def column(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(20), **more)


@pytest.mark.parametrize("direction", [1, -1], ids=["models", "database"])
@pytest.mark.parametrize(
    ("setting", "patterns", "fewer", "more"),
    [
        ("ignored_tables", {"jobs", "celery_*"}, [table("a")], [table("a"), table("celery_task"), table("jobs")]),
        ("ignored_columns", {"a.old_*", "*.legacy"}, [table("a")], [table("a", column("old_x"), column("legacy"))]),
        (
            "ignored_indexes",
            {"tmp_*"},
            [table("a", column("b"))],
            [table("a", column("b"), sa.Index("tmp_b", "b"), sa.UniqueConstraint("id", "b", name="tmp_u"))],
        ),
        (
            "include_object",
            "own_hook:keep",
            [table("a")],
            [table("a", column("skipped")), table("skipped")],
        ),
    ],
    ids=["tables", "columns", "indexes", "function"],
)
def test_what_a_section_leaves_out_is_no_difference_on_either_side(
    target: Target, setting: str, patterns: Any, fewer: list[sa.Table], more: list[sa.Table], direction: int
) -> None:
    before, after = [fewer, more][::direction]
    assert ahead(target, before, after)
    ignoring = replace(target, **{setting: patterns})
    assert ahead(ignoring, before, after) == []
    assert ahead(ignoring, before, after, {"a"}) == []
    assert ahead(ignoring, [*before, table("gone")], after) == ["- table gone"]


def test_models_of_views_are_passed_over(target: Target) -> None:
    view = table("seen", column("name", index=True))
    view.info["is_view"] = True
    assert ahead(target, [table("a")], [table("a"), view]) == []
    assert ahead(target, [table("a"), table("gone")], [table("a"), view]) == ["- table gone"]


@pytest.mark.skipif(not hasattr(sa, "CreateView"), reason="SQLAlchemy has it from 2.1 on")
def test_views_of_sqlalchemy_are_passed_over(target: Target) -> None:
    metadata = sa.MetaData()
    a = table("a").to_metadata(metadata)
    sa.CreateView(sa.select(a), "seen", metadata=metadata)
    with dialects.get(target.dialect).scratch.memory() as engine, engine.connect() as connection:
        a.create(connection)
        assert compare(connection, target, metadata, options(target, metadata)) == []


def test_pattern_is_for_whole_names_and_minds_their_case(target: Target) -> None:
    ignoring = replace(target, ignored_tables=frozenset({"celery"}), ignored_columns=frozenset({"B.*"}))
    assert ahead(ignoring, [table("b")], [table("b", column("x")), table("celery_task")]) != []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("own_hook:nowhere", "include_object = own_hook:nowhere in alembic.ini: own_hook has no attribute nowhere."),
        ("own_hook:number", "include_object = own_hook:number in alembic.ini is no function."),
        ("no_module:f", "no_module cannot be imported: ModuleNotFoundError: No module named 'no_module'"),
        ("own_hook:fails", "own_hook.py:7: KeyError: 'nothing'"),
    ],
)
def test_function_that_is_not_there_or_fails_is_named(target: Target, name: str, told: str) -> None:
    with pytest.raises(CannotRunError) as refused:
        ahead(replace(target, include_object=name), [], [table("a")])
    assert told in refused.value.headline


def test_hooks_without_settings_keep_everything(target: Target) -> None:
    hooks = included.hooks(target)
    assert hooks["include_object"](table("a"), "a", "table", False, None)
    assert hooks["include_name"](None, "schema", {})
