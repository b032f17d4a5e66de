"""How a command is called: Invoke tasks and flags, the items that pytest collects, exit codes, and errors in messages.

`command` makes an Invoke task of a function, `words` refuses what Invoke would misread behind it, `pytest_items` makes
test cases of an alembic.ini, `boundary` turns errors into messages and exit codes, `streams` lets a command go on where
its output is closed or full. What a command does is in `commands`.
"""
