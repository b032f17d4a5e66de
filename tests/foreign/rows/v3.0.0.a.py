"""Optuna writes distributions as JSON: the old ones before this revision, the new ones after it."""

from sqlalchemy import Connection, text

OLD = '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}'
NEW = '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}'


def before(connection: Connection) -> None:
    connection.execute(text("UPDATE trial_params SET distribution_json = :json"), {"json": OLD})


def filled(connection: Connection) -> None:
    new = text(
        "UPDATE trial_params SET distribution_json = :json "
        "WHERE distribution_json IS NULL OR distribution_json NOT LIKE '{\"name\"%'"
    )
    connection.execute(new, {"json": NEW})
