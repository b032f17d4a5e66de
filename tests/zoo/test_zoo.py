from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from tests.support.chains import round_trip
from tests.support.project import ROOT
from tests.zoo import right, wrong
from tests.zoo.harness import COLLATION, DIALECTS, Case

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lockstep.roundtrip.results import Verdict
    from alembic_lockstep.servers.server import Server


NODE = 'with op.batch_alter_table("node") as batch:\n    '


def cases(some: list[Case]) -> list[object]:
    return [pytest.param(case, dialect, id=f"{dialect}-{case.name}") for case in some for dialect in case.dialects]


def verdicts(case: Case, dialect: str, folder: Path) -> list[Verdict]:
    return round_trip(case.write(folder, dialect), folder).verdicts


@pytest.fixture
def engine(case: Case, dialect: str, request: pytest.FixtureRequest) -> None:
    if dialect == "mysql":
        server: Server = request.getfixturevalue("given_server")
        if case.lacks and case.lacks in server.label.lower():
            pytest.skip(f"{server.label} has no such thing")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("case", "dialect"), cases(wrong.CASES))
def test_wrong_one_is_found_and_named(case: Case, dialect: str, tmp_path: Path) -> None:
    *before, last = verdicts(case, dialect, tmp_path)
    assert [verdict.status for verdict in before] == ["lossless"] * len(before), before
    assert last.status == "broken"
    for finds in (case.finds, case.also):
        words = [word.replace("{collation}", COLLATION[dialect]) for word in finds]
        assert any(all(word in str(problem) for word in words) for problem in last.problems), last.problems
    source = (tmp_path / last.path).read_text(encoding="utf-8").splitlines()
    down = source.index("def downgrade() -> None:") + 1
    for problem in last.problems:
        if problem.step:
            assert (problem.line >= down) == (problem.step == "downgrade"), problem
            assert source.index("def upgrade() -> None:") < problem.line <= len(source), problem


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("case", "dialect"), cases(right.CASES))
def test_right_one_is_no_alarm(case: Case, dialect: str, tmp_path: Path) -> None:
    found = verdicts(case, dialect, tmp_path)
    assert [problem for verdict in found for problem in verdict.problems] == []
    assert [verdict.status for verdict in found] == ["lossless"] * (len(found) - 1) + [case.status]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "case",
    [
        Case(
            "another order of columns",
            'op.drop_column("bill", "a")',
            'op.add_column("bill", sa.Column("a", sa.Integer(), nullable=True))',
            before=wrong.table('sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer())'),
            top='lossy = "not used"',
        )
    ],
    ids=["bill"],
)
def test_another_order_of_columns_is_told_and_no_failure(case: Case, dialect: str, tmp_path: Path) -> None:
    last = verdicts(case, dialect, tmp_path)[-1]
    assert last.status == "lossy"
    assert last.notes == ["downgrade: columns of bill are in another order: a behind id, now behind b"]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("case", [case for case in wrong.CASES if case.also and "downgrade" in case.finds])
@pytest.mark.parametrize("declared", ["lossy", "irreversible"])
def test_a_declared_loss_is_told_beside_a_difference_of_the_schema(
    case: Case, dialect: str, declared: str, tmp_path: Path
) -> None:
    last = verdicts(dataclasses.replace(case, top=f'{declared} = "not used"'), dialect, tmp_path)[-1]
    assert last.status == ("irreversible" if declared == "irreversible" else "broken")
    assert [line for line in last.lost if line.startswith("bill.a: ")] == last.lost != []


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "case",
    [
        Case(
            "a reference to the table itself goes",
            NODE
            + 'batch.drop_constraint("fk_node_parent", type_="foreignkey")\n'
            + NODE
            + 'batch.drop_column("parent_id")',
            NODE
            + 'batch.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))\n'
            + NODE
            + 'batch.create_foreign_key("fk_node_parent", "node", ["parent_id"], ["id"])',
            before=(
                (
                    'op.create_table("node", sa.Column("id", sa.Integer(), nullable=False), '
                    'sa.Column("parent_id", sa.Integer()), sa.PrimaryKeyConstraint("id"), '
                    'sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name="fk_node_parent"))',
                    'op.drop_table("node")',
                ),
            ),
        )
    ],
    ids=["node"],
)
def test_a_reference_to_the_table_itself_that_goes_is_lost(case: Case, dialect: str, tmp_path: Path) -> None:
    last = verdicts(case, dialect, tmp_path)[-1]
    assert [problem.step for problem in last.problems] == ["downgrade"]
    assert "node.parent_id: " in last.problems[0].text


def test_readme_gives_the_size_of_the_zoo() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert (
        f"finds all {len(wrong.CASES)} wrong ones and raises no false alarm on the {len(right.CASES)} right ones"
        in readme
    )
    table = (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")
    assert [case.name for case in wrong.CASES + right.CASES if f"\n| {case.name} |" not in table] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_zoo_is_large_enough(dialect: str) -> None:
    for some in (wrong.CASES, right.CASES):
        assert len({case.name for case in some if dialect in case.dialects}) >= 30
    assert len({case.name for case in wrong.CASES + right.CASES}) == len(wrong.CASES) + len(right.CASES)
