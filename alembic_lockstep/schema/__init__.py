"""A schema as data: read from the words of a server, compared with another, in a form that twins share.

Nothing here connects to a database or knows Alembic.
"""
