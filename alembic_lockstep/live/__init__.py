"""Upgrade, downgrade, their previews, and status of live databases: their URLs, their revisions, their locks.

Nothing here makes scratch databases or scripts.
"""
