"""Compares models with the schema of a database: Alembic's comparators, ours, and the resulting operations in words.

Two schemas are compared in `schema`; how a difference becomes a script belongs to `autogenerate`.
"""
