"""Generates a script from models and a chain, and proves it.

The operations that Alembic finds are put in an order that servers accept, with what foreign keys, renames and dropped
columns need besides; they are rendered into a staging folder; and the script is run up, down and up on a scratch
database. How models and a schema are compared belongs to `comparison`; the files of a chain belong to `project`.
"""
