"""Enums that get another value: what their caution says is what the downgrade does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.errors import FailedError

if TYPE_CHECKING:
    from tests.support.live import Database

MODELS = """
Table("purchase", metadata, Column("id", Integer, primary_key=True), Column("kind", Enum("a", "b", name="kind")))
"""


def test_downgrade_meets_a_value_that_the_older_enum_does_not_know(database: Database, given_server: object) -> None:
    database.models(MODELS)
    database.generate("one")
    database.models(MODELS.replace('"b"', '"b", "cc"'))
    result = database.generate("two")
    (caution,) = [line for line in result.summary if line.startswith("!")]
    assert caution.startswith("! purchase.kind takes 'cc', too: rows with it stop the downgrade, or keep ")
    database.upgrade()
    database.execute("INSERT INTO purchase VALUES (1, 'cc')")
    if database.dialect == "mysql":
        with pytest.raises(FailedError, match="Data truncated for column 'kind'"):
            database.downgrade()
    else:
        database.downgrade()
    assert database.rows("SELECT kind FROM purchase") == [("cc",)]
