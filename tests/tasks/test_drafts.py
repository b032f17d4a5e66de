"""Drafts: a change that is refused or fails is kept, edited, proven again, and put in place or dropped."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIRST

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.conftest import Project

TAG = "openjiuwen_studio/models/tag.py"
COLOUR = "    tag_color: Mapped[str | None] = mapped_column(String(20))  # such as #FF5733\n"
BOTH = ("--db", "*_agent")
CONTINUE = ("migration", "--continue")
ABORT = ("migration", "--abort")
RENAMING = """
def upgrade() -> None:
    with op.batch_alter_table("tag") as batch_op:
        batch_op.alter_column("tag_color", new_column_name="colour", existing_type=sa.String(20))


def downgrade() -> None:
    with op.batch_alter_table("tag") as batch_op:
        batch_op.alter_column("colour", new_column_name="tag_color", existing_type=sa.String(20))
"""


def drop_colour(project: Project, instead: str = "") -> None:
    project.edit(TAG, COLOUR, instead)


def rename_colour(project: Project) -> None:
    drop_colour(project, COLOUR.replace("tag_color", "colour"))


def refused(project: Project, *words: str) -> dict[str, Path]:
    """Generate a change that is refused or fails; return the drafts by target."""
    done = project.migration(*words)
    assert done.returncode == 1, done.stdout + done.stderr
    return {path.parent.name: path for path in project.drafts()}


def finished(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    done = project.invoke(*CONTINUE, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def made(project: Project, target: str) -> list[str]:
    return [path.name for path in project.versions(target) if FIRST not in path.name]


def replace_functions(script: Path, functions: str) -> None:
    head = script.read_text(encoding="utf-8").partition("\n\n\ndef upgrade")[0]
    head = re.sub(r"lossy: str = .*", "", head)
    script.write_text(f"{head}\n\n{functions}", encoding="utf-8")


def replace(script: Path, old: str, new: str) -> None:
    text = script.read_text(encoding="utf-8")
    assert old in text
    script.write_text(text.replace(old, new), encoding="utf-8")


# A draft is open


def test_all_commands_go_on_and_see_no_draft_in_the_chain(project: Project) -> None:
    drop_colour(project)
    refused(project, *BOTH)
    kept = project.files()
    assert project.alembic("sqlite_agent", "heads").stdout.split()[0] == FIRST
    assert project.invoke("upgrade", "--db", "sqlite_agent").returncode == 0
    assert f" {FIRST} (head)" in f" {project.alembic('sqlite_agent', 'current').stdout}"
    assert project.invoke("roundtrip", "--db", "sqlite_ops").returncode == 0
    assert project.alembic("sqlite_agent", "downgrade", "base").returncode == 0
    assert project.files() == kept


def test_status_says_which_draft_is_open(project: Project) -> None:
    drop_colour(project)
    before = project.invoke("status", "--db", "sqlite_ops", "--json")
    assert json.loads(before.stdout)[0]["draft"] is None
    drafts = refused(project, *BOTH)
    kept = project.files()
    revision = drafts["sqlite_agent"].stem.rpartition("_")[2]
    shown = project.invoke("status", "--db", "sqlite_ops")
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[-1] == (
        f"A draft is open: feat: change ({revision}; mysql_agent, sqlite_agent). "
        "Finish it: invoke migration --continue; drop it: invoke migration --abort"
    )
    found = json.loads(project.invoke("status", "--db", "sqlite_*", "--json").stdout)
    assert {each["target"]: each["draft"] for each in found} == {
        "sqlite_agent": {
            "revision": revision,
            "message": "feat: change",
            "script": str(drafts["sqlite_agent"].relative_to(project.root)),
        },
        "sqlite_ops": None,
    }
    assert project.files() == kept


def test_another_migration_asks_for_one_or_the_other(project: Project) -> None:
    drop_colour(project)
    drafts = refused(project, "--db", "sqlite_agent")
    kept = project.files()
    for words in (
        ["--auto", "-m", "feat: x"],
        ["--manual", "-m", "feat: x"],
        ["--auto", "-m", "fix: x", "--dry-run"],
        [],
    ):
        done = project.invoke("migration", *words)
        assert (done.returncode, done.stdout) == (2, "")
        headline, path = done.stderr.splitlines()
        assert headline.startswith("a draft is open: feat: change (")
        assert headline.endswith(
            "Finish it with invoke migration --continue, or drop it with invoke migration --abort."
        )
        assert project.root / path.strip() == drafts["sqlite_agent"]
    assert project.files() == kept


def test_abort_drops_it_and_the_change_can_be_generated_again(project: Project) -> None:
    rename_colour(project)
    drafts = refused(project, *BOTH)
    done = project.invoke(*ABORT)
    assert done.returncode == 0, done.stderr
    paths = [f"    {path.relative_to(project.root)}" for path in drafts.values()]
    assert done.stdout.splitlines() == ["The draft is dropped: 2 scripts", *paths]
    assert project.drafts() == []
    assert project.migration(*BOTH, "--rename", "tag.tag_color:colour").returncode == 0


@pytest.mark.parametrize("words", [CONTINUE, ABORT])
def test_without_a_draft_there_is_nothing_to_continue_or_to_drop(project: Project, words: tuple[str, ...]) -> None:
    before = project.files()
    done = project.invoke(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no draft is open: there is nothing to continue or to drop.\n"
    assert project.files() == before
    assert not (project.root / "upgrade" / ".work").exists()


def test_what_the_draft_has_itself_is_refused(project: Project) -> None:
    drop_colour(project)
    refused(project, "--db", "sqlite_agent")
    kept = project.files()
    for words, named in (
        ([*CONTINUE, "--auto", "-m", "feat: x"], "leave out -m, --auto."),
        ([*CONTINUE, "--db", "sqlite_agent", "--rename", "a:b"], "leave out --db, --rename."),
        ([*CONTINUE, "--manual", "--branch", "x", "--keep-partial"], "leave out --manual, --branch, --keep-partial."),
        ([*CONTINUE, "--abort"], "leave out --continue."),
        ([*ABORT, "--allow-drop"], "leave out --allow-drop."),
        ([*CONTINUE, "--twins", " "], "--twins must be a reason in words"),
    ):
        done = project.invoke(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert named in done.stderr
    assert project.files() == kept


# It is continued


def test_unedited_draft_is_placed_when_its_losses_are_allowed(project: Project) -> None:
    drop_colour(project)
    names = {name: path.name for name, path in refused(project, *BOTH).items()}
    kept = project.files()
    again = project.invoke(*CONTINUE)
    assert again.returncode == 1
    assert "✗ SQLite Agent Database: the same\n" in again.stdout
    assert "would drop a column and its values\n    - column tag.tag_color\n" in again.stdout
    assert project.files() == kept
    done = finished(project, "--allow-drop")
    assert "2 scripts, revision " in done.stdout
    assert {name: made(project, name) for name in names} == {name: [path] for name, path in names.items()}
    assert project.drafts() == []
    assert project.invoke("roundtrip", "--db", "sqlite_agent").returncode == 0


def test_permission_of_the_first_call_is_kept(project: Project) -> None:
    drop_colour(project)
    project.add_column("a: Mapped[str | None] = mapped_column(String(9) if BigId is BigInteger else String(8))")
    refused(project, *BOTH, "--allow-drop")
    finished(project, "--twins", "because")
    assert made(project, "mysql_agent") == made(project, "sqlite_agent") != []


def test_drop_that_is_made_a_rename_loses_nothing(mysql_project: Project) -> None:
    rename_colour(mysql_project)
    drafts = refused(mysql_project, *BOTH)
    for script in drafts.values():
        replace_functions(script, RENAMING)
    done = finished(mysql_project)
    assert "    proven on SQLite" in done.stdout
    assert made(mysql_project, "mysql_agent") == made(mysql_project, "sqlite_agent") != []
    assert mysql_project.invoke("roundtrip", *BOTH).returncode == 0


def test_without_a_server_it_is_not_known_that_a_column_that_is_gone_was_renamed(project: Project) -> None:
    rename_colour(project)
    for script in refused(project, *BOTH).values():
        replace_functions(script, RENAMING)
    done = project.invoke(*CONTINUE)
    assert done.returncode == 1
    assert "✗ MySQL Agent Database:  would drop a column and its values\n    - column tag.tag_color\n" in done.stdout
    assert re.search(r"^✓ SQLite Agent Database: .* \(draft\)$", done.stdout, re.MULTILINE)
    finished(project, "--allow-drop")


def test_losses_are_what_an_edited_draft_does(project: Project) -> None:
    rename_colour(project)
    (script,) = refused(project, "--db", "sqlite_agent").values()
    drops = 'op.add_column("tag", sa.Column("tag_color", sa.String(20)))\n    op.drop_column("tag", "colour")'
    adds = 'op.add_column("tag", sa.Column("colour", sa.String(20)))\n    op.execute("ALTER TABLE tag DROP tag_color")'
    replace_functions(script, f"def upgrade():\n    {adds}\n\n\ndef downgrade():\n    {drops}\n")
    done = project.invoke(*CONTINUE)
    assert done.returncode == 1
    assert "    - column tag.tag_color\n" in done.stdout
    assert made(project, "sqlite_agent") == []


def test_line_that_fails_is_named_in_the_draft_until_it_is_right(project: Project) -> None:
    rename_colour(project)
    drafts = refused(project, *BOTH)
    script = drafts["sqlite_agent"]
    replace_functions(script, RENAMING.replace('"tag"', '"tagg"', 1))
    replace_functions(drafts["mysql_agent"], RENAMING)
    before = project.revisions()
    done = project.invoke(*CONTINUE)
    assert done.returncode == 1
    failed = re.search(r"the upgrade of \w+ failed: .* \((.*):(\d+)\)\n    at: (.*)\n", done.stdout)
    assert failed is not None, done.stdout
    assert project.root / failed.group(1) == script
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[int(failed.group(2)) - 1].strip() == failed.group(3)
    assert "tagg" in failed.group(3)
    assert project.revisions() == before
    replace(script, '"tagg"', '"tag"')
    finished(project, "--allow-drop")


def test_downgrade_that_leads_elsewhere_is_named_with_its_line(project: Project) -> None:
    drop_colour(project)
    (script,) = refused(project, "--db", "sqlite_agent").values()
    replace(script, 'sa.Column("tag_color", sa.VARCHAR(length=20)', 'sa.Column("tag_color", sa.VARCHAR(length=21)')
    done = project.invoke(*CONTINUE, "--allow-drop")
    assert done.returncode == 1
    assert "the downgrade does not lead back to the state before\n    column tag.tag_color" in done.stdout
    line = next(n for n, text in enumerate(script.read_text(encoding="utf-8").splitlines(), 1) if "length=21" in text)
    assert f"({script.relative_to(project.root)}:{line})" in done.stdout


def test_draft_that_does_not_lead_to_the_models_is_refused_also_without_a_server(project: Project) -> None:
    project.add_column("a: Mapped[str | None] = mapped_column(String(9) if BigId is BigInteger else String(8))")
    drafts = refused(project, *BOTH)
    replace(drafts["mysql_agent"], "length=9", "length=8")
    done = project.invoke(*CONTINUE)
    assert done.returncode == 1
    assert "✗ MySQL Agent Database:  run in memory: after the upgrade the models still differ\n" in done.stdout
    assert made(project, "sqlite_agent") == []


def test_line_that_fails_is_named_also_without_a_server(project: Project) -> None:
    drop_colour(project)
    (script,) = refused(project, "--db", "mysql_agent").values()
    replace(script, 'op.drop_column("tag", "tag_color")', 'op.drop_column("tag", "tag_colour")')
    done = project.invoke(*CONTINUE, "--allow-drop")
    assert done.returncode == 1
    failed = re.search(r"the upgrade of \w+ failed: .*tag_colour.* \((.*):\d+\)\n    at: op.drop_column", done.stdout)
    assert failed is not None, done.stdout
    assert project.root / failed.group(1) == script


def test_broken_draft_is_told_and_stays(project: Project) -> None:
    drop_colour(project)
    (script,) = refused(project, "--db", "sqlite_agent").values()
    right, path = script.read_text(encoding="utf-8"), re.escape(str(script.relative_to(project.root)))
    for old, new, told, code in (
        ("def upgrade() -> None:", "def upgrade() -> None", rf"SyntaxError: .* \({path}:\d+\)", 1),
        ("import op", "import op\nimport nowhere  # noqa: F401", rf"{path}:\d+: ModuleNotFoundError", 2),
        ('revision: str = "', 'revision: str = "f', "its revision is 'f.*Set it back", 2),
        ("def downgrade()", "def down()", "has no downgrade", 1),
    ):
        replace(script, old, new)
        done = project.invoke(*CONTINUE, "--allow-drop")
        assert done.returncode == code, done.stdout
        assert re.search(told, done.stdout), done.stdout
        assert made(project, "sqlite_agent") == []
        script.write_text(right, encoding="utf-8")
    finished(project, "--allow-drop")


def test_script_that_was_deleted_is_named(project: Project) -> None:
    drop_colour(project)
    script = refused(project, *BOTH)["mysql_agent"]
    content = script.read_bytes()
    shutil.rmtree(script.parent)
    before = project.revisions()
    done = project.invoke(*CONTINUE, "--allow-drop")
    assert done.returncode == 2
    name = script.relative_to(project.root)
    assert f"its script cannot be read: {name}: No such file or directory. Put the file back" in done.stdout
    assert project.revisions() == before
    assert f"    {name}\n" in done.stdout.partition("These scripts are a draft:")[2]
    assert project.invoke(*CONTINUE, "--dry-run").returncode == 2
    script.parent.mkdir()
    script.write_bytes(content)
    finished(project, "--allow-drop")


def test_draft_whose_request_is_broken_can_only_be_dropped(project: Project) -> None:
    drop_colour(project)
    refused(project, "--db", "sqlite_agent")
    (project.root / "upgrade/.work/draft/draft.json").write_text("{", encoding="utf-8")
    for words in (CONTINUE, ("status", "--db", "sqlite_ops"), ("migration", "--manual", "-m", "feat: x")):
        done = project.invoke(*words)
        assert done.returncode == 2
        assert "the draft cannot be used: upgrade/.work/draft/draft.json cannot be read" in done.stderr
    assert project.invoke("upgrade", "--db", "sqlite_ops").returncode == 0
    assert project.invoke(*ABORT).returncode == 0
    assert project.drafts() == []


def test_chain_that_has_moved_on_asks_to_generate_again(project: Project) -> None:
    drop_colour(project)
    refused(project, *BOTH, "--twins", "it is so")
    (first,) = project.versions("sqlite_agent")
    text = first.read_text(encoding="utf-8").partition("def upgrade")[0]
    text = text.replace(f'revision: str = "{FIRST}"', 'revision: str = "abcdefabcdef"')
    text = re.sub(r"down_revision: (.*) = None", rf'down_revision: \1 = "{FIRST}"', text)
    functions = "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
    (first.parent / "theirs_abcdefabcdef.py").write_text(text + functions, encoding="utf-8")
    kept = project.files()
    done = project.invoke(*CONTINUE, "--allow-drop")
    assert done.returncode == 2
    moved = f"the chain has moved on: the draft follows {FIRST}, and the head of the chain is abcdefabcdef now"
    assert f"✗ SQLite Agent Database: {moved}\n" in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        "Generate the change again: invoke migration --abort, then",
        "    invoke migration --auto -m 'feat: change' --db mysql_agent,sqlite_agent --twins 'it is so'",
    ]
    assert project.files() == kept


def test_target_without_a_script_stays_without_unless_the_models_have_changed(project: Project) -> None:
    drop_colour(project)
    drafts = refused(project, "--db", "sqlite_*")
    assert list(drafts) == ["sqlite_agent"]
    user = "openjiuwen_studio/ops_models/user.py"
    project.edit(user, '__tablename__ = "user"', '__tablename__ = "user"\n    note: Mapped[str | None]')
    done = project.invoke(*CONTINUE, "--allow-drop")
    assert done.returncode == 1
    assert "✗ SQLite Ops Database:   the models have changed since, and the draft has no script for it" in done.stdout
    project.edit(user, "\n    note: Mapped[str | None]", "")
    done = finished(project, "--allow-drop")
    assert "– SQLite Ops Database:   unchanged" in done.stdout
    assert made(project, "sqlite_ops") == []


def test_twins_get_their_reason_with_continue_or_in_a_script(project: Project) -> None:
    project.add_column("a: Mapped[str | None] = mapped_column(String(9) if BigId is BigInteger else String(8))")
    drafts = refused(project, *BOTH)
    done = project.invoke(*CONTINUE)
    assert done.returncode == 1
    assert 'give the reason: invoke migration --continue --twins "…"' in done.stdout
    replace(drafts["sqlite_agent"], "\n\n\ndef upgrade", '\ntwins: str = "so it is"\n\n\ndef upgrade')
    assert "differ from here on: so it is" in finished(project).stdout


def test_reason_that_is_not_needed_is_refused_and_the_draft_stays(project: Project) -> None:
    drop_colour(project)
    refused(project, *BOTH)
    kept = project.files()
    done = project.invoke(*CONTINUE, "--allow-drop", "--twins", "for nothing")
    assert done.returncode == 2
    assert "--twins 'for nothing' is not needed" in done.stderr
    assert project.files() == kept


def test_failure_of_a_server_is_put_right_in_model_and_draft(mysql_project: Project) -> None:
    project = mysql_project
    owner = 'owner: Mapped[int] = mapped_column(BigId, ForeignKey("user.id", ondelete="SET NULL"))'
    project.add_column(owner)
    drafts = refused(project, *BOTH)
    assert list(drafts) == ["mysql_agent", "sqlite_agent"]
    project.edit(TAG, owner, owner.replace("Mapped[int]", "Mapped[int | None]"))
    for script in drafts.values():
        text = script.read_text(encoding="utf-8")
        script.write_text(re.sub(r'("owner".*?nullable=)False', r"\1True", text, flags=re.DOTALL), encoding="utf-8")
    done = finished(project)
    assert "proven on MySQL" in done.stdout or "proven on m" in done.stdout
    assert made(project, "mysql_agent") == made(project, "sqlite_agent") != []


# What is not kept


def test_dry_run_of_a_change_that_fails_prints_each_script_and_keeps_none(project: Project) -> None:
    drop_colour(project)
    before = project.files()
    done = project.migration(*BOTH, "--dry-run")
    assert done.returncode == 1
    printed = re.findall(r"^# (.*\.py)$", done.stdout, re.MULTILINE)
    assert [path.split("/")[1] for path in printed] == ["mysql", "sqlite"]
    assert done.stdout.count('lossy: str = "drops tag.tag_color"') == 2
    assert "Dry run: nothing was written" in done.stdout
    assert "draft" not in done.stdout
    assert project.files() == before


def test_dry_run_of_a_draft_prints_what_would_be_placed_and_leaves_it(project: Project) -> None:
    drop_colour(project)
    (script,) = refused(project, "--db", "sqlite_agent").values()
    replace(script, '"tag"', "'tag'")
    kept = project.files()
    done = finished(project, "--allow-drop", "--dry-run")
    assert f"\n# upgrade/sqlite/alembic_agent/versions/{script.name}\n" in done.stdout
    assert 'batch_alter_table("tag"' in done.stdout
    assert project.files() == kept


def test_change_that_only_a_server_keeps_back_is_run_again_and_no_draft(project: Project) -> None:
    project.add_column()
    before = project.files()
    done = project.migration(*BOTH, "--require-proof")
    assert done.returncode == 1
    assert "Fix the cause and run the same command again" in done.stdout
    assert project.files() == before


def test_change_of_which_a_target_has_no_script_is_no_draft(project: Project) -> None:
    drop_colour(project)
    (project.root / "upgrade/mysql/alembic_agent/versions/broken.py").write_text("revision = (\n", encoding="utf-8")
    before = project.files()
    done = project.migration(*BOTH)
    assert done.returncode == 2
    assert "Fix the cause and run the same command again" in done.stdout
    assert project.files() == before
