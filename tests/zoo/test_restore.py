"""After a broken revision the scratch database is as the chain has it, without the chain being replayed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.comparison.options import options
from alembic_lockstep.project import chain
from alembic_lockstep.roundtrip.engine import RoundTrip
from alembic_lockstep.roundtrip.foundation import Foundation
from alembic_lockstep.roundtrip.scratch import ScratchDatabase
from alembic_lockstep.schema.differences import differences
from tests.support import chains
from tests.support.chains import Revision
from tests.zoo import right
from tests.zoo.harness import USER_AND_POST, Case
from tests.zoo.test_zoo import cases, engine

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.project.targets import Target

__all__ = ["engine"]

ADD = 'op.add_column("user", sa.Column("{0}", sa.Integer(), nullable=True))'
VIEW = 'op.execute("CREATE VIEW adult AS SELECT id, age FROM user WHERE age > 17")'
DROP = 'with op.batch_alter_table("user") as batch:\n    batch.drop_column("{0}")'


def database(target: Target, folder: Path, *, data: bool = True) -> ScratchDatabase:
    return ScratchDatabase(target, chain.load(target), options(target), folder, lambda _text: None, data=data)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("case", "dialect"), cases(right.CASES))
def test_copy_is_exact(case: Case, dialect: str, tmp_path: Path) -> None:
    target = case.write(tmp_path, dialect)
    with closing(database(target, tmp_path)) as copy, closing(database(target, tmp_path / "versions")) as replayed:
        revisions = RoundTrip(copy).revisions
        with closing(Foundation(copy, revisions)) as foundation:
            assert foundation.raise_to(len(revisions))
            foundation.copy_into(copy)
        replayed.open(revisions)
        assert copy.copied
        assert differences(replayed.snapshot, copy.snapshot) == []
        assert {name: len(rows.values) for name, rows in copy.contents.items()} == {
            name: len(rows.values) for name, rows in replayed.contents.items()
        }


@pytest.mark.parametrize(
    ("dialect", "view"), [("sqlite", False), ("mysql", False), ("mysql", True)], ids=["sqlite", "mysql", "mysql-view"]
)
@pytest.mark.parametrize(
    "down",
    ["pass", DROP.format("a"), 'op.execute("DELETE FROM post")\nraise NotImplementedError', 'op.drop_table("post")'],
    ids=["nothing", "half", "fails", "too much"],
)
def test_revisions_behind_a_broken_one_are_tested_as_ever(
    dialect: str, view: bool, down: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if dialect == "mysql":
        request.getfixturevalue("given_server")
    up, back = "\n".join([ADD.format("a"), ADD.format("b")]), "\n".join([DROP.format("a"), DROP.format("b")])
    target = chains.write(
        tmp_path,
        dialect,
        "zoo",
        [
            Revision("a1", *USER_AND_POST),
            Revision("b2", VIEW, 'op.execute("DROP VIEW adult")') if view else Revision("b2"),
            Revision("c3", up, down),
            Revision("d4", back, up, 'lossy = "not used"'),
            Revision("e5", up, down),
            Revision("f6", 'op.drop_table("post")', "pass", 'irreversible = "gone"'),
            Revision("a7", DROP.format("a"), ADD.format("a")),
        ],
    )
    found = chains.round_trip(target, tmp_path).verdicts
    statuses = ["lossless", "lossless", "broken", "lossy", "broken", "irreversible", "broken"]
    assert [verdict.status for verdict in found] == statuses, found
    assert [str(problem) for problem in found[-1].problems if problem.text.startswith("user.a: ")] != []
    if "post" in down and "raise" not in down:
        assert any("table post" in str(problem) for problem in found[2].problems)


@pytest.mark.parametrize("name", ["fk_post_user", "None"])
def test_key_that_mysql_made_for_a_foreign_key_still_gives_way_to_another(
    name: str, tmp_path: Path, given_server: object
) -> None:
    """A copy that makes it a key of its own would hide that the downgrade fails with 1553."""
    assert given_server
    quoted = name if name == "None" else repr(name)
    tables = (
        'op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True))\n'
        'op.create_table("post", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("user_id", sa.Integer()),\n'
        f'    sa.ForeignKeyConstraint(["user_id"], ["user.id"], name={quoted}))'
    )
    target = chains.write(
        tmp_path,
        "mysql",
        "zoo",
        [
            Revision("a1", tables, 'op.drop_table("post")\nop.drop_table("user")'),
            Revision("b2", 'op.add_column("post", sa.Column("title", sa.Integer()))', "pass"),
            Revision("c3", 'op.create_index("ix", "post", ["user_id"])', 'op.drop_index("ix", "post")'),
        ],
    )
    found = chains.round_trip(target, tmp_path).verdicts
    assert [verdict.status for verdict in found] == ["lossless", "broken", "broken"]
    assert "foreign key constraint" in str(found[-1].problems[0])


@pytest.mark.parametrize("name", ["fk_tag_model", "None"])
def test_key_of_two_columns_that_mysql_made_gives_way_as_well(name: str, tmp_path: Path, given_server: object) -> None:
    assert given_server
    quoted = name if name == "None" else repr(name)
    columns = 'sa.Column("a", sa.Integer(), autoincrement=False), sa.Column("b", sa.Integer(), autoincrement=False)'
    tables = (
        f'op.create_table("model", {columns}, sa.PrimaryKeyConstraint("a", "b"))\n'
        f'op.create_table("tag", sa.Column("id", sa.Integer(), primary_key=True), {columns},\n'
        f'    sa.ForeignKeyConstraint(["a", "b"], ["model.a", "model.b"], name={quoted}))'
    )
    target = chains.write(
        tmp_path,
        "mysql",
        "zoo",
        [
            Revision("a1", tables, 'op.drop_table("tag")\nop.drop_table("model")'),
            Revision("b2", 'op.add_column("tag", sa.Column("title", sa.Integer()))', "pass"),
            Revision("c3", 'op.create_index("ix", "tag", ["a", "b"])', 'op.drop_index("ix", "tag")'),
        ],
    )
    found = chains.round_trip(target, tmp_path).verdicts
    assert [verdict.status for verdict in found] == ["lossless", "broken", "broken"]
    assert "foreign key constraint" in str(found[-1].problems[0])


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
def test_version_table_of_another_name_is_restored_as_well(dialect: str, tmp_path: Path, given_server: object) -> None:
    assert given_server
    revisions = [
        Revision("a1", *USER_AND_POST),
        Revision("b2", ADD.format("a"), "pass"),
        Revision("c3", ADD.format("b"), DROP.format("b")),
        Revision("d4", ADD.format("c"), DROP.format("c")),
    ]
    target = replace(chains.write(tmp_path, dialect, "zoo", revisions), version_table="our_version")
    with closing(database(target, tmp_path)) as scratch:
        trip = RoundTrip(scratch)
        found = trip.run(trip.revisions).verdicts
        assert [verdict.status for verdict in found] == ["lossless", "broken", "lossless", "lossless"], found
        assert scratch.runner.current() == ("d4",)


def test_copy_has_a_procedure_and_a_function_of_one_name_and_tables_with_odd_names(
    tmp_path: Path, given_server: object
) -> None:
    assert given_server
    make = (
        "op.execute('CREATE TABLE `a``b` (id INT PRIMARY KEY)')\n"
        "op.execute('CREATE TABLE child (id INT PRIMARY KEY, a_id INT, FOREIGN KEY (a_id) REFERENCES `a``b` (id))')\n"
        "op.execute('CREATE PROCEDURE twice() SELECT 1')\n"
        "op.execute('CREATE FUNCTION twice() RETURNS INT DETERMINISTIC RETURN 2')"
    )
    use = "op.execute('CALL twice()')\nassert op.get_bind().execute(sa.text('SELECT twice()')).scalar() == 2"
    target = chains.write(
        tmp_path,
        "mysql",
        "zoo",
        [
            Revision("a1", make, "raise RuntimeError"),
            Revision("b2", use, "pass"),
            Revision("c3", "op.execute('INSERT INTO `a``b` VALUES (900)')", "raise RuntimeError"),
            Revision("d4", use, "op.execute('UPDATE child SET a_id = NULL')"),
        ],
    )
    found = {verdict.revision: verdict for verdict in chains.round_trip(target, tmp_path).verdicts}
    assert [found[name].status for name in ("b2", "d4")] == ["lossless", "broken"], found
    assert "child.a_id" in str(found["d4"].problems[0])
