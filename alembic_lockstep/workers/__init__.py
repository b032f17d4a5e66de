"""Child processes, each with the DB_TYPE of one dialect: started and heard by the pool, answering as workers.

What they are asked to do is in the rooms below; what becomes of their answers is in `commands`.
"""
