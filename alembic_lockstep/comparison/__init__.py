"""Models against a schema: Alembic's comparators and ours, and the differences in words.

Two schemas are compared in `schema`; how a difference becomes a script belongs to `autogenerate`.
"""
