"""Optuna writes no other kinds of values, and a finite one is there."""

from sqlalchemy import Connection, text


def filled(connection: Connection) -> None:
    connection.execute(text("DELETE FROM trial_values WHERE value IS NULL"))
    connection.execute(text("UPDATE trial_values SET value_type = 'FINITE'"))
