"""Glance fills the new column by a data migration of its own, between the expand and the contract branch."""

from sqlalchemy import Connection, text


def before(connection: Connection) -> None:
    connection.execute(text("UPDATE images SET visibility = 'private' WHERE visibility IS NULL"))
