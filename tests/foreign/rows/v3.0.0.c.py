"""Optuna writes no other kinds of values."""

from sqlalchemy import Connection, text


def filled(connection: Connection) -> None:
    connection.execute(text("UPDATE trial_intermediate_values SET intermediate_value_type = 'FINITE'"))
