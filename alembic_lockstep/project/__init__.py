"""What a project consists of: its targets, models, chains, revision files, messages of changes, and the workspace.

Nothing here runs a revision or queries a database.
"""
