"""Renames that the developer declares with --rename, of names that not every server tells apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.chains import round_trip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.live import Database

MODELS = """
Table("person", metadata, Column("id", Integer, primary_key=True), Column("nick", String(20), server_default="x"),
      Column("boss", Integer, ForeignKey("person.id", name="fk_boss")))
Table("pet", metadata, Column("id", Integer, primary_key=True),
      Column("owner", Integer, ForeignKey("person.id", name="fk_owner")))
"""


def test_names_change_in_nothing_but_their_case(database: Database, scratch: Path, given_server: object) -> None:
    database.models(MODELS)
    database.generate("one")
    database.upgrade()
    database.execute("INSERT INTO person VALUES (1, 'Ann', NULL), (2, 'Bob', 1)", "INSERT INTO pet VALUES (1, 2)")
    for name, (old, new) in {"two": ("person", "Person"), "three": ("Person", "person")}.items():
        columns = ("nick", "Nick") if name == "two" else ("Nick", "nick")
        renamed = MODELS.replace("person", "Person").replace("nick", "Nick") if name == "two" else MODELS
        database.models(renamed)
        result = database.generate(name, renames=[f"{old}:{new}", f"{new}.{columns[0]}:{columns[1]}"])
        assert result.summary == [f"~ table {old} is now {new}", f"~ column {new}.{columns[0]}  is now {columns[1]}"]
        database.upgrade()
        assert database.rows(f"SELECT {columns[1]}, boss FROM {new} ORDER BY id") == [("Ann", None), ("Bob", 1)]
        assert database.tables() == {new, "pet"}
    trip = round_trip(database.target, scratch)
    assert [(each.status, each.problems) for each in trip.verdicts] == [("lossless", [])] * 3
    database.downgrade("one")
    assert database.rows("SELECT nick, boss FROM person ORDER BY id") == [("Ann", None), ("Bob", 1)]
