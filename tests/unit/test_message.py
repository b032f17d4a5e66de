import pytest
from alembic.script import ScriptDirectory

from alembic_lockstep.errors import CannotRunError
from alembic_lockstep.project.message import LIMIT, SLUG_BYTES, parse

ACCEPTED = {
    "as the rule says": ("feat: add user status field", "feat: add user status field", "feat_add_user_status_field"),
    "a fix": ("fix: widen url", "fix: widen url", "fix_widen_url"),
    "without the colon": ("feat add x", "feat: add x", "feat_add_x"),
    "without a blank behind the colon": ("fix:url", "fix: url", "fix_url"),
    "a blank before the colon": ("feat : add x", "feat: add x", "feat_add_x"),
    "blanks around it": ("  feat:   add x\t", "feat: add x", "feat_add_x"),
    "a line break behind it": ("feat: add x\r\n", "feat: add x", "feat_add_x"),
    "capitals": ("fix: URL of Tool", "fix: URL of Tool", "fix_url_of_tool"),
    "quotes": ("""feat: add "x" and 'y'""", """feat: add "x" and 'y'""", "feat_add_x_and_y"),
    "three quotes": ('feat: """ ends', 'feat: """ ends', "feat_ends"),
    "backslashes": (r"feat: \N{DASH} \d \\", r"feat: \N{DASH} \d \\", "feat_n_dash_d"),
    "braces and percent signs": ("feat: {x} ${y} %(z)s <%a%>", "feat: {x} ${y} %(z)s <%a%>", "feat_x_y_z_s_a"),
    "brackets of a markup": ("feat: [red]x[/red]", "feat: [red]x[/red]", "feat_red_x_red"),
    "emoji": ("feat: 🚀 launch 👩‍🚀", "feat: 🚀 launch 👩‍🚀", "feat_launch"),
    "a way out of the folder": ("feat: ../../etc/passwd", "feat: ../../etc/passwd", "feat_etc_passwd"),
    "Chinese": ("feat: 添加用户状态", "feat: 添加用户状态", "feat_添加用户状态"),
}


@pytest.mark.parametrize(("typed", "text", "slug"), ACCEPTED.values(), ids=ACCEPTED)
def test_message_is_normalised_and_names_the_file(typed: str, text: str, slug: str) -> None:
    message = parse(typed)
    assert (message.text, message.slug) == (text, slug)


@pytest.mark.parametrize("typed", [typed for typed, _, _ in ACCEPTED.values()], ids=ACCEPTED)
def test_slug_is_the_one_that_alembic_puts_into_the_file_name(typed: str) -> None:
    message = parse(typed)
    script = ScriptDirectory(".", file_template="%(slug)s_%(rev)s", truncate_slug_length=SLUG_BYTES)
    path = script._rev_path("versions", "4b4dd5bb39b4", message.text, script._generate_create_date())
    assert path.name == f"{message.slug}_4b4dd5bb39b4.py"


@pytest.mark.parametrize("typed", [None, "", "   ", "\n"], ids=["none", "empty", "blanks", "a line break"])
def test_missing_message_is_refused_with_an_example(typed: str | None) -> None:
    with pytest.raises(CannotRunError, match=r"A message is needed, for example  -m \"feat: "):
        parse(typed)


@pytest.mark.parametrize(
    "typed",
    ["Add user profile table", "feature: x", "feat(user): x", "feat!: x", "Feat: x", "docs: x", ": x", "../feat: x"],
)
def test_other_beginning_is_refused_with_the_rule_and_an_example(typed: str) -> None:
    with pytest.raises(CannotRunError, match=r"must start with feat: or fix:, for example  -m \"feat: "):
        parse(typed)


def test_other_types_are_allowed_by_a_setting_that_the_error_names() -> None:
    with pytest.raises(CannotRunError) as refused:
        parse("refactor: split user")
    assert refused.value.kind == "usage"
    assert refused.value.headline == (
        'The message must start with feat: or fix:, for example  -m "feat: add user profile table". '
        "To allow refactor: too, write  message_types = feat, fix, refactor  into [DEFAULT] of alembic.ini"
    )
    types = ("feat", "fix", "refactor")
    assert parse("refactor: split user", types).slug == "refactor_split_user"
    with pytest.raises(
        CannotRunError, match=r"must start with feat:, fix: or refactor:, .* message_types = .*, chore "
    ):
        parse("chore: tidy", types)


@pytest.mark.parametrize("typed", ["feat:", "fix: ", "feat", "feat: …", "feat: 🚀", 'feat: """', "feat: ../.."])
def test_description_without_words_is_refused(typed: str) -> None:
    with pytest.raises(CannotRunError, match=r"needs a description in words after (feat|fix):"):
        parse(typed)


@pytest.mark.parametrize(
    "character",
    ["\n", "\r", "\t", "\0", "\x1b", "\x85", "\u2028", "\u2029", "\udcff"],
    ids=["LF", "CR", "tabulator", "NUL", "escape", "next line", "line separator", "paragraph", "no UTF-8"],
)
def test_line_breaks_and_control_characters_are_refused(character: str) -> None:
    with pytest.raises(CannotRunError, match=r"must be one line without control characters"):
        parse(f"feat: a{character}b")


def test_longest_message_is_accepted_and_one_more_character_is_refused_with_the_limit() -> None:
    longest = "feat: " + "x" * (LIMIT - 6)
    assert parse(longest).text == longest
    with pytest.raises(
        CannotRunError, match=rf"is too long: it has {LIMIT + 1} characters .* limit is {LIMIT} characters"
    ):
        parse(longest + "x")


def test_limit_counts_the_normalised_message() -> None:
    assert len(parse("feat " + "x" * (LIMIT - 6)).text) == LIMIT
    with pytest.raises(CannotRunError, match=rf"has {LIMIT + 1} characters"):
        parse("feat " + "x" * (LIMIT - 5))


def test_message_of_500_characters_is_refused_in_one_short_line() -> None:
    with pytest.raises(CannotRunError) as refused:
        parse("feat: " + "x" * 494)
    assert "has 500 characters" in refused.value.headline
    assert "xxx" not in refused.value.headline


def test_limit_in_bytes_holds_where_characters_are_wide() -> None:
    assert len(parse("feat: " + "添" * 65).slug.encode()) == SLUG_BYTES
    with pytest.raises(CannotRunError, match=rf"\(203 bytes as a file name\); .* \({SLUG_BYTES} bytes\)"):
        parse("feat: " + "添" * 66)


def test_longest_file_name_fits_a_file_system() -> None:
    widest = parse("feat: " + "𠀀" * 48)
    assert len(f"{widest.slug}_{'0' * 12}.cpython-314.opt-2.pyc".encode()) <= 255
