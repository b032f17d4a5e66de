from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from tests.support.chains import Revision
from tests.support.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

FIRST = "6016cfdb426a"
ADD = 'op.add_column("job_user_info", sa.Column("nick", sa.String(20), nullable=True))'
DROP = 'with op.batch_alter_table("job_user_info") as batch:\n    batch.drop_column("nick")'


def add(project: Project, target: str, revision: str, up: str, down: str, parent: str = FIRST, top: str = "") -> Path:
    dialect, database = target.split("_")
    path = project.root / "upgrade" / dialect / f"alembic_{database}" / "versions" / f"feat_{revision}_{revision}.py"
    path.write_text(Revision(revision, up, down, top).text(parent), encoding="utf-8")
    return path


def case(project: Project, name: str, text: str) -> Path:
    folder = project.root / "tests" / "migrations" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_chains_are_sound_and_their_twins_agree(mysql_project: Project) -> None:
    done = mysql_project.invoke("roundtrip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("lossless") == 4
    assert "twins mysql_agent and sqlite_agent: the same at 1 of 1 places, 1 declared\n" in done.stdout
    assert "twins mysql_ops and sqlite_ops: the same at 1 of 1 places, 1 declared\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("4 of 4 revisions sound, ")


def test_broken_revision_is_told_with_its_line_and_the_others_go_on(project: Project) -> None:
    path = add(project, "sqlite_ops", "b2", ADD, "pass")
    add(project, "sqlite_ops", "c3", "pass", "pass", parent="b2")
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 1
    line = 1 + path.read_text(encoding="utf-8").splitlines().index("def downgrade() -> None:")
    assert "      downgrade: column job_user_info.nick: unexpected\n" in done.stdout
    assert f"{path.relative_to(project.root).as_posix()}:{line}\n" in done.stdout
    assert [word in done.stdout for word in ("broken", "lossless")] == [True, True]
    assert "1 of 3 revisions broken, 1 other fault" in done.stdout  # the models do not have the column
    assert "✗ the models are ahead of the migrations: - column job_user_info.nick" in done.stdout


def test_tables_that_lose_their_rows_when_another_has_too_many_get_new_ones(project: Project) -> None:
    tables = (
        'op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True))\n'
        'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text),\n'
        '    sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id", name="fk_orders"), nullable=False))'
    )
    add(project, "sqlite_ops", "b2", tables, 'op.drop_table("orders")\nop.drop_table("customer")')
    wide = 'op.add_column("customer", sa.Column("a", sa.String(50)))'
    add(project, "sqlite_ops", "c3", wide, 'op.drop_column("customer", "a")', parent="b2")
    there, back = (f'op.execute("ALTER TABLE customer RENAME COLUMN {names}")' for names in ("a TO b", "b TO a"))
    add(project, "sqlite_ops", "d4", there, back, parent="c3")
    add(project, "sqlite_ops", "e5", 'op.execute("UPDATE orders SET note = NULL")', "pass", parent="d4")
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert "      downgrade: orders.note: " in done.stdout, done.stdout + done.stderr


def test_values_that_do_not_fit_are_seen_under_a_new_name_too(project: Project) -> None:
    batch = 'with op.batch_alter_table("job_user_info") as batch:'
    change = f'{batch}\n        batch.alter_column("{{}}", new_column_name="{{}}", {{}})'
    shorter = "type_=sa.String(9), existing_type=sa.String(256)"
    add(
        project,
        "sqlite_ops",
        "b2",
        change.format("desc", "about", shorter),
        change.format("about", "desc", "type_=sa.String(256), existing_type=sa.String(9)"),
    )
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--revision", "b2")
    assert done.returncode == 1
    assert "upgrade: column job_user_info.about: " in done.stdout
    assert "values do not fit varchar(9)" in done.stdout


@pytest.mark.parametrize("text", ["", "downgrade = None\n"], ids=["none", "None"])
@pytest.mark.parametrize("top", ["", 'irreversible = "gone"'], ids=["undeclared", "irreversible"])
def test_missing_downgrade_is_a_finding_of_its_revision_or_declared(project: Project, text: str, top: str) -> None:
    path = add(project, "sqlite_ops", "b2", ADD, "pass", top=top)
    path.write_text(
        path.read_text(encoding="utf-8").replace("def downgrade() -> None:\n    pass\n", text), encoding="utf-8"
    )
    add(project, "sqlite_ops", "c3", DROP, ADD, parent="b2", top='lossy = "not used"')
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert "Traceback" not in done.stdout + done.stderr
    assert re.search("c3  feat: c3 +lossy, declared", done.stdout), done.stdout
    finding = '      downgrade: has no downgrade: write one, or declare irreversible = "why"\n'
    assert (finding in done.stdout) != bool(top)
    assert done.returncode == (0 if top else 1)
    assert ("irreversible, declared" in done.stdout) == bool(top)


def test_missing_upgrade_is_a_finding_and_what_is_behind_it_is_not_reached(project: Project) -> None:
    path = add(project, "sqlite_ops", "b2", "pass", "pass")
    path.write_text(
        path.read_text(encoding="utf-8").replace("def upgrade() -> None:\n    pass\n", ""), encoding="utf-8"
    )
    add(project, "sqlite_ops", "c3", "pass", "pass", parent="b2")
    for words in ((), ("--revision", "c3")):
        done = project.invoke("roundtrip", "--db", "sqlite_ops", *words)
        assert done.returncode == 1
        assert "Traceback" not in done.stdout + done.stderr
        assert "not reached: " in done.stdout
    assert "upgrade: fails: it has no upgrade()" in project.invoke("roundtrip", "--db", "sqlite_ops").stdout


def test_errors_that_a_revision_catches_are_told(project: Project) -> None:
    loop = (
        'import json\nfor row in op.get_bind().execute(sa.text("SELECT name FROM job_user_info")).all():\n    try:\n'
        '        json.loads("{" + str(row[0]))["model"]\n    except Exception:\n        continue'
    )
    add(project, "sqlite_ops", "b2", loop, "pass")
    statement = 'try:\n    op.execute("SELECT * FROM nowhere")\nexcept Exception:\n    pass'
    add(project, "sqlite_ops", "c3", "pass", statement, parent="b2")
    add(
        project,
        "sqlite_ops",
        "d4",
        "for each in iter(range(3)):\n    try:\n        pass\n    except ValueError:\n        pass",
        parent="c3",
        down="pass",
    )
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stdout + done.stderr
    line = r"! upgrade: \d+ errors caught by the revision itself, the first JSONDecodeError at \S+/feat_b2_b2.py:\d+: "
    assert re.search(line, done.stdout), done.stdout
    line = r"! downgrade: 1 error caught by the revision itself, the first OperationalError at \S+/feat_c3_c3.py:\d+: "
    assert re.search(line, done.stdout), done.stdout
    assert done.stdout.count("caught by the revision itself") == 2


@pytest.mark.parametrize(
    ("up", "of_rows"),
    [
        ("raise NotImplementedError", False),
        ("nothing_of_that_name", False),
        ("import nothing_of_that_name", False),
        ("op.nothing_of_that_name()", False),
        ("raise ValueError('always')", False),
        ("for row in op.get_bind().execute(sa.text('SELECT 1 FROM job_user_info')).all():\n    row.missing", False),
        (
            "for row in op.get_bind().execute(sa.text('SELECT NULL FROM job_user_info')).all():\n    row[0].strip()",
            True,
        ),
        (
            "for row in op.get_bind().execute(sa.text('SELECT id FROM job_user_info')).all():\n    raise ValueError",
            True,
        ),
    ],
)
def test_rows_are_blamed_where_they_can_be_the_cause(project: Project, up: str, of_rows: bool) -> None:
    add(project, "sqlite_ops", "b2", up, "pass")
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 1
    assert ("if your application has no such rows" in done.stdout) == of_rows, done.stdout
    assert done.stdout.count("upgrade: fails: ") == 1


def test_one_failure_is_told_once_whatever_the_scratch_database_is_called(mysql_project: Project) -> None:
    add(mysql_project, "mysql_ops", "b2", 'op.execute("SELECT * FROM nowhere")', "pass")
    done = mysql_project.invoke("roundtrip", "--db", "mysql_ops")
    assert done.returncode == 1
    assert done.stdout.count("upgrade: fails: ") == 1, done.stdout
    assert "Table 'nowhere' doesn't exist" in done.stdout


def test_many_problems_are_the_first_few_and_a_count(project: Project) -> None:
    add(
        project,
        "sqlite_ops",
        "b2",
        "\n".join(f'op.create_table("t{n}", sa.Column("a", sa.Integer()))' for n in range(40)),
        "pass",
    )
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--html", "page.html")
    assert done.returncode == 1
    assert done.stdout.count("      downgrade: table t") == 5
    assert "      … and 35 more: --json or --html FILE shows all\n" in done.stdout
    assert (project.root / "page.html").read_text(encoding="utf-8").count("<p class=bad>✗ downgrade: table t") == 40
    found = json.loads(project.invoke("roundtrip", "--db", "sqlite_ops", "--json").stdout)
    assert len(found["trips"]["sqlite_ops"]["verdicts"][1]["problems"]) == 40
    said = pytest_(project, "--target=sqlite_ops", GITHUB_ACTIONS="true")[1]
    assert said.count("::downgrade: table t") == 5
    assert said.count("… and 35 more") == 2


def test_a_line_for_each_revision_comes_while_the_others_are_still_to_come(project: Project) -> None:
    add(project, "sqlite_ops", "b2", "pass", "pass")
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)"
    add(project, "sqlite_ops", "c3", wait, "pass", parent="b2")
    words = [sys.executable, "-m", "invoke", "roundtrip", "--db", "sqlite_ops"]
    with subprocess.Popen(
        words, cwd=project.root, env=project.env, stdout=subprocess.PIPE, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        before = [running.stdout.readline() for _ in range(3)]
        (project.root / "go").touch()
        rest = running.stdout.read()
    assert [line.split()[0] for line in before] == ["sqlite_ops", FIRST, "b2"]
    assert rest.split()[0] == "c3"
    assert re.search(r"^sqlite_ops: 3 revisions in \d+\.\d s$", rest, re.MULTILINE)


def test_known_findings_do_not_fail_new_ones_do_and_gone_ones_are_told(project: Project) -> None:
    path = add(project, "sqlite_ops", "b2", ADD + "\n" + UP, "pass")
    add(project, "sqlite_ops", "c3", DROP, ADD, parent="b2", top='lossy = "not used"')
    file = project.root / "upgrade" / "known_findings.toml"
    accepted = project.invoke("roundtrip", "--db", "sqlite_ops", "--accept-known")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    text = file.read_text(encoding="utf-8")
    assert (
        'target = "sqlite_ops"\nrevision = "b2"\nstep = "downgrade"\ntext = "column job_user_info.nick: unexpected"\n'
        in text
    )
    assert "upgrade/known_findings.toml: 1 finding without a reason" in accepted.stdout

    file.write_text(text.replace('reason = ""', 'reason = "shipped so"'), encoding="utf-8")
    known = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert known.returncode == 0, known.stdout + known.stderr
    assert "      known: downgrade: column job_user_info.nick: unexpected (shipped so)\n" in known.stdout
    assert "2 of 3 revisions sound, 1 with known findings" in known.stdout
    assert pytest_(project, "--target=sqlite_ops")[0] == 0

    other = ADD.replace("nick", "alias")
    path.write_text(
        path.read_text(encoding="utf-8").replace(f"    {ADD}\n", f"    {ADD}\n    {other}\n"), encoding="utf-8"
    )
    new = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert new.returncode == 1
    assert "      downgrade: column job_user_info.alias: unexpected\n" in new.stdout
    assert "      known: downgrade: column job_user_info.nick: unexpected (shipped so)\n" in new.stdout

    path.write_text(
        path.read_text(encoding="utf-8").replace("pass", DROP.replace("\n", "\n    ")).replace(f"    {other}\n", ""),
        encoding="utf-8",
    )
    gone = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert gone.returncode == 0, gone.stdout
    assert (
        "! no longer found: remove it from upgrade/known_findings.toml: sqlite_ops b2 downgrade: column" in gone.stdout
    )
    assert project.invoke("roundtrip", "--db", "sqlite_ops", "--accept-known").returncode == 0
    assert "[[finding]]" not in file.read_text(encoding="utf-8")


def test_known_findings_stay_where_nothing_was_tested(project: Project) -> None:
    add(project, "sqlite_ops", "b2", "pass", "pass")
    add(project, "sqlite_ops", "c3", ADD + "\n" + UP, "pass", parent="b2")
    add(project, "sqlite_ops", "d4", DROP, ADD, parent="c3", top='lossy = "not used"')
    words = ("roundtrip", "--db", "sqlite_ops")
    assert project.invoke(*words, "--accept-known").returncode == 0
    file = project.root / "upgrade" / "known_findings.toml"
    entry = file.read_text(encoding="utf-8").replace('reason = ""', 'reason = "shipped so"')
    assert 'server = "sqlite"' in entry
    elsewhere = '\n[[finding]]\ntarget = "sqlite_ops"\nrevision = "b2"\nstep = ""\ntext = "x"\nreason = "y"\n'
    file.write_text(f'{entry}{elsewhere}server = "other"\n', encoding="utf-8")
    broken = add(project, "sqlite_ops", "b2", "raise RuntimeError", "pass")
    done = project.invoke(*words)
    assert (done.returncode, "no longer found" in done.stdout) == (1, False), done.stdout
    assert project.invoke(*words, "--accept-known").returncode == 0
    broken.unlink()
    add(project, "sqlite_ops", "b2", "pass", "pass")
    assert project.invoke(*words, "--accept-known").returncode == 0
    kept = file.read_text(encoding="utf-8")
    assert 'reason = "shipped so"' in kept
    assert 'reason = "y"' in kept
    assert "not reached" not in kept


@pytest.mark.parametrize("text", ["[[finding]", "finding = 3", '[[finding]]\ntarget = "x"'])
def test_file_of_known_findings_that_cannot_be_read(project: Project, text: str) -> None:
    (project.root / "upgrade" / "known_findings.toml").write_text(text, encoding="utf-8")
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 2
    assert "upgrade/known_findings.toml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("refers", "lacks"),
    [
        ("nowhere.id", "nowhere.id, a table that these models do not have"),
        ("tag.nope", "tag.nope, a column that these models do not have"),
    ],
    ids=["table", "column"],
)
def test_foreign_key_of_a_model_that_leads_nowhere_is_a_line_and_the_verdicts_stay(
    project: Project, refers: str, lacks: str
) -> None:
    project.edit(
        "openjiuwen_studio/models/tag.py",
        "    tag_color: Mapped[str | None] = mapped_column(String(20))",
        f'    tag_color: Mapped[str | None] = mapped_column(String(20), ForeignKey("{refers}"))',
    )
    line = f"a foreign key leads nowhere: tag.tag_color refers to {lacks}"
    done = project.invoke("roundtrip", "--db", "sqlite_agent")
    assert done.returncode == 1
    assert f"✗ the models cannot be compared: {line}" in done.stdout, done.stdout + done.stderr
    assert "lossless" in done.stdout
    generating = project.invoke("migration", "--auto", "-m", "feat: x", "--db", "sqlite_agent")
    for other in (project.invoke("status"), generating, project.alembic("sqlite_agent", "check")):
        assert line in other.stdout + other.stderr
        assert "Traceback" not in other.stdout + other.stderr


def test_what_cannot_be_reached_is_said(project: Project) -> None:
    add(project, "sqlite_ops", "b2", 'raise RuntimeError("never")', "pass")
    add(project, "sqlite_ops", "c3", "pass", "pass", parent="b2")
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 1
    assert "      upgrade: fails: RuntimeError: never\n" in done.stdout
    assert "not reached: the upgrade of b2 fails" in done.stdout
    assert "2 of 3 revisions broken" in done.stdout


def test_without_a_server_the_ways_to_one_are_named_and_the_rest_is_tried(project: Project) -> None:
    done = project.invoke("roundtrip", "--db", "*_ops")
    assert done.returncode == 2
    assert "nothing to run it on: no Docker, no mysqld on PATH, no MIGRATION_MYSQL_URL" in done.stdout
    assert "sqlite_ops on SQLite" in done.stdout
    assert "1 of 1 revisions sound, not tested: mysql_ops, " in done.stdout


@pytest.mark.parametrize(("revision", "found"), [("b2", "b2"), ("b2f", "b2f")], ids=["exact", "longer"])
def test_one_revision_alone(project: Project, revision: str, found: str) -> None:
    add(project, "sqlite_ops", "b2", ADD, DROP)
    add(project, "sqlite_ops", "b2f", "pass", "pass", parent="b2")
    done = project.invoke("roundtrip", "--db", "sqlite_*", "--revision", revision)
    assert done.returncode == 0, done.stdout
    assert f"{found}  feat: {found}  lossless" in done.stdout
    assert "1 of 1 revisions sound" in done.stdout
    assert FIRST not in done.stdout
    assert "sqlite_agent does not have that revision" in done.stdout


@pytest.mark.parametrize(
    ("revision", "text"),
    [
        ("ffff", "No revision of sqlite_ops begins with ffff."),
        ("b", "several revisions begin with b"),
        ("-1", "--revision -1 is relative."),
        ("head", "--revision head is relative."),
        ("current", "--revision current is relative."),
    ],
)
def test_revision_that_makes_no_sense(project: Project, revision: str, text: str) -> None:
    add(project, "sqlite_ops", "b2", "pass", "pass")
    add(project, "sqlite_ops", "b3", "pass", "pass", parent="b2")
    done = project.invoke("roundtrip", "--db", "sqlite_ops", f"--revision={revision}")
    assert done.returncode == 2
    assert text in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_image_of_one_command_is_not_that_of_the_next(mysql_project: Project) -> None:
    mysql_project.env["PATH"] = os.environ["PATH"]
    words = ("roundtrip", "--db", "sqlite_ops", "--server", "there.is/no-such-image", "roundtrip", "--db", "mysql_ops")
    done = mysql_project.invoke(*words)
    assert done.returncode == 0, done.stdout
    assert "mysql_ops on " in done.stdout


def test_image_that_cannot_be_had_is_an_error_though_there_is_another_way(mysql_project: Project) -> None:
    mysql_project.env["PATH"] = os.environ["PATH"]
    done = mysql_project.invoke("roundtrip", "--db", "mysql_ops", "--server", "there.is/no-such-image")
    assert done.returncode == 2
    assert "nothing to run it on: " in done.stdout
    assert "there.is/no-such-image" in done.stdout or "Docker" in done.stdout


def test_json_is_for_machines(project: Project) -> None:
    add(project, "sqlite_ops", "b2", ADD, "pass")
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--json")
    assert done.returncode == 1
    trip = json.loads(done.stdout)["trips"]["sqlite_ops"]
    assert [verdict["status"] for verdict in trip["verdicts"]] == ["lossless", "broken"]
    assert trip["verdicts"][1]["problems"][0]["step"] == "downgrade"


def test_page_in_a_folder_that_is_not_there(project: Project) -> None:
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--html", "nowhere/page.html")
    assert done.returncode == 2
    assert "the folder nowhere does not exist" in done.stderr


# ---- Rows and assertions of a revision's own -------------------------------------------------------------------------

CASE = """
from sqlalchemy import text


def before(connection):
    connection.execute(text("UPDATE job_user_info SET name = 'Ada' WHERE id = 1"))


def after(connection):
    assert connection.scalar(text("SELECT name FROM job_user_info WHERE id = 1")) == 'ADA'


def restored(connection):
    assert connection.scalar(text("SELECT name FROM job_user_info WHERE id = 1")) == 'Ada'
"""
UP = "op.execute(\"UPDATE job_user_info SET name = 'ADA' WHERE name = 'Ada'\")"
DOWN = "op.execute(\"UPDATE job_user_info SET name = 'Ada' WHERE name = 'ADA'\")"


@pytest.mark.parametrize("name", ["b2.py", "feat_b2.py"])
def test_data_case_is_run_by_id_or_by_slug(project: Project, name: str) -> None:
    add(project, "sqlite_ops", "b2", UP, DOWN)
    case(project, name, CASE)
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "brings no rows" not in done.stdout


def test_what_a_data_case_finds_is_told_with_its_line(project: Project) -> None:
    add(project, "sqlite_ops", "b2", UP, "pass")
    path = case(project, "b2.py", CASE)
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 1
    line = 1 + next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines()) if "== 'Ada'" in text)
    assert (
        f"downgrade: restored of its data case: AssertionError (tests/migrations/data/b2.py:{line}): assert "
        in done.stdout
    )
    assert "downgrade: job_user_info.name: 1 of " in done.stdout
    assert "expected 'Ada', found 'ADA' (id=1)" in done.stdout


def test_change_of_data_without_a_case_is_reported(project: Project) -> None:
    add(project, "sqlite_ops", "b2", UP, DOWN)
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 0, done.stdout
    path = "tests/migrations/data/feat_b2.py"
    assert f"! changes data of job_user_info and has no data case, which would go to {path}" in done.stdout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def before(:\n", "its data case cannot be used: tests/migrations/data/b2.py:1: SyntaxError"),
        (
            "x = 1\n",
            "its data case cannot be used: tests/migrations/data/b2.py defines none of required, before, after, filled",
        ),
        ("import pytest\ndef before(c):\n    pytest.fail('no')\n", "before of its data case: Failed: no"),
        ("async def before(c):\n    pass\n", "before of its data case is async"),
        ("def before(c):\n    c.close()\n", "before of its data case"),
        ("def before():\n    pass\n", "before of its data case: TypeError"),
    ],
)
def test_data_case_that_is_wrong_is_a_fault_of_its_revision_alone(project: Project, text: str, found: str) -> None:
    add(project, "sqlite_ops", "b2", UP, DOWN)
    add(project, "sqlite_ops", "c3", "pass", "pass", parent="b2")
    case(project, "b2.py", text)
    done = project.invoke("roundtrip", "--db", "sqlite_ops")
    assert done.returncode == 1
    assert found in done.stdout
    assert "1 of 3 revisions broken" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_example_of_the_docs_runs(project: Project) -> None:
    example = re.search(
        r'```python\n("""tests/migrations.*?)```', (ROOT / "docs" / "roundtrip.md").read_text(), re.DOTALL
    )
    assert example
    table = (
        'op.create_table("job", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("status", sa.String(20)))'
    )
    add(project, "sqlite_ops", "b2", table, 'op.drop_table("job")')
    up = "op.execute(\"UPDATE job SET status = 'done' WHERE status = 'DONE'\")"
    down = "op.execute(\"UPDATE job SET status = 'DONE' WHERE status = 'done'\")"
    add(project, "sqlite_ops", "c3", up, down, parent="b2")
    case(project, "c3.py", example.group(1))
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--revision", "c3")
    assert done.returncode == 0, done.stdout
    assert "brings no rows" not in done.stdout


def test_table_that_takes_no_row_is_told_and_a_loss_of_it_can_be_declared(project: Project) -> None:
    check = "length(code) = 7 AND code LIKE '%-__-%'"
    table = (
        'op.create_table("odd", sa.Column("code", sa.String(20), primary_key=True),\n'
        f'    sa.Column("secret", sa.String(20)), sa.CheckConstraint("{check}", name="ck"))'
    )
    add(project, "sqlite_ops", "b2", table, 'op.drop_table("odd")')
    batch = 'with op.batch_alter_table("odd") as batch:\n    batch.drop_column("secret")'
    back = 'op.add_column("odd", sa.Column("secret", sa.String(20)))'
    add(project, "sqlite_ops", "c3", batch, back, parent="b2", top='lossy = "nobody knows it"')
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--revision", "c3")
    assert done.returncode == 0, done.stdout
    assert "! no row could be inserted into odd (" in done.stdout
    assert "lossy, declared" in done.stdout


def test_data_case_that_belongs_to_nothing_is_found(mysql_project: Project) -> None:
    case(mysql_project, "feat_b3.py", CASE)
    done = mysql_project.invoke("roundtrip")
    assert done.returncode == 1
    assert "tests/migrations/data/feat_b3.py belongs to no revision" in done.stdout


# ---- What the generator declares -------------------------------------------------------------------------------------


def test_drop_that_is_allowed_is_declared_and_needed(mysql_project: Project) -> None:
    mysql_project.edit(
        "openjiuwen_studio/models/tag.py", "    tag_color: Mapped[str | None] = mapped_column(String(20))", "    pass"
    )
    done = mysql_project.migration("--allow-drop")
    assert done.returncode == 0, done.stdout + done.stderr
    for target in ("mysql_agent", "sqlite_agent"):
        text = next(path for path in mysql_project.versions(target) if FIRST not in path.name).read_text(
            encoding="utf-8"
        )
        assert 'lossy: str = "drops tag.tag_color"' in text
    trip = mysql_project.invoke("roundtrip", "--db", "*_agent")
    assert trip.returncode == 0, trip.stdout
    assert trip.stdout.count("lossy, declared") == 2
    assert "2 declared lossy or irreversible" in trip.stdout


def test_what_rows_show_is_a_caution_and_the_script_is_written(mysql_project: Project) -> None:
    mysql_project.add_column("note: Mapped[str] = mapped_column(String(20))")
    done = mysql_project.migration()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "! tag.note is not null and has no server default" in done.stdout
    trip = mysql_project.invoke("roundtrip", "--db", "*_agent")
    assert trip.returncode == 1
    assert "column tag.note is NOT NULL and has no default: the server made up a value for" in trip.stdout


# ---- pytest and nox --------------------------------------------------------------------------------------------------


def pytest_(project: Project, *words: str, **env: str) -> tuple[int, str]:
    done = project.run(sys.executable, "-m", "pytest", "alembic.ini", *words, cwd=None, **env)
    return done.returncode, done.stdout


def test_each_revision_is_a_case_and_github_hears_of_it(project: Project, tmp_path: Path) -> None:
    path = add(project, "sqlite_ops", "b2", ADD, "pass")
    report, summary = tmp_path / "junit.xml", tmp_path / "summary.md"
    code, said = pytest_(
        project, "--target=sqlite_ops", f"--junitxml={report}", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary)
    )
    assert code == 1
    names = {each.get("name") for each in ET.parse(report).iter("testcase")}
    assert "sqlite_ops-b2-feat_b2" in names
    slug = "feat_first_schema"
    assert f"sqlite_ops-{FIRST}-{slug}" in names
    line = 1 + path.read_text(encoding="utf-8").splitlines().index("def downgrade() -> None:")
    file = path.relative_to(project.root).as_posix()
    assert f"::error file={file},line={line},title=sqlite_ops on SQLite " in said
    text = summary.read_text(encoding="utf-8")
    assert "| `b2` | feat: b2 | ❌ broken |" in text
    assert "| `6016cfdb426a` | feat: first schema | lossless |" in text


def test_without_a_server_all_is_skipped_with_a_code_of_its_own_and_in_ci_it_fails(project: Project) -> None:
    assert pytest_(project, "--target=mysql_ops")[0] == 10
    assert pytest_(project, "--target=mysql_ops", CI="false")[0] == 10
    assert pytest_(project, "--target=mysql_ops", CI="true")[0] == 1


def test_twins_of_which_only_one_is_chosen_are_told_as_not_compared(project: Project) -> None:
    done = project.invoke("roundtrip", "--db", "sqlite_*")
    assert done.returncode == 0
    for name in ("agent", "ops"):
        told = f"twins mysql_{name} and sqlite_{name}: not compared, only one was chosen\n"
        assert told in done.stdout


def test_twins_that_differ_fail_and_are_told(mysql_project: Project) -> None:
    add(mysql_project, "sqlite_ops", "b2", ADD, DROP)
    add(mysql_project, "mysql_ops", "b2", "pass", "pass")
    code, said = pytest_(mysql_project, "--target=mysql_ops", "-k", "twins")
    assert code == 1
    assert "column job_user_info.nick: only on sqlite_ops" in said


def test_nox_shows_a_session_for_each_target_and_server(project: Project) -> None:
    done = project.run(sys.executable, "-m", "nox", "--list")
    assert done.returncode == 0, done.stderr
    for name in ("migrations(mysql_agent)", "migrations(sqlite_ops)", "migrations-on(mariadb:11.8-mysql_ops)"):
        assert f"- {name} " in done.stdout
    chosen = project.run(sys.executable, "-m", "nox", "--list", "--tags", "mysql:8.4").stdout
    assert "* migrations-on(mysql:8.4-mysql_agent) " in chosen
    assert "* migrations-on(mariadb" not in chosen


def test_page_counts_the_rows_that_broke_a_revision_and_repeats_nothing(project: Project) -> None:
    add(project, "sqlite_ops", "b2", "op.execute('UPDATE prompts SET id = 1')", "pass")
    done = project.invoke("roundtrip", "--db", "sqlite_ops", "--revision", "b2", "--json", "--html", "page.html")
    (verdict,) = json.loads(done.stdout)["trips"]["sqlite_ops"]["verdicts"]
    assert verdict["status"] == "broken"
    assert verdict["rows"] > 0
    assert verdict["tables"] > 0
    page = (project.root / "page.html").read_text(encoding="utf-8")
    assert f"{verdict['rows']} rows in " in page
    assert page.count("UNIQUE constraint failed: prompts.id") == 1
