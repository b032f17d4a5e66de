"""What people and machines read: console, page, JSON, GitHub.

Results come here decided; nothing here asks a database or a file of the project.
"""
