"""Optuna writes no other directions, and a value with its trial and step."""

from sqlalchemy import Connection, text


def before(connection: Connection) -> None:
    connection.execute(
        text("UPDATE studies SET direction = 'MINIMIZE' WHERE direction NOT IN ('NOT_SET', 'MINIMIZE', 'MAXIMIZE')")
    )
    connection.execute(text("DELETE FROM trial_values WHERE trial_id IS NULL OR step IS NULL OR value IS NULL"))
