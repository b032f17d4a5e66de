from pathlib import Path

import pytest

from alembic_lockstep.errors import (
    CannotRunError,
    FailedError,
    Fault,
    Location,
    MigrationError,
    NotInstalledError,
    counted,
    one_line,
    place,
)
from alembic_lockstep.execution.runner import RevisionFailedError


def raised(path: Path, text: str) -> Exception:
    """Return what the code of a file raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        exec(compile(text, path, "exec"), {})
    return caught.value


def test_location_is_shown_as_path_and_line() -> None:
    assert str(Location("versions/a.py", 7)) == "versions/a.py:7"
    assert str(Location("versions/a.py")) == "versions/a.py"


def test_place_is_the_deepest_line_of_the_users_code(tmp_path: Path) -> None:
    error = raised(tmp_path / "models" / "a.py", "import json\n\njson.loads('{')\n")
    assert place(error, tmp_path) == Location("models/a.py", 3)


def test_place_of_a_syntax_error_is_the_line_that_it_names(tmp_path: Path) -> None:
    error = raised(tmp_path / "a b.py", "x = 1\ny = (\n")
    assert place(error, tmp_path) == Location("a b.py", 2)


def test_installed_packages_have_no_place_but_for_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "site-packages" / "package" / "versions" / "one.py"
    error = raised(path, "1 / 0\n")
    assert place(error, tmp_path) is None
    assert place(error, tmp_path, path.parent) == Location("site-packages/package/versions/one.py", 1)


def test_error_from_elsewhere_has_no_place(tmp_path: Path) -> None:
    assert place(raised(tmp_path / "a.py", "1 / 0\n"), tmp_path / "elsewhere") is None


ERRORS: list[MigrationError] = [
    CannotRunError("x", "why"),
    CannotRunError("x", kind="unknown-target"),
    FailedError("x", "why", "and how"),
    NotInstalledError("ruff"),
    RevisionFailedError("x", cause="y", location=Location("a.py")),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.kind)
def test_error_that_passes_through_a_fault_keeps_all_that_it_says(error: MigrationError) -> None:
    passed = Fault.of(error).error()
    assert (passed.kind, passed.exit_code) == (error.kind, error.exit_code)
    assert (passed.headline, passed.detail) == (error.headline, error.detail)
    assert Fault.of(error).text() == error.text()


def test_kind_of_one_error_is_not_that_of_its_class() -> None:
    assert CannotRunError("x", kind="usage").kind == "usage"
    assert CannotRunError("x").kind == "cannot-run"


def test_text_has_the_detail_indented_under_the_headline() -> None:
    assert FailedError("it failed", "one", "two").text("  ") == "it failed\n  one\n  two"


def test_numbers_have_their_noun_and_texts_are_one_line() -> None:
    assert [counted(number, "revision") for number in (0, 1, 2)] == ["0 revisions", "1 revision", "2 revisions"]
    assert one_line(" a\n\tb ") == "a b"
