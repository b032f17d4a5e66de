"""What Alembic finds between two schemas on a real SQLite database, and what `autogenerate` makes of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate import destructive, order
from alembic_lockstep.comparison import words
from alembic_lockstep.comparison.operations import flat
from alembic_lockstep.dialects.traits import Traits

OTHER = Traits()
"""A made-up third dialect: no batch mode, and no indexes but those that are asked for."""

MYSQL, SQLITE = (dialects.get(name).traits for name in ("mysql", "sqlite"))


def produced(before: list[sa.Table], after: list[sa.Table], traits: Traits = MYSQL) -> ops.MigrationScript:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema(before).create_all(connection)
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        script = produce_migrations(context, schema(after))
        order.arrange([script], traits=traits, before=sa.inspect(connection))
    engine.dispose()
    return script


def schema(tables: list[sa.Table]) -> sa.MetaData:
    metadata = sa.MetaData()
    for table in tables:
        table.to_metadata(metadata)
    return metadata


def table(name: str, *items: Any, **options: Any) -> sa.Table:
    return sa.Table(name, sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *items, **options)


def link(to: str, name: str | None = None) -> sa.Column[Any]:
    return sa.Column(f"{to}_id", sa.Integer, sa.ForeignKey(f"{to}.id", name=name or f"fk_{to}"))


def number(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, **options)


def text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(20), **options)


def steps(operations: ops.UpgradeOps | ops.DowngradeOps | None) -> list[str]:
    assert operations is not None
    return [step for op in operations.ops for step in step_of(op)]


def step_of(op: Any) -> list[str]:
    if isinstance(op, ops.ModifyTableOps):
        return [step for part in op.ops for step in step_of(part)]
    if isinstance(op, ops.AddColumnOp):
        return [f"AddColumn {op.column.name}"]
    names = ("index_name", "constraint_name", "column_name", "table_name")
    name = next(value for attribute in names if (value := getattr(op, attribute, None)))
    return [f"{type(op).__name__.removesuffix('Op')} {name}"]


def both(script: ops.MigrationScript) -> tuple[list[str], list[str]]:
    return steps(script.upgrade_ops), steps(script.downgrade_ops)


PARENT = table("parent")


def test_foreign_key_goes_before_its_index_and_comes_back_after_it() -> None:
    linked = table("child", link("parent"), sa.Index("ix_child", "parent_id"))
    up, down = both(produced([PARENT, linked], [PARENT, table("child", number("parent_id"))]))
    assert up == ["DropConstraint fk_parent", "DropIndex ix_child"]
    assert down == ["CreateIndex ix_child", "CreateForeignKey fk_parent"]


def test_foreign_key_goes_before_its_column_and_before_the_table_it_refers_to() -> None:
    linked = table("child", link("parent"), sa.Index("ix_child", "parent_id"))
    up, down = both(produced([PARENT, linked], [table("child")]))
    assert up == ["DropConstraint fk_parent", "DropIndex ix_child", "DropColumn parent_id", "DropTable parent"]
    assert down == ["CreateTable parent", "AddColumn parent_id", "CreateIndex ix_child", "CreateForeignKey fk_parent"]


def test_foreign_key_of_a_later_table_goes_before_the_index_of_an_earlier_one() -> None:
    # MySQL wants an index on the columns that a foreign key refers to.
    referring = sa.Column("code", sa.Integer, sa.ForeignKey("a.code", name="fk_a"))
    up, down = both(
        produced(
            [table("a", number("code"), sa.Index("ix_a", "code")), table("b", referring)],
            [table("a", number("code")), table("b", number("code"))],
        )
    )
    assert up == ["DropConstraint fk_a", "DropIndex ix_a"]
    assert down == ["CreateIndex ix_a", "CreateForeignKey fk_a"]


def test_foreign_key_to_a_new_table_comes_after_it() -> None:
    up, down = both(produced([table("child")], [table("child", link("parent")), PARENT]))
    assert up == ["CreateTable parent", "AddColumn parent_id", "CreateForeignKey fk_parent"]
    assert down == ["DropConstraint fk_parent", "DropColumn parent_id", "DropTable parent"]


@pytest.mark.parametrize("order", ["abc", "cba", "bac"])
def test_dropped_tables_go_children_first_whatever_their_names(order: str) -> None:
    top, middle, bottom = list(order)
    tables = [table(top), table(middle, link(top)), table(bottom, link(middle), link(top))]
    up, down = both(produced(tables, []))
    assert up == [f"DropTable {name}" for name in (bottom, middle, top)]
    assert down == [f"CreateTable {name}" for name in (top, middle, bottom)]


def test_dropped_table_may_refer_to_itself() -> None:
    up, _ = both(produced([table("node", link("node"))], []))
    assert up == ["DropTable node"]


def test_indexes_of_a_dropped_table_go_with_it_and_come_back_one_by_one() -> None:
    indexed = table("note", text("text", index=True), number("n", index=True))
    up, down = both(produced([indexed], []))
    assert up == ["DropTable note"]
    assert down[0] == "CreateTable note"
    assert sorted(down[1:]) == ["CreateIndex ix_note_n", "CreateIndex ix_note_text"]


def test_indexes_of_a_new_table_come_after_it_and_go_with_it() -> None:
    up, down = both(produced([], [table("note", text("text", index=True))]))
    assert up == ["CreateTable note", "CreateIndex ix_note_text"]
    assert down == ["DropTable note"]


def test_index_of_a_table_that_stays_is_dropped_though_another_table_goes() -> None:
    indexed = table("stays", text("a"), sa.Index("ix", "a"))
    up, _ = both(produced([table("gone"), indexed], [table("stays", text("a"))]))
    assert up == ["DropIndex ix", "DropTable gone"]


def test_new_index_comes_before_the_old_one_goes() -> None:
    old = table("child", link("parent"), number("n"), sa.Index("ix_old", "parent_id"))
    new = table("child", link("parent"), number("n"), sa.Index("ix_new", "parent_id", "n"))
    up, down = both(produced([PARENT, old], [PARENT, new]))
    assert up == ["CreateIndex ix_new", "DropIndex ix_old"]
    assert down == ["CreateIndex ix_old", "DropIndex ix_new"]


def test_index_that_keeps_its_name_goes_before_it_comes_again() -> None:
    old = table("t", number("a"), number("b"), sa.Index("ix", "a"))
    new = table("t", number("a"), number("b"), sa.Index("ix", "a", "b"))
    up, down = both(produced([old], [new]))
    assert up == ["DropIndex ix", "CreateIndex ix"]
    assert down == ["DropIndex ix", "CreateIndex ix"]


@pytest.mark.parametrize("swapped", [False, True], ids=["unique-to-index", "index-to-unique"])
def test_unique_constraint_and_index_take_each_others_place_without_a_gap(swapped: bool) -> None:
    old = table("child", link("parent"), sa.UniqueConstraint("parent_id", name="uq"))
    new = table("child", link("parent"), sa.Index("ix", "parent_id"))
    first, second = (new, old) if swapped else (old, new)
    up, down = both(produced([PARENT, first], [PARENT, second]))
    to_index, to_unique = ["CreateIndex ix", "DropConstraint uq"], ["CreateUniqueConstraint uq", "DropIndex ix"]
    assert (up, down) == ((to_unique, to_index) if swapped else (to_index, to_unique))


def test_index_on_a_new_column_comes_after_the_column() -> None:
    old = table("t", number("a"), sa.Index("ix_old", "a"))
    new = table("t", number("a"), number("b"), sa.Index("ix_new", "a", "b"))
    up, down = both(produced([old], [new]))
    assert up == ["AddColumn b", "CreateIndex ix_new", "DropIndex ix_old"]
    assert down == ["CreateIndex ix_old", "DropIndex ix_new", "DropColumn b"]


def test_batch_mode_keeps_all_changes_of_a_table_in_one_block() -> None:
    old = table("child", link("parent"), sa.Index("ix", "parent_id"))
    new = table("child", link("other"), number("n", index=True))
    script = produced([PARENT, old], [PARENT, new, table("other")], SQLITE)
    assert script.upgrade_ops is not None
    blocks = [op.table_name for op in script.upgrade_ops.ops if isinstance(op, ops.ModifyTableOps)]
    assert blocks == ["child"]
    up = steps(script.upgrade_ops)
    assert up[:2] == ["CreateTable other", "DropConstraint fk_parent"]
    assert up[-1] == "DropColumn parent_id"


def index_of_key(*columns: str) -> sa.Index:
    """The index that a server which makes one for each foreign key would have made for `fk_parent`."""
    return sa.Index("fk_parent", *columns)


@pytest.mark.parametrize(
    ("traits", "dropped"), [(MYSQL, ["DropIndex fk_parent"]), (OTHER, [])], ids=["mysql", "other-dialect"]
)
def test_index_of_a_dropped_foreign_key_goes_only_where_the_server_made_it(traits: Traits, dropped: list[str]) -> None:
    before = table("child", link("parent"), index_of_key("parent_id"))
    after = table("child", number("parent_id"), index_of_key("parent_id"))
    up, down = both(produced([PARENT, before], [PARENT, after], traits))
    assert up == ["DropConstraint fk_parent", *dropped]
    assert down == ["CreateForeignKey fk_parent"]


@pytest.mark.parametrize(
    ("traits", "dropped"), [(MYSQL, ["DropIndex fk_parent"]), (OTHER, [])], ids=["mysql", "other-dialect"]
)
def test_index_of_a_new_foreign_key_goes_in_the_downgrade_only_where_the_server_makes_it(
    traits: Traits, dropped: list[str]
) -> None:
    tables = [PARENT, table("child", number("parent_id"))], [PARENT, table("child", link("parent"))]
    up, down = both(produced(*tables, traits))
    assert up == ["CreateForeignKey fk_parent"]
    assert down == ["DropConstraint fk_parent", *dropped]


@pytest.mark.parametrize("traits", [MYSQL, OTHER], ids=["mysql", "other-dialect"])
def test_last_index_of_a_foreign_key_gets_a_stand_in_only_where_the_key_needs_one(traits: Traits) -> None:
    before = table("child", link("parent"), sa.Index("ix", "parent_id"))
    up, down = both(produced([PARENT, before], [PARENT, table("child", link("parent"))], traits))
    needed = traits is MYSQL
    assert up == [*(["CreateIndex fk_parent"] if needed else []), "DropIndex ix"]
    assert down == ["CreateIndex ix", *(["DropIndex fk_parent"] if needed else [])]


def test_foreign_key_is_made_anew_around_the_index_that_displaced_its_own() -> None:
    before = table("child", link("parent"), number("n"), index_of_key("parent_id"))
    after = table("child", link("parent"), number("n"), index_of_key("parent_id"), sa.Index("ix", "parent_id", "n"))
    up, down = both(produced([PARENT, before], [PARENT, after]))
    assert up == ["CreateIndex ix"]
    assert down == ["DropConstraint fk_parent", "DropIndex ix", "CreateForeignKey fk_parent"]


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning")
def test_foreign_keys_of_a_cycle_follow_the_new_tables_and_go_before_them() -> None:
    cycle = [table("a", link("b")), table("b", link("a"))]
    up, down = both(produced([], cycle, OTHER))
    assert up[:2] == ["CreateTable a", "CreateTable b"] or up[:2] == ["CreateTable b", "CreateTable a"]
    assert [step.partition(" ")[0] for step in up[2:]] == ["CreateForeignKey"]
    assert down[0].startswith("DropConstraint")


def test_column_goes_last() -> None:
    before, after = [table("a", number("n")), table("b")], [table("a"), table("b", number("n"))]
    assert both(produced(before, after))[0] == ["AddColumn n", "DropColumn n"]
    assert both(produced(before, after, OTHER))[0] == ["AddColumn n", "DropColumn n"]


def test_schemas_that_are_equal_give_no_operation() -> None:
    script = produced([PARENT], [table("parent")])
    assert both(script) == ([], [])


def losses(before: list[sa.Table], after: list[sa.Table]) -> list[tuple[str, str | None, list[str]]]:
    script = produced(before, after)
    assert script.upgrade_ops is not None
    found = destructive.losses(script.upgrade_ops)
    return [(loss.table, loss.column, [flag for _line, flag in loss.renames]) for loss in found]


def test_dropped_columns_are_losses_each_with_the_most_alike_new_name() -> None:
    before = [table("t", text("es_index_id"), text("es_index_name")), table("other")]
    after = [
        table("t", number("id_of_index"), *map(text, ("kind", "index_id", "index_name"))),
        table("other", text("es")),
    ]
    assert sorted(losses(before, after)) == [
        ("t", "es_index_id", ["t.es_index_id:index_id"]), ("t", "es_index_name", ["t.es_index_name:index_name"]),
    ]  # fmt: skip


def test_new_column_is_proposed_for_one_dropped_column_alone() -> None:
    before, after = [table("t", text("label"), text("title"))], [table("t", text("titles"))]
    assert sorted(losses(before, after)) == [("t", "label", []), ("t", "title", ["t.title:titles"])]


def test_dropped_column_without_a_like_one_is_a_loss_without_a_proposal() -> None:
    assert losses([table("t", text("old"))], [table("t", number("n"))]) == [("t", "old", [])]


def test_dropped_table_is_a_loss_with_new_tables_of_the_same_columns_as_its_new_name() -> None:
    after = [table("new", text("a")), table("longer", text("a"), number("n")), table("shorter")]
    assert losses([table("old", text("a"))], after) == [("old", None, ["old:new"])]


def test_columns_of_a_dropped_table_are_no_losses_of_their_own() -> None:
    assert losses([table("t", number("a"), number("b"))], []) == [("t", None, [])]


def test_change_that_drops_neither_table_nor_column_loses_nothing() -> None:
    old = table("child", link("parent"), sa.Index("ix", "parent_id"))
    assert losses([PARENT, old], [PARENT, table("child", number("parent_id"))]) == []


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param([], [table("t", text("a"), sa.Index("ix", "a"))], ["+ table t"], id="new-table-with-index"),
        pytest.param([table("t")], [], ["- table t"], id="dropped-table"),
        pytest.param(
            [table("t")],
            [table("t", text("a", nullable=False, server_default="active"))],
            ["+ column t.a  String(20) not null default 'active'"],
            id="new-column-with-text-default",
        ),
        pytest.param(
            [table("t")],
            [table("t", sa.Column("a", sa.Numeric(10, 2), server_default=sa.text("0")))],
            ["+ column t.a  Numeric(10, 2) default 0"],
            id="new-column-with-sql-default",
        ),
        pytest.param(
            [table("t")],
            [table("t", sa.Column("at", sa.DateTime, nullable=False, server_default=sa.func.now()))],
            ["+ column t.at  DateTime not null default now()"],
            id="new-column-with-function-default",
        ),
        pytest.param([table("t", text("a"))], [table("t")], ["- column t.a  String(20)"], id="dropped-column"),
        pytest.param(
            [table("t", text("a"))],
            [table("t", sa.Column("a", sa.String(50), nullable=False, server_default="x"))],
            ["~ column t.a  String(20) to String(50), not null, default none to 'x'"],
            id="changed-column",
        ),
        pytest.param(
            [table("t", text("a", nullable=False, server_default="x"))],
            [table("t", text("a"))],
            ["~ column t.a  null, default 'x' to none"],
            id="loosened-column",
        ),
        pytest.param(
            [table("t", text("a"), sa.Index("ix_old", "a"))],
            [table("t", text("a"), sa.Index("ix_new", "a"))],
            ["+ index ix_new", "- index ix_old"],
            id="indexes",
        ),
        pytest.param(
            [table("t", text("a"))],
            [table("t", text("a"), sa.UniqueConstraint("a", name="uq"))],
            ["+ unique uq of t"],
            id="new-unique",
        ),
        pytest.param(
            [table("t", text("a"), sa.UniqueConstraint("a", name="uq"))],
            [table("t", text("a"))],
            ["- unique uq of t"],
            id="dropped-unique",
        ),
        pytest.param(
            [PARENT, table("t", number("parent_id"))],
            [PARENT, table("t", link("parent"))],
            ["+ foreign key fk_parent of t"],
            id="new-foreign-key",
        ),
        pytest.param(
            [PARENT, table("t", link("parent"))],
            [PARENT, table("t", number("parent_id"))],
            ["- foreign key fk_parent of t"],
            id="dropped-foreign-key",
        ),
    ],
)
def test_describe_says_in_a_line_what_changes(before: list[sa.Table], after: list[sa.Table], lines: list[str]) -> None:
    script = produced(before, after)
    assert script.upgrade_ops is not None
    assert words.describe(script.upgrade_ops) == lines


@pytest.mark.parametrize(
    ("op", "line"),
    [
        pytest.param(ops.RenameTableOp("old", "new"), "~ table old is now new", id="renamed-table"),
        pytest.param(
            ops.AlterColumnOp("t", "a", modify_name="b", existing_type=sa.String(20)),
            "~ column t.a  is now b",
            id="renamed-column",
        ),
        pytest.param(
            ops.AlterColumnOp("t", "a", modify_comment="what it is"), "~ column t.a  comment", id="column-comment"
        ),
        pytest.param(ops.CreateTableCommentOp("t", "what it is"), "~ comment of table t", id="table-comment"),
        pytest.param(ops.DropTableCommentOp("t"), "~ comment of table t", id="dropped-table-comment"),
    ],
)
def test_describe_says_what_only_a_developer_or_another_dialect_does(op: ops.MigrateOperation, line: str) -> None:
    assert words.describe(ops.UpgradeOps([op])) == [line]


def test_new_column_that_may_not_be_null_is_a_caution_unless_it_has_a_default_or_its_table_is_new() -> None:
    columns = [number("bare", nullable=False), number("given", nullable=False, server_default="0"), number("free")]
    script = produced([table("t")], [table("t", *columns), table("new", number("bare", nullable=False))])
    assert script.upgrade_ops is not None
    (caution,) = words.cautions(script.upgrade_ops)
    assert (caution.table, caution.column) == ("t", "bare")
    assert str(caution).startswith("! t.bare is not null and has no server default: ")


def test_what_is_dropped_is_declared_but_not_what_can_be_computed() -> None:
    before = [table("t", text("a"), sa.Column("b", sa.Integer, sa.Computed("id + 1"))), table("gone")]
    script = produced(before, [table("t")])
    assert script.upgrade_ops is not None
    assert destructive.lossy(script.upgrade_ops) == "drops t.a, table gone"
    assert destructive.lossy(ops.UpgradeOps([])) == ""


@pytest.mark.parametrize("traits", [MYSQL, OTHER], ids=["mysql", "other-dialect"])
def test_long_text_gets_its_default_as_an_expression_only_where_it_takes_no_literal(traits: Traits) -> None:
    script = produced([table("t", sa.Column("a", sa.Text, nullable=False))], [table("t")], traits)
    destructive.fill_restored_columns([script], traits)
    assert script.downgrade_ops is not None
    added = next(part for op in script.downgrade_ops.ops for part in op.ops)  # type: ignore[attr-defined]
    assert str(added.column.server_default.arg) == ("('')" if traits is MYSQL else "")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (number("a", nullable=False), "0"),
        (text("a", nullable=False), ""),
        (sa.Column("a", sa.DateTime, nullable=False), "2000-01-01 00:00:00"),
        (number("a"), None),
        (number("a", nullable=False, server_default="7"), None),
    ],
)
def test_column_that_comes_back_not_null_gets_a_value_by_a_default_that_goes_again(
    column: sa.Column[Any], value: str | None
) -> None:
    script = produced([table("t", column)], [table("t")])
    destructive.fill_restored_columns([script], MYSQL)
    assert script.downgrade_ops is not None
    added, *after = [part for op in script.downgrade_ops.ops for part in op.ops]  # type: ignore[attr-defined]
    if value is None:
        assert after == []
    else:
        assert added.column.server_default.arg == value
        assert isinstance(after[0], ops.AlterColumnOp)
        assert (after[0].column_name, after[0].modify_server_default) == ("a", None)


def test_order_of_constraints_does_not_follow_that_of_sets() -> None:
    names = [f"t{number}" for number in range(12)]
    targets = [table(name) for name in names]
    linked = table("post", *map(link, names), *(number(f"n{name}", unique=True) for name in names))
    plain = table("post", *(number(f"{name}_id") for name in names), *(number(f"n{name}") for name in names))
    made = produced([plain, *targets], [linked, *targets])
    keys = [step for step in steps(made.upgrade_ops) if "Foreign" in step]
    assert keys == sorted(keys)
    assert made.upgrade_ops is not None
    columns = [list(op.columns) for op in flat(made.upgrade_ops.ops) if isinstance(op, ops.CreateUniqueConstraintOp)]
    assert columns == sorted(columns)
