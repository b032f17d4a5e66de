"""In memory as on the server: models that the random ones do not have, there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql as types

from alembic_lockstep import dialects
from tests.agreement.sides import Side, emptied
from tests.agreement.test_agreement import check_models, target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def host(*parts: Any, keyed: bool = False) -> sa.MetaData:
    """Return models of a table with a network and a parent."""
    metadata = sa.MetaData()
    key: list[Any] = [sa.ForeignKey("parent.id", name="fk_host_parent")] if keyed else []
    sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
    columns: list[Any] = [
        sa.Column("net", sa.String(20)),
        sa.Column("zone", sa.Integer),
        sa.Column("parent_id", sa.Integer, *key),
    ]
    sa.Table("host", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns, *parts)
    return metadata


def without_host() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def flag(default: Any, length: int = 1) -> sa.MetaData:
    metadata = sa.MetaData()
    column = sa.Column("on", types.BIT(length), nullable=False, server_default=default, comment="it's on")
    sa.Table("flag", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
    return metadata


def touched(**default: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    column = sa.Column("at", types.TIMESTAMP, nullable=True, **default)
    sa.Table("note", metadata, sa.Column("id", sa.Integer, primary_key=True), column)
    return metadata


NULL_ON_UPDATE = sa.text("NULL ON UPDATE CURRENT_TIMESTAMP")
MODELS: dict[str, Callable[[], tuple[sa.MetaData, sa.MetaData]]] = {
    "index-called-like-its-column-comes": lambda: (host(), host(sa.Index("net", "net"))),
    "index-called-like-its-column-changes": lambda: (
        host(sa.Index("net", "net")), host(sa.Index("net", "net", "zone")),
    ),
    "index-called-like-its-column-becomes-unique": lambda: (
        host(sa.Index("net", "net")), host(sa.Index("net", "net", unique=True)),
    ),
    "index-called-like-its-second-column-changes": lambda: (
        host(sa.Index("net", "zone", "net")), host(sa.Index("net", "net")),
    ),
    "index-called-like-its-column-goes-with-its-table": lambda: (host(sa.Index("net", "net")), without_host()),
    "index-called-like-the-column-of-a-foreign-key-comes": lambda: (
        host(keyed=True), host(sa.Index("parent_id", "parent_id"), keyed=True),
    ),
    "index-called-like-the-column-of-a-foreign-key-grows": lambda: (
        host(sa.Index("parent_id", "parent_id"), keyed=True), host(sa.Index("parent_id", "parent_id", "zone"), keyed=True),
    ),
    "index-called-like-the-column-of-a-foreign-key-goes-with-its-table": lambda: (
        host(sa.Index("parent_id", "parent_id"), keyed=True), without_host(),
    ),
    "default-of-a-bit": lambda: (flag("0"), flag("1")),
    "default-of-a-bit-as-number": lambda: (flag(sa.text("0")), flag(sa.true())),
    "default-of-a-bit-as-bits": lambda: (flag(sa.text("b'101'"), 8), flag("7", 8)),
    "on-update-without-a-default-comes": lambda: (touched(), touched(server_default=NULL_ON_UPDATE)),
    "on-update-without-a-default-gets-one": lambda: (
        touched(server_default=NULL_ON_UPDATE),
        touched(server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
    ),
    "on-update-becomes-a-default": lambda: (
        touched(server_default=NULL_ON_UPDATE), touched(server_default=sa.text("CURRENT_TIMESTAMP")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models_are_compared_alike(name: str, mysql: sa.URL, tmp_path: Path) -> None:
    chosen, dialect = target(tmp_path, "mysql"), dialects.get("mysql")
    made = sa.create_engine(mysql, poolclass=sa.NullPool)
    with made.connect() as real, dialect.scratch.memory() as engine, engine.connect() as memory:
        emptied(real)
        check_models(Side(chosen, memory), Side(chosen, real), *MODELS[name]())
