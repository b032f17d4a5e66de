"""Views that revisions make by hand: passed over where models are compared, and no obstacle to later revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alembic_lockstep.errors import FailedError
from alembic_lockstep.live import status
from tests.support.chains import round_trip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.live import Database

MODELS = """
Table("customer", metadata, Column("id", Integer, primary_key=True), Column("name", String(50)),
      Column("boss", Integer, ForeignKey("customer.id", name="fk_boss")))
Table("order", metadata, Column("id", Integer, primary_key=True), Column("Group", String(50)))
"""
TABLES = """
op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)),
                sa.Column("boss", sa.Integer, sa.ForeignKey("customer.id", name="fk_boss")))
op.create_table("order", sa.Column("id", sa.Integer, primary_key=True), sa.Column("Group", sa.String(50)))
"""
DROP_TABLES = 'op.drop_table("order")\nop.drop_table("customer")'
VIEWS = {
    "active_customer": "SELECT id, name FROM customer",
    "Select": "SELECT c.id, o.{Group} FROM customer AS c JOIN {order} AS o ON o.id = c.id",
    "of_a_view": "SELECT count(*) AS number FROM active_customer WHERE name LIKE 'A%%'",
}


def views(database: Database) -> None:
    """Add a revision of the tables and one of the views."""
    quote = "`" if database.dialect == "mysql" else '"'
    names = {name: f"{quote}{name}{quote}" for name in ("Group", "order")}
    create = [f"CREATE VIEW {quote}{name}{quote} AS {text.format(**names)}" for name, text in VIEWS.items()]
    if database.dialect == "mysql":
        create.append(create[0].replace("CREATE", "CREATE OR REPLACE"))
    drop = [f"DROP VIEW {quote}{name}{quote}" for name in reversed(VIEWS)]
    up, down = ("\n".join(f"op.execute({each!r})" for each in part) for part in (create, drop))
    database.revision("one", TABLES, DROP_TABLES)
    database.revision("two", up, down, "one")
    database.models(MODELS)


def test_views_are_passed_over(database: Database, scratch: Path, given_server: object) -> None:
    views(database)
    result = database.generate("three")
    assert result.status == "unchanged", result.summary
    assert result.after.keys() == {"customer", "order", *VIEWS}, "twins have the same views"
    trip = round_trip(database.target, scratch)
    assert [(each.status, each.problems) for each in trip.verdicts] == [("lossless", [])] * 2
    database.upgrade()
    assert not status.status(database.target).codes
    assert database.rows("SELECT * FROM active_customer") == []
    database.downgrade()
    assert database.tables() == {"customer", "order"}


def test_tables_under_views_are_changed(database: Database, scratch: Path, given_server: object) -> None:
    views(database)
    database.models(MODELS.replace('"name", String(50)', '"name", String(80)'))
    result = database.generate("three")
    assert (result.status, bool(result.proven_on)) == ("written", True)
    trip = round_trip(database.target, scratch)
    assert [(each.status, each.problems) for each in trip.verdicts] == [("lossless", [])] * 3
    database.upgrade()
    assert database.rows("SELECT number FROM of_a_view") == [(0,)]


def test_a_column_that_a_view_shows_is_not_dropped(database: Database, given_server: object) -> None:
    views(database)
    database.models(MODELS.replace('Column("name", String(50)),', ""))
    with pytest.raises(FailedError) as failed:
        database.generate("three", allow_drop=True)
    assert any("view active_customer does not work any more: " in line for line in failed.value.detail)


def test_triggers_stay_where_a_table_that_they_name_is_made_again(sqlite: Database) -> None:
    views(sqlite)
    sqlite.revision("three", """
        op.execute("CREATE TRIGGER log AFTER INSERT ON 'order' BEGIN UPDATE customer SET name = 'x'; END")
        op.execute("CREATE TRIGGER through INSTEAD OF INSERT ON active_customer BEGIN "
                   "INSERT INTO customer (id) VALUES (7); END")
        with op.batch_alter_table("customer", recreate="always") as batch:
            batch.alter_column("name", type_=sa.String(60))
    """, parent="two")  # fmt: skip
    sqlite.upgrade()
    sqlite.execute("INSERT INTO active_customer (id) VALUES (1)", "INSERT INTO 'order' (id) VALUES (1)")
    assert sqlite.rows("SELECT id, name FROM active_customer") == [(7, "x")]
