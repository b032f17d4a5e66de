"""Settings: where the two databases are, read from the process environment and then from `.env` at the root."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
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
