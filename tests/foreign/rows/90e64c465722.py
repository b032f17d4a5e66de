"""MLflow writes no run without an experiment, and no user as long as that; this revision makes a tag of each user."""

from sqlalchemy import Connection, text


def before(connection: Connection) -> None:
    some = connection.scalar(text("SELECT min(experiment_id) FROM experiments"))
    connection.execute(text("UPDATE runs SET experiment_id = :some WHERE experiment_id IS NULL"), {"some": some})
    connection.execute(text("UPDATE runs SET user_id = 'somebody' WHERE user_id <> ''"))


def after(connection: Connection) -> None:
    without = connection.scalar(
        text(
            "SELECT count(*) FROM runs WHERE user_id <> '' AND NOT EXISTS "
            "(SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.`key` = 'mlflow.user')"
        )
    )
    assert without == 0, f"{without} runs have a user and no tag with it"


filled = before
