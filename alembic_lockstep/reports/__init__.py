"""What people and machines read: console, HTML page, JSON, GitHub.

Everything is decided when it comes here; nothing here asks a database or reads a file of the project.
"""
