"""What a project consists of: targets, models, chains, revision files, change messages (`feat: …`), and the workspace.

Nothing here runs a revision or queries a database.
"""
