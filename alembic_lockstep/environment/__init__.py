"""What plain Alembic loads by path: env.py for every target, and the template of scripts.

`script_location = alembic_lockstep:environment` names this folder.
"""
