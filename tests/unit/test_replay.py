"""Small chains, replayed in memory and run on real engines: both result in the same schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from alembic_lockstep import dialects
from alembic_lockstep.autogenerate.options import options
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.execution import replay
from alembic_lockstep.project import chain
from alembic_lockstep.servers.scratch import scratch_database
from tests.unit.replay.both_dialects import BOTH
from tests.unit.replay.chains import BASE, REVISION, Chains, described
from tests.unit.replay.failing import FAILING
from tests.unit.replay.no_schema_change import NO_SCHEMA_CHANGE
from tests.unit.replay.not_understood import NOT_UNDERSTOOD
from tests.unit.replay.one_dialect import MYSQL, SQLITE
from tests.unit.replay.rare_forms import BRANCHES, FORMS, MYSQL_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alembic_lockstep.servers.server import Server


@pytest.fixture
def chains(tmp_path: Path) -> Chains:
    return Chains(tmp_path)


CASES = [
    pytest.param(dialect, body, lines, id=f"{dialect}-{name}")
    for dialect, own in (("sqlite", SQLITE), ("mysql", MYSQL))
    for name, (body, lines) in (BOTH | own).items()
]


def expected(dialect: str, lines: str) -> list[str]:
    auto = " auto_increment" if dialect == "mysql" else ""
    return [line.strip().replace("{auto}", auto) for line in lines.strip().splitlines()]


def changed(before: list[str], after: list[str]) -> list[str]:
    """Return the lines that were added to a schema, and those that were removed."""
    more = [f"+ {line}" for line in after if line not in before]
    return more + [f"- {line}" for line in before if line not in after]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A scratch database on a real engine, of the dialect that the test's parameter names."""
    if request.param == "sqlite":
        with dialects.get("sqlite").scratch.database("real", tmp_path, lambda _text: None) as scratch:
            yield scratch.engine
        return
    server: Server = request.getfixturevalue("server")
    if "mariadb" in server.label.lower():
        pytest.skip("the replay answers as MySQL does")
    with scratch_database(server, "replay") as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        yield engine
        engine.dispose()


@pytest.mark.parametrize(("dialect", "body", "lines"), CASES)
def test_replay_in_memory_changes_the_schema_as_the_revision_says(
    chains: Chains, dialect: str, body: str, lines: str
) -> None:
    assert changed(chains.replayed(dialect, BASE), chains.replayed(dialect, BASE, body)) == expected(dialect, lines)


@pytest.mark.parametrize(
    ("dialect", "body", "lines", "database"),
    [pytest.param(*case.values, case.values[0], id=case.id) for case in CASES],
    indirect=["database"],
)
def test_real_engine_comes_to_the_same_schema(
    chains: Chains, dialect: str, body: str, lines: str, database: sa.Engine
) -> None:
    assert chains.run(dialect, database, BASE, body) == chains.replayed(dialect, BASE, body)


@pytest.mark.parametrize(("statement", "what"), NOT_UNDERSTOOD)
def test_what_only_a_mysql_server_knows_is_refused_with_file_and_line(
    chains: Chains, statement: str, what: str
) -> None:
    with pytest.raises(replay.CannotReplayError) as caught:
        chains.replayed("mysql", BASE, f"pass\n{statement}")
    lines = range(12, 13 + statement.count("\n"))
    assert any(str(caught.value).startswith(f"mysql/r2.py:{line} ") for line in lines)
    assert what in str(caught.value)


SESSION = [
    ("SET SESSION group_concat_max_len = 1000000", ""),
    ("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'", ""),
    ("SET @old = @@foreign_key_checks, foreign_key_checks = 0", ""),
    ("SET NAMES 'utf8mb4' COLLATE 'utf8mb4_bin'", ""),
    ("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", ""),
    ("SELECT @@SESSION.foreign_key_checks, @@collation_database", "(1, 'utf8mb4_0900_ai_ci')"),
    ("SHOW VARIABLES LIKE 'character_set_database'", "('character_set_database', 'utf8mb4')"),
    ("SHOW SESSION VARIABLES WHERE variable_name = 'unique_checks'", "('unique_checks', 'ON')"),
    ("SHOW SESSION VARIABLES LIKE 'sql_require_primary_key'", "('sql_require_primary_key', 'OFF')"),
    ("SHOW VARIABLES LIKE 'max_allowed_packet'", "('max_allowed_packet', '67108864')"),
]


@pytest.mark.parametrize(("statement", "answer"), SESSION)
def test_what_a_session_sets_and_asks_needs_no_server(chains: Chains, statement: str, answer: str) -> None:
    body = f"found = op.get_bind().execute(sa.text({statement!r}))"
    body += f"\nassert str(found.one()) == {answer!r}" if answer else ""
    assert chains.replayed("mysql", BASE, body) == chains.replayed("mysql", BASE)


def test_foreign_keys_are_not_checked_after_they_were_switched_off_and_are_again(chains: Chains) -> None:
    off = 'op.execute("SET @old = @@foreign_key_checks, foreign_key_checks = 0")\nop.drop_table("parent")'
    chains.replayed("mysql", BASE, off)
    with pytest.raises(replay.RefusedError, match="3730"):
        chains.replayed("mysql", BASE, 'op.execute("SET SESSION foreign_key_checks = ON")\nop.drop_table("parent")')


@pytest.mark.parametrize("handler", ["except Exception:", "except BaseException:", "finally:"])
def test_revision_cannot_swallow_that_its_query_was_not_answered(chains: Chains, handler: str) -> None:
    query = 'op.get_bind().execute(sa.text("SELECT 1")).scalar()'
    with pytest.raises(replay.CannotReplayError, match=r"mysql/r2\.py:12 asks the database: SELECT 1"):
        chains.replayed("mysql", BASE, f"try:\n    {query}\n{handler}\n    op.drop_table('child')")


def test_loop_that_changes_rows_comes_to_its_end(chains: Chains) -> None:
    loop = 'while op.get_bind().execute(sa.text("UPDATE child SET amount = 1 LIMIT 9")).rowcount:\n    pass'
    assert chains.replayed("mysql", BASE, loop) == chains.replayed("mysql", BASE)


FORM_CASES = [
    pytest.param(dialect, body, dialect, id=f"{dialect}-{name}")
    for dialect, own in (("sqlite", {}), ("mysql", MYSQL_FORMS))
    for name, body in (FORMS | own).items()
]


@pytest.mark.parametrize(("dialect", "body", "database"), FORM_CASES, indirect=["database"])
def test_seldom_forms_come_to_the_same(chains: Chains, dialect: str, body: str, database: sa.Engine) -> None:
    there = chains.run(dialect, database, BASE, body)
    assert there == chains.replayed(dialect, BASE, body)


@pytest.mark.parametrize(
    ("dialect", "database"), [("sqlite", "sqlite"), ("mysql", "mysql")], ids=dialects.LABELS, indirect=["database"]
)
def test_branches_merges_and_dependencies_come_to_the_same(chains: Chains, dialect: str, database: sa.Engine) -> None:
    target = chains.target(dialect)
    for revision, (down, depends, body) in BRANCHES.items():
        text = REVISION.format(revision=revision, down_revision="?", body=f"    {body}").replace("'?'", down)
        (target.versions / f"{revision}.py").write_text(f"{text}\n\ndepends_on = {depends}\n", encoding="utf-8")
    replayed = chains.replayed(dialect)
    assert replayed == chains.run(dialect, database)
    assert [line for line in replayed if "index" in line] == ["a index ix_x (x)"]
    assert [line.split()[1] for line in replayed if "INTEGER" in line] == ["b", "c", "f", "x"]


def test_dependency_that_is_not_followed_is_explained(chains: Chains) -> None:
    target = chains.target("sqlite", "pass")
    text = REVISION.format(revision="own", down_revision=None, body="    pass")
    (target.versions / "own.py").write_text(text, encoding="utf-8")
    with (target.versions / "r1.py").open("a", encoding="utf-8") as file:
        file.write("\ndepends_on = 'own'\n")
    with pytest.raises(
        CannotRunError, match=r"r1 depends on own and does not follow it\. Name own in its down_revision"
    ):
        chain.load(target)


@pytest.mark.parametrize("dialect", dialects.LABELS)
@pytest.mark.parametrize("statement", NO_SCHEMA_CHANGE)
def test_statements_that_leave_the_schema_alone_are_passed_over(chains: Chains, dialect: str, statement: str) -> None:
    assert chains.replayed(dialect, BASE, statement) == chains.replayed(dialect, BASE)


@pytest.mark.parametrize(("dialect", "statement", "cause"), FAILING)
def test_revision_that_fails_is_named_with_file_line_and_cause(
    chains: Chains, dialect: str, statement: str, cause: str
) -> None:
    with pytest.raises((CannotRunError, replay.RefusedError)) as caught:
        chains.replayed(dialect, BASE, f"pass\n{statement}")
    line = 12 + statement.count("\n")
    assert str(caught.value.args[0]).startswith(f"{dialect}_app: {dialect}/r2.py:{line}: ")
    assert cause in str(caught.value.args[0])


def test_chain_is_replayed_from_its_base_whatever_its_files_are_called(chains: Chains) -> None:
    target = chains.target("sqlite", BASE, 'op.drop_table("child")', 'op.drop_table("parent")')
    for name, new in (("r1", "z"), ("r2", "a"), ("r3", "m")):
        (target.versions / f"{name}.py").rename(target.versions / f"{new}.py")
    with replay.replayed(chain.load(target), target, options(target)) as connection:
        assert described(connection) == []
