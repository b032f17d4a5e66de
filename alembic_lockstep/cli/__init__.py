"""How a command is called: its flags, its exit codes, and errors in the words of users.

What a command does is in `commands`.
"""
