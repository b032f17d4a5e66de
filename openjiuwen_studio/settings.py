"""Settings: where the two databases are, read from the process environment and then from `.env` at the root."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings, named as in the environment."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    DB_TYPE: Literal["sqlite", "mysql"] = "sqlite"

    DB_HOST: str = "127.0.0.1"
    DB_PORT: int = Field(default=3306, ge=1, le=65535)
    DB_USER: str = "root"
    DB_PASSWORD: SecretStr = SecretStr("")
    AGENT_DB_NAME: str = "openjiuwen_agent"
    OPS_DB_NAME: str = "openjiuwen_ops"

    SQLITE_DB_PATH: Path = Path("data/databases")
    AGENT_SQLITE_DB: str = "agent.db"
    OPS_SQLITE_DB: str = "ops.db"

    @model_validator(mode="before")
    @classmethod
    def require_known_names(cls, values: Any) -> Any:
        """Refuse a misspelt name in the env file: without its setting another database would be used."""
        file, known = cls.model_config.get("env_file"), list(cls.model_fields)
        prefixes = tuple({name.partition("_")[0] + "_" for name in known})
        for name in dotenv_values(str(file), interpolate=False) if file else ():
            if name.upper().startswith(prefixes) and name.upper() not in known:
                meant = get_close_matches(name.upper(), known, n=1)
                raise ValueError(f"{name} in .env is no setting" + (f"; did you mean {meant[0]}?" if meant else ""))
        return values

    def database_url(self, mysql_name: str, sqlite_file: str) -> URL:
        """Return the URL of the database with this name on MySQL and this file on SQLite."""
        if self.DB_TYPE == "sqlite":
            return URL.create("sqlite", database=str(ROOT / self.SQLITE_DB_PATH / sqlite_file))
        return URL.create(
            "mysql+pymysql",
            username=self.DB_USER,
            password=self.DB_PASSWORD.get_secret_value(),
            host=self.DB_HOST,
            port=self.DB_PORT,
            database=mysql_name,
            query={"charset": "utf8mb4"},
        )


settings = Settings()


def agent_url() -> URL:
    """Return the URL of the agent database."""
    return settings.database_url(settings.AGENT_DB_NAME, settings.AGENT_SQLITE_DB)


def ops_url() -> URL:
    """Return the URL of the ops database."""
    return settings.database_url(settings.OPS_DB_NAME, settings.OPS_SQLITE_DB)
