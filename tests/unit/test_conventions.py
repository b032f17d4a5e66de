"""What today's naming convention names in revisions, and for which revisions it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.execution.context import options
from alembic_lockstep.execution.conventions import NamedByConvention
from alembic_lockstep.execution.replay import replayed
from alembic_lockstep.project import chain
from tests.support.chains import Revision, write

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

CONVENTION = {
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(column_0_label)s",
}
NOTE = 'op.create_table("note", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("text", sa.String(40)){})'
BATCH = f'{NOTE.format("")}\nwith op.batch_alter_table("note") as note:\n    '
UNIQUE = "unique constraint of note (text) is now"


def replay(target: Target, convention: dict[str, str]) -> tuple[list[str], sa.Inspector]:
    """Replay a chain with a naming convention of today; return what it has named, and the schema."""
    named, metadata = NamedByConvention(target), sa.MetaData(naming_convention=convention)
    with replayed(chain.load(target), target, options(target, metadata), named) as connection:
        return [str(each) for each in named.reported()], _read(connection)


def _read(connection: sa.Connection) -> sa.Inspector:
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():  # into its cache, since the database goes
        inspector.get_unique_constraints(table), inspector.get_indexes(table), inspector.get_foreign_keys(table)
        inspector.get_check_constraints(table), inspector.get_pk_constraint(table)
    return inspector


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
@pytest.mark.parametrize(
    ("upgrade", "named"),
    [
        (NOTE.format(', sa.UniqueConstraint("text")'), f"{UNIQUE} uq_note_text"),
        ('op.create_table("note", sa.Column("text", sa.String(40), unique=True))', f"{UNIQUE} uq_note_text"),
        (
            NOTE.format(', sa.Column("up", sa.Integer(), sa.ForeignKey("note.id"))'),
            "foreign key of note (up) is now fk_note_up",
        ),
        (
            NOTE.format(", sa.CheckConstraint(\"text <> ''\", name='filled')"),
            "CHECK filled of note is now ck_note_filled",
        ),
        (f'{BATCH}note.create_unique_constraint(None, ["text"])', f"{UNIQUE} uq_note_text"),
        (f'{BATCH}note.create_check_constraint("filled", "text > 0")', "CHECK filled of note is now ck_note_filled"),
    ],
    ids=["table", "column", "foreign-key", "check", "unique-in-batch", "check-in-batch"],
)
def test_name_by_convention_is_reported(tmp_path: Path, dialect: str, upgrade: str, named: str) -> None:
    target = write(tmp_path, dialect, "shop", [Revision("aaaa", upgrade)])
    found, _schema = replay(target, CONVENTION)
    assert [line for line in found if "primary key" not in line] == [f"the {named}"]
    assert replay(replace(target, naming_convention_from="base"), CONVENTION)[0] == []


def test_primary_key_is_reported_where_it_has_a_name(tmp_path: Path) -> None:
    revisions = [Revision("aaaa", NOTE.format(""))]
    sqlite = write(tmp_path / "sqlite", "sqlite", "shop", revisions)
    assert replay(sqlite, CONVENTION)[0] == ["the primary key of note (id) is now pk_note"]
    assert replay(write(tmp_path / "mysql", "mysql", "shop", revisions), CONVENTION)[0] == []


@pytest.mark.parametrize(
    "upgrade",
    [
        NOTE.format(
            ', sa.UniqueConstraint("text", name=op.f("ours")), sa.CheckConstraint("text > 0", name=op.f("big"))'
        ),
        NOTE.format(', sa.UniqueConstraint("text", name="plain")'),
        NOTE.format("") + '\nop.create_index("plain", "note", ["text"])\nop.drop_index("plain", "note")',
        'op.create_table("note", sa.Column("text", sa.String(40), index=True))',
        NOTE.format("") + '\nop.add_column("note", sa.Column("more", sa.Integer()))\nop.drop_column("note", "more")',
    ],
)
def test_name_that_the_revision_has_is_not_reported(tmp_path: Path, upgrade: str) -> None:
    target = write(tmp_path, "mysql", "shop", [Revision("aaaa", upgrade)])
    assert replay(target, CONVENTION)[0] == []


def test_template_for_indexes_counts_where_it_is_not_that_of_sqlalchemy(tmp_path: Path) -> None:
    create = 'op.create_table("note", sa.Column("text", sa.String(40), index=True))'
    target = write(tmp_path, "mysql", "shop", [Revision("aaaa", create)])
    found, schema = replay(target, {**CONVENTION, "ix": "idx_%(table_name)s_%(column_0_name)s"})
    assert found == ["the index of note (text) is now idx_note_text"]
    assert schema.get_indexes("note")[0]["name"] == "idx_note_text"
    never = replace(target, naming_convention_from="never")
    assert replay(never, CONVENTION)[1].get_indexes("note")[0]["name"] == "ix_note_text"


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("", ["uq_a_x", "uq_b_x", "uq_c_x"]),
        ("base", ["uq_a_x", "uq_b_x", "uq_c_x"]),
        ("bbbb", ["x", "uq_b_x", "uq_c_x"]),
        ("cccc", ["x", "x", "uq_c_x"]),
        ("never", ["x", "x", "x"]),
    ],
)
def test_convention_holds_from_a_revision_on(tmp_path: Path, setting: str, names: list[str]) -> None:
    revisions = [
        Revision(name * 4, f'op.create_table("{name}", sa.Column("x", sa.Integer()), sa.UniqueConstraint("x"))')
        for name in "abc"
    ]
    target = replace(write(tmp_path, "mysql", "shop", revisions), naming_convention_from=setting)
    _found, schema = replay(target, CONVENTION)
    assert [schema.get_unique_constraints(table)[0]["name"] for table in "abc"] == names


def test_revision_finds_the_models_in_the_context_whatever_convention_holds(tmp_path: Path) -> None:
    upgrade = 'op.get_context().opts["target_metadata"].create_all(op.get_bind())'
    target = replace(write(tmp_path, "sqlite", "shop", [Revision("aaaa", upgrade)]), naming_convention_from="never")
    metadata = sa.MetaData()
    sa.Table("note", metadata, sa.Column("id", sa.Integer, primary_key=True))
    with replayed(chain.load(target), target, options(target, metadata)) as connection:
        assert sa.inspect(connection).has_table("note")


def test_unknown_revision_is_refused(tmp_path: Path) -> None:
    target = replace(write(tmp_path, "sqlite", "shop", [Revision("aaaa")]), naming_convention_from="aaa")
    with pytest.raises(CannotRunError) as refused:
        chain.load(target)
    assert refused.value.kind == "unknown-revision"
    assert refused.value.headline == (
        "sqlite_shop: naming_convention_from = aaa in [alembic_sqlite_shop] is no revision of its chain, "
        "and neither base nor never."
    )
