"""Results formatted for people and machines: console, HTML page, JSON, GitHub.

All decisions are made before results get here; nothing here asks a database or reads a file of the project.
"""
