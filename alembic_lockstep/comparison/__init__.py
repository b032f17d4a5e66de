"""Models against a schema: Alembic's comparators and ours, and what differs in words.

Two schemas are compared in `schema`; what becomes of a difference in a script is `autogenerate`'s.
"""
