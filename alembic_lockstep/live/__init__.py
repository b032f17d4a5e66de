"""Databases that people depend on: where they are, where they stand, and how they are moved with care.

Nothing here makes scratch databases or scripts.
"""
