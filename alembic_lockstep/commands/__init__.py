"""What each command does in the process that the user started, one module per command.

A command chooses targets, sends requests to workers, decides what to do with the results, and hands them to `reports`.
Nothing here imports models, Alembic or SQLAlchemy: that is for the child processes.
"""
