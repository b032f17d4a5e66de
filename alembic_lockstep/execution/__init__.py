"""How a revision runs: Alembic's context, a chain up and down on a connection, a replay in memory, rows in batches.

Which database it runs on, and what is seen to around it, is `roundtrip`'s and `live`'s.
"""
