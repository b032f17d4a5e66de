"""A schema as data: tables, read from the statements of a server, compared with others, also in a form for twins.

Nothing here connects to a database or knows Alembic; how a dialect reads its schema is in `dialects`.
"""
