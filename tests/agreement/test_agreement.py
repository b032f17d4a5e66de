"""In memory as on the server: random models and edits of them, in both directions.

A few examples run in CI, always the same; thousands of new ones with `--hypothesis-profile thorough`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.execution.runner import ChainRunner
from alembic_lockstep.project import chain, targets
from tests.agreement.drawn_models import built, watchers
from tests.agreement.schemas import Column, Index, Reference, Schema, Table, edits, schemas
from tests.agreement.sides import NOTHING, Found, Side, emptied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alembic_lockstep.project.targets import Target

Compare = Any  # called with a schema before and one after

# Of circles that SQLAlchemy cannot sort, and of indexes that Alembic does not compare on SQLite.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::sqlalchemy.exc.SAWarning", "ignore::sqlalchemy.exc.SADeprecationWarning"
)

INI = """
[DEFAULT]
script_location = %(here)s
path_separator = os
models = models:metadata
[alembic_sqlite_app]
version_locations = %(here)s
url = sqlite://
[alembic_mysql_app]
version_locations = %(here)s
url = mysql://
"""


def check(memory: Side, real: Side, before: Schema, after: Schema, *, named: bool = True) -> None:
    """Bring both sides from nothing to `before`, on to `after` and back, by the scripts that are found in memory."""
    by_hand = watchers(before, after, real.connection.dialect.name)
    check_models(memory, real, built(before, named=named), built(after, named=named), by_hand)


def check_models(memory: Side, real: Side, one: sa.MetaData, other: sa.MetaData, by_hand: Iterable[str] = ()) -> None:
    """Do the same with models.

    Args:
        memory: one database.
        real: the other one.
        one: the models before.
        other: the models after.
        by_hand: statements for views and triggers, which stay.
    """
    step(memory, real, agreed(memory, real, one).upgrade, one)
    for statement in by_hand:
        for side in (memory, real):
            side.connection.exec_driver_sql(statement)
            side.connection.commit()
    there, others = real.schema(), real.others()
    change = agreed(memory, real, other)
    if change == NOTHING:
        return
    step(memory, real, change.upgrade, other)
    reached = real.schema()
    agreed(memory, real, one)
    step(memory, real, change.downgrade, one)
    back = real.schema()
    assert back == there, f"the downgrade does not lead back\n{change}\nto\n{there}\nbut to\n{back}"
    step(memory, real, change.upgrade, other)
    assert real.schema() == reached, f"the second upgrade does not lead to the same\n{change}"
    assert real.others() == others, f"views or triggers are not what they were\n{change}"
    rebuilt(memory, real, other)


def rebuilt(memory: Side, real: Side, models: sa.MetaData) -> None:
    """Make the schema again by the server's own description of it, on both sides: to the models it is the same."""
    statements = real.statements()
    for side in (memory, real):
        if not real.is_mariadb or side is real:
            side.rebuild(statements)
            left = side.find(models)
            assert left == NOTHING, f"after\n{statements}\nthere is left\n{left}"
    if not real.is_mariadb:
        assert memory.schema() == real.schema()


def agreed(memory: Side, real: Side, models: sa.MetaData) -> Found:
    """Return what is found on both sides, which is the same."""
    found, there = memory.find(models), real.find(models)
    # Alembic goes over sets, so what does not depend on each other may stand in another order.
    assert lines(real.common(there)) == lines(real.common(found)), f"on the server:\n{there}\nin memory:\n{found}"
    return found


def lines(found: Found) -> tuple[list[str], list[str]]:
    return sorted(found.upgrade.splitlines()), sorted(found.downgrade.splitlines())


def step(memory: Side, real: Side, body: str, models: sa.MetaData) -> None:
    """Apply a script on both sides; afterwards the models are reached, and both describe the schema alike."""
    for side in (memory, real):
        side.apply(body)
    for side in (real, memory):
        left = side.find(models)
        assert left == NOTHING, f"after\n{body}\nthere is left\n{left}"
    if not real.is_mariadb:  # which has words of its own for the same
        assert memory.schema() == real.schema()


def target(root: Path, dialect: str) -> Target:
    ini = root / "alembic.ini"
    ini.write_text(INI, encoding="utf-8")
    return targets.load_one(ini, f"alembic_{dialect}_app")


@pytest.fixture(scope="module")
def sqlite_sides(tmp_path_factory: pytest.TempPathFactory) -> Compare:
    root = tmp_path_factory.mktemp("sqlite")
    chosen, dialect = target(root, "sqlite"), dialects.get("sqlite")

    def compare(before: Schema, after: Schema, **more: bool) -> None:
        with (
            dialect.scratch.memory() as engine,
            dialect.scratch.database("real", root, lambda _text: None) as scratch,
            engine.connect() as memory,
            scratch.engine.connect() as real,
        ):
            check(Side(chosen, memory), Side(chosen, real), before, after, **more)

    return compare


def server_sides(root: Path, url: sa.URL) -> Iterator[Compare]:
    chosen, dialect = target(root, "mysql"), dialects.get("mysql")
    made = sa.create_engine(url, poolclass=sa.NullPool)

    with made.connect() as real:

        def compare(before: Schema, after: Schema, **more: bool) -> None:
            real.rollback()
            emptied(real)
            with dialect.scratch.memory() as engine, engine.connect() as memory:
                check(Side(chosen, memory), Side(chosen, real), before, after, **more)

        yield compare


@pytest.fixture(scope="module")
def mysql_sides(tmp_path_factory: pytest.TempPathFactory, mysql: sa.URL) -> Iterator[Compare]:
    yield from server_sides(tmp_path_factory.mktemp("mysql"), mysql)


@pytest.fixture(scope="module")
def mariadb_sides(tmp_path_factory: pytest.TempPathFactory, mariadb: sa.URL) -> Iterator[Compare]:
    yield from server_sides(tmp_path_factory.mktemp("mariadb"), mariadb)


@st.composite
def pairs(draw: st.DrawFn, dialect: str) -> tuple[Schema, Schema, bool]:
    """Draw a schema, the one after an edit, and whether constraints have names."""
    before = draw(schemas(dialect))
    return before, draw(edits(before, dialect)), draw(st.sampled_from([True, True, False]))


@given(pairs("sqlite"))
def test_any_edit_on_sqlite(sqlite_sides: Compare, pair: tuple[Schema, Schema, bool]) -> None:
    before, after, named = pair
    sqlite_sides(before, after, named=named)


@given(pairs("mysql"))
def test_any_edit_on_mysql(mysql_sides: Compare, pair: tuple[Schema, Schema, bool]) -> None:
    before, after, named = pair
    mysql_sides(before, after, named=named)


@given(pairs("mariadb"))
def test_any_edit_on_mariadb(mariadb_sides: Compare, pair: tuple[Schema, Schema, bool]) -> None:
    before, after, named = pair
    mariadb_sides(before, after, named=named)


def table(**columns: Column) -> Schema:
    return {"a": Table(columns=columns)}


UP = {"up_id": Reference("a")}
FOUND: dict[str, tuple[Schema, Schema]] = {
    # Alembic writes a % twice into a script that is made on a server, and the default is another one then.
    "percent-in-the-default-of-a-dropped-table": (
        {"a": Table(), "b": Table(columns={"c1": Column("string255", 4)})}, {"a": Table()},
    ),
    # MySQL reports ('{}') as (_utf8mb4'{}'), a false alarm of Alembic's.
    "default-that-is-an-expression": (table(), table(c1=Column("json-expression"), c2=Column("text-expression"))),
    "default-of-a-text-becomes-another": (table(c1=Column("text")), table(c1=Column("text-expression"))),
    # Tables in a circle: Alembic makes the first with a foreign key to one that is not there.
    "new-tables-in-a-circle": (
        {"d_e": Table(True)},
        {"d_e": Table(True), "a": Table(references={"up_id": Reference("b")}), "b": Table(references=UP)},
    ),
    "tables-in-a-circle-go": (
        {"d_e": Table(True), "a": Table(references={"up_id": Reference("b")}), "b": Table(references=UP)},
        {"d_e": Table(True)},
    ),
    # MySQL drops the index that it had made for the foreign key, and refuses to drop the new one (1553).
    "index-on-the-column-of-a-foreign-key": (
        {"a": Table(references=UP)}, {"a": Table(references=UP, indexes={"i1": Index(("up_id",))})},
    ),
    "index-of-a-foreign-key-goes": (
        {"a": Table(references=UP, indexes={"i1": Index(("up_id",))})}, {"a": Table(references=UP)},
    ),
    "index-of-a-foreign-key-changes-under-its-name": (
        {"a": Table(references=UP, indexes={"i1": Index(("up_id",))})},
        {"a": Table(references=UP, indexes={"i1": Index(("up_id", "amount"), unique=True)})},
    ),
    # MySQL lists the columns of a foreign key otherwise than those of an index.
    "foreign-key-of-two-columns": ({"d_e": Table(True), "a": Table()}, {"d_e": Table(True), "a": Table(pair=True)}),
    # The index that MySQL makes for a foreign key stays when the key goes.
    "foreign-key-on-a-column-that-is-there": ({"a": Table(), "b": Table()}, {"a": Table(), "b": Table(link="a")}),
    # SQLAlchemy reflects neither the direction nor the expression of an index.
    "index-with-a-direction": ({"a": Table(indexes={"i1": Index(("amount",), descending=True)})}, {"b": Table()}),
    "index-with-an-expression": (
        {"a": Table()}, {"a": Table(indexes={"i1": Index(("amount",), expression="(lower(label))")})},
    ),
    # SQLAlchemy passes over such an index on SQLite, and takes a colon in a CHECK for a parameter.
    "dropped-table-with-an-index-on-an-expression-and-colons": (
        {"a": Table(), "b": Table(
            indexes={"i1": Index(("amount",), unique=True, expression="(lower(label))")},
            checks=frozenset(["unnamed too"]), computed=frozenset(["c_low colon"]), option="numbered",
        )},
        {"a": Table()},
    ),
    # SQLAlchemy reflects a type that SQLite has not got as NUMERIC, and Alembic takes it for another type.
    "binary-on-sqlite": ({"a": Table()}, {"a": Table(), "b": Table(columns={"c1": Column("varbinary", nullable=False)})}),
}  # fmt: skip
"""What the random examples have found, and why it was wrong."""
ONLY_MYSQL = {"default-that-is-an-expression", "default-of-a-text-becomes-another", "index-with-an-expression"}
NOT_MARIADB = {"index-with-an-expression", "dropped-table-with-an-index-on-an-expression-and-colons"}
"""What the other products do not have, or have under other names."""


@pytest.mark.parametrize("name", [name for name in FOUND if name not in ONLY_MYSQL])
def test_found_on_sqlite(sqlite_sides: Compare, name: str) -> None:
    sqlite_sides(*FOUND[name])


@pytest.mark.parametrize("name", FOUND)
def test_found_on_mysql(mysql_sides: Compare, name: str) -> None:
    mysql_sides(*FOUND[name])


@pytest.mark.parametrize("name", [name for name in FOUND if name not in NOT_MARIADB])
def test_found_on_mariadb(mariadb_sides: Compare, name: str) -> None:
    mariadb_sides(*FOUND[name])


NAMELESS: dict[str, tuple[Schema, Schema]] = {
    "circle": (
        {"d_e": Table(True)},
        {"d_e": Table(True), "a": Table(references={"up_id": Reference("b")}), "b": Table(references=UP)},
    ),
    "added-to-a-column": ({"a": Table(), "b": Table()}, {"a": Table(), "b": Table(link="a")}),
    "added-with-its-column": ({"a": Table(), "b": Table()}, {"a": Table(), "b": Table(references=UP)}),
    "dropped-from-a-column": ({"a": Table(), "b": Table(link="a")}, {"a": Table(), "b": Table()}),
    "dropped-with-its-column": ({"a": Table(), "b": Table(references=UP)}, {"a": Table(), "b": Table()}),
    "dropped-with-its-table": ({"a": Table(), "b": Table(references=UP, link="a")}, {"a": Table()}),
    "unique": ({"a": Table()}, {"a": Table(uniques=frozenset([("amount", "label")]))}),
}
"""Foreign keys and uniques whose names are the server's."""


@pytest.mark.parametrize("name", NAMELESS)
def test_constraints_without_a_name_on_mysql(mysql_sides: Compare, name: str) -> None:
    mysql_sides(*NAMELESS[name], named=False)


OWN = targets.load(Path(__file__).parents[2] / "alembic.ini")


@pytest.mark.parametrize("own", OWN, ids=[each.name for each in OWN])
def test_each_revision_of_the_own_chains_is_generated_alike(
    own: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """With the state after a revision as the models, memory and engine find the same in the state before it."""
    if own.dialect == "mysql":
        request.getfixturevalue("mysql")  # skips on MariaDB
        request.getfixturevalue("given_server")
    dialect, script = dialects.get(own.dialect), chain.load(own)
    with (
        dialect.scratch.memory() as engine,
        dialect.scratch.database("own", tmp_path, lambda _text: None) as scratch,
        engine.connect() as memory,
        scratch.engine.connect() as real,
    ):
        runners = [ChainRunner(script, connection, own, options(own)) for connection in (memory, real)]
        for revision in reversed(list(script.walk_revisions())):
            with dialect.scratch.memory() as later, later.connect() as after:
                ChainRunner(script, after, own, options(own)).upgrade(revision.revision)
                models = sa.MetaData()
                models.reflect(after)
            found = agreed(Side(own, memory), Side(own, real), models)
            assert found != NOTHING
            for runner in runners:
                runner.run_alone(revision)
            assert Side(own, memory).schema() == Side(own, real).schema()


@pytest.mark.parametrize("own", [each for each in OWN if each.dialect == "mysql"], ids=lambda own: own.name)
def test_head_in_memory_is_copied_to_the_server_as_it_is(own: Target, mysql: sa.URL) -> None:
    dialect, script = dialects.get(own.dialect), chain.load(own)
    real = sa.create_engine(mysql, poolclass=sa.NullPool)
    with dialect.scratch.memory() as engine, engine.connect() as memory, real.connect() as copied:
        emptied(copied)
        ChainRunner(script, memory, own, options(own)).upgrade()
        assert dialect.scratch.copy(memory, copied)
        assert Side(own, copied).schema() == Side(own, memory).schema()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT id FROM a",
        "INSERT INTO a (id) VALUES (1)",
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x = 1",
    ],
)
def test_more_than_tables_is_not_copied(mysql: sa.URL, statement: str) -> None:
    dialect = dialects.get("mysql")
    real = sa.create_engine(mysql, poolclass=sa.NullPool)
    with dialect.scratch.memory() as engine, engine.connect() as memory, real.connect() as copied:
        emptied(copied)
        memory.exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        memory.exec_driver_sql(statement)
        assert not dialect.scratch.copy(memory, copied)
        assert Side(OWN[0], copied).schema() == {}
