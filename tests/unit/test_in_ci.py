import pytest

from alembic_lockstep.servers.settings import in_ci


@pytest.mark.parametrize(
    ("value", "found"),
    [("true", True), ("1", True), ("TRUE", True), ("woodpecker", True)]
    + [(value, False) for value in ("", " ", "0", "false", "False", "no", "off")],
)
def test_ci_that_says_no_is_none(monkeypatch: pytest.MonkeyPatch, value: str, found: bool) -> None:
    monkeypatch.setenv("CI", value)
    assert in_ci() is found


def test_without_ci_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert not in_ci()
