"""What each command does in the user's own process, a module each: it asks workers, decides, and passes results on.

Nothing here imports models, Alembic or SQLAlchemy: that is for `workers`. What is printed is in `reports`.
"""
