"""How a revision is run, whatever the database: Alembic's context, and a chain up and down on a connection.

Also the tables that exist before the first revision, the replay of a chain in memory, and rows rewritten in batches.
The database, and the set-up and cleanup around it, belong to `roundtrip` and `live`.
"""
