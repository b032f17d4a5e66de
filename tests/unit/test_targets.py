import traceback
from pathlib import Path

import pytest

from alembic_lockstep.dialects.base import DatabaseSettings
from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project import chain
from alembic_lockstep.project.targets import Target, load, load_one, message_types, select

SECTION = """
[alembic_sqlite_agent]
version_locations = %(here)s/versions
models = app.models:Base
url = app.settings:url
"""
DEFAULT = """
[DEFAULT]
script_location = %(here)s/environment
path_separator = os
"""
REVISION = 'revision = "aaaaaaaaaaaa"\ndown_revision = None\n'


def written(folder: Path, text: str) -> Path:
    ini = folder / "alembic.ini"
    ini.write_text(text, encoding="utf-8")
    return ini


def four(folder: Path) -> list[Target]:
    names = ("mysql_agent", "mysql_ops", "sqlite_agent", "sqlite_ops")
    return load(written(folder, "".join(SECTION.replace("sqlite_agent", name) for name in names)))


def refusal(ini: Path) -> str:
    with pytest.raises(CannotRunError) as refused:
        load(ini)
    assert "\n" not in refused.value.headline
    assert refused.value.kind == ("broken-ini" if ini.exists() else "no-ini")
    return refused.value.headline


def test_section_is_read_as_a_target(tmp_path: Path) -> None:
    ini = written(tmp_path, SECTION + "ignored_tables = jobs, user_message\n    scope_user_mapping\n")
    assert load(ini) == [
        Target(
            ini=ini,
            name="sqlite_agent",
            dialect="sqlite",
            database="agent",
            versions=tmp_path / "versions",
            models="app.models:Base",
            url="app.settings:url",
            ignored_tables=frozenset({"jobs", "user_message", "scope_user_mapping"}),
        )
    ]
    assert load(ini)[0].label == "SQLite Agent Database"


def test_targets_come_in_the_order_of_the_file_and_other_sections_are_none(tmp_path: Path) -> None:
    ini = written(tmp_path, "[loggers]\nkeys =\n" + SECTION.replace("agent", "z_a") + "[alembic]\n" + SECTION)
    assert [target.name for target in load(ini)] == ["sqlite_z_a", "sqlite_agent"]


def test_values_of_default_hold_for_every_section(tmp_path: Path) -> None:
    ini = written(tmp_path, "[DEFAULT]\nmodels = app:Base\n" + SECTION.replace("models = app.models:Base\n", ""))
    assert load(ini)[0].models == "app:Base"


def test_missing_file_is_named(tmp_path: Path) -> None:
    ini = tmp_path / "alembic.ini"
    assert (
        refusal(ini)
        == f"alembic.ini not found: {ini} does not exist. Run inside the project, or correct `alembic_ini`."
    )


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").mkdir()
    assert "alembic.ini cannot be read" in refusal(tmp_path / "alembic.ini")


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    ini = tmp_path / "alembic.ini"
    ini.write_bytes(b"\xff\xfe[\x00")
    assert "alembic.ini cannot be read" in refusal(ini)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("key = value\n", "line 1 is no [section]"),
        ("[alembic_sqlite_agent\n", "line 1 is no [section]"),
        (SECTION + "hush\n", "line 6 is no [section] and no `name = value` in one"),
        (SECTION + SECTION, "alembic_sqlite_agent"),
        (SECTION + "url = again\n", "url"),
    ],
    ids=["no section", "section not closed", "no equals sign", "section twice", "key twice"],
)
def test_broken_file_is_refused_with_the_place(tmp_path: Path, text: str, place: str) -> None:
    headline = refusal(written(tmp_path, text))
    assert headline.startswith("alembic.ini is broken: ")
    assert place in headline
    assert "hush" not in headline


@pytest.mark.parametrize("text", ["", "[alembic]\nscript_location = x\n"], ids=["empty", "another project's"])
def test_file_without_a_target_is_refused(tmp_path: Path, text: str) -> None:
    ini = written(tmp_path, text)
    assert refusal(ini) == f"{ini} has no target: a section such as [alembic_mysql_agent]."


@pytest.mark.parametrize("key", ["models", "url", "version_locations"])
@pytest.mark.parametrize("value", [None, "", "  "], ids=["missing", "empty", "blanks"])
def test_section_that_lacks_a_key_is_refused(tmp_path: Path, key: str, value: str | None) -> None:
    lines = [line for line in SECTION.splitlines() if not line.startswith(key)]
    ini = written(tmp_path, "\n".join([*lines, *([] if value is None else [f"{key} ={value}"])]))
    assert refusal(ini) == f"alembic.ini: [alembic_sqlite_agent] has no {key}."


@pytest.mark.parametrize("key", ["models", "url", "version_locations", "ignored_tables"])
@pytest.mark.parametrize(
    "value", ["hush%(nowhere)s", "hush%40hush", "100%"], ids=["unknown name", "percent-encoded", "lone percent sign"]
)
def test_value_that_cannot_be_interpolated_is_refused_and_not_shown(tmp_path: Path, key: str, value: str) -> None:
    lines = [line for line in SECTION.splitlines() if not line.startswith(key)]
    ini = written(tmp_path, "\n".join([*lines, f"{key} = {value}"]))
    headline = refusal(ini)
    assert headline.startswith(f"alembic.ini: [alembic_sqlite_agent] {key}: ")
    assert "Write %% where a % is meant" in headline
    assert ("url = module:callable" in headline) == (key == "url")
    assert "hush" not in headline


def test_doubled_percent_sign_is_one(tmp_path: Path) -> None:
    ini = written(tmp_path, SECTION.replace("app.settings:url", "mysql://me:a%%40b@h/x"))
    assert load(ini)[0].url == "mysql://me:a%40b@h/x"


def test_section_says_what_its_scratch_databases_are_like(tmp_path: Path) -> None:
    text = SECTION.replace("sqlite_agent", "mysql_agent").replace("app.settings:url", "mysql+mysqldb://me@db/agent")
    (target,) = load(written(tmp_path, f"{text}charset = latin1\ncollation = latin1_bin\n"))
    assert target.made_as == DatabaseSettings("latin1", "latin1_bin", "mysqldb")
    assert "[alembic_mysql_agent] collation is no name" in refusal(written(tmp_path, f"{text}collation = x; DROP\n"))


HUSH = "sw0rdfish"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SECTION.replace("app.settings:url", f"mysql://root:p%40{HUSH}@h/x"), "Write %% where a % is meant"),
        (SECTION.replace("app.settings:url", f"mysql://root:p%({HUSH})s@h/x"), "Write %% where a % is meant"),
        (SECTION.replace("app.settings:url", f"%(a)s\na = %(b)s\nb = {HUSH}%4"), "url = module:callable"),
        (SECTION.replace("app.settings:url", f"%(a)s\na = %(nowhere)s{HUSH}"), "Write %% where a % is meant"),
        ("[DEFAULT]\nfile_template = %(slug)s\n" + SECTION, "file_template: a % in it"),
        (f"[DEFAULT]\nroot = {HUSH}%40\nprepend_sys_path = %(root)s\n" + SECTION, "prepend_sys_path: a % in it"),
        (SECTION + f"\nmysql_root_{HUSH}_h\n", "line 7 is no [section]"),
        (f"mysql_root_{HUSH}_h\n" + SECTION, "line 1 is no [section]"),
    ],
    ids=["url", "name in url", "behind a name", "name behind a name", "file_template", "DEFAULT", "line", "first line"],
)
def test_broken_value_or_line_is_named_without_its_text(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CannotRunError) as refused:
        load(written(tmp_path, text))
    assert told in refused.value.headline
    assert HUSH not in "".join(traceback.format_exception(refused.value))


def test_column_pattern_without_a_table_is_refused(tmp_path: Path) -> None:
    ini = written(tmp_path, SECTION + "ignored_columns = user.old_*, note\n")
    assert refusal(ini) == "alembic.ini: [alembic_sqlite_agent] ignored_columns: note is not table.column"


@pytest.mark.parametrize("name", ["oracle_agent", "sqlite", "sqlite_", "_agent", ""])
def test_section_of_an_unknown_dialect_or_without_a_database_is_refused(tmp_path: Path, name: str) -> None:
    ini = written(tmp_path, SECTION.replace("sqlite_agent", name))
    assert refusal(ini) == (
        f"alembic.ini: [alembic_{name}] is not alembic_<dialect>_<database>. Known dialects: mysql, sqlite"
    )


@pytest.mark.parametrize("name", ["with blank", "100%", "%(here)s", "%%", "a;b:c", "数据"])
def test_unusual_path_leads_to_the_same_chain_here_and_in_alembic(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    (root / "versions").mkdir(parents=True)
    (root / "environment").mkdir()
    (root / "versions" / "first.py").write_text(REVISION)
    target = load(written(root, DEFAULT + SECTION))[0]
    assert target.versions == root / "versions"
    assert chain.load(target).get_heads() == ["aaaaaaaaaaaa"]


def test_missing_folder_of_revisions_is_refused_with_section_and_file(tmp_path: Path) -> None:
    target = load(written(tmp_path, SECTION))[0]
    with pytest.raises(CannotRunError) as refused:
        target.require_folder()
    assert refused.value.headline.startswith(
        "sqlite_agent: versions does not exist. Fix version_locations in [alembic_sqlite_agent] of alembic.ini"
    )
    target.versions.mkdir()
    target.require_folder()


def test_section_is_found_by_the_name_that_alembic_takes(tmp_path: Path) -> None:
    four(tmp_path)
    assert load_one(tmp_path / "alembic.ini", "alembic_mysql_ops").name == "mysql_ops"


@pytest.mark.parametrize("section", ["alembic", "mysql_ops", "alembic_mysql_op"])
def test_unknown_section_is_refused_with_the_known_ones(tmp_path: Path, section: str) -> None:
    four(tmp_path)
    with pytest.raises(CannotRunError) as refused:
        load_one(tmp_path / "alembic.ini", section)
    assert refused.value.headline.startswith(f"[{section}] is no target of alembic.ini.")
    assert refused.value.headline.endswith(
        "alembic_mysql_agent alembic_mysql_ops alembic_sqlite_agent alembic_sqlite_ops"
    )


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([], "mysql_agent mysql_ops sqlite_agent sqlite_ops"),
        (["sqlite_ops"], "sqlite_ops"),
        (["sqlite_ops", "mysql_agent"], "mysql_agent sqlite_ops"),
        (["sqlite_ops,mysql_agent"], "mysql_agent sqlite_ops"),
        ([" sqlite_ops , mysql_agent "], "mysql_agent sqlite_ops"),
        (["sqlite_ops", "sqlite_ops"], "sqlite_ops"),
        (["mysql_*"], "mysql_agent mysql_ops"),
        (["*_ops", "mysql_*"], "mysql_agent mysql_ops sqlite_ops"),
        (["*_ops,mysql_agent"], "mysql_agent mysql_ops sqlite_ops"),
        (["?????_ops"], "mysql_ops"),
        (["*_[ao]*"], "mysql_agent mysql_ops sqlite_agent sqlite_ops"),
    ],
    ids=["none is all", "one", "two", "commas", "blanks", "twice", "pattern", "patterns", "both", "?", "[]"],
)
def test_names_choose_targets_in_the_order_of_the_file(tmp_path: Path, names: list[str], chosen: str) -> None:
    assert " ".join(target.name for target in select(four(tmp_path), names)) == chosen


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        (["mysql_agnt"], "mysql_agnt"),
        (["sqlite_ops", "mysql_agnt"], "mysql_agnt"),
        (["sqlite_ops,mysql_agnt"], "mysql_agnt"),
        (["oracle_*"], "oracle_*"),
        (["alembic_sqlite_ops"], "alembic_sqlite_ops"),
        (["SQLITE_OPS"], "SQLITE_OPS"),
        (["sqlite"], "sqlite"),
    ],
    ids=["misspelt", "one of two", "one of a list", "pattern", "section", "capitals", "dialect alone"],
)
def test_unknown_name_is_refused_with_the_known_ones(tmp_path: Path, names: list[str], unknown: str) -> None:
    with pytest.raises(CannotRunError) as refused:
        select(four(tmp_path), names)
    known = "mysql_agent, mysql_ops, sqlite_agent, sqlite_ops"
    assert refused.value.headline == f"{unknown}: unknown target. Known: {known}"
    assert refused.value.kind == "unknown-target"


@pytest.mark.parametrize("name", ["", " ", ",", "sqlite_ops,", ",sqlite_ops"])
def test_empty_name_never_means_all(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotRunError, match=r"--db needs the name of a target\. Known: mysql_agent, "):
        select(four(tmp_path), [name])


def test_types_of_messages_are_a_setting_of_the_project(tmp_path: Path) -> None:
    assert message_types(written(tmp_path, SECTION)) == ("feat", "fix")
    assert message_types(written(tmp_path, "[DEFAULT]\nmessage_types = feat,fix, chore\n")) == ("feat", "fix", "chore")
    with pytest.raises(CannotRunError, match="message_types: fix: is no word in small letters"):
        message_types(written(tmp_path, "[DEFAULT]\nmessage_types = fix:, (a\n"))
