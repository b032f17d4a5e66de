"""What an adopter writes: two targets of one database, and models that choose a type by DB_TYPE."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

INI = """\
[DEFAULT]
script_location = alembic_lockstep:environment
prepend_sys_path = %(here)s
path_separator = os
file_template = %%(slug)s_%%(rev)s
truncate_slug_length = 200

[alembic_mysql_shop]
version_locations = %(here)s/chains/mysql
models = shop.models:Base
url = shop.settings:database_url

[alembic_sqlite_shop]
version_locations = %(here)s/chains/sqlite
models = shop.models:Base
url = shop.settings:database_url
"""

SETTINGS = """\
import os
from pathlib import Path

import sqlalchemy as sa

DB_TYPE = os.environ.get("DB_TYPE", "sqlite")


def database_url() -> sa.URL:
    if DB_TYPE == "mysql":
        return sa.make_url(os.environ["SHOP_MYSQL_URL"])
    return sa.URL.create("sqlite", database=str(Path(__file__).parents[1] / "shop.db"))
"""

MODELS = """\
from sqlalchemy import ForeignKey, MetaData, String, Text
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shop.settings import DB_TYPE

LongText = LONGTEXT if DB_TYPE == "mysql" else Text


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={"fk": "fk_%(table_name)s_%(column_0_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s"}
    )


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
    note: Mapped[str | None] = mapped_column(LongText)


class Purchase(Base):
    __tablename__ = "purchase"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    article: Mapped[str] = mapped_column(String(100))
"""

NAME = "    name: Mapped[str] = mapped_column(String(50), index=True)\n"
EMAIL = '    email: Mapped[str] = mapped_column(String(100), server_default="")\n'
"""The column that the second migration adds."""

DATA_PART = "    op.execute(\"UPDATE customer SET email = 'nobody@example.org' WHERE name = 'Nobody'\")\n"
"""What the adopter writes into the script of it."""

DATA_CASE = """\
from sqlalchemy import text


def before(connection):
    connection.execute(text("INSERT INTO customer (id, name) VALUES (901, 'Nobody'), (902, 'Ann')"))


def after(connection):
    rows = connection.execute(text("SELECT id, email FROM customer WHERE id IN (901, 902) ORDER BY id")).all()
    assert rows == [(901, "nobody@example.org"), (902, "")]
"""

FILES = {
    "alembic.ini": INI,
    "tasks.py": "from alembic_lockstep.tasks import namespace\n",
    "noxfile.py": "from alembic_lockstep.sessions import migrations, migrations_on\n",
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/models.py": MODELS,
    "chains/mysql/.gitkeep": "",
    "chains/sqlite/.gitkeep": "",
    "tests/test_shop.py": "from shop.models import Base\n\n\ndef test_tables():\n    assert Base.metadata.tables\n",
    "tests/migrations/data/feat_email_of_a_customer.py": DATA_CASE,
    "pytest.ini": "[pytest]\npythonpath = .\n",
}


def write(root: Path) -> None:
    """Write the project into a new folder."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
