"""What a project consists of: its targets, models, chains, revision files, messages, and the workspace.

Nothing here runs a revision or asks a database.
"""
