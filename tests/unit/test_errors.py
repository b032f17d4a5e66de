from pathlib import Path

import pytest

from alembic_lockstep.errors import Location, place


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
