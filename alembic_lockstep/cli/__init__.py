"""How a command is called: its flags, its exit codes, and how its errors are shown.

What a command does is in `commands`.
"""
