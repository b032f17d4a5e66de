"""Schemas as plain data, parsed from a server's CREATE statements and compared with each other.

For the comparison of twins they also have a form that does not depend on the dialect (`neutral`).
Nothing here connects to a database or knows Alembic; how a dialect reads its schema is in `dialects`.
"""
