"""What a project consists of: targets, models, chains, revision files, data cases, messages, and the workspace.

Nothing here runs a revision or queries a database.
"""
