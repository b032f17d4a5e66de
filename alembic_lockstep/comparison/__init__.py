"""Compares models with the schema of a database: Alembic's comparators and ours, and the operations that result, in words.

Two schemas are compared in `schema`; how a difference becomes a script belongs to `autogenerate`.
"""
