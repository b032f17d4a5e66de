"""Private names of Alembic and SQLAlchemy, each with the public behaviour that it stands in for."""
