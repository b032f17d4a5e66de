"""What plain Alembic runs: env.py for every target, and the template of scripts.

Alembic reads both as files: `script_location = alembic_lockstep:environment`.
"""
