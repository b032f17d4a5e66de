import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from openjiuwen_studio import settings as module
from openjiuwen_studio.settings import ROOT, Settings, agent_url, ops_url

PASSWORD = "p@:/%\"'#${x} ?&+ö"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def use(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "settings", Settings())
    return module.settings


def test_environment_wins_over_the_env_file_beside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "checkout" / "openjiuwen_studio"
    package.mkdir(parents=True)
    shutil.copy(module.__file__, package)
    (package / "__init__.py").touch()
    (package.parent / ".env").write_text("DB_HOST=of-the-file\nDB_USER=of-the-file\nSOMETHING_ELSE=1\n")
    (tmp_path / ".env").write_text("DB_USER=of-the-current-directory\n")
    done = subprocess.run(
        [sys.executable, "-c", "from openjiuwen_studio.settings import settings as s; print(s.DB_HOST, s.DB_USER)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(package.parent), "DB_HOST": "of-the-environment"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["of-the-environment", "of-the-file"]


def test_example_names_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    default = Settings()
    assert {name: str(getattr(default, name)) for name in Settings.model_fields} == named


def test_sqlite_path_is_relative_to_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch)
    assert agent_url().database == str(ROOT / "data" / "databases" / "agent.db")
    assert ops_url().database == str(ROOT / "data" / "databases" / "ops.db")
    use(monkeypatch, SQLITE_DB_PATH=str(tmp_path))
    assert agent_url().database == str(tmp_path / "agent.db")


def test_mysql_url_keeps_any_password(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, DB_TYPE="mysql", DB_HOST="db", DB_PORT="33", DB_USER="me", DB_PASSWORD=PASSWORD)
    url = make_url(agent_url().render_as_string(hide_password=False))
    assert url.password == PASSWORD
    assert url.render_as_string() == "mysql+pymysql://me:***@db:33/openjiuwen_agent?charset=utf8mb4"
    assert ops_url().database == "openjiuwen_ops"


def test_password_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hush"
    settings = use(monkeypatch, DB_TYPE="mysql", DB_PASSWORD=secret)
    assert isinstance(settings.DB_PASSWORD, SecretStr)
    monkeypatch.setenv("DB_PORT", secret)
    with pytest.raises(ValidationError) as error:
        Settings()
    for text in (repr(settings), str(settings), repr(agent_url()), str(agent_url()), repr(error.value)):
        assert secret not in text


@pytest.mark.parametrize("value", ["postgresql", "MySQL", ""])
def test_other_database_types_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DB_TYPE", value)
    with pytest.raises(ValidationError, match=r"DB_TYPE\n.*'sqlite' or 'mysql'"):
        Settings()
