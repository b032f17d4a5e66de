"""What a project consists of: targets, models, chains, revision files, data cases, messages, the workspace, and drafts.

Nothing here runs a revision or queries a database.
"""
